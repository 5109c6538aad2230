"""What a run that is taken up again has to know of its past."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import NamedTuple

from ..folder import RunFolder, RunRecord, boot_id, read_trace
from ..trace import Metric, Stamped, at_us


class Past(NamedTuple):
    """`base_ns`: the run's zero on this boot's clock, such that time never goes backwards."""

    base_ns: int
    next_step: int
    last_us: int

    def goes_on_ms(self, at: datetime | None, record: RunRecord) -> float | None:
        """Where on the run's clock it goes on at this time of day: after all that was recorded."""
        began = _moment(record.started_at)
        if at is None or began is None:
            return None
        return max((at - began).total_seconds() * 1000, (self.last_us + 1) / 1000)


def past_of(folder: RunFolder, record: RunRecord) -> Past:
    last_us, next_step = 0, 0
    for line in read_trace(folder.trace):
        if isinstance(line, Stamped):
            last_us = max(last_us, at_us(line.timestamp_ms))
            if isinstance(line.event, Metric) and line.event.step is not None:
                next_step = max(next_step, line.event.step + 1)
    elapsed_us = max(last_us, _elapsed_us(record))
    return Past(time.monotonic_ns() - elapsed_us * 1000, next_step, last_us)


def _elapsed_us(record: RunRecord) -> int:
    """Since the run began: by the monotonic clock on its boot, by the wall clock on another."""
    if record.boot_id is not None and record.boot_id == boot_id():
        return (time.monotonic_ns() - record.monotonic_ns) // 1000
    began = _moment(record.started_at)
    return int((datetime.now(UTC) - began).total_seconds() * 1_000_000) if began else 0


def _moment(said: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
