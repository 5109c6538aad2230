"""Flight recorder and lab notebook of recursive, fanned-out language-model runs.

    import rlmboard

    with rlmboard.init("Summarize the design", config={"method": "rlm"}) as run:
        with run.subquery("What does chunk 1 say?", provider="ollama") as q:
            q.returned("...", cost_sats=12, tokens=(812, 64))
        run.output = "..."

Recording loads msgspec and the standard library only; what reads and checks loads on demand.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if sys.platform == "win32":
    raise ImportError(
        "rlmboard runs on Linux and macOS; on Windows use it inside WSL "
        "(it relies on flock and on whole appends)"
    )

from . import trace as _trace
from .run import Run, SubQuery, current_run, init, trace
from .trace import *  # noqa: F403

if TYPE_CHECKING:
    from .run import TraceEmitter
    from .sources import Check, check, cite
    from .store import Store, to_dicts

__version__ = _trace.VERSION

_LAZY = {
    "Check": ".sources",
    "Store": ".store",
    "TraceEmitter": ".run",
    "check": ".sources",
    "cite": ".sources",
    "to_dicts": ".store",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name], __name__), name)
    raise AttributeError(f"module 'rlmboard' has no attribute '{name}'")


__all__ = [
    *_trace.__all__,
    "Check",
    "Run",
    "Store",
    "SubQuery",
    "TraceEmitter",
    "check",
    "cite",
    "current_run",
    "init",
    "to_dicts",
    "trace",
]
