"""Runs that nobody finished end with their process."""

from __future__ import annotations

import atexit
import sys
from types import TracebackType

from ..errors import RlmboardError
from .current import open_runs

_watching_exit = False


def finish_at_exit() -> None:
    """Open runs end with the process: failed when an exception ended it."""
    global _watching_exit
    if _watching_exit:
        return
    _watching_exit = True
    atexit.register(_end_open_runs, None)
    before = sys.excepthook

    def hook(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        before(kind, error, traceback)
        _end_open_runs(error)

    sys.excepthook = hook


def _end_open_runs(error: BaseException | None) -> None:
    for run in list(open_runs):
        try:
            run.__exit__(type(error) if error else None, error, None)
        except RlmboardError:
            pass  # strict: there is nobody left to hear of it
