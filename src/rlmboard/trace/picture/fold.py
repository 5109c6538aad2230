"""The fold of a trace to a picture: line by line, in the order of their numbers.

Total over any input. The law that tests hold in both languages: the picture at line k and the
lines after k give what all lines give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .. import events as e
from ..stamp import Hole, Stamped, TraceLine
from . import of_nodes, of_queries, of_run
from .picture import Picture
from .times import microseconds

Taker = Callable[[Picture, Any, float, int], None]

TAKERS: dict[type[e.Event], Taker] = {
    e.RunInit: of_run.run_init,
    e.RunDone: of_run.run_done,
    e.RunFailed: of_run.run_failed,
    e.RunCancelled: of_run.run_cancelled,
    e.RunResumed: of_run.run_resumed,
    e.Environment: of_run.environment,
    e.EnvLoadFragment: of_run.fragment_loaded,
    e.EnvSelectFragments: of_run.fragments_selected,
    e.SubQuerySubmit: of_queries.submit,
    e.SubQueryExecute: of_queries.execute,
    e.SubQueryReturn: of_queries.returned,
    e.SubQueryTimeout: of_queries.timeout,
    e.SubQueryCancel: of_queries.cancel,
    e.VerifyRedundant: of_nodes.redundant,
    e.VerifyObjective: of_nodes.objective,
    e.VerifyAttestation: of_nodes.attestation,
    e.VerifyCitations: of_nodes.citations,
    e.BudgetReserve: of_queries.reserve,
    e.BudgetSettle: of_queries.settle,
    e.Aggregate: of_nodes.aggregate,
    e.FallbackLocal: of_run.fallback,
    e.RlmStart: of_nodes.rlm_start,
    e.RlmEnd: of_nodes.rlm_end,
    e.IterationStart: of_nodes.iteration_start,
    e.IterationEnd: of_nodes.iteration_end,
    e.CellStart: of_nodes.cell_start,
    e.CellEnd: of_nodes.cell_end,
    e.ToolStart: of_nodes.tool_start,
    e.ToolEnd: of_nodes.tool_end,
    e.Metric: of_run.metric,
    e.Score: of_run.score,
    e.Artifact: of_run.artifact,
    e.Note: of_run.note,
}
"""What each event does to a picture."""


class PictureFold:
    """Takes lines into `picture`. A line at or before the picture's `seq` is in it already."""

    def __init__(self, picture: Picture | None = None) -> None:
        self.picture = picture or Picture()

    def take(self, lines: Iterable[TraceLine]) -> Picture:
        """The picture with these lines in it, too."""
        picture = self.picture
        for line in lines:
            if line.seq > picture.seq:
                picture.seq = line.seq
                _take(picture, line)
        of_queries.refresh_stale(picture)
        return picture


def _take(picture: Picture, line: TraceLine) -> None:
    run = picture.run
    if type(line) is Hole:
        if line.reason != "blank":
            run.holes[line.reason] = run.holes.get(line.reason, 0) + 1
        return
    at_us = microseconds(line.timestamp_ms)  # type: ignore[union-attr]
    if run.last_us is None:
        _begin(picture, line)
    if run.last_us is None or at_us > run.last_us:
        run.last_us = int(at_us)
    if type(line) is Stamped:
        TAKERS[type(line.event)](picture, line.event, at_us, line.seq)
    else:
        run.foreign += 1


def _begin(picture: Picture, line: TraceLine) -> None:
    run = picture.run
    run.run_id = line.run_id  # type: ignore[union-attr]
    if run.status == "queued":
        run.status = "running"
