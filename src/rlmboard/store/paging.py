"""Pages of runs in any order: which come next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import true

from ..errors import BadInput
from . import queries
from . import tables as t
from .costs import CURRENCIES, cost_in
from .filter import KEYS, Term
from .index import Index
from .queries import Condition, Order
from .run_rows import Known
from .terms import has_metric, has_param, settled

ENOUGH = 2_000
"""Where so many runs fit, enough are met soon."""
_RENAMED = {"created_at": "created_at_ms", "ended_at": "ended_at_ms", "id": "run_id"}


def numbers_after(
    index: Index, terms: Sequence[Term], order: str, room: int, last: Known | None,
    usd_per_btc: float | None = None,
) -> list[int]:  # fmt: skip
    """run_no of the runs that follow `last`; those that lack the value sorted by come last."""
    where = queries.where(settled(index, terms))
    by = _quicker(index, order_of(index, order, usd_per_btc), where, bool(terms))
    numbers: list[int] = []
    lacking: Condition = true()
    value = index.select(queries.value_of(by.each or by, last.run_no)) if last is not None else []
    if last is None:
        numbers = _numbers(index, queries.with_value(where, by, room))
    elif value:
        beyond = queries.beyond(by, value[0][0], last.run_no)
        numbers = _numbers(index, queries.with_value(where & beyond, by, room))
    else:
        lacking = queries.beyond_lacking(last.created_at_ms, last.run_no)
    if len(numbers) < room and by.lacks_value is not None:
        rest = queries.without_value(where & lacking & by.lacks_value, room - len(numbers))
        numbers += _numbers(index, rest)
    return numbers


def order_of(index: Index, order: str, usd_per_btc: float | None = None) -> Order:
    """What to sort by. Raises BadInput when no run has such a column, config key or metric."""
    descending, name = order.startswith("-"), order.removeprefix("-")
    if name in CURRENCIES:
        return queries.by_value(cost_in(CURRENCIES[name], usd_per_btc), descending)
    known_key = KEYS.get(name)
    column = known_key.column if known_key else _RENAMED.get(name, name)
    if column in t.runs.c:
        return queries.by_column(column, descending)
    key = name.removeprefix("config.")
    if not name.startswith("metric.") and has_param(index, key):
        return queries.by_param(key, descending)
    key = name.removeprefix("metric.")
    if not name.startswith("config.") and has_metric(index, key):
        return queries.by_metric(key, descending)
    raise BadInput(
        f"runs cannot be sorted by '{name}': no run has such a setting or metric; "
        f"columns are {', '.join(dict.fromkeys((*_RENAMED, *_of_runs())))}"
    )


def _of_runs() -> list[str]:
    return [key for key, of in KEYS.items() if of.column in t.runs.c and of.kind != "ago"]


def _quicker(index: Index, by: Order, where: Condition, filtered: bool) -> Order:
    """An index in order is walked in vain where few runs fit: then each of those is looked at."""
    if by.each is None or not filtered:
        return by
    fitting = index.select(queries.count_up_to(where, ENOUGH))[0][0]
    return by if fitting == ENOUGH else by.each


def _numbers(index: Index, statement: Any) -> list[int]:
    return [run_no for (run_no,) in index.select(statement)]
