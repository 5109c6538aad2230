"""`rlmboard providers`."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import click

from ..parameters import SECONDS
from ..workplace import Workplace, pass_workplace

SORTS = ("latency", "p99", "success", "cost", "attempts", "runs", "last_seen", "name")


@click.command()
@click.option(
    "--since",
    type=SECONDS,
    default="24h",
    metavar="TIME",
    help="How far back: 24h, 7d, none. [24h]",
)
@click.option("--sort", type=click.Choice(SORTS), default="latency", help="[latency]")
@click.option("--model", help="Of this model alone.")
@click.option("--venue", help="Of this venue alone: local, swarm, datacenter.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
@pass_workplace
def providers(
    here: Workplace, /, since: float, sort: str, model: str | None, venue: str | None, as_json: bool
) -> None:
    """The leaderboard: who answered how fast, how reliably, and for how much.

    It counts attempts. Simulated providers are marked.

    \b
    rlmboard providers
    rlmboard providers --since 7d --sort cost
    """
    rows = here.store.providers(since=_begin(since), model=model, venue=venue, order=sort)
    if as_json:
        here.json(rows)
        return
    if not rows:
        here.note("no provider was asked in this time")
        return
    from ..pictures.leaderboard import leaderboard

    window = "always" if since == float("inf") else f"last {_words(since)}"
    out = here.out
    out.show(leaderboard(rows, window, datetime.now(UTC), min(out.width, 120), out.glyphs))


def _begin(since_s: float) -> int | None:
    return None if since_s == float("inf") else round((time.time() - since_s) * 1000)


def _words(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length and seconds % length == 0 and not (unit == "d" and seconds == length):
            return f"{seconds / length:.0f}{unit}"
    return f"{seconds:g}s"
