"""Sub-queries and attempts of one run, page by page."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select

from ...errors import BadInput
from ...trace import msgpack_decoder
from ...trace.summary import AttemptRow, SubQuery, SubQueryRow, attempt_rows, sub_query_row
from .. import tables as t
from ..index import Index
from .values import AttemptPage, SubQueryPage

_decode = msgpack_decoder(SubQuery).decode
Value = ColumnElement[Any]


class Asked(NamedTuple):
    """What a page is to hold. `wanted`: a column and the values it may have."""

    wanted: Mapping[str, Sequence[str]]
    sort: str = ""
    limit: int = 50
    after: str | None = None


def sub_query_page(index: Index, run_no: int, asked: Asked) -> SubQueryPage:
    """Sub-queries of a run in order. Raises BadInput for an order or place that is none."""
    table = t.sub_queries
    provided = asked.wanted.get("provider"), asked.wanted.get("model")
    fits = and_(_in_run(table.c.key, run_no), *_wanted(table, asked, ("provider", "model")))
    if any(provided):
        fits &= table.c.key.in_(_asked_of(run_no, *provided))
    keys, following = _page(index, select(table.c.key), fits, _sorted(asked, _QUERY_SORTS), asked)
    states = _states(index, [key for (key,) in keys])
    return SubQueryPage(
        sub_queries=[sub_query_row(states[key]) for (key,) in keys],
        next=following,
        count=_count(index, select(func.count()).select_from(table).where(fits)),
    )


def attempt_page(index: Index, run_no: int, asked: Asked) -> AttemptPage:
    """Attempts of a run in order. Raises BadInput for an order or place that is none."""
    table = t.attempts
    fits = and_(_in_run(table.c.key, run_no), *_wanted(table, asked, ("query",)))
    if named := asked.wanted.get("query"):
        queries = t.sub_queries
        fits &= table.c.key.in_(
            select(queries.c.key).where(queries.c.run_no == run_no, queries.c.query_id.in_(named))
        )
    chosen = select(table.c.key, table.c.replica, table.c.attempt)
    keys, following = _page(index, chosen, fits, _sorted(asked, _ATTEMPT_SORTS), asked)
    states = _states(index, [key for key, _, _ in keys])
    rows = {key: attempt_rows(state) for key, state in states.items()}
    return AttemptPage(
        attempts=[_attempt(rows[key], replica, attempt) for key, replica, attempt in keys],
        next=following,
        count=_count(index, select(func.count()).select_from(table).where(fits)),
    )


def sub_query(index: Index, run_no: int, query_id: str) -> SubQuery | None:
    """What is known of one sub-query; None where the run has none of this id."""
    found = index.rows(
        "SELECT state FROM sub_queries WHERE run_no = ? AND query_id = ?", (run_no, query_id)
    )
    return _decode(found[0][0]) if found else None


class _By(NamedTuple):
    value: Value
    descending: bool
    key: tuple[ColumnElement[Any], ...]


def _of_attempts(total: Value) -> Value:
    """A sum or maximum over the attempts of a sub-query."""
    of_query = t.attempts.c.key == t.sub_queries.c.key
    return select(total).where(of_query).scalar_subquery()


_QUERY_KEY = (t.sub_queries.c.key,)
_QUERY_SORTS: tuple[tuple[Value, ...], dict[str, Value]] = (
    _QUERY_KEY,
    {
        "number": t.sub_queries.c.key,
        "submitted": t.sub_queries.c.submitted_ms,
        "depth": t.sub_queries.c.depth,
        "role": t.sub_queries.c.role,
        "status": t.sub_queries.c.status,
        "fragment": t.sub_queries.c.fragment_id,
        "duration": _of_attempts(func.max(t.attempts.c.duration_ms)),
        "ended": _of_attempts(func.max(t.attempts.c.ended_ms)),
        "attempts": _of_attempts(func.count()),
        "cost": _of_attempts(func.sum(t.attempts.c.cost_msat)),
        "cost_usd": _of_attempts(func.sum(t.attempts.c.cost_usd_nanos)),
        "tokens": _of_attempts(
            func.sum(t.attempts.c.input_tokens + func.ifnull(t.attempts.c.output_tokens, 0))
        ),
    },
)
_ATTEMPT_SORTS: tuple[tuple[Value, ...], dict[str, Value]] = (
    (t.attempts.c.key, t.attempts.c.replica, t.attempts.c.attempt),
    {
        "number": t.attempts.c.key,
        "started": t.attempts.c.started_ms,
        "ended": t.attempts.c.ended_ms,
        "duration": t.attempts.c.duration_ms,
        "status": t.attempts.c.status,
        "provider": t.attempts.c.provider,
        "model": t.attempts.c.model,
        "cost": t.attempts.c.cost_msat,
        "cost_usd": t.attempts.c.cost_usd_nanos,
        "tokens": t.attempts.c.input_tokens + func.ifnull(t.attempts.c.output_tokens, 0),
    },
)


def _sorted(asked: Asked, sorts: tuple[tuple[Value, ...], dict[str, Value]]) -> _By:
    key, values = sorts
    name = asked.sort.removeprefix("-") or "number"
    if name not in values:
        raise BadInput(f"these cannot be sorted by '{name}': use {', '.join(values)}")
    return _By(values[name], asked.sort.startswith("-"), key)


def _page(
    index: Index, chosen: Select[Any], fits: ColumnElement[bool], by: _By, asked: Asked
) -> tuple[list[tuple[Any, ...]], str | None]:
    """Keys of the page, unknown values last, and the place where the next one goes on."""
    value = by.value.label("value")
    order = value.desc() if by.descending else value.asc()
    statement = chosen.add_columns(value).where(fits)
    if asked.after is not None:
        statement = statement.where(_beyond(by, asked.after))
    statement = statement.order_by(order.nulls_last(), *by.key).limit(asked.limit + 1)
    found = index.select(statement)
    page = found[: asked.limit]
    following = _place(page[-1]) if len(found) > asked.limit else None
    return [row[:-1] for row in page], following


def _beyond(by: _By, place: str) -> ColumnElement[bool]:
    *key, value = _from_place(place, len(by.key) + 1)
    later = _later(by.key, key)
    if value is None:
        return and_(by.value.is_(None), later)
    further = by.value < value if by.descending else by.value > value
    return or_(further, and_(by.value == value, later), by.value.is_(None))


def _later(columns: Sequence[Value], values: Sequence[Any]) -> ColumnElement[bool]:
    """The row comes after this one in the order of its key."""
    beyond: ColumnElement[bool] = columns[-1] > values[-1]
    for column, value in reversed(list(zip(columns[:-1], values[:-1], strict=True))):
        beyond = or_(column > value, and_(column == value, beyond))
    return beyond


def _place(row: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(list(row))).decode().rstrip("=")


def _from_place(place: str, length: int) -> list[Any]:
    try:
        raw = base64.urlsafe_b64decode(place + "=" * (-len(place) % 4))
        values = msgspec.json.decode(raw, type=list[int | float | str | None])
    except (ValueError, msgspec.DecodeError):
        values = []
    if len(values) != length or not all(isinstance(part, int) for part in values[:-1]):
        raise BadInput("`after` is no place in this list: take `next` of the page before")
    return values


def _wanted(table: Any, asked: Asked, elsewhere: tuple[str, ...]) -> list[ColumnElement[bool]]:
    columns = {"fragment": "fragment_id", "parent": "parent_id"}
    return [
        table.c[columns.get(name, name)].in_(values)
        for name, values in asked.wanted.items()
        if values and not (name in elsewhere and name not in table.c)
    ]


def _asked_of(
    run_no: int, providers: Sequence[str] | None, models: Sequence[str] | None
) -> Select[Any]:
    table = t.attempts
    chosen = select(table.c.key).where(_in_run(table.c.key, run_no))
    if providers:
        chosen = chosen.where(table.c.provider.in_(providers))
    return chosen.where(table.c.model.in_(models)) if models else chosen


def _in_run(key: Value, run_no: int) -> ColumnElement[bool]:
    return and_(key > literal(t.key_of(run_no, 0)), key < literal(t.key_of(run_no + 1, 0)))


def _states(index: Index, keys: Sequence[int]) -> dict[int, SubQuery]:
    asked = msgspec.json.encode(sorted(set(keys))).decode()
    found = index.rows(
        "SELECT q.key, q.state FROM json_each(?) AS asked "
        "JOIN sub_queries AS q ON q.key = asked.value",
        (asked,),
    )
    return {key: _decode(state) for key, state in found}


def _attempt(rows: Sequence[AttemptRow], replica: int, attempt: int) -> AttemptRow:
    return next(row for row in rows if (row.replica, row.attempt) == (replica, attempt))


def _count(index: Index, statement: Select[Any]) -> int:
    return int(index.select(statement)[0][0])


def rows_of(state: SubQuery) -> tuple[SubQueryRow, list[AttemptRow]]:
    """A sub-query and its attempts as rows."""
    return sub_query_row(state), attempt_rows(state)
