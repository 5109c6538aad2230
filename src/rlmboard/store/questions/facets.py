"""What runs can be filtered and sorted by, and the values that they have: for completion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, String, cast, func, select

from .. import tables as t
from ..filter import KEYS, Term
from ..index import Index
from ..queries import begins
from .values import Facet, FacetValue
from .within import of_runs

_KINDS: dict[str, Literal["text", "number", "time", "flag"]] = {
    "text": "text",
    "number": "number",
    "flag": "flag",
    "time": "time",
    "ago": "time",
}


def facets(index: Index, terms: Sequence[Term] = ()) -> list[Facet]:
    """Keys of the filter language, and of the configs and metrics of the runs that fit."""
    told = [
        Facet(key=name, kind=_KINDS[key.kind], about=key.hint, from_="run")
        for name, key in KEYS.items()
    ]
    for name in _names(index, t.run_params.c.key, terms):
        if name not in KEYS:
            kind = _kind_of_param(index, name, terms)
            told.append(Facet(key=name, kind=kind, about="a setting", from_="config"))
    for name in _names(index, t.run_metrics.c.name, terms):
        key = name if name not in KEYS else f"metric.{name}"
        told.append(Facet(key=key, kind="number", about="a metric", from_="metric"))
    return told


def facet_values(
    index: Index, key: str, terms: Sequence[Term], prefix: str, limit: int
) -> list[FacetValue]:
    """Values of a key, the most frequent first; none for numbers, times and metrics."""
    found = _values_of(key)
    if found is None:
        return []
    value, run_no, holds = found
    count = func.count(run_no.distinct()).label("runs")
    text = cast(value, String).label("value")
    statement = (
        select(text, count)
        .where(value.is_not(None), text != "", *holds, of_runs(terms, run_no))
        .group_by(text)
        .order_by(count.desc(), text)
        .limit(limit)
    )
    if prefix:
        statement = statement.where(begins(text, prefix))
    return [
        FacetValue(value=_shown(key, said), runs=runs) for said, runs in index.select(statement)
    ]


def _values_of(
    key: str,
) -> tuple[ColumnElement[Any], ColumnElement[Any], list[ColumnElement[bool]]] | None:
    """The column of the values, that of their run, and what else must hold."""
    if key == "tag":
        return t.run_tags.c.tag, t.run_tags.c.run_no, []
    if key in ("provider", "venue"):
        return t.run_providers.c[key], t.run_providers.c.run_no, []
    known = KEYS.get(key)
    if known is not None:
        if known.kind not in ("text", "flag"):
            return None
        return t.runs.c[known.column], t.runs.c.run_no, []
    params, name = t.run_params.c, key.removeprefix("config.")
    return func.coalesce(params.text, params.number), params.run_no, [params.key == name]


def _shown(key: str, value: str) -> str:
    known = KEYS.get(key)
    if known is not None and known.kind == "flag":
        return "yes" if value == "1" else "no"
    return value.removesuffix(".0") if known is None else value


def _kind_of_param(index: Index, name: str, terms: Sequence[Term]) -> Literal["text", "number"]:
    params = t.run_params.c
    fits = of_runs(terms, params.run_no)
    found = index.select(select(params.number.is_(None)).where(params.key == name, fits).limit(1))
    return "text" if any(is_text for (is_text,) in found) else "number"


def _names(index: Index, column: Column[str], terms: Sequence[Term]) -> list[str]:
    """Every different name; of all runs by one step of the index a name, however many have it."""
    table = column.table
    if terms:
        fits = of_runs(terms, table.c.run_no)
        names = select(column).distinct().where(fits).order_by(column)
        return [said for (said,) in index.select(names)]
    found = index.rows(
        f"WITH RECURSIVE name(said) AS (SELECT min({column.name}) FROM {table.name} "  # noqa: S608
        f"UNION ALL SELECT (SELECT min({column.name}) FROM {table.name} "
        f"WHERE {column.name} > said) "
        "FROM name WHERE said IS NOT NULL) SELECT said FROM name WHERE said IS NOT NULL"
    )
    return [said for (said,) in found]
