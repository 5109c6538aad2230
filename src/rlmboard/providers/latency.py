"""How long an answer takes that nobody computes: latencies to be drawn, in milliseconds."""

from __future__ import annotations

from random import Random
from typing import Protocol

import msgspec


class Latency(Protocol):
    """How long the next answer takes, drawn from `random`."""

    def draw_ms(self, random: Random) -> float: ...


class Constant(msgspec.Struct, frozen=True):
    """Always the same."""

    ms: float = 0.0

    def draw_ms(self, random: Random) -> float:
        return self.ms


class Normal(msgspec.Struct, frozen=True):
    """Spread evenly around a mean, and never below nothing."""

    mean_ms: float = 500.0
    deviation_ms: float = 200.0

    def draw_ms(self, random: Random) -> float:
        return max(random.gauss(self.mean_ms, self.deviation_ms), 0.0)


class LongTail(msgspec.Struct, frozen=True):
    """Half of the answers below the median, nearly all within the p99, one in a hundred beyond."""

    median_ms: float
    p99_ms: float

    def draw_ms(self, random: Random) -> float:
        place = random.random()
        if place < 0.50:
            return self.median_ms * random.uniform(0.7, 1.0)
        if place < 0.99:
            further = ((place - 0.50) / 0.49) ** 3  # most of them not far from the median
            return self.median_ms + further * (self.p99_ms - self.median_ms)
        return self.p99_ms * random.uniform(1.0, 2.5)
