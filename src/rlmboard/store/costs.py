"""What a run cost in one currency: what was said in the other alone is converted at a rate."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, null

from . import tables as t

NANOS_PER_MSAT = 0.01
"""At one dollar for a bitcoin, which is 10¹¹ thousandths of a sat."""


class Currency(NamedTuple):
    """Its column, what was said in it alone, and the same of the other currency."""

    cost: ColumnElement[Any]
    apart: ColumnElement[Any]
    other: ColumnElement[Any]
    other_apart: ColumnElement[Any]
    in_dollars: bool

    def of_other(self, usd_per_btc: float) -> float:
        """How much of this currency one of the other is."""
        nanos = usd_per_btc * NANOS_PER_MSAT
        return nanos if self.in_dollars else 1 / nanos


_RUNS = t.runs.c
CURRENCIES = {
    "cost": Currency(
        _RUNS.cost_msat, _RUNS.apart_msat, _RUNS.cost_usd_nanos, _RUNS.apart_usd_nanos, False
    ),
    "cost_usd": Currency(
        _RUNS.cost_usd_nanos, _RUNS.apart_usd_nanos, _RUNS.cost_msat, _RUNS.apart_msat, True
    ),
}
"""By the key of the filter language that names it."""


def cost_in(currency: Currency, usd_per_btc: float | None) -> ColumnElement[Any]:
    """What a run cost; without a rate as far as it was said in this currency."""
    if usd_per_btc is None:
        return currency.cost
    converted = func.coalesce(currency.other_apart, 0) * currency.of_other(usd_per_btc)
    unknown = and_(currency.cost.is_(None), currency.other.is_(None))
    return case((unknown, null()), else_=func.coalesce(currency.cost, 0) + converted)
