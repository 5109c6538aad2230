"""What a run may still spend: a limit that no order of events can overdraw.

An attempt reserves the most that it can cost before it is asked, and settles what it did cost
afterwards, so that spent and reserved together never pass the limit. A provider that charged more
than its own bound (an overage) stops all further reserving.

Unknown is never zero: an answer of unknown cost settles at its whole reservation, the safe side.
An attempt that failed or was given up is released: nothing says that it was charged for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec

from ..trace import BudgetReserve, BudgetSettle

RefusalReason: TypeAlias = Literal["full", "unknown", "overdrawn"]


class Refusal(msgspec.Struct, frozen=True):
    """Why nothing was reserved.

    full: it does not fit beside what is spent and reserved; unknown: its cost has no known bound;
    overdrawn: a provider charged more than its bound, so that no bound can be trusted any more.
    """

    reason: RefusalReason


class Settlement(msgspec.Struct, frozen=True):
    """How a reservation ended in one unit; `actual` is None where no charge is known."""

    actual: int | None
    released: int
    overage: int


class Purse:
    """One unit of money: allowed, spent, set aside, and charged beyond what was set aside."""

    __slots__ = ("limit", "overage", "reserved", "spent")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.spent = 0
        self.reserved = 0
        self.overage = 0

    @property
    def remaining(self) -> int:
        return max(self.limit - self.spent - self.reserved, 0)

    def fits(self, amount: int) -> bool:
        return self.spent + self.reserved + amount <= self.limit

    def settle(self, reserved: int | None, actual: int | None, assumed: bool = False) -> Settlement:
        """Ends a reservation that cost `actual`; None where that is not known.

        More than was reserved is an overage; where the bound was `assumed`, it closes nothing.
        """
        aside = reserved or 0
        cost = actual if actual is not None and actual >= 0 else reserved
        self.reserved -= aside
        self.spent += cost or 0
        overage = 0 if cost is None or reserved is None else max(cost - aside, 0)
        self.overage += 0 if assumed else overage
        return Settlement(cost, max(aside - (cost or 0), 0), overage)

    def release(self, reserved: int | None) -> Settlement:
        self.reserved -= reserved or 0
        return Settlement(None, reserved or 0, 0)


class Amounts(msgspec.Struct, frozen=True):
    """What was reserved for one attempt, in each unit that has a limit and a known bound."""

    msat: int | None = None
    usd_nanos: int | None = None


class Settled(msgspec.Struct, frozen=True):
    """How a reservation ended, in each unit that has a limit."""

    msat: Settlement | None = None
    usd_nanos: Settlement | None = None


class Budget:
    """Limits in sats, dollars or both; without a limit everything fits.

    `allow_unknown` admits attempts whose cost has no known bound: they reserve nothing.
    """

    def __init__(
        self,
        limit_msat: int | None = None,
        limit_usd_nanos: int | None = None,
        *,
        allow_unknown: bool = False,
    ) -> None:
        self.msat = None if limit_msat is None else Purse(limit_msat)
        self.usd_nanos = None if limit_usd_nanos is None else Purse(limit_usd_nanos)
        self.allow_unknown = allow_unknown
        self._open: dict[str, Amounts] = {}

    @property
    def purses(self) -> tuple[Purse, ...]:
        return tuple(purse for purse in (self.msat, self.usd_nanos) if purse is not None)

    @property
    def open_keys(self) -> tuple[str, ...]:
        """The attempts whose reservation has not ended."""
        return tuple(self._open)

    @property
    def overdrawn(self) -> bool:
        return any(purse.overage for purse in self.purses)

    @property
    def may_free(self) -> bool:
        """Whether what is refused now may fit once others have settled."""
        return not self.overdrawn and any(purse.reserved for purse in self.purses)

    def knows(self, msat: int | None, usd_nanos: int | None) -> bool:
        """Whether this bound says enough for every unit that has a limit."""
        return not (
            (self.msat is not None and msat is None)
            or (self.usd_nanos is not None and usd_nanos is None)
        )

    def reserve(
        self, key: str, msat: int | None = None, usd_nanos: int | None = None
    ) -> Amounts | Refusal:
        """Sets the bound of an attempt aside. Raises ValueError for a key that is still open."""
        if key in self._open:
            raise ValueError(f"{key} has a reservation already")
        if self.overdrawn:
            return Refusal("overdrawn")
        if not self.allow_unknown and not self.knows(msat, usd_nanos):
            return Refusal("unknown")
        if not (_fits(self.msat, msat) and _fits(self.usd_nanos, usd_nanos)):
            return Refusal("full")
        return self._set_aside(key, msat, usd_nanos)

    def settle(
        self,
        key: str,
        msat: int | None = None,
        usd_nanos: int | None = None,
        assumed: bool = False,
    ) -> Settled | None:
        """Ends the reservation of an attempt that answered. None when it had ended before."""
        held = self._open.pop(key, None)
        if held is None:
            return None
        return Settled(
            self.msat.settle(held.msat, msat, assumed) if self.msat else None,
            self.usd_nanos.settle(held.usd_nanos, usd_nanos, assumed) if self.usd_nanos else None,
        )

    def release(self, key: str) -> Settled | None:
        """Ends the reservation of an attempt that was not charged for, as far as is known."""
        held = self._open.pop(key, None)
        if held is None:
            return None
        return Settled(
            self.msat.release(held.msat) if self.msat else None,
            self.usd_nanos.release(held.usd_nanos) if self.usd_nanos else None,
        )

    def replay(self, events: Iterable[object]) -> Budget:
        """Takes in what a trace says of reservations; other events pass."""
        for event in events:
            if isinstance(event, BudgetReserve):
                self._set_aside(_key(event), event.amount_msat, event.amount_usd_nanos)
            elif isinstance(event, BudgetSettle):
                self._replay_end(event)
        return self

    def _replay_end(self, event: BudgetSettle) -> None:
        if event.actual_msat is None and event.actual_usd_nanos is None:
            self.release(_key(event))
        else:
            self.settle(_key(event), event.actual_msat, event.actual_usd_nanos)

    def _set_aside(self, key: str, msat: int | None, usd_nanos: int | None) -> Amounts:
        held = Amounts(_put(self.msat, msat), _put(self.usd_nanos, usd_nanos))
        self._open[key] = held
        return held


def _key(event: BudgetReserve | BudgetSettle) -> str:
    return f"{event.query_id}/{event.replica}/{event.attempt}"


def _fits(purse: Purse | None, amount: int | None) -> bool:
    return purse is None or purse.fits(amount or 0)


def _put(purse: Purse | None, amount: int | None) -> int | None:
    """The amount as far as this unit is limited, set aside."""
    if purse is None or amount is None:
        return None
    purse.reserved += amount
    return amount
