"""All events as one type."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from .of_nodes import (
    CellEnd,
    CellStart,
    IterationEnd,
    IterationStart,
    RlmEnd,
    RlmStart,
    ToolEnd,
    ToolStart,
)
from .of_queries import (
    Aggregate,
    BudgetReserve,
    BudgetSettle,
    FallbackLocal,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    VerifyAttestation,
    VerifyCitations,
    VerifyObjective,
    VerifyRedundant,
)
from .of_run import (
    Artifact,
    Environment,
    EnvLoadFragment,
    EnvSelectFragments,
    Metric,
    Note,
    RunCancelled,
    RunDone,
    RunFailed,
    RunInit,
    RunResumed,
    Score,
)

TraceEvent: TypeAlias = (
    RunInit | RunDone | RunFailed | RunCancelled | RunResumed | Environment
    | EnvLoadFragment | EnvSelectFragments
    | SubQuerySubmit | SubQueryExecute | SubQueryReturn | SubQueryTimeout | SubQueryCancel
    | VerifyRedundant | VerifyObjective | VerifyAttestation | VerifyCitations
    | BudgetReserve | BudgetSettle | Aggregate | FallbackLocal
    | RlmStart | RlmEnd | IterationStart | IterationEnd
    | CellStart | CellEnd | ToolStart | ToolEnd
    | Metric | Score | Artifact | Note
)  # fmt: skip

Emit: TypeAlias = Callable[[TraceEvent], object]
"""How everything that works tells that something happened."""

END_EVENTS = (RunDone, RunFailed, RunCancelled)
EndEvent: TypeAlias = RunDone | RunFailed | RunCancelled
