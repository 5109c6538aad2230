"""Filters and orders as SQL: the terms of the language become conditions on the tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    UnaryExpression,
    and_,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.sql.operators import custom_op

from ..errors import BadInput
from . import tables as t
from .filter import KEYS, Compare, Shares, Term, Value, Words
from .index import Index
from .texts import match

Condition = ColumnElement[bool]


class Order(NamedTuple):
    """What runs are sorted by: the value, where it comes from, and which way.

    Runs without the value come last, the newest first, either way. `each` is the same order, found
    by a look at each run that fits, where `source` is an index that is walked until enough fit.
    """

    value: ColumnElement[Any]
    source: FromClause
    has_value: Condition
    lacks_value: Condition | None
    descending: bool
    each: Order | None = None


def where(terms: Sequence[Term]) -> Condition:
    """The condition that all terms hold."""
    return and_(true(), *(_term(term) for term in terms))


def run_nos(index: Index, terms: Sequence[Term]) -> set[int]:
    """The numbers of the runs that fit."""
    return {run_no for (run_no,) in index.select(select(t.runs.c.run_no).where(where(terms)))}


def count_runs(condition: Condition) -> Select[Any]:
    return select(func.count()).select_from(t.runs).where(condition)


def count_up_to(condition: Condition, most: int) -> Select[Any]:
    """How many runs fit; `most` where there are more."""
    some = select(t.runs.c.run_no).where(condition).limit(most).subquery()
    return select(func.count()).select_from(some)


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
    return by_value(column, descending)


def by_value(value: ColumnElement[Any], descending: bool) -> Order:
    """By what stands in the row of the run, or is made of it."""
    return Order(value, t.runs, value.is_not(None), value.is_(None), descending)


def by_param(key: str, descending: bool) -> Order:
    """By a config key: numbers before texts."""
    params = t.run_params
    of_key = params.c.key == key
    looked_up = _of_each(params, select(t.PARAM_VALUE).where(of_key))
    missing = ~_exists(params, of_key)
    return Order(
        t.PARAM_VALUE, _in_its_order(params), of_key, missing, descending,
        Order(looked_up, t.runs, looked_up.is_not(None), missing, descending),
    )  # fmt: skip


def by_metric(name: str, descending: bool) -> Order:
    """By the summary of a metric; what a person said stands above what was logged."""
    metrics, other = t.run_metrics, t.run_metrics.alias("other")
    least = select(func.min(other.c.origin)).where(
        other.c.run_no == metrics.c.run_no, other.c.name == name
    )
    stands = and_(metrics.c.name == name, metrics.c.origin == least.scalar_subquery())
    looked_up = _of_each(metrics, select(metrics.c.value).where(stands))
    missing = looked_up.is_(None)
    return Order(
        metrics.c.value, _in_its_order(metrics), and_(stands, metrics.c.value.is_not(None)),
        missing, descending,
        Order(looked_up, t.runs, looked_up.is_not(None), missing, descending),
    )  # fmt: skip


def standing_metric(name: str) -> ColumnElement[Any]:
    """The value of a metric that stands, of each run: a column beside its own."""
    metrics = t.run_metrics
    stands = select(metrics.c.value).where(metrics.c.name == name).order_by(metrics.c.origin)
    return _of_each(metrics, stands.limit(1))


def _in_its_order(table: Any) -> FromClause:
    """The table by its index over values, and to each row its run."""
    joined: FromClause = table.join(t.runs, _of_run(table))
    return joined


def _of_each(table: Any, value: Select[Any]) -> ColumnElement[Any]:
    """The value in the row of the run."""
    return value.where(_of_run(table)).correlate(t.runs).scalar_subquery()


def _as_it_is(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value, kept from the index over values: the key of the row leads to it.

    SQLite, which knows no counts, would rather go through every run that has a greater value.
    """
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type)


# ---------------------------------------------------------------- conditions


def _term(term: Term) -> Condition:
    if isinstance(term, Shares):
        return _shares(term)
    condition = _words(term) if isinstance(term, Words) else _compare(term)
    return not_(condition) if term.denied else condition


def _shares(term: Shares) -> Condition:
    """Of a setting without a value: it is not set at all. Raises BadInput."""
    known = KEYS.get(term.key)
    if known is not None and known.column not in t.runs.c:
        raise BadInput(f"runs make no groups by '{term.key}', of which a run has several")
    if known is not None:
        return t.runs.c[known.column].is_not_distinct_from(term.value)
    params = t.run_params
    of_key = params.c.key == term.key.removeprefix("config.")
    if term.value is None:
        return not_(_exists(params, of_key))
    return _exists(params, of_key, _as_it_is(t.PARAM_VALUE) == term.value)


def _words(term: Words) -> Condition:
    sought = "{name query output} : " + match(term.text, term.phrase)
    found = text(f"SELECT rowid >> {t.NUMBER_BITS} FROM texts WHERE texts MATCH :sought")  # noqa: S608
    return t.runs.c.run_no.in_(
        found.bindparams(bindparam("sought", sought, unique=True)).columns(t.runs.c.run_no)
    )


def _compare(term: Compare) -> Condition:
    if term.operator == "!=":
        return not_(_any_of(msgspec.structs.replace(term, operator="=")))
    return _any_of(term)


def _any_of(term: Compare) -> Condition:
    return or_(false(), *(_one(term, value) for value in term.values))


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
        said = _as_it_is(params.c.text)
        holds = _is(said, value) if term.operator == "=" else _ordered(said, term.operator, value)
    else:
        holds = _ordered(_as_it_is(params.c.number), term.operator, float(value))
    return _exists(params, params.c.key == term.key, holds)


def _metric(term: Compare, value: Value) -> Condition:
    """Few that hold are listed; of many, each run is looked up."""
    metrics = t.run_metrics
    if isinstance(value, str):
        return not_(true())
    if term.few:
        return t.runs.c.run_no.in_(select(metrics.c.run_no).where(metric_holds(term, value)))
    holds = _ordered(_as_it_is(metrics.c.value), term.operator, float(value))
    return _exists(metrics, metrics.c.name == term.key, holds)


def metric_holds(term: Compare, value: Value) -> Condition:
    """As the index over values serves it."""
    metrics = t.run_metrics
    return and_(metrics.c.name == term.key, _ordered(metrics.c.value, term.operator, float(value)))


def count_metrics(term: Compare, most: int) -> Select[Any]:
    """How many values of a metric are as the term says; `most` where there are more.

    Of `!=`: how many it denies, which are what is listed.
    """
    if term.operator == "!=":
        term = msgspec.structs.replace(term, operator="=")
    numbers = [value for value in term.values if not isinstance(value, str)]
    held = or_(false(), *(metric_holds(term, value) for value in numbers))
    some = select(t.run_metrics.c.run_no).where(held).limit(most).subquery()
    return select(func.count()).select_from(some)


def _exists(table: Any, *holds: Condition) -> Condition:
    """The run has such a row, whatever else the question is about."""
    of_run = select(table.c.run_no).where(_of_run(table), *holds)
    return of_run.correlate(t.runs).exists()


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
