"""What attempts of a provider add up to in an hour, with their latencies as a histogram.

Bins grow by 4 %, so that a percentile read from the middle of its bin is off by at most 2 %.
Everything is kept by difference: an attempt that changes is taken out as it was and
put in as it is.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TypeAlias

import msgspec

HOUR_MS = 3_600_000
SLOT_MS = 300_000
_GROWTH = math.log(1.04)
_SMALLEST_MS = 0.01


CellKey: TypeAlias = tuple[int, str, str, str, bool]
"""Hour, provider, model, venue, simulated. Unknown model or venue is the empty string."""


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An attempt that ended, as a leaderboard sees it."""

    key: CellKey
    run_no: int
    status: str
    ended_at_ms: int
    duration_ms: float | None
    tokens: int | None
    cost_msat: int | None
    cost_usd_nanos: int | None


class Cell(msgspec.Struct, array_like=True):
    """Counts by outcome, sums of what is known with how many knew it, bins, and which runs.

    Of attempts whose cost and tokens are both known, both are summed (`priced_*`), so that cost per
    token compares like with like; `apart_*` is what was said in this currency alone. Bit n of
    `run_bits` is run `first_run` + n.
    """

    returned: int = 0
    failed: int = 0
    timed_out: int = 0
    cancelled: int = 0
    last_ms: int = 0
    tokens: int = 0
    known_tokens: int = 0
    cost_msat: int = 0
    known_msat: int = 0
    priced_msat: int = 0
    priced_tokens_msat: int = 0
    cost_usd_nanos: int = 0
    known_usd_nanos: int = 0
    priced_usd_nanos: int = 0
    priced_tokens_usd_nanos: int = 0
    apart_msat: int = 0
    apart_usd_nanos: int = 0
    unknown_cost: int = 0
    bins: dict[int, int] = {}
    first_run: int = 0
    run_bits: bytes = b""

    def put(self, fact: Fact) -> None:
        """Put an attempt in, and its run."""
        self.count(fact)
        self._include(fact.run_no, b"\x01")

    def count(self, fact: Fact, sign: int = 1) -> None:
        """Put an attempt in, or take it out again with `sign` -1; which runs there are stays."""
        self._count(fact.status, sign)
        if fact.ended_at_ms > self.last_ms:
            self.last_ms = fact.ended_at_ms
        if fact.duration_ms is not None and fact.status == "returned":
            add_to(self.bins, bin_of(fact.duration_ms), sign)
        self._put_sums(fact, sign)

    def merge(self, other: Cell) -> None:
        """Add another hour of the same provider."""
        for name in _SUMMED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.last_ms = max(self.last_ms, other.last_ms)
        for number, n in other.bins.items():
            self.bins[number] = self.bins.get(number, 0) + n
        if other.run_bits:
            self._include(other.first_run, other.run_bits)

    def set_runs(self, run_nos: Collection[int]) -> None:
        """These are the runs, and no others."""
        self.first_run = min(run_nos, default=0)
        bits = bytearray((max(run_nos, default=0) - self.first_run) // 8 + 1)
        for run_no in run_nos:
            place = run_no - self.first_run
            bits[place >> 3] |= 1 << (place & 7)
        self.run_bits = bytes(bits)

    @property
    def runs(self) -> int:
        """How many runs."""
        return int.from_bytes(self.run_bits, "little").bit_count()

    def _include(self, first_run: int, run_bits: bytes) -> None:
        if not self.run_bits:
            self.first_run, self.run_bits = first_run, run_bits
            return
        first = min(self.first_run, first_run)
        mine = int.from_bytes(self.run_bits, "little") << (self.first_run - first)
        both = mine | int.from_bytes(run_bits, "little") << (first_run - first)
        self.first_run = first
        self.run_bits = both.to_bytes((both.bit_length() + 7) // 8, "little")

    @property
    def attempts(self) -> int:
        return self.returned + self.failed + self.timed_out + self.cancelled

    def _count(self, status: str, sign: int) -> None:
        if status == "returned":
            self.returned += sign
        elif status == "failed":
            self.failed += sign
        elif status == "timeout":
            self.timed_out += sign
        else:
            self.cancelled += sign

    def _put_sums(self, fact: Fact, sign: int) -> None:
        tokens = fact.tokens
        if tokens is not None:
            self.tokens += sign * tokens
            self.known_tokens += sign
        self._put_cost(fact, sign)
        if tokens is not None:
            self._put_priced(fact, sign, tokens)

    def _put_cost(self, fact: Fact, sign: int) -> None:
        msat, usd_nanos = fact.cost_msat, fact.cost_usd_nanos
        if msat is None and usd_nanos is None:
            self.unknown_cost += sign
        elif usd_nanos is None:
            self.apart_msat += sign * (msat or 0)
        elif msat is None:
            self.apart_usd_nanos += sign * usd_nanos
        if msat is not None:
            self.cost_msat += sign * msat
            self.known_msat += sign
        if usd_nanos is not None:
            self.cost_usd_nanos += sign * usd_nanos
            self.known_usd_nanos += sign

    def _put_priced(self, fact: Fact, sign: int, tokens: int) -> None:
        if fact.cost_msat is not None:
            self.priced_msat += sign * fact.cost_msat
            self.priced_tokens_msat += sign * tokens
        if fact.cost_usd_nanos is not None:
            self.priced_usd_nanos += sign * fact.cost_usd_nanos
            self.priced_tokens_usd_nanos += sign * tokens


_NOT_SUMMED = ("last_ms", "bins", "first_run", "run_bits")
_SUMMED = tuple(name for name in Cell.__struct_fields__ if name not in _NOT_SUMMED)


def bin_of(duration_ms: float) -> int:
    """The bin of a latency; everything up to 10 µs is in bin 0."""
    if duration_ms <= _SMALLEST_MS:
        return 0
    return 1 + int(math.log(duration_ms / _SMALLEST_MS) / _GROWTH)


def middle_ms(number: int) -> float:
    """The latency that stands for a bin: its middle, on the scale of logarithms."""
    return 0.0 if number == 0 else _SMALLEST_MS * math.exp((number - 0.5) * _GROWTH)


def percentile_ms(bins: dict[int, int], share: float) -> float | None:
    """The latency that a share of the attempts stays within; None when there are none."""
    count = sum(bins.values())
    rank = max(1, math.ceil(share * count))
    for number in sorted(bins):
        rank -= bins[number]
        if rank <= 0:
            return middle_ms(number)
    return None


def add_to(counts: dict[int, int], key: int, n: int) -> None:
    """Count up or down; what comes to nothing is no longer there."""
    total = counts.get(key, 0) + n
    if total:
        counts[key] = total
    else:
        counts.pop(key, None)
