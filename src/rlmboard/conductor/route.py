"""Which provider is asked next: a pool, its policy, and what is known of each provider."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

import msgspec

from .provider import Bound, Venue


class Record(msgspec.Struct, frozen=True):
    """What earlier runs say of a provider: share of attempts that succeeded, and their median."""

    success: float | None = None
    latency_s: float | None = None


class Offer(Protocol):
    """What a provider says of itself: all that the plan knows. Every Provider is one."""

    @property
    def name(self) -> str: ...
    @property
    def venue(self) -> Venue: ...
    @property
    def simulated(self) -> bool: ...
    @property
    def concurrency(self) -> int: ...
    @property
    def model(self) -> str | None: ...

    def bound(self, prompt_bytes: int, max_tokens: int) -> Bound: ...


class Lane:
    """A provider in this run: how many attempts it has under way, and how it has done so far."""

    __slots__ = (
        "attempts",
        "busy",
        "index",
        "latency_s",
        "offer",
        "price",
        "record",
        "rests_until",
        "successes",
        "turn",
    )

    def __init__(self, index: int, offer: Offer, record: Record, price: float) -> None:
        self.index = index
        self.offer = offer
        self.record = record
        self.price = price
        self.busy = 0
        self.turn = 0
        self.attempts = 0
        self.successes = 0
        self.latency_s = record.latency_s
        self.rests_until = 0.0

    def free(self, now: float) -> bool:
        return self.busy < self.offer.concurrency and self.rests_until <= now

    def returned(self, latency_s: float) -> None:
        """An attempt succeeded. Recent answers weigh most: a provider may have slowed down."""
        self.attempts += 1
        self.successes += 1
        known = self.latency_s
        self.latency_s = latency_s if known is None else known + (latency_s - known) / 5

    def failed(self) -> None:
        self.attempts += 1

    @property
    def expected_s(self) -> float:
        """Seconds to an answer: none if it was never asked, for ever if it only failed."""
        if self.latency_s is not None:
            return self.latency_s
        return float("inf") if self.attempts else 0.0

    @property
    def success(self) -> float:
        """Share of attempts that succeed; the record of earlier runs weighs as ten attempts."""
        recorded = self.record.success
        known, weight = (1.0, 1) if recorded is None else (recorded, 10)
        return (self.successes + known * weight) / (self.attempts + weight)


def _spread(lane: Lane) -> tuple[float, float]:
    return lane.busy / lane.offer.concurrency, lane.turn


def _cheapest(lane: Lane) -> tuple[float, float]:
    return lane.price, lane.turn


def _fastest(lane: Lane) -> tuple[float, float]:
    return lane.expected_s, lane.turn


def _best(lane: Lane) -> tuple[float, float]:
    return lane.expected_s / max(lane.success, 0.01), -lane.success


_POLICIES: dict[str, Callable[[Lane], tuple[float, float]]] = {
    "spread": _spread,
    "cheapest": _cheapest,
    "fastest": _fastest,
    "best": _best,
}


class Pool:
    """The providers of a run, in the order that the policy prefers them.

    spread: the one with most room, in turn. cheapest: the lowest bound. fastest: the lowest
    latency. best: the shortest expected time to a success. A provider of which nothing is known is
    tried early. Only those with a place free are chosen from: nothing waits for the preferred one.
    """

    def __init__(
        self, offers: Iterable[Offer], policy: str, records: Mapping[str, Record], prompt_bytes: int
    ) -> None:
        self.lanes = [
            Lane(i, offer, records.get(offer.name, Record()), _price(offer, prompt_bytes))
            for i, offer in enumerate(offers)
        ]
        self._rank = _POLICIES[policy]
        self._turns = 0

    def candidates(self, now: float, avoid: Collection[int] = ()) -> list[Lane]:
        """Lanes with a place free, the preferred first, those to avoid last."""
        free = [lane for lane in self.lanes if lane.free(now)]
        if len(free) > 1:
            rank = self._rank
            free.sort(key=lambda lane: (lane.index in avoid, rank(lane)))
        return free

    def take(self, lane: Lane) -> None:
        self._turns += 1
        lane.turn = self._turns
        lane.busy += 1

    def next_rest_end(self, now: float) -> float | None:
        """When the first provider that asked to be left alone may be asked again."""
        rests = [lane.rests_until for lane in self.lanes if lane.rests_until > now]
        return min(rests, default=None)

    def open_from(self, now: float) -> float:
        """When any provider at all may be asked: now, unless all asked to be left alone."""
        return max(min(lane.rests_until for lane in self.lanes), now)


def _price(offer: Offer, prompt_bytes: int) -> float:
    """The bound of a usual question; dollars and sats do not mix, and unknown comes last."""
    bound = offer.bound(prompt_bytes, 1_000)
    if bound.usd_nanos is not None:
        return bound.usd_nanos
    return float("inf") if bound.msat is None else bound.msat
