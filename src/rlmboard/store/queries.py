"""Filters and orders as SQL: the terms of the language become conditions on the tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    func,
    not_,
    or_,
    select,
    text,
    true,
)

from . import tables as t
from .filter import KEYS, Compare, Term, Value, Words
from .texts import match

Condition = ColumnElement[bool]


class Order(NamedTuple):
    """What runs are sorted by: the value, where it comes from, and which way.

    Runs without the value come last, the newest first, either way.
    """

    value: ColumnElement[Any]
    source: FromClause
    has_value: Condition
    lacks_value: Condition | None
    descending: bool


def where(terms: Sequence[Term]) -> Condition:
    """The condition that all terms hold."""
    return and_(true(), *(_term(term) for term in terms))


def count_runs(condition: Condition) -> Select[Any]:
    return select(func.count()).select_from(t.runs).where(condition)


def with_value(condition: Condition, order: Order, limit: int) -> Select[Any]:
    """run_no of the runs that have the value sorted by, in order."""
    value, number = order.value, t.runs.c.run_no
    by = (value.desc(), number.desc()) if order.descending else (value.asc(), number.asc())
    return (
        select(number)
        .select_from(order.source)
        .where(order.has_value, condition)
        .order_by(*by)
        .limit(limit)
    )


def without_value(condition: Condition, limit: int) -> Select[Any]:
    """run_no of runs, the newest first."""
    return (
        select(t.runs.c.run_no)
        .where(condition)
        .order_by(t.runs.c.created_at_ms.desc(), t.runs.c.run_no.desc())
        .limit(limit)
    )


def beyond(order: Order, value: Any, run_no: int) -> Condition:
    """What comes after the run with this value."""
    number = t.runs.c.run_no
    if order.descending:
        return and_(order.value <= value, or_(order.value < value, number < run_no))
    return and_(order.value >= value, or_(order.value > value, number > run_no))


def beyond_lacking(created_at_ms: int, run_no: int) -> Condition:
    """What comes after a run that lacks the value."""
    created = t.runs.c.created_at_ms
    return and_(created <= created_at_ms, or_(created < created_at_ms, t.runs.c.run_no < run_no))


def value_of(order: Order, run_no: int) -> Select[Any]:
    """The value of one run, if it has it."""
    return (
        select(order.value)
        .select_from(order.source)
        .where(order.has_value, t.runs.c.run_no == run_no)
    )


# ---------------------------------------------------------------- orders


def by_column(name: str, descending: bool) -> Order:
    column = t.runs.c[name]
    if not column.nullable:
        return Order(column, t.runs, true(), None, descending)
    return Order(column, t.runs, column.is_not(None), column.is_(None), descending)


def by_param(key: str, descending: bool) -> Order:
    """By a config key: numbers before texts."""
    params = t.run_params
    joined = t.runs.join(params, params.c.run_no == t.runs.c.run_no)
    value: ColumnElement[Any] = func.coalesce(params.c.number, params.c.text)
    has = params.c.key == key
    missing = ~select(params.c.run_no).where(_of_run(params), params.c.key == key).exists()
    return Order(value, joined, has, missing, descending)


def by_metric(name: str, descending: bool) -> Order:
    """By the summary of a metric; what a person said stands above what was logged."""
    metrics, other = t.run_metrics, t.run_metrics.alias("other")
    joined = t.runs.join(metrics, metrics.c.run_no == t.runs.c.run_no)
    least = select(func.min(other.c.origin)).where(
        other.c.run_no == metrics.c.run_no, other.c.name == name
    )
    value: ColumnElement[Any] = metrics.c.value
    has = and_(
        metrics.c.name == name, value.is_not(None), metrics.c.origin == least.scalar_subquery()
    )
    missing = (
        ~select(metrics.c.run_no)
        .where(_of_run(metrics), metrics.c.name == name, value.is_not(None))
        .exists()
    )
    return Order(value, joined, has, missing, descending)


# ---------------------------------------------------------------- conditions


def _term(term: Term) -> Condition:
    condition = _words(term) if isinstance(term, Words) else _compare(term)
    return not_(condition) if term.denied else condition


def _words(term: Words) -> Condition:
    sought = "{name query output} : " + match(term.text, term.phrase)
    found = text(f"SELECT rowid >> {t.NUMBER_BITS} FROM texts WHERE texts MATCH :sought")  # noqa: S608
    return t.runs.c.run_no.in_(
        found.bindparams(bindparam("sought", sought, unique=True)).columns(t.runs.c.run_no)
    )


def _compare(term: Compare) -> Condition:
    if term.operator == "!=":
        return not_(_any_of(Compare(term.key, "=", term.values, term.scope)))
    return _any_of(term)


def _any_of(term: Compare) -> Condition:
    return or_(*(_one(term, value) for value in term.values))


def _one(term: Compare, value: Value) -> Condition:
    if term.scope == "run":
        return _of_key(term, value)
    config = _param(term, value)
    metric = _metric(term, value)
    if term.scope == "config":
        return config
    return metric if term.scope == "metric" else or_(config, metric)


def _of_key(term: Compare, value: Value) -> Condition:
    if term.key == "tag":
        return t.runs.c.run_no.in_(select(t.run_tags.c.run_no).where(_is(t.run_tags.c.tag, value)))
    if term.key in ("provider", "venue"):
        column = t.run_providers.c[term.key]
        return t.runs.c.run_no.in_(select(t.run_providers.c.run_no).where(_is(column, value)))
    column = t.runs.c[KEYS[term.key].column]
    if term.key in ("id", "git"):
        return begins(column, str(value).rstrip("*"))
    if isinstance(value, str):
        return _is(column, value)
    return _ordered(column, term.operator, value)


def _param(term: Compare, value: Value) -> Condition:
    params = t.run_params
    if isinstance(value, str):
        holds = _is(params.c.text, value)
        if term.operator != "=":
            holds = _ordered(params.c.text, term.operator, value)
    else:
        holds = _ordered(params.c.number, term.operator, float(value))
    return select(params.c.run_no).where(_of_run(params), params.c.key == term.key, holds).exists()


def _metric(term: Compare, value: Value) -> Condition:
    metrics = t.run_metrics
    if isinstance(value, str):
        return not_(true())
    holds = _ordered(metrics.c.value, term.operator, float(value))
    found = select(metrics.c.run_no).where(metrics.c.name == term.key, holds)
    return t.runs.c.run_no.in_(found)


def _of_run(table: Any) -> Condition:
    condition: Condition = table.c.run_no == t.runs.c.run_no
    return condition


def _is(column: ColumnElement[Any], value: Value) -> Condition:
    if isinstance(value, str) and value.endswith("*"):
        return begins(column, value.rstrip("*"))
    return column == value


def begins(column: ColumnElement[Any], beginning: str) -> Condition:
    """As a range, which an index serves."""
    if not beginning:
        return column.is_not(None)
    following = ord(beginning[-1]) + 1
    if following in (0xD800, 0x110000):
        return column.startswith(beginning, autoescape=True)
    return and_(column >= beginning, column < beginning[:-1] + chr(following))


def _ordered(column: ColumnElement[Any], operator: str, value: Value) -> Condition:
    if operator == "=":
        return column == value
    compared: Condition = column.op(operator, is_comparison=True)(value)
    return compared
