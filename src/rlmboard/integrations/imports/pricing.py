"""What an answer cost, where its records give tokens and no cost, and the table has a price."""

from __future__ import annotations

import msgspec

from ...money.prices import PriceTable, cost
from ...trace import SubQueryReturn, TraceEvent
from ..priced import price_at

NOT_PRICED = "cache_creation_tokens"
"""Tokens that went into a cache have a price of their own, which the table does not know."""


def priced(event: TraceEvent, prices: PriceTable) -> TraceEvent:
    """The event, with the cost of its tokens where they are exact and the model has a price.

    Records do not say which server was asked, so that only a table of the user's own has prices.
    """
    if not isinstance(event, SubQueryReturn) or event.usage_quality != "exact":
        return event
    if event.cost_usd_nanos is not None or event.cost_msat is not None:
        return event
    if (event.attributes or {}).get(NOT_PRICED):
        return event
    price = price_at(prices, None, event.model_id)
    charged = cost(event.usage, price)
    if price is None or (charged.usd_nanos is None and charged.msat is None):
        return event
    return msgspec.structs.replace(
        event,
        cost_usd_nanos=charged.usd_nanos,
        cost_msat=charged.msat,
        cost_source="price_table",
        price_version=price.version,
    )
