"""Money is integer: `msat` is 1/1000 sat, `usd_nanos` is 10⁻⁹ dollar. Nothing is converted."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import TypeAlias

Amount: TypeAlias = int | float | str | Decimal

MSAT_PER_SAT = 1_000
NANOS_PER_USD = 1_000_000_000
SURE = 1e12
"""Below it a float times a scale is wrong by less than 0.001: near a whole number, it is that."""


def msat(sats: Amount) -> int:
    """Sats as thousandths of a sat. Raises ValueError for what is no finite number."""
    return _scaled(sats, MSAT_PER_SAT)


def usd_nanos(usd: Amount) -> int:
    """Dollars as 10⁻⁹ dollar. Raises ValueError for what is no finite number."""
    return _scaled(usd, NANOS_PER_USD)


def _scaled(amount: Amount, scale: int) -> int:
    if type(amount) is int:
        return amount * scale
    if type(amount) is float and abs(near := amount * scale) < SURE:
        whole = round(near)
        if abs(near - whole) < 0.25:
            return whole
    try:
        exact = Decimal(str(amount)) * scale
        return int(exact.to_integral_value(ROUND_HALF_EVEN))
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise ValueError(f"{amount!r} is no amount of money") from error
