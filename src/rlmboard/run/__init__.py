"""What a user holds: a run, its sub-queries, and the ways to begin one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .begin import init
from .here import current_run
from .recorder import Mask, Payloads, Recorder
from .run import Run
from .run_id import new_run_id
from .settings import Config, RunSummary
from .sub_query import SubQuery
from .traced import trace

if TYPE_CHECKING:
    from .emitter import TraceEmitter
    from .reported import ReportedRun

__all__ = [
    "Config",
    "Mask",
    "Payloads",
    "Recorder",
    "ReportedRun",
    "Run",
    "RunSummary",
    "SubQuery",
    "TraceEmitter",
    "current_run",
    "init",
    "new_run_id",
    "trace",
]


def __getattr__(name: str) -> Any:
    """What few programs use loads when it is asked for: most use a run itself."""
    from importlib import import_module

    if name == "TraceEmitter":
        return import_module(".emitter", __name__).TraceEmitter
    if name == "ReportedRun":
        return import_module(".reported", __name__).ReportedRun
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
