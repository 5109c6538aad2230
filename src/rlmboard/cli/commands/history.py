"""`rlmboard history`."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from ..parameters import FILTER, FilterCommand, filter_text, keys_of
from ..workplace import Workplace, pass_workplace


@click.command(cls=FilterCommand)
@click.argument("filter_words", metavar="[FILTER]...", nargs=-1, type=FILTER)
@click.option(
    "--sort",
    default="-created_at",
    metavar="KEY",
    help="Any column, config key or metric; -KEY begins with the greatest. [-created_at]",
)
@click.option("--limit", type=click.IntRange(1), default=20, help="How many runs. [20]")
@click.option("--all", "with_archived", is_flag=True, help="Archived runs too.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array of the runs.")
@pass_workplace
def history(
    here: Workplace,
    /,
    filter_words: tuple[str, ...],
    sort: str,
    limit: int,
    with_archived: bool,
    as_json: bool,
) -> None:
    """List runs, the newest first.

    \b
    rlmboard history
    rlmboard history method:rlm-2 'cost>40' status:failed since:24h
    rlmboard history tag:nightly --sort -accuracy --limit 5
    """
    said = filter_text(filter_words)
    keys = keys_of(said)
    if not with_archived and "archived" not in keys:
        said = f"{said} -archived:yes".strip()
    rows = here.store.runs(filter=said, order=sort, limit=limit)
    if as_json:
        here.json([row.to_dict() for row in rows])
        return
    if not rows:
        yet = f" in {here.home.path} yet; begin with: rlmboard run QUERY PATH"
        here.note("no runs" + (" match" if filter_words else yet))
        return
    from ..pictures.runs_table import runs_table

    out = here.out
    now = datetime.now(UTC)
    out.show(runs_table(rows, here.store.short_id, now, out.width, out.glyphs))
