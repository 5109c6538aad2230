"""One background thread of a process: each second it asks all open writers to sync and beat.

Data is safe without it: it only narrows what a power failure could take, and shows other machines
that the owner lives. It is a daemon, starts with the first writer, and again in a fork's child.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress

EVERY_S = 1.0
FEW = 8
AT_ONCE = 16
"""A disk confirms many files that are waited for together about as soon as one of them."""


class Beating:
    """Something that wants to be called each second, and told when its process was forked."""

    def beat(self) -> None:
        """Never raises."""
        raise NotImplementedError

    def forked(self) -> None:
        """In the child of a fork, before anything else runs there."""
        raise NotImplementedError

    def stop_beating(self) -> None:
        _all.discard(self)


_all: set[Beating] = set()
_thread: threading.Thread | None = None


def keep_beating(one: Beating) -> None:
    """Until `stop_beating`."""
    global _thread
    _all.add(one)
    if _thread is None or not _thread.is_alive():
        _thread = threading.Thread(target=_beat_for_ever, name="rlmboard-beat", daemon=True)
        try:
            _thread.start()
        except RuntimeError:
            _thread = None  # the interpreter is ending, or threads are used up: go without


def _beat_for_ever() -> None:
    wait = threading.Event()
    while not wait.wait(EVERY_S):
        beat_all(list(_all))


def beat_all(waiting: Sequence[Beating]) -> None:
    """Each once; many of them side by side."""
    if len(waiting) <= FEW:
        for one in waiting:
            one.beat()
        return
    from concurrent.futures import ThreadPoolExecutor  # for who holds many runs open

    with suppress(RuntimeError), ThreadPoolExecutor(AT_ONCE, "rlmboard-beat") as pool:
        for one in waiting:
            pool.submit(one.beat)


def _after_fork_in_child() -> None:
    global _thread
    _thread = None
    for one in list(_all):
        one.forked()
        keep_beating(one)


os.register_at_fork(after_in_child=_after_fork_in_child)
