"""What a call can cost, and what it did: by the server, else by the price table, else unknown."""

from __future__ import annotations

import msgspec

from ..formats.exchange import Asked, Said, asks_for_more
from ..money.prices import Cost, Price, Written, bound, cost
from ..money.units import usd_nanos
from ..trace import CostSource


class Priced(msgspec.Struct, frozen=True):
    """The cost of an answer and who says so."""

    cost: Cost = Cost()
    source: CostSource = "none"
    version: str | None = None


UNKNOWN = Priced()


def most(asked: Asked, body: bytes, price: Price | None, assumed: int) -> Cost:
    """The most that a call can cost; unknown where the model reads what is not in the request."""
    if price is None or (not price.is_free and asks_for_more(body)):
        return Cost()
    answer = assumed if asked.max_tokens is None else asked.max_tokens
    return bound(len(body), answer * asked.choices, price)


def priced(said: Said, price: Price | None) -> Priced:
    """A price in sats is always used: it is what the answer is paid by, whatever a server says."""
    by_table = cost(said.usage, price, Written(*said.written), said.only_tokens)
    if said.cost_usd is not None and (price is None or price.unit != "msat"):
        return Priced(Cost(usd_nanos=usd_nanos(said.cost_usd)), "provider")
    if by_table == Cost():
        return UNKNOWN
    return Priced(by_table, "price_table", price.version if price else None)
