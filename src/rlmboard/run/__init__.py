"""What a user holds: a run, its sub-queries, and the ways to begin one."""

from .begin import init
from .current import current_run
from .emitter import TraceEmitter
from .recorder import Mask, Payloads, Recorder
from .run import Run
from .run_id import new_run_id
from .settings import Config, RunSummary
from .sub_query import SubQuery
from .traced import trace

__all__ = [
    "Config",
    "Mask",
    "Payloads",
    "Recorder",
    "Run",
    "RunSummary",
    "SubQuery",
    "TraceEmitter",
    "current_run",
    "init",
    "new_run_id",
    "trace",
]
