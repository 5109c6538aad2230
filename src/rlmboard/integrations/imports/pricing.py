"""What an answer cost, where its records give tokens and no cost, and the table has a price."""

from __future__ import annotations

from typing import Any

import msgspec

from ...formats.loose import count
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
    charged = cost(event.usage, price, _written(event.attributes or {}))
    if charged.usd_nanos is None and charged.msat is None:
        return event
    return msgspec.structs.replace(
        event,
        cost_usd_nanos=charged.usd_nanos,
        cost_msat=charged.msat,
        cost_source="price_table",
        price_version=price.version,
    )


def _written(attributes: dict[str, Any]) -> Written:
    """What went into a cache, as readers of transcripts tell it."""
    whole = count(attributes.get("cache_creation_tokens")) or 0
    hour = count(attributes.get("cache_creation_1h_tokens")) or 0
    return Written(max(0, whole - hour), hour)
