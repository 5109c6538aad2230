"""`rlmboard reindex`."""

from __future__ import annotations

import click

from ..pictures import amounts
from ..terminal import Progressing
from ..workplace import Workplace, pass_workplace


@click.command()
@pass_workplace
def reindex(here: Workplace, /) -> None:
    """Build the index anew from the run folders. Nothing recorded is touched.

    \b
    rlmboard reindex
    """
    with Progressing(here.err, "indexing", "runs") as told:
        count = here.store.reindex(told)
    here.out.line(f"indexed {amounts.count(count, 'run')} of {here.home.path}")
