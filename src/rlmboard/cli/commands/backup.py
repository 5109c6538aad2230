"""`rlmboard backup`."""

from __future__ import annotations

from pathlib import Path

import click

from ..pictures import amounts
from ..terminal import Progressing
from ..workplace import Workplace, pass_workplace


@click.command()
@click.argument("out", metavar="OUT.zip", type=click.Path(path_type=Path))
@pass_workplace
def backup(here: Workplace, /, out: Path) -> None:
    """Put everything but the index, which is made again, into one zip.

    To restore, unpack it into an empty folder and name that with --home.

    \b
    rlmboard backup ~/rlm-2026-11.zip
    """
    from ... import folder

    with Progressing(here.err, "copying", "bytes") as told:
        made = folder.backup(here.home, out.absolute(), told)
    if made.skipped:
        count = amounts.count(len(made.skipped), "file")
        here.note(f"left out: {count} that had gone meanwhile, or are links or not to be read")
    here.out.line(f"{out}: {amounts.count(made.files, 'file')}, {amounts.size(made.bytes)}")
