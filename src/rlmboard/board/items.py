"""A run of the store as a row of the page."""

from __future__ import annotations

from ..store import RunRow
from ..trace.summary import RunSummary
from .shapes import RunItem

_OWN = frozenset(
    {
        "name", "tags", "note", "star", "archived", "experiment", "created_at_ms", "status",
        "presumed", "metrics", "git_sha", "git_branch", "git_dirty", "user", "host",
        "parent_run_id", "parent_id", "created_at", "ended_at", "cost_sats", "tokens_used",
    }
)  # fmt: skip
"""Taken from the row as they are."""
_SUMMED = tuple(
    name
    for name in RunItem.__struct_fields__
    if name in RunSummary.__struct_fields__ and name not in _OWN
)
"""Taken from its summary as they are."""
QUERY_CHARS = 1_000


def item_of(row: RunRow, base_path: str = "") -> RunItem:
    """The row, its query cut to a preview. `trace` is an address below the base path."""
    facts = {name: getattr(row, name) for name in _OWN}
    facts |= {name: getattr(row.summary, name) for name in _SUMMED}
    facts |= {
        "id": row.run_id,
        "query": row.query[:QUERY_CHARS],
        "output": row.summary.output_preview,
        "config": row.config.flat(),
        "dataset": row.config.dataset,
        "producer": row.producer or row.summary.producer,
        "trace": f"{base_path}/api/rlm/runs/{row.run_id}/trace",
    }
    return RunItem(**facts)
