"""Runs beside each other: a table of what they were asked to do, cost and reached. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from ..errors import BadInput
from ..store import RunRow
from .shapes import ComparedRun, Comparison, ComparisonColumn, ComparisonGroup, GroupCell

FIELDS = (
    "duration_ms", "cost_msat", "cost_usd_nanos", "input_tokens", "output_tokens", "sub_queries",
    "returned", "failed", "timed_out", "attempts", "retries", "hedges", "max_depth", "iterations",
    "fragments", "citations", "citations_missing", "checks_failed",
)  # fmt: skip
"""Facts of a run that stand in the table, named as in its summary."""
_IN_PART = {
    "cost_msat": "unknown_cost", "cost_usd_nanos": "unknown_cost",
    "input_tokens": "unknown_usage", "output_tokens": "unknown_usage",
}  # fmt: skip
"""Of facts that are sums: how many of their parts are not known."""
_NO_SETTINGS = frozenset({"name", "tags", "notes", "experiment"})

From = Literal["run", "config", "metric"]


class Column(NamedTuple):
    """A column before anything is known of it; `name` as its origin calls it."""

    key: str
    origin: From
    name: str


def compare(rows: Sequence[RunRow], count: int, group: str | None = None) -> Comparison:
    """The table of these runs. Raises BadInput when there is no column to group by."""
    columns = _columns(rows)
    configs = [row.config.flat() for row in rows]
    values = [
        [_value(row, config, column) for column in columns]
        for row, config in zip(rows, configs, strict=True)
    ]
    return Comparison(
        columns=[_described(column, _of(values, n)) for n, column in enumerate(columns)],
        runs=[_run(row) for row in rows],
        values=values,
        groups=_groups(columns, rows, values, group) if group else [],
        count=count,
        cut=count > len(rows),
    )


def _columns(rows: Sequence[RunRow]) -> list[Column]:
    """Settings, metrics and facts; where two have one name, its origin stands before it."""
    settings = _in_order(row.config.flat() for row in rows)
    metrics = _in_order(row.metrics for row in rows)
    found = [("config", name) for name in settings if name not in _NO_SETTINGS]
    found += [("metric", name) for name in metrics]
    found += [("run", name) for name in FIELDS]
    times = [name for _, name in found]
    return [
        Column(f"{origin}.{name}" if times.count(name) > 1 else name, origin, name)  # type: ignore[arg-type]
        for origin, name in found
    ]


def _in_order(dicts: Any) -> list[str]:
    """Every key once, in the order in which they are met."""
    return list(dict.fromkeys(key for one in dicts for key in one))


def _value(row: RunRow, config: dict[str, Any], column: Column) -> Any:
    if column.origin == "config":
        return config.get(column.name)
    if column.origin == "metric":
        return row.metrics.get(column.name)
    return getattr(row.summary, column.name)


def _of(values: list[list[Any]], column: int) -> list[Any]:
    return [row[column] for row in values]


def _described(column: Column, values: list[Any]) -> ComparisonColumn:
    known = [value for value in values if value is not None]
    distinct = len({_as_key(value) for value in known})
    numbers = [value for value in known if _is_number(value)]
    return ComparisonColumn(
        key=column.key,
        from_=column.origin,
        kind=_kind(known),
        known=len(known),
        distinct=distinct,
        same=known[0] if distinct == 1 and len(known) == len(values) else None,
        lowest=min(numbers, default=None),
        highest=max(numbers, default=None),
    )


def _kind(known: list[Any]) -> str:
    if all(_is_number(value) for value in known):
        return "number"
    if all(isinstance(value, bool) for value in known):
        return "flag"
    return "text" if all(isinstance(value, str) for value in known) else "mixed"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _as_key(value: Any) -> Any:
    """The value as something that can be compared and looked up: lists and dicts as JSON."""
    return msgspec.json.encode(value) if isinstance(value, list | dict | tuple) else value


def _groups(
    columns: list[Column], rows: Sequence[RunRow], values: list[list[Any]], group: str
) -> list[ComparisonGroup]:
    place = next((n for n, column in enumerate(columns) if column.key == group), None)
    if place is None:
        keys = ", ".join(column.key for column in columns[:40])
        raise BadInput(f"no column is called '{group}' among these runs: group by one of {keys}")
    members: dict[Any, list[int]] = {}
    for number, row in enumerate(values):
        members.setdefault(_as_key(row[place]), []).append(number)
    return [
        ComparisonGroup(
            value=values[runs[0]][place],
            runs=runs,
            cells={
                column.key: cell
                for n, column in enumerate(columns)
                if (cell := _cell([_whole(rows[run], column, values[run][n]) for run in runs]))
            },
        )
        for runs in members.values()
    ]


def _whole(row: RunRow, column: Column, value: Any) -> Any:
    """The value, but None for a sum of which a part is unknown."""
    parts = _IN_PART.get(column.name) if column.origin == "run" else None
    return None if parts and getattr(row.summary, parts) else value


def _cell(values: list[Any]) -> GroupCell | None:
    """Mean and spread of the known numbers; None where there is none."""
    numbers = [float(value) for value in values if _is_number(value)]
    if not numbers:
        return None
    return GroupCell(
        n=len(numbers),
        mean=statistics.fmean(numbers),
        std=statistics.stdev(numbers) if len(numbers) > 1 else None,
        lowest=min(numbers),
        highest=max(numbers),
        unknown=len(values) - len(numbers),
    )


def _run(row: RunRow) -> ComparedRun:
    return ComparedRun(
        id=row.run_id,
        name=row.name,
        status=row.status,
        created_at_ms=row.created_at_ms,
        experiment=row.experiment,
        star=row.star,
        archived=row.archived,
        tags=row.tags,
        query=row.query[:200],
        simulated=row.summary.simulated,
        apart_msat=row.summary.apart_msat,
        apart_usd_nanos=row.summary.apart_usd_nanos,
        unknown_cost=row.summary.unknown_cost,
        unknown_usage=row.summary.unknown_usage,
        estimated_usage=row.summary.estimated_usage,
    )
