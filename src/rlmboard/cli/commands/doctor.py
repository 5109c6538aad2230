"""`rlmboard doctor`."""

from __future__ import annotations

import click

from ..parameters import RUN_ID
from ..terminal import Progressing
from ..workplace import Workplace, pass_workplace

SIGNS = {"fine": "verified", "notice": "moved", "damage": "failed"}


@click.command(epilog="Exit code: 1 when something is damaged.")
@click.argument("run_id", metavar="[RUN]", required=False, type=RUN_ID)
@click.option("--json", "as_json", is_flag=True, help="A JSON array of what was found.")
@pass_workplace
def doctor(here: Workplace, /, run_id: str | None, as_json: bool) -> None:
    """Look for trouble: in the home as a whole, or with RUN in every line of one run.

    Damaged lines, runs whose owner died, markers without runs, texts that are named and gone,
    clocks, disk and permissions. Nothing is changed.

    \b
    rlmboard doctor
    rlmboard doctor 0198f2
    """
    from ..checkup import check_home, check_run

    if run_id is None:
        with Progressing(here.err, "looking", "files") as told:
            findings = list(check_home(here.home, here.store, told))
    else:
        findings = list(check_run(here.home.run(here.store.resolve(run_id))))
    if as_json:
        here.json(findings)
    else:
        _say(here, findings)
    damaged = any(finding.level == "damage" for finding in findings)
    click.get_current_context().exit(1 if damaged else 0)


def _say(here: Workplace, findings: list) -> None:  # type: ignore[type-arg]
    from rich.text import Text

    from ..pictures.glyphs import one_line

    for finding in findings:
        state = here.out.glyphs.state(SIGNS[finding.level])
        line = Text(f"{state.sign} {finding.subject:<12}", state.style)
        line.append(one_line(finding.text), "default")
        here.out.console.print(line, soft_wrap=True)
