"""What of a run goes up and down: in flight, budget, quorum, metrics."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from ...trace.picture import Picture
from ...trace.picture.tables import RETURNED, ROLES
from .slices import start_of, was_asked

_ROOT_ROLE = ROLES.index("root")


class Sample(NamedTuple):
    """The value of a counter from a moment on."""

    at_us: float
    name: str
    value: float


def counters(picture: Picture) -> Iterator[Sample]:
    """Every counter of which anything is known, one after the other."""
    yield from _summed("in flight", _in_flight(picture))
    yield from _summed("quorum: collected", _collected(picture))
    for unit in ("msat", "usd_nanos"):
        yield from _summed(f"settled_{unit}", _settled(picture, unit))
        yield from _summed(f"reserved_{unit}", _reserved(picture, unit))
    yield from _logged(picture)


def _summed(name: str, changes: Iterable[tuple[float, float]]) -> Iterator[Sample]:
    """The sum so far, told once at each moment at which it changes."""
    value = 0.0
    known = sorted(change for change in changes if not any(map(math.isnan, change)))
    for at_us, together in groupby(known, itemgetter(0)):
        value += sum(change for _, change in together)
        yield Sample(at_us, name, int(value))


def _in_flight(picture: Picture) -> Iterator[tuple[float, float]]:
    for row in range(picture.attempts.rows):
        start_us = start_of(picture, row)
        if was_asked(picture, row) and start_us == start_us:
            ended_us = picture.attempts.ended_us[row]
            yield start_us, 1
            yield (max(start_us, ended_us) if ended_us == ended_us else ended_us), -1


def _collected(picture: Picture) -> Iterator[tuple[float, float]]:
    """Sub-queries that returned; calls of the root stand outside the quorum."""
    queries = picture.queries
    for row in range(queries.rows):
        if queries.state[row] == RETURNED and queries.role[row] != _ROOT_ROLE:
            yield queries.ended_us[row], 1


def _settled(picture: Picture, unit: str) -> Iterator[tuple[float, float]]:
    attempts = picture.attempts
    yield from zip(attempts.cells("settled_us"), attempts.cells(f"settled_{unit}"), strict=True)


def _reserved(picture: Picture, unit: str) -> Iterator[tuple[float, float]]:
    """Set aside, until it is settled."""
    attempts = picture.attempts
    for row, amount in enumerate(attempts.cells(f"reserved_{unit}")):
        yield attempts.reserved_us[row], amount
        yield attempts.settled_us[row], -amount


def _logged(picture: Picture) -> Iterator[Sample]:
    """Metrics as they were logged; a value that is no number leaves a gap."""
    points = picture.points
    for row in range(points.rows):
        value = points.value[row]
        if math.isfinite(value):
            name = picture.metrics.name[points.metric[row]]
            yield Sample(points.at_us[row], f"metric {name}", value)
