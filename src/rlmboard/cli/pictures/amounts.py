"""Amounts as people read them. What is unknown is the word "unknown", never zero."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from .glyphs import UNICODE, Glyphs

UNKNOWN = "unknown"


def duration(ms: float | None) -> str:
    """`234ms`, `3.4s`, `2m 05s`, `1h 02m`."""
    if ms is None:
        return UNKNOWN
    if ms < 999.5:
        return f"{ms:.0f}ms"
    if ms < 59_950:
        return f"{ms / 1000:.1f}s"
    minutes, seconds = divmod(round(ms / 1000), 60)
    if minutes < 60:
        return f"{minutes}m {seconds:02}s"
    return f"{minutes // 60}h {minutes % 60:02}m"


def sats(msat: int) -> str:
    """`12 sats`; parts of a sat with up to three decimals."""
    number = _plain(msat, 1000, 3)
    return f"{number} sat" if number == "1" else f"{number} sats"


def usd(nanos: int) -> str:
    """`$1.25`; small amounts keep two digits that say something: `$0.00042`."""
    amount = abs(nanos) / 1_000_000_000
    if nanos == 0 or amount >= 0.995:
        return f"${nanos / 1_000_000_000:,.2f}"
    decimals = next((n for n in range(2, 9) if amount >= 10 ** (1 - n)), 9)
    return f"${nanos / 1_000_000_000:.{decimals}f}"


def money(
    msat: int | None, usd_nanos: int | None, missing: int = 0, glyphs: Glyphs = UNICODE
) -> str:
    """A cost in the units that are known; `missing` parts of the sum are not known.

    Both absent with nothing missing is the cost of nothing: a dash.
    """
    known = _known(msat, usd_nanos)
    if not known:
        return UNKNOWN if missing else glyphs.dash
    if not missing:
        return known
    return f"{glyphs.at_least} {known} ({missing:,} unknown)"


def cost(msat: int | None, usd_nanos: int | None) -> str:
    """What one attempt cost, or that nobody knows."""
    return _known(msat, usd_nanos) or UNKNOWN


def tokens(parts: Sequence[int | None], missing: int = 0, glyphs: Glyphs = UNICODE) -> str:
    """A sum of token counts, as far as they are known."""
    known = [part for part in parts if part is not None]
    if not known:
        return UNKNOWN if missing else glyphs.dash
    total = f"{sum(known):,}"
    return f"{glyphs.at_least} {total} ({missing:,} unknown)" if missing else total


def percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{share * 100:.1f}%"


def size(count_bytes: int) -> str:
    """`512 B`, `1.4 kB`, `2.0 GB`; powers of 1000, as disks are sold."""
    amount, unit = float(count_bytes), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 999.5 or unit == "TB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 run`, `2 runs`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def ago(at: datetime | None, now: datetime) -> str:
    """`12s ago`, `3h ago`, the date when it is longer than a week."""
    if at is None:
        return UNKNOWN
    seconds = (now - at).total_seconds()
    if seconds < 0 or seconds >= 7 * 86_400:
        return at.astimezone().strftime("%Y-%m-%d %H:%M")
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f}{unit} ago"
    return f"{seconds:.0f}s ago"


def moment(text: str | None) -> datetime | None:
    """A recorded UTC time; None for what is none."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def at_ms(epoch_ms: int | None) -> datetime | None:
    """Milliseconds since 1970 as UTC; None for what no clock can say."""
    try:
        return None if epoch_ms is None else datetime.fromtimestamp(epoch_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _known(msat: int | None, usd_nanos: int | None) -> str:
    """Free in a unit is not said where the other unit costs something."""
    parts = [sats(msat)] if msat is not None and (msat or not usd_nanos) else []
    if usd_nanos is not None and (usd_nanos or msat is None):
        parts.append(usd(usd_nanos))
    return " + ".join(parts)


def _plain(amount: int, scale: int, decimals: int) -> str:
    if amount % scale == 0:
        return f"{amount // scale:,}"
    return f"{amount / scale:,.{decimals}f}".rstrip("0").rstrip(".")
