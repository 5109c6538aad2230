"""Rows of the run list that change, for all who look at the list."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import msgspec

from ...errors import RlmboardError
from ...store.questions import Stamp
from ..reading import Reading
from ..shapes import RunItem

LOOK_EVERY_S = 0.5
REST = 15
"""A look is followed by a rest of so many times what it took: a list of any length is cheap."""
MOST_ROWS = 500
_log = logging.getLogger(__name__)


class Look(NamedTuple):
    """What changed since the look before: rows as they are now, or too many of them to say."""

    changed: list[RunItem]
    removed: list[str]
    is_reload: bool
    took_s: float


Beside = Callable[[Callable[[], Look]], Awaitable[Look]]


class RunsWatch:
    """Knows what changed since when. A slow reader gets the latest rows, never a queue of them."""

    def __init__(self, reading: Reading, beside: Beside) -> None:
        self.version = 0
        self._reading = reading
        self._beside = beside
        self._readers = 0
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._rows: dict[str, tuple[int, bytes]] = {}
        self._removed: dict[str, int] = {}
        self._reloaded = 0
        self._stamp: Stamp | None = None
        self._marks: dict[str, int] | None = None

    def join(self) -> int:
        """One more reader; the version from which on it will be told."""
        self._readers += 1
        if self._task is None:
            self._marks = self._stamp = None
            self._task = asyncio.create_task(self._keep_up())
        return self.version

    def leave(self) -> None:
        self._readers -= 1
        if not self._readers:
            self.stop()

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._rows.clear()
        self._removed.clear()

    async def news(self) -> None:
        """Until there is a version after the one at this call."""
        await self._news.wait()

    def since(self, version: int) -> str:
        """What changed after a version, as one frame."""
        changed = b",".join(raw for at, raw in self._rows.values() if at > version)
        removed = [run_id for run_id, at in self._removed.items() if at > version]
        told = {"removed": removed, "reload": self._reloaded > version}
        rest = msgspec.json.encode(told)[1:]
        return (b'{"type":"runs","changed":[' + changed + b"]," + rest).decode()

    async def _keep_up(self) -> None:
        while True:
            look = await self._beside(self._look)
            self._take(look)
            await asyncio.sleep(max(LOOK_EVERY_S, REST * look.took_s))

    def _look(self) -> Look:
        """In a thread: the rows whose marks are other ones now."""
        began_s = time.monotonic()
        try:
            changed, removed = self._differences()
            items = self._reading.items(changed) if len(changed) <= MOST_ROWS else []
        except RlmboardError:
            _log.warning("the list could not be looked at", exc_info=True)
            return Look([], [], False, LOOK_EVERY_S)
        return Look(items, removed, len(changed) > MOST_ROWS, time.monotonic() - began_s)

    def _differences(self) -> tuple[list[str], list[str]]:
        found = self._reading.questions.marks(self._stamp)
        if found is None:
            return [], []
        before, self._marks, self._stamp = self._marks, found.by_run, found.stamp
        if before is None:
            return [], []
        changed = [run_id for run_id, mark in found.by_run.items() if before.get(run_id) != mark]
        return changed, [run_id for run_id in before if run_id not in found.by_run]

    def _take(self, look: Look) -> None:
        if not (look.changed or look.removed or look.is_reload):
            return
        self.version += 1
        for item in look.changed:
            self._rows[item.id] = (self.version, msgspec.json.encode(item))
            self._removed.pop(item.id, None)
        for run_id in look.removed:
            self._rows.pop(run_id, None)
            self._removed[run_id] = self.version
        if look.is_reload:
            self._reloaded = self.version
        news, self._news = self._news, asyncio.Event()
        news.set()
