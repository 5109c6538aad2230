"""A run of another process, looked at again and again through its trace."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..folder import Cursor, RunFolder, batches
from .pictures import amounts
from .pictures.from_config import gathering_for
from .pictures.glyphs import Glyphs

if TYPE_CHECKING:
    from ..store import RunRow

ENDS = ("completed", "failed", "cancelled")


class Following:
    """Reads on from where it was at each `look`, and knows how the run stands then."""

    def __init__(self, folder: RunFolder, row: RunRow) -> None:
        self.gathering = gathering_for(row.run_id, row.query, row.config, row.name or "")
        self.presumed = False
        self._folder = folder
        self._begun_ms = row.created_at_ms
        self._cursor = Cursor()
        self._status = "running"

    def look(self) -> str:
        """Take in what is new; the status of the run now."""
        liveness = self._folder.liveness()  # asked before reading: an end that comes is not missed
        for lines, cursor in batches(self._folder.trace, self._cursor):
            self.gathering.take(lines)
            self._cursor = cursor
        told = self.gathering.run.status
        self.presumed = told not in ENDS and liveness == "stale"
        if told not in ENDS and liveness in ("free", "stale"):
            pulse = self._folder.pulse()
            told_by_pulse = pulse.ended if pulse is not None else None
            self._status = told_by_pulse or "interrupted"
        else:
            self._status = told
        return self._status

    def now_ms(self) -> float | None:
        """How long the run has been under way by this machine's clock; None when it is over."""
        if self._status not in ("running", "queued"):
            return None
        return max(time.time() * 1000 - self._begun_ms, 0.0)

    def line(self, glyphs: Glyphs) -> str:
        """The run in one line."""
        run = self.gathering.run
        said = [self._status, f"{run.returned:,} of {run.sub_queries:,} sub-queries answered"]
        if bad := run.failed + run.timed_out:
            said.append(f"{bad:,} failed")
        said.append(
            f"cost {amounts.money(run.cost_msat, run.cost_usd_nanos, run.unknown_cost, glyphs)}"
        )
        if run.simulated:
            said.append("simulated")
        return ", ".join(said)
