"""Runs in groups that share a value: how many, how they ended, and what their numbers come to.

Numbers are of runs that have ended, and leave out what is not known of a run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from sqlalchemy import CTE, ColumnElement, FromClause, and_, case, func, literal, null, select

from ...errors import BadInput
from .. import tables as t
from ..costs import CURRENCIES, cost_in
from ..filter import KEYS, Term
from ..index import Index
from ..queries import standing_metric, where
from ..rows import RunStatus
from ..terms import has_metric, has_param, settled
from .values import GroupPage, RunGroup, Spread

MOST_COLUMNS = 40
_RUNS = t.runs.c
_STATUSES: tuple[RunStatus, ...] = get_args(RunStatus)
_GOING_ON: tuple[RunStatus, ...] = ("queued", "running")
_INCOMPLETE = {
    "cost": _RUNS.unknown_cost,
    "cost_usd": _RUNS.unknown_cost,
    "tokens": _RUNS.unknown_usage,
}
"""Of numbers that are sums: how many of their parts are not known."""
_OF_SPREAD = 6
Order: TypeAlias = Literal["newest", "value", "mean"]


class GroupsAsked(NamedTuple):
    """Groups by a key, from place `after` on, with these numbers, in the order of a list."""

    by: str
    columns: Sequence[str] = ()
    sort: str = "-created_at"
    limit: int = 50
    after: int = 0


class Grouping(NamedTuple):
    """What runs share: the value, the same in words, and where both stand."""

    value: ColumnElement[Any]
    said: ColumnElement[Any]
    source: FromClause


class Measure(NamedTuple):
    """A number of each run; `converted` is true where some of it is of another currency."""

    value: ColumnElement[Any]
    converted: ColumnElement[Any]


def group_page(
    index: Index, terms: Sequence[Term], asked: GroupsAsked, usd_per_btc: float | None = None
) -> GroupPage:
    """A page of groups. Raises BadInput for what runs cannot be grouped by."""
    grouping = grouping_of(index, asked.by)
    keys = list(dict.fromkeys(asked.columns))
    order, measure_by = _order(index, asked)
    if order == "mean" and measure_by not in keys:
        keys.append(measure_by)
    if len(keys) > MOST_COLUMNS:
        raise BadInput(f"groups have at most {MOST_COLUMNS} columns of numbers")
    each = _each(index, terms, grouping, [measure_of(index, key, usd_per_btc) for key in keys])
    place = keys.index(measure_by) if order == "mean" else 0

    def grouped(part: GroupsAsked) -> list[Any]:
        return list(index.select(_grouped(each, len(keys), order, place, part)))

    rows = grouped(asked)
    until = asked.after + len(rows)
    first = rows or grouped(asked._replace(after=0, limit=1))
    count = first[0][0] if first else 0
    return GroupPage(
        groups=[_group(keys, row) for row in rows],
        next=str(until) if until < count else None,
        count=count,
        order=order,
    )


def grouping_of(index: Index, key: str) -> Grouping:
    """By a column or a setting. Raises BadInput, which says why not."""
    known = KEYS.get(key)
    if known is not None and known.column in _RUNS and known.kind in ("text", "number", "flag"):
        column = _RUNS[known.column]
        said = case((column == 1, "yes"), else_="no") if known.kind == "flag" else column
        return Grouping(column, said, t.runs)
    if known is not None:
        several = known.kind not in ("time", "ago")
        why = "a run has several" if several else "each run has a time of its own"
        raise BadInput(f"runs cannot be grouped by '{key}': {why}")
    name, params = key.removeprefix("config."), t.run_params
    if key.startswith("metric.") or not has_param(index, name):
        what = "a metric is measured, not set" if _is_metric(index, key) else "no run has it"
        raise BadInput(f"runs cannot be grouped by '{key}': {what}; take a setting or a column")
    joined = t.runs.outerjoin(
        params, and_(params.c.run_no == _RUNS.run_no, params.c.key == name)
    )  # fmt: skip
    return Grouping(t.PARAM_VALUE, params.c.text, joined)


def measure_of(index: Index, key: str, usd_per_btc: float | None) -> Measure:
    """A number of a run, once it has ended. Raises BadInput where it is none."""
    value, converted = _number(index, key, usd_per_btc)
    lacks: ColumnElement[bool] = _RUNS.status.in_(_GOING_ON)
    if (parts := _INCOMPLETE.get(key)) is not None:
        lacks = lacks | (parts > 0)
    return Measure(case((lacks, null()), else_=value), case((lacks, 0), else_=converted))


def _number(index: Index, key: str, usd_per_btc: float | None) -> tuple[Any, Any]:
    never = literal(0)
    if (currency := CURRENCIES.get(key)) is not None:
        is_converted = never if usd_per_btc is None else func.coalesce(currency.other_apart > 0, 0)
        return cost_in(currency, usd_per_btc), is_converted
    known = KEYS.get(key)
    if known is not None and known.kind == "number":
        return _RUNS[known.column], never
    if known is None and _is_metric(index, key):
        return standing_metric(key.removeprefix("metric.")), never
    raise BadInput(f"'{key}' is no number that runs have: use a column such as cost, or a metric")


def _is_metric(index: Index, key: str) -> bool:
    return has_metric(index, key.removeprefix("metric."))


def _order(index: Index, asked: GroupsAsked) -> tuple[Order, str]:
    """By the mean of a number, by the value that is shared, or else the newest first."""
    name = asked.sort.removeprefix("-")
    if name in (asked.by, f"config.{asked.by}") or asked.by == f"config.{name}":
        return "value", ""
    known = KEYS.get(name)
    if known.kind == "number" if known else _is_metric(index, name):
        return "mean", name
    return "newest", ""


def _each(
    index: Index, terms: Sequence[Term], grouping: Grouping, measures: Sequence[Measure]
) -> CTE:
    """Each run that fits: computed once, however often its numbers are used."""
    numbers = [
        column.label(f"{name}{n}")
        for n, measure in enumerate(measures)
        for name, column in zip(("number", "converted"), measure, strict=True)
    ]
    each = (
        select(
            grouping.value.label("value"), grouping.said.label("said"),
            _RUNS.status, _RUNS.created_at_ms, *numbers,
        )
        .select_from(grouping.source)
        .where(where(settled(index, terms)))
    )  # fmt: skip
    return each.cte("each_run").prefix_with("MATERIALIZED")


def _grouped(each: CTE, measures: int, order: Order, place: int, asked: GroupsAsked) -> Any:
    run = each.c
    newest = func.max(run.created_at_ms)
    means = [func.avg(run[f"number{n}"]) for n in range(measures)]
    by = {"newest": newest, "value": run.value, "mean": means[place] if means else newest}[order]
    down = asked.sort.startswith("-") or (order == "newest" and asked.sort != "created_at")
    return (
        select(
            func.count().over(), run.value, func.min(run.said), func.count(), newest,
            *(func.sum(run.status == status) for status in _STATUSES),
            *(part for n in range(measures) for part in _spread(run, n, means[n])),
        )
        .group_by(run.value)
        .order_by(by.is_(None), by.desc() if down else by.asc(), newest.desc(), run.value)
        .limit(asked.limit)
        .offset(asked.after)
    )  # fmt: skip


def _spread(run: Any, n: int, mean: ColumnElement[Any]) -> tuple[Any, ...]:
    number = run[f"number{n}"]
    return (
        func.count(number), mean, func.total(number * 1.0 * number),
        func.min(number), func.max(number), func.total(run[f"converted{n}"]),
    )  # fmt: skip


def _group(keys: Sequence[str], row: Sequence[Any]) -> RunGroup:
    _, value, said, runs, newest, *rest = row
    statuses: dict[str, int] = {
        status: count for status, count in zip(_STATUSES, rest, strict=False) if count
    }
    ended = runs - sum(statuses.get(status, 0) for status in _GOING_ON)
    parts = rest[len(_STATUSES) :]
    cells = {
        key: _cell(ended, *parts[n * _OF_SPREAD : (n + 1) * _OF_SPREAD])
        for n, key in enumerate(keys)
    }
    return RunGroup(
        value=value,
        said=None if value is None else str(said),
        runs=runs,
        statuses=statuses,
        newest_at_ms=newest,
        cells={key: cell for key, cell in cells.items() if cell is not None},
    )


def _cell(
    ended: int, n: int, mean: float | None, squares: float, lowest: float, highest: float,
    converted: float,
) -> Spread | None:  # fmt: skip
    """None where the number is known of no run. The deviation is that of a sample."""
    if mean is None:
        return None
    std = None
    if n > 1:  # of equal numbers rounding must not make unequal ones
        variance = 0.0 if lowest == highest else (squares - n * mean * mean) / (n - 1)
        std = math.sqrt(max(0.0, variance))
    return Spread(
        n=n, mean=mean, std=std, lowest=lowest, highest=highest, unknown=ended - n,
        converted=int(converted),
    )  # fmt: skip
