"""How long to wait: before a retry, and before a hedge."""

from __future__ import annotations

import zlib
from bisect import bisect_left, insort
from collections import deque

FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 30.0
FEWEST_SAMPLES = 10
MOST_SAMPLES = 500


def backoff_s(failures: int, seed: int, key: str) -> float:
    """Twice as long after each failure; between half and the whole of it, by seed and key."""
    longest = min(FIRST_BACKOFF_S * 2.0 ** min(failures - 1, 16), LONGEST_BACKOFF_S)
    return longest * (1 + _drawn(seed, key)) / 2


def _drawn(seed: int, key: str) -> float:
    """A number from 0 up to 1 that is always the same for the same seed and key."""
    return zlib.crc32(f"{seed}/{key}".encode(errors="replace")) / 2**32


class Latencies:
    """The last answers of this run, and how long the slowest twentieth of them took at least."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque()
        self._sorted: list[float] = []

    def add(self, latency_s: float) -> None:
        self._recent.append(latency_s)
        insort(self._sorted, latency_s)
        if len(self._recent) > MOST_SAMPLES:
            del self._sorted[bisect_left(self._sorted, self._recent.popleft())]

    def p95(self) -> float | None:
        """None until there are enough answers to tell."""
        count = len(self._sorted)
        return self._sorted[(count * 95 - 1) // 100] if count >= FEWEST_SAMPLES else None
