"""What a new reader of a run has missed, up to what lies on disk now."""

from __future__ import annotations

from typing import NamedTuple

from ...folder import Cursor, RunFolder, batches
from ...trace import TraceLine
from .feed import Batch

LONGEST = 20_000
"""Lines: beyond this a picture is the better way to catch up."""
FRAME_LINES = 2_000


class Backlog(NamedTuple):
    """The lines after the reader's, in batches; none of them where there are too many.

    `head` is the end of what lies on disk.
    """

    batches: list[Batch]
    too_long: bool
    head: Cursor


def backlog(folder: RunFolder, near: Cursor, after: int, longest: int = LONGEST) -> Backlog:
    """Read from `near`, a place at or before the end of line `after`."""
    missed: list[TraceLine] = []
    too_long = False
    head = near
    for lines, read_to in batches(folder.trace, near):
        head = read_to
        missed += [line for line in lines if line.seq > after]
        if len(missed) > longest:
            too_long = True
            missed.clear()
    return Backlog([] if too_long else _in_batches(folder.run_id, after, missed), too_long, head)


def _in_batches(run_id: str, after: int, lines: list[TraceLine]) -> list[Batch]:
    starts = range(0, len(lines), FRAME_LINES)
    parts = [lines[start : start + FRAME_LINES] for start in starts]
    befores = [after, *(part[-1].seq for part in parts)]
    return [Batch(run_id, before, part) for before, part in zip(befores, parts, strict=False)]
