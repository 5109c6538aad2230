"""The prices that a cost is reckoned by where the provider says none."""

from __future__ import annotations

from ..errors import BadInput
from ..folder import Home
from ..money.prices import Price, PriceTable, packaged_prices, read_prices

OPENAI_HOST = "api.openai.com"


def prices_of(home: Home) -> PriceTable:
    """The table of the home, else the packaged one; a table that cannot be read prices nothing."""
    try:
        return read_prices((home.path / "prices.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return packaged_prices()
    except (OSError, UnicodeDecodeError, BadInput):
        return PriceTable("unreadable", {})


def price_at(prices: PriceTable, host: str | None, model: str | None) -> Price | None:
    """What a model costs at a host; the packaged table knows OpenAI's own prices alone."""
    if not model or (prices.packaged and host != OPENAI_HOST):
        return None
    return prices.price(model)
