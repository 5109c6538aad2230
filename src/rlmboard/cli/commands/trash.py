"""`rlmboard rm` and `rlmboard undo`."""

from __future__ import annotations

import click

from ...errors import UnknownRun
from ...folder import KEPT_DAYS, empty_trash, take_back, throw_away, thrown_away
from ..parameters import RUN_ID
from ..pictures import amounts
from ..workplace import Workplace, pass_workplace


@click.command()
@click.argument("run_ids", metavar="RUN...", nargs=-1, required=True, type=RUN_ID)
@pass_workplace
def rm(here: Workplace, /, run_ids: tuple[str, ...]) -> None:
    """Remove runs: into a trash, out of which `undo` takes them back for 7 days.

    A run that is under way is refused. What is older in the trash is erased on the way.

    \b
    rlmboard rm 0198f2 0198f4
    """
    chosen = list(dict.fromkeys(here.store.resolve(run_id) for run_id in run_ids))
    for run_id in chosen:
        throw_away(here.home, run_id)
    erased = empty_trash(here.home)
    here.out.line(f"removed {amounts.count(len(chosen), 'run')}: {' '.join(chosen)}")
    if erased:
        here.note(f"erased {amounts.count(len(erased), 'run')} removed over {KEPT_DAYS} days ago")
    here.note(f"to take it back within {KEPT_DAYS} days: rlmboard undo {chosen[-1]}")


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@pass_workplace
def undo(here: Workplace, /, run_id: str | None) -> None:
    """Take a removed run back, without RUN the one that was removed last.

    \b
    rlmboard undo
    """
    found = _in_trash(here, run_id)
    take_back(here.home, found)
    here.out.line(f"run {found} is back")


def _in_trash(here: Workplace, run_id: str | None) -> str:
    thrown = [one.run_id for one in thrown_away(here.home)]
    if run_id is None and thrown:
        return thrown[0]
    matching = [one for one in thrown if run_id and one.startswith(run_id)]
    if run_id in matching:
        return run_id
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise UnknownRun(f"'{run_id}' begins several runs in the trash: {', '.join(matching)}")
    what = f"no run '{run_id}' lies in the trash" if run_id else "the trash is empty"
    raise UnknownRun(f"{what}; what was removed is kept for {KEPT_DAYS} days")
