"""Which questions were asked together."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeAlias

Place: TypeAlias = tuple[str, int, int]
"""Of a batch: its name, the place in it from 0, its size."""


class _Names(Protocol):
    def next(self, kind: str) -> str: ...


class _Batch:
    """Prompts asked together; each place is given once."""

    def __init__(self, name: str, size: int, prompts: list[Any] | None = None) -> None:
        self.name = name
        self.size = size
        self.prompts = prompts
        self.given = 0

    def next(self) -> Place:
        self.given += 1
        return self.name, self.given - 1, self.size

    def of(self, prompt: Any) -> Place | None:
        """The place of this prompt, where it still has one to give."""
        assert self.prompts is not None
        try:
            index = self.prompts.index(prompt)
        except ValueError:
            return None
        self.prompts[index] = _GIVEN
        return self.name, index, self.size


_GIVEN = object()


class Batches:
    """The batches of one RLM.

    Its handler runs each batch of plain questions in an event loop of that batch's own, all tasks
    made before the first one runs, in the order of the prompts. Recursive ones run in threads.
    """

    def __init__(self, names: _Names) -> None:
        self._names = names
        self._of_loops: weakref.WeakKeyDictionary[Any, _Batch] = weakref.WeakKeyDictionary()
        self._recursive: list[_Batch] = []
        self._lock = threading.Lock()

    @contextmanager
    def recursive(self, prompts: Any) -> Iterator[None]:
        """Prompts for children are under way; a single one is no batch."""
        batch = _Batch(self._names.next("batch"), len(prompts), list(prompts))
        with self._lock:
            self._recursive.append(batch)
        try:
            yield
        finally:
            with self._lock:
                self._recursive.remove(batch)

    def in_loop(self) -> Place | None:
        """The place of the question that this event loop asks now."""
        loop = asyncio.get_running_loop()
        with self._lock:
            batch = self._of_loops.get(loop)
            if batch is None:
                asked = len(asyncio.all_tasks(loop)) - 1  # without the one that waits for them
                batch = self._of_loops[loop] = _Batch(self._names.next("batch"), asked)
            return batch.next() if batch.size > 1 else None

    def in_thread(self, prompt: Any) -> Place | None:
        """The place of the question that this thread asks now, where it is part of a batch."""
        with self._lock:
            for batch in reversed(self._recursive):
                if (place := batch.of(prompt)) is not None:
                    return place
        return None
