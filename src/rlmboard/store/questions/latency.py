"""How long attempts took, as percentiles and as a histogram small enough for a row."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from .. import tables as t
from ..index import Index
from ..rollup import bin_of, middle_ms
from .values import Latency

BINS_TO_ONE = 6
"""Fine bins grow by 4 %, those of a row by 27 %."""


def latency_of(index: Index, run_id: str, run_no: int) -> Latency:
    """The attempts of a run that returned."""
    found = index.rows(
        "SELECT duration_ms FROM attempts WHERE key > ? AND key < ? "
        "AND status = 'returned' AND duration_ms IS NOT NULL",
        (t.key_of(run_no, 0), t.key_of(run_no + 1, 0)),
    )
    took = sorted(duration for (duration,) in found)
    from_ms, counts = histogram(Counter(map(bin_of, took)))
    return Latency(
        run_id=run_id,
        attempts=len(took),
        p50_ms=_percentile(took, 0.50),
        p95_ms=_percentile(took, 0.95),
        p99_ms=_percentile(took, 0.99),
        from_ms=from_ms,
        counts=counts,
    )


def histogram(fine: Mapping[int, int]) -> tuple[list[float], list[int]]:
    """Where each bar begins, and how many are in it; from the first to the last that has any."""
    bars: Counter[int] = Counter()
    for number, count in fine.items():
        bars[number // BINS_TO_ONE] += count
    held = [number for number, count in bars.items() if count > 0]
    if not held:
        return [], []
    span = range(min(held), max(held) + 1)
    return [_begin_ms(number * BINS_TO_ONE) for number in span], [bars[number] for number in span]


def _percentile(took: list[float], share: float) -> float | None:
    """The latency that a share of them stays within."""
    return took[max(0, math.ceil(share * len(took)) - 1)] if took else None


def _begin_ms(number: int) -> float:
    """Where a fine bin begins, half a bin below its middle."""
    return middle_ms(number) / math.sqrt(1.04)
