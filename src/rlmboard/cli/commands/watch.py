"""`rlmboard watch`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from ..lazy import CANCELLED
from ..parameters import RUN_ID
from ..workplace import Workplace, pass_workplace

if TYPE_CHECKING:
    from ...store import StoredRun

LOOK_EVERY_S = 0.25
PLAIN_EVERY_S = 2.0
EXIT_CODES = {"completed": 0, "failed": 1, "interrupted": 1, "cancelled": CANCELLED}


@click.command(
    epilog="Exit code: that of the run: 0 completed, 1 failed or interrupted, 130 cancelled."
)
@click.argument("run_id", metavar="[RUN]", required=False, type=RUN_ID)
@pass_workplace
def watch(here: Workplace, /, run_id: str | None) -> None:
    """Follow a run while it is under way, in this terminal or another; ends when it does.

    Without RUN the newest. A run that has ended is shown as it ended.

    \b
    rlmboard watch
    """
    run = here.run(run_id)
    status = _on_screen(here, run) if here.out.is_terminal else _in_lines(here, run)
    click.get_current_context().exit(EXIT_CODES[status])


def _on_screen(here: Workplace, run: StoredRun) -> str:
    from ..following import Following
    from ..live import Screen

    following = Following(here.home.run(run.row.run_id), run.row)
    with Screen(here.out, following.gathering) as screen:
        while True:
            status = following.look()
            screen.draw(now_ms=following.now_ms(), status=status, presumed=following.presumed)
            if status in EXIT_CODES:
                return status
            time.sleep(LOOK_EVERY_S)


def _in_lines(here: Workplace, run: StoredRun) -> str:
    from ..following import Following

    following = Following(here.home.run(run.row.run_id), run.row)
    said, next_at = "", 0.0
    while True:
        status = following.look()
        line = following.line(here.out.glyphs)
        if status in EXIT_CODES or (line != said and time.monotonic() >= next_at):
            here.out.line(line)
            said, next_at = line, time.monotonic() + PLAIN_EVERY_S
        if status in EXIT_CODES:
            return status
        time.sleep(LOOK_EVERY_S)
