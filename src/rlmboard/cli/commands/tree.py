"""`rlmboard tree`."""

from __future__ import annotations

import click

from ..parameters import RUN_ID
from ..workplace import Workplace, pass_workplace

SIBLINGS = 20


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False, type=RUN_ID)
@click.option(
    "--siblings",
    type=click.IntRange(1),
    default=SIBLINGS,
    help=f"More of one kind side by side than this are folded. [{SIBLINGS}]",
)
@pass_workplace
def tree(here: Workplace, /, run_id: str | None, siblings: int) -> None:
    """Draw the recursion tree: who asked whom, and what each one found.

    Without RUN the newest. Of many alike the worst are shown, the others counted.

    \b
    rlmboard tree
    rlmboard tree 0198f2 --siblings 100
    """
    from ...conductor.prompts import is_no_evidence
    from ..pictures import amounts
    from ..pictures.tree import TreeGathering, totals_line, tree_lines

    run, out = here.run(run_id), here.out
    gathering = TreeGathering(is_no_evidence)
    gathering.take(run.events())
    root = gathering.root()
    for line in tree_lines(root, out.width, out.glyphs, siblings):
        out.show(line)
    summary = run.row.summary
    cost = amounts.money(
        summary.cost_msat, summary.cost_usd_nanos, summary.unknown_cost, out.glyphs
    )
    out.line()
    out.show(totals_line(root, f"{cost}, simulated" if summary.simulated else cost))
