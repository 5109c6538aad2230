"""The prices that a cost is reckoned by where the provider says none."""

from __future__ import annotations

from ..errors import BadInput
from ..folder import Home
from ..money.prices import PriceTable, packaged_prices, read_prices


def prices_of(home: Home) -> PriceTable:
    """The table of the home, else the packaged one; a table that cannot be read prices nothing."""
    try:
        return read_prices((home.path / "prices.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return packaged_prices()
    except (OSError, UnicodeDecodeError, BadInput):
        return PriceTable("unreadable", {})
