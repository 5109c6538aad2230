"""`rlmboard verify`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from ..parameters import RUN_ID
from ..workplace import Workplace, pass_workplace

if TYPE_CHECKING:
    from rich.text import Text

    from ...sources import Check
    from ...store import StoredRun
    from ...trace import SpanRef

LOST = ("changed", "missing")


@click.command(epilog="Exit code: 1 when a citation is changed or missing.")
@click.argument("run_id", metavar="[RUN]", required=False, type=RUN_ID)
@click.option(
    "--all", "of_all", is_flag=True, help="What any sub-query cited, not the answer alone."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON array of the checks.")
@pass_workplace
def verify(here: Workplace, /, run_id: str | None, of_all: bool, as_json: bool) -> None:
    """Hold every citation of a run against the files as they are now.

    Each is verified, moved (the same bytes elsewhere in the file), changed, or missing. Where the
    commit that it was cited from still holds the bytes, that is said.

    \b
    rlmboard verify
    rlmboard verify 0198f2 --all
    """
    from ...sources import check_all

    run = here.run(run_id)
    record = here.home.run(run.row.run_id).record()
    spans = every_span(run) if of_all else run.row.summary.span_refs
    checks = check_all(spans, record.root if record else None)
    if as_json:
        here.json(checks)
    else:
        _say(here, run, checks)
    lost = any(check.state in LOST for check in checks)
    click.get_current_context().exit(1 if lost else 0)


def every_span(run: StoredRun) -> list[SpanRef]:
    """What the answer and all sub-queries cite, each once."""
    from ...trace import END_EVENTS, Stamped, SubQueryReturn

    citing = (SubQueryReturn, *END_EVENTS)
    found: dict[tuple[str, int, int, str | None], SpanRef] = {}
    for line in run.events():
        if isinstance(line, Stamped) and isinstance(line.event, citing):
            for span in line.event.span_refs:
                found[span.path, span.start_byte, span.end_byte, span.content_hash] = span
    return list(found.values())


def _say(here: Workplace, run: StoredRun, checks: list[Check]) -> None:
    if not checks:
        here.note(f"run {run.row.run_id} cites nothing")
        return
    for line in check_lines(here, checks):
        here.out.console.print(line, soft_wrap=True)
    counts: Counter[str] = Counter(check.state for check in checks)
    states = ("verified", "moved", "changed", "missing")
    said = ", ".join(f"{counts[state]:,} {state}" for state in states if counts[state])
    here.out.line(f"{said}: run {run.row.run_id}")


def check_lines(here: Workplace, checks: Iterable[Check]) -> Iterator[Text]:
    from rich.text import Text

    from ..pictures.glyphs import one_line

    for check in checks:
        state = here.out.glyphs.state(check.state)
        line = Text(f"{state.sign} {check.state:<9}", state.style)
        line.append(one_line(str(check.span)))
        if check.detail and check.state != "verified":
            line.append(f"  {one_line(check.detail)}", "dim")
        yield line
