"""A run of an experiment tracker: settings, points of metrics, and how it ended."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from ...trace import EndEvent, Failure, Metric, RunCancelled, RunDone, RunFailed
from ..foreign import ForeignRun, Over, Said, Told, us_between

Ended: TypeAlias = Literal["completed", "failed", "cancelled"]


class Point(NamedTuple):
    """A value of a metric. Without `at` its time is unknown; without `step` it is a summary."""

    name: str
    value: float
    step: int | None = None
    at: datetime | None = None


class TrackedRun(NamedTuple):
    """What a tracker knows of one run. `ended` None: it says nothing of an end."""

    facts: ForeignRun
    points: Iterable[Point]
    ended: Ended | None = None
    ended_at: datetime | None = None

    def told(self) -> Iterator[Told]:
        """The run, its metrics, its end."""
        yield self.facts
        last_us = 0
        for point in self.points:
            if point.at is not None:
                last_us = us_between(self.facts.started_at, point.at)
            yield Said(self.facts.key, last_us, metric(point))
        if self.ended is not None:
            if self.ended_at is not None:
                last_us = us_between(self.facts.started_at, self.ended_at)
            guessed = self.ended_at is None or None
            yield Said(self.facts.key, last_us, end_event(self.ended, guessed))
        yield Over(self.facts.key)


def metric(point: Point) -> Metric:
    """A point as an event; JSON has no word for nan and the infinities."""
    special = None
    if not math.isfinite(point.value):
        special = "nan" if math.isnan(point.value) else "inf" if point.value > 0 else "-inf"
    return Metric(
        name=point.name,
        value=None if special else point.value,
        special=special,
        step=point.step,
        summary=point.step is None or None,
        inferred=point.at is None or None,
    )


def end_event(ended: Ended, inferred: bool | None = None) -> EndEvent:
    if ended == "failed":
        error = Failure(type="Failed", message="the tracker says that it failed")
        return RunFailed(error=error, end_reason="errors", inferred=inferred)
    if ended == "cancelled":
        return RunCancelled(end_reason="user", inferred=inferred)
    return RunDone(end_reason="answer", inferred=inferred)
