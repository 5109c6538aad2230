"""What can happen in a run: small facts, as frozen values.

An event states a fact and nothing else. What can be derived from events is not stored in one;
the fields that only the ancestor's readers need (`cost_sats` and its like) are written and never
folded. What is not known is absent, never zero.

Texts are given whole (`prompt_preview=the_whole_prompt`): the recorder keeps them once by hash,
names the hash in the `_ref` beside, and cuts the preview (see `texts.py`).

Units stand last in names: `_ms` milliseconds, `_msat` 1/1000 sat, `_usd_nanos` 10⁻⁹ dollar.
Source of the first fourteen: the design document's `frlm/src/trace.rs`.
"""

from .base import (
    FORMAT,
    CostSource,
    Event,
    Failure,
    OfAttempt,
    OfQuery,
    Ref,
    Role,
    Usage,
    UsageQuality,
)
from .every import END_EVENTS, Emit, EndEvent, TraceEvent
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

__all__ = [
    "END_EVENTS",
    "FORMAT",
    "Aggregate",
    "Artifact",
    "BudgetReserve",
    "BudgetSettle",
    "CellEnd",
    "CellStart",
    "CostSource",
    "Emit",
    "EndEvent",
    "EnvLoadFragment",
    "EnvSelectFragments",
    "Environment",
    "Event",
    "Failure",
    "FallbackLocal",
    "IterationEnd",
    "IterationStart",
    "Metric",
    "Note",
    "OfAttempt",
    "OfQuery",
    "Ref",
    "RlmEnd",
    "RlmStart",
    "Role",
    "RunCancelled",
    "RunDone",
    "RunFailed",
    "RunInit",
    "RunResumed",
    "Score",
    "SubQueryCancel",
    "SubQueryExecute",
    "SubQueryReturn",
    "SubQuerySubmit",
    "SubQueryTimeout",
    "ToolEnd",
    "ToolStart",
    "TraceEvent",
    "Usage",
    "UsageQuality",
    "VerifyAttestation",
    "VerifyCitations",
    "VerifyObjective",
    "VerifyRedundant",
]
