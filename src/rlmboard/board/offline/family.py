"""A run with the runs below it, as far as they fit into one page."""

from __future__ import annotations

from typing import NamedTuple

from ...errors import UnknownRun
from ...store import RunRow, StoredRun
from ..reading import Reading

MOST_RUNS = 200
MOST_LINES = 200_000
"""Of runs below the one that is exported, and of their traces together."""


class Family(NamedTuple):
    """`runs`: the run itself first. `left_out`: those below that are too large or too many."""

    runs: list[StoredRun]
    left_out: int


def family(reading: Reading, run: StoredRun) -> Family:
    """Those next below first. What hangs on one that is left out is not looked for."""
    runs, seen, left_out = [run], {run.id}, 0
    room = MOST_LINES
    for parent in runs:
        for row in _below(reading, parent):
            if row.run_id in seen:
                continue
            seen.add(row.run_id)
            lines = row.summary.lines
            child = _stored(reading, row) if lines <= room and len(runs) <= MOST_RUNS else None
            if child is None:
                left_out += 1
                continue
            room -= lines
            runs.append(child)
    return Family(runs, left_out)


def _below(reading: Reading, parent: StoredRun) -> list[RunRow]:
    return reading.rows(f'parent:"{parent.id}"', "created_at", 1_000)


def _stored(reading: Reading, row: RunRow) -> StoredRun | None:
    """None for one that was thrown away meanwhile."""
    try:
        return reading.run(row.run_id)
    except UnknownRun:
        return None
