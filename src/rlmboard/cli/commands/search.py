"""`rlmboard search`."""

from __future__ import annotations

import click

from ..workplace import Workplace, pass_workplace


@click.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1), default=20, help="How many places. [20]")
@click.option("--json", "as_json", is_flag=True, help="A JSON array of the places.")
@pass_workplace
def search(here: Workplace, /, text: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find words in queries, answers, names, and what sub-queries were asked and said.

    \b
    rlmboard search "heartbeat lock"
    """
    hits = here.store.search(" ".join(text), limit=limit)
    if as_json:
        here.json(hits)
        return
    if not hits:
        here.note("nothing found")
        return
    from rich.text import Text

    from ..pictures.glyphs import one_line

    for hit in hits:
        where = f"{here.store.short_id(hit.run_id)}  {hit.field}"
        line = Text(where if hit.query_id is None else f"{where} of {hit.query_id}", "dim")
        line.append(f"  {one_line(hit.snippet)}", "default")
        here.out.console.print(line, soft_wrap=True)
