"""The exchange rate that a person recorded. Without one nothing is converted."""

from __future__ import annotations

import math
from datetime import date

import msgspec

from ..folder import Home
from .shapes import Rate


def rate(home: Home) -> Rate | None:
    """The rate that is recorded; None for none, or a file that says nothing which can be used."""
    try:
        found = msgspec.json.decode(home.rate.read_bytes(), type=Rate)
        date.fromisoformat(found.on)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, ValueError):
        return None
    return found if math.isfinite(found.usd_per_btc) and found.usd_per_btc > 0 else None
