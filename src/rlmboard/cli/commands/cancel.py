"""`rlmboard cancel`."""

from __future__ import annotations

import click

from ...errors import BadInput, HomeUnusable
from ..parameters import RUN_ID
from ..workplace import Workplace, pass_workplace


@click.command()
@click.argument("run_id", metavar="RUN", type=RUN_ID)
@pass_workplace
def cancel(here: Workplace, /, run_id: str) -> None:
    """Ask a run that is under way to stop.

    A run of `rlmboard run` ends within a second and keeps what is known; a program of yours stops
    when it looks at `run.cancel_requested`.

    \b
    rlmboard cancel latest
    """
    run = here.run(run_id)
    row = run.row
    if row.status not in ("running", "queued"):
        raise BadInput(f"run {row.run_id} is {row.status}: there is nothing to cancel")
    try:
        here.home.run(row.run_id).ask_to_stop()
    except OSError as error:
        raise HomeUnusable(f"run {row.run_id} cannot be asked to stop: {error}") from error
    here.out.line(f"asked run {row.run_id} to stop")
    here.note(f"see it end: rlmboard watch {here.store.short_id(row.run_id)}")
