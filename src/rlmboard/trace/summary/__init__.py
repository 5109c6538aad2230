"""A run as rows: the fold of its trace, whole or in steps."""

from .fold import Changes, Earlier, Fold
from .query_rows import AttemptFact, attempt_fact, attempt_rows, sub_query_row
from .rows import AttemptRow, FoldStatus, MetricRow, RunSummary, SubQueryRow
from .run_row import metric_rows, run_summary
from .state import AttemptStatus, Curve, MetricValue, RunState, SubQuery
from .statements import announced
from .summarize import Summary, summarize
from .sums import status_of

__all__ = [
    "AttemptFact",
    "AttemptRow",
    "AttemptStatus",
    "Changes",
    "Curve",
    "Earlier",
    "Fold",
    "FoldStatus",
    "MetricRow",
    "MetricValue",
    "RunState",
    "RunSummary",
    "SubQuery",
    "SubQueryRow",
    "Summary",
    "announced",
    "attempt_fact",
    "attempt_rows",
    "metric_rows",
    "run_summary",
    "status_of",
    "sub_query_row",
    "summarize",
]
