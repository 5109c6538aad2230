"""`rlmboard show`."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

import click

from ..parameters import RUN_ID
from ..workplace import Workplace, pass_workplace

if TYPE_CHECKING:
    from ...store import StoredRun
    from ...trace import Note

LANES = 24
BATCH = 5_000
SERIOUS = ("warning", "error", "alert")


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False, type=RUN_ID)
@click.option(
    "--lanes", type=click.IntRange(0), default=LANES, help=f"Most lanes to show. [{LANES}]"
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@pass_workplace
def show(here: Workplace, /, run_id: str | None, lanes: int, as_json: bool) -> None:
    """Show a run: its timeline, budget, quorum, latency, answer and settings.

    RUN is an id, a prefix that only one run has, or latest, which is also the default.

    \b
    rlmboard show
    rlmboard show 0198f2 --lanes 60
    """
    run = here.run(run_id)
    if as_json:
        here.json(run.to_dict())
        return
    notes = draw(here, run, lanes)
    for line in page(here, run, notes):
        here.out.line(line)


def draw(here: Workplace, run: StoredRun, lanes: int) -> list[str]:
    """The boxes of a recorded run; what its warnings say."""
    from ...trace import Note, Stamped
    from ..pictures.boxes import run_boxes
    from ..pictures.from_config import gathering_for

    row, out = run.row, here.out
    gathering = gathering_for(row.run_id, row.query, row.config, row.name or "")
    notes: list[str] = []
    lines = run.events()
    while batch := list(islice(lines, BATCH)):
        gathering.take(batch)
        said = (line.event for line in batch if isinstance(line, Stamped))
        notes += [told(e) for e in said if isinstance(e, Note) and e.level in SERIOUS]
    picture = gathering.picture(rows=lanes, status=row.status, presumed=row.presumed)
    out.show(run_boxes(picture, out.width, out.glyphs))
    return notes


def told(note: Note) -> str:
    """What a note says, under its title where it has one."""
    return f"{note.title}: {note.message}" if note.title else note.message


def page(here: Workplace, run: StoredRun, notes: list[str]) -> list[str]:
    from ...folder import read_pruned
    from ..pictures.run_page import answer_lines, comment_lines, detail_lines, warning_lines

    row, glyphs = run.row, here.out.glyphs
    lines = ["", *answer_lines(row, run.output()), ""]
    lines += detail_lines(row, datetime.now(UTC), glyphs)
    lines += comment_lines(run.labels())
    warnings = warning_lines(row, notes, read_pruned(run.folder))
    return lines + (["", *warnings] if warnings else [])
