"""One background thread of a process: each second it asks all open writers to sync and beat.

Data is safe without it: it only narrows what a power failure could take, and shows other machines
that the owner lives. It is a daemon, starts with the first writer, and again in a fork's child.
"""

from __future__ import annotations

import os
import threading

EVERY_S = 1.0


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
        for one in list(_all):
            one.beat()


def _after_fork_in_child() -> None:
    global _thread
    _thread = None
    for one in list(_all):
        one.forked()
        keep_beating(one)


os.register_at_fork(after_in_child=_after_fork_in_child)
