"""`rlmboard prune`."""

from __future__ import annotations

import time

import click

from ...errors import BadInput
from ...folder import payload_bytes, prune_payloads
from ..parameters import FILTER, SECONDS, FilterCommand, filter_text
from ..pictures import amounts
from ..workplace import Workplace, pass_workplace


@click.command(cls=FilterCommand)
@click.argument("filter_words", metavar="[FILTER]...", nargs=-1, type=FILTER)
@click.option("--payloads", is_flag=True, help="Remove the whole texts of prompts and answers.")
@click.option(
    "--older-than", type=SECONDS, metavar="TIME", help="Only of runs begun longer ago: 30d."
)
@click.option("--all", "everything", is_flag=True, help="Of every run, without a filter.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@pass_workplace
def prune(
    here: Workplace,
    /,
    filter_words: tuple[str, ...],
    payloads: bool,
    older_than: float | None,
    everything: bool,
    dry_run: bool,
) -> None:
    """Give disk space back: whole texts go, events, previews and answers stay.

    Runs under way are left alone. There is no undo.

    \b
    rlmboard prune --payloads --older-than 30d --dry-run
    rlmboard prune --payloads status:failed
    """
    if not payloads:
        raise BadInput("say what to prune: rlmboard prune --payloads")
    if not (filter_words or older_than or everything or dry_run):
        raise BadInput("say of which runs, as there is no undo: a filter, --older-than, or --all")
    before_ms = (time.time() - older_than) * 1000 if older_than else float("inf")
    rows = here.store.runs(filter=filter_text(filter_words), order="created_at", limit=None)
    pruned = freed = running = 0
    for row in rows:
        if row.created_at_ms >= before_ms:
            continue
        folder = here.home.run(row.run_id)
        if folder.liveness() in ("owned", "fresh"):
            running += 1
            continue
        size = payload_bytes(folder) if dry_run else prune_payloads(folder)
        pruned += size > 0
        freed += size
    if running:
        here.note(f"left alone: {amounts.count(running, 'run')} under way")
    verb = "would remove" if dry_run else "removed"
    here.out.line(f"{verb} {amounts.size(freed)} of texts from {amounts.count(pruned, 'run')}")
