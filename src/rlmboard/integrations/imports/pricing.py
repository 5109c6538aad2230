"""What an answer cost, where its records give tokens and no cost, and the table has a price."""

from __future__ import annotations

import msgspec

from ...formats.cache_writes import from_attributes
from ...money.prices import PriceTable, Written, cost
from ...trace import SubQueryReturn, TraceEvent
from ..priced import price_at


def priced(event: TraceEvent, prices: PriceTable) -> TraceEvent:
    """The event, with the cost of its tokens where they are exact and the model has a price.

    Records do not say which server was asked, so that only a table of the user's own has prices.
    """
    if not isinstance(event, SubQueryReturn) or event.usage_quality != "exact":
        return event
    if event.cost_usd_nanos is not None or event.cost_msat is not None:
        return event
    price = price_at(prices, None, event.model_id)
    if price is None:
        return event
    charged = cost(event.usage, price, Written(*from_attributes(event.attributes)))
    if charged.usd_nanos is None and charged.msat is None:
        return event
    return msgspec.structs.replace(
        event,
        cost_usd_nanos=charged.usd_nanos,
        cost_msat=charged.msat,
        cost_source="price_table",
        price_version=price.version,
    )
