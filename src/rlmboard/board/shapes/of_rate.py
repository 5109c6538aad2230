"""The exchange rate by which one currency is shown as the other."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

DollarsPerBitcoin = Annotated[float, Meta(ge=0.01, le=1e9)]


class RateSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one bitcoin (100,000,000 sats) cost in dollars on a day, and where that was read."""

    usd_per_btc: DollarsPerBitcoin
    on: date
    source: Annotated[str, Meta(max_length=200)] | None = None


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A rate that a person recorded. `on` is the day it is of; `said_at` when they said so."""

    usd_per_btc: DollarsPerBitcoin
    on: str
    source: str | None
    said_at: str


class RateNow(msgspec.Struct, frozen=True, kw_only=True):
    """The rate in force; None where nobody recorded one."""

    rate: Rate | None
