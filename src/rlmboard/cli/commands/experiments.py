"""`rlmboard experiments`."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from ..workplace import Workplace, pass_workplace

RUNS = 50


@click.command()
@click.argument("name", required=False)
@click.option(
    "--sort", default="-created_at", metavar="KEY", help="Any column, config key or metric."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
@pass_workplace
def experiments(here: Workplace, /, name: str | None, sort: str, as_json: bool) -> None:
    """List experiments; with NAME, compare the runs of one by metrics, time, cost and tokens.

    \b
    rlmboard experiments
    rlmboard experiments doc-analysis --sort -accuracy
    """
    if name is None:
        _list(here, as_json)
    else:
        _compare(here, name, sort, as_json)


def _list(here: Workplace, as_json: bool) -> None:
    from ..pictures import amounts

    rows = here.store.experiments()
    if as_json:
        here.json(rows)
        return
    if not rows:
        here.note("no experiments yet: rlmboard run … --experiment NAME")
    now = datetime.now(UTC)
    for row in rows:
        seen = amounts.ago(amounts.at_ms(row.last_run_ms), now) if row.last_run_ms else ""
        here.out.line(f"{row.name:<28} {amounts.count(row.runs, 'run'):>10}  {seen}".rstrip())


def _compare(here: Workplace, name: str, sort: str, as_json: bool) -> None:
    from ...store import Shares
    from ..pictures.glyphs import one_line
    from ..pictures.runs_table import comparison_table

    rows = here.store.runs(order=sort, limit=RUNS, shares=Shares("experiment", name))
    if as_json:
        here.json([row.to_dict() for row in rows])
        return
    if not rows:
        here.note(f"no run belongs to the experiment {one_line(name)}")
        return
    metrics = sorted({metric for row in rows for metric in row.metrics})
    out = here.out
    out.line(f"EXPERIMENT {one_line(name)}")
    out.show(comparison_table(rows, metrics, here.store.short_id, out.width, out.glyphs))
