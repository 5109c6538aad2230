"""The exchange rate that a person recorded. Without one nothing is converted."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import msgspec

from .problems import NotFound
from .reading import Reading
from .saying import unusable, write_json
from .shapes import Rate, RateSaid


def rate(reading: Reading) -> Rate | None:
    """The rate that is recorded; None for none, or a file that says nothing which can be used."""
    try:
        found = msgspec.json.decode(reading.store.home.rate.read_bytes(), type=Rate)
        date.fromisoformat(found.on)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, ValueError):
        return None
    return found if math.isfinite(found.usd_per_btc) and found.usd_per_btc > 0 else None


def record_rate(reading: Reading, said: RateSaid) -> Rate:
    """The rate from now on; what was there before is replaced."""
    recorded = Rate(
        usd_per_btc=said.usd_per_btc,
        on=said.on.isoformat(),
        source=said.source or None,
        said_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    write_json(reading, reading.store.home.rate, recorded)
    return recorded


def forget_rate(reading: Reading) -> None:
    """Raises NotFound where none is recorded."""
    try:
        reading.store.home.rate.unlink()
    except FileNotFoundError:
        raise NotFound("no exchange rate is recorded") from None
    except OSError as error:
        raise unusable(reading, error) from error
