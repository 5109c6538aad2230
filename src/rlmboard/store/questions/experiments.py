"""Experiments: how their runs stand, and how their metrics went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from .. import tables as t
from ..filter import Term
from ..index import Index
from ..rows import ExperimentRow
from .values import ExperimentItem, MetricTrend
from .within import of_runs

LAST_RUNS = 500
TREND = 30
MOST_METRICS = 12


def experiment_items(
    index: Index, rows: Sequence[ExperimentRow], slugs: dict[str, str], terms: Sequence[Term]
) -> list[ExperimentItem]:
    """Each with its statuses and metrics, the one with the latest run first."""
    counted = _counted(index, terms)
    items = [_item(index, row, slugs[row.name], counted[row.name]) for row in rows]
    return sorted(items, key=lambda item: (-(item.last_run_at_ms or 0), item.name))


def _counted(index: Index, terms: Sequence[Term]) -> dict[str, list[tuple[Any, ...]]]:
    runs = t.runs.c
    statement = (
        select(
            runs.experiment, runs.status, func.count(),
            func.min(runs.created_at_ms), func.max(runs.created_at_ms),
        )
        .where(runs.experiment.is_not(None), of_runs(terms, runs.run_no))
        .group_by(runs.experiment, runs.status)
    )  # fmt: skip
    counted: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for name, *counts in index.select(statement):
        counted[name].append(tuple(counts))
    return counted


def _item(
    index: Index, row: ExperimentRow, slug: str, counted: list[tuple[Any, ...]]
) -> ExperimentItem:
    return ExperimentItem(
        name=row.name,
        slug=slug,
        description=row.description,
        baseline=row.baseline,
        runs=sum(runs for _, runs, _, _ in counted),
        statuses={status: runs for status, runs, _, _ in counted},
        first_run_at_ms=min((first for _, _, first, _ in counted), default=None),
        last_run_at_ms=max((last for _, _, _, last in counted), default=None),
        metrics=_trends(index, row.name) if counted else [],
    )


def _trends(index: Index, experiment: str) -> list[MetricTrend]:
    """Metrics of the last runs; those that most runs have first."""
    found = index.rows(
        "SELECT m.name, r.run_no, r.run_id, m.value FROM (SELECT run_no, run_id, created_at_ms "
        "FROM runs WHERE experiment = ? ORDER BY created_at_ms DESC LIMIT ?) AS r "
        "JOIN run_metrics AS m ON m.run_no = r.run_no WHERE m.value IS NOT NULL "
        "ORDER BY r.created_at_ms, r.run_no, m.origin DESC",
        (experiment, LAST_RUNS),
    )
    values: dict[str, dict[str, float]] = defaultdict(dict)
    for name, _, run_id, value in found:  # what stands above comes later, and stays
        values[name][run_id] = value
    trends = [_trend(name, by_run) for name, by_run in values.items()]
    return sorted(trends, key=lambda trend: (-trend.runs, trend.name))[:MOST_METRICS]


def _trend(name: str, by_run: dict[str, float]) -> MetricTrend:
    lowest, highest = min(by_run, key=by_run.__getitem__), max(by_run, key=by_run.__getitem__)
    return MetricTrend(
        name=name,
        runs=len(by_run),
        lowest=by_run[lowest],
        highest=by_run[highest],
        lowest_run=lowest,
        highest_run=highest,
        trend=list(by_run.values())[-TREND:],
    )
