"""`rlmboard run`."""

from __future__ import annotations

from typing import Any

import click

from ..parameters import HEDGE, SECONDS
from ..workplace import Workplace, pass_workplace


@click.command(
    epilog="Exit code: 0 completed, 1 failed (also: quorum or budget not reached), "
    "2 bad input, 130 cancelled."
)
@click.argument("query")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=False))
@click.option(
    "--provider",
    metavar="NAME",
    multiple=True,
    help="Who answers; several make a pool: extractive (the default: no model, no network), "
    "simulated, openai:MODEL, ollama:MODEL, or a name of providers.toml.",
)
@click.option("--model", help="The model of a provider that was named without one.")
@click.option("--budget", metavar="SATS", help="Spend no more than this many sats.")
@click.option("--budget-usd", metavar="USD", help="Spend no more than this many dollars.")
@click.option(
    "--allow-unknown-cost",
    is_flag=True,
    help="Ask providers without a known price even under a budget.",
)
@click.option(
    "--quorum",
    metavar="Q",
    help="How many sub-queries must succeed: all, best-effort, a fraction (0.8, 80%) "
    "or a count (5). [all]",
)
@click.option("--fanout", type=int, metavar="N", help="Sub-queries under way at once. [10]")
@click.option("--chunk-size", type=int, metavar="CHARS", help="Size of a fragment. [4000]")
@click.option(
    "--max-fragments", type=int, metavar="N", help="Refuse an input that makes more. [10000]"
)
@click.option(
    "--max-depth", type=int, metavar="N", help="Levels of recursion, the root being one. [3]"
)
@click.option(
    "--select",
    type=click.Choice(["all", "bm25", "router"]),
    help="Which fragments are read: all, those that share most words with the query, "
    "or what a model chooses. [all]",
)
@click.option(
    "--top-k", type=int, metavar="N", help="How many fragments bm25 and router choose. [20]"
)
@click.option(
    "--timeout", type=SECONDS, metavar="TIME", help="For the whole run: 90, 5m, none. [300]"
)
@click.option("--per-query-timeout", type=SECONDS, metavar="TIME", help="For each attempt. [60]")
@click.option(
    "--hedge",
    type=HEDGE,
    metavar="WHEN",
    help="Ask a second time when an answer is late: p95 (of this run) or a number of seconds.",
)
@click.option(
    "--max-attempts",
    type=int,
    metavar="N",
    help="Failures after which a sub-query is given up. [3]",
)
@click.option(
    "--verification",
    metavar="TIER",
    help="none, redundancy:3/2@0.8 (3 workers, 2 agree, 0.8 alike), objective:RULE "
    "or citations. [none]",
)
@click.option(
    "--schema",
    type=click.Path(),
    metavar="FILE",
    help="A JSON Schema that each answer must fit: --verification objective.",
)
@click.option(
    "--routing",
    type=click.Choice(["spread", "cheapest", "fastest", "best"]),
    help="Whom to ask of a pool. [spread]",
)
@click.option("--max-tokens", type=int, metavar="N", help="Longest answer asked for. [1024]")
@click.option("--max-prompt-chars", type=int, metavar="N", help="Longest prompt. [48000]")
@click.option(
    "--seed", type=int, metavar="N", help="For what is drawn: jitter, the simulated swarm. [0]"
)
@click.option("--method", help="The word by which this way of asking is compared. [rlm]")
@click.option("--experiment", metavar="NAME", help="The experiment that the run belongs to.")
@click.option("--tag", multiple=True, help="A tag; may be given several times.")
@click.option("--name", help="A name for the run.")
@click.option("--notes", metavar="TEXT", help="A note on the run.")
@click.option(
    "--payloads",
    type=click.Choice(["full", "preview", "none"]),
    default="full",
    help="What is kept of prompts and answers. [full]",
)
@click.option(
    "--no-log", "log", is_flag=True, flag_value=False, default=True, help="Record nothing."
)
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object on stdout and nothing else there."
)
@pass_workplace
def run(here: Workplace, /, as_json: bool, **said: Any) -> None:
    """Ask a question of files and folders, in parallel, and record all of it.

    The input is split into fragments, each is asked, and the findings are brought together into
    one answer with citations. Without PATH the current folder is read. Ctrl-C ends the run cleanly
    and keeps what is known; a second one ends it at once.

    \b
    rlmboard run "How does the recorder survive kill -9?" src docs
    rlmboard run "What is decided?" docs --provider openai:gpt-4o-mini --budget-usd 0.10
    rlmboard run "Who owns a run?" src --provider simulated --budget 100 --quorum 0.8
    """
    from ..assignment import Flags
    from ..running import run_and_show

    click.get_current_context().exit(run_and_show(here, Flags(**said), as_json))
