"""A whole trace folded in memory."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ..decoding import json_decoder
from ..events import Artifact, Score
from ..stamp import TraceLine
from .fold import Fold
from .query_rows import attempt_rows, sub_query_row
from .rows import AttemptRow, MetricRow, RunSummary, SubQueryRow
from .run_row import metric_rows, run_summary


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A run as rows, sub-queries in the order in which they were first heard of."""

    run: RunSummary
    sub_queries: list[SubQueryRow]
    attempts: list[AttemptRow]
    metrics: list[MetricRow]
    scores: list[Score]
    artifacts: list[Artifact]


_decode_artifact = json_decoder(Artifact).decode
_decode_score = json_decoder(Score).decode


def summarize(lines: Iterable[TraceLine]) -> Summary:
    """The trace of one run as rows. Never raises, whatever the lines are."""
    fold = Fold()
    fold.take(lines)
    fold.settle()
    return summary_of(fold)


def summary_of(fold: Fold) -> Summary:
    """All rows of a fold that holds the whole run in memory and is settled."""
    queries = list(fold.queries.values())
    return Summary(
        run=run_summary(fold.state),
        sub_queries=[sub_query_row(query) for query in queries],
        attempts=[row for query in queries for row in attempt_rows(query)],
        metrics=metric_rows(fold.state),
        scores=[_decode_score(said) for said in _values(fold, "score")],
        artifacts=[_decode_artifact(said) for said in _values(fold, "artifact")],
    )


def _values(fold: Fold, kind: str) -> list[str]:
    return [value for value in fold.marks.get(kind, {}).values() if value is not None]
