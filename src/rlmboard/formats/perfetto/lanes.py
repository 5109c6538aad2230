"""Bars that overlap, side by side: slices on one thread must not cross."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from .slices import Slice


def in_lanes(slices: Iterable[Slice]) -> Iterator[tuple[int, Slice]]:
    """Each slice with the lowest lane that is free when it begins, in the order of time."""
    free: list[int] = []
    taken: list[tuple[float, int]] = []
    count = 0
    for one in sorted(slices, key=lambda one: (one.start_us, one.end_us)):
        while taken and taken[0][0] <= one.start_us:
            heappush(free, heappop(taken)[1])
        if free:
            lane = heappop(free)
        else:
            lane, count = count, count + 1
        heappush(taken, (one.end_us, lane))
        yield lane, one
