"""`pylon rlm`: the design document's commands, with the flags of its ancestor, over rlmboard."""

from __future__ import annotations

from typing import Any

import click

from .. import __version__
from ..errors import BadInput
from .lazy import LazyCommands, Program
from .parameters import RUN_ID, SECONDS
from .workplace import Workplace, pass_workplace

ASK = "ask"
SHARED = {
    "history": ".commands.history:history",
    "show": ".commands.show:show",
    "verify": ".commands.verify:verify",
}
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Program, context_settings=_CONTEXT)
@click.option("--home", metavar="DIR", envvar="RLMBOARD_HOME", help="Where runs are kept.")
@click.version_option(__version__, prog_name="rlmboard", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context, home: str | None) -> None:
    """Recursive language-model runs from the command line.

    \b
    pylon rlm "Summarize this codebase" --file README.md --budget 100 --log
    pylon rlm history
    """
    ctx.obj = Workplace(home)


class Asking(click.Group):
    """A group in which what is no command is a question."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = [ASK, *args]
        return super().parse_args(ctx, args)


@main.group(cls=Asking)
def rlm() -> None:
    """Ask a question of files, and look at what was recorded.

    What is no command is a question: `pylon rlm "Why?"` is `pylon rlm ask "Why?"`.

    \b
    pylon rlm "Summarize this codebase" --file src --budget 100
    pylon rlm history --limit 5
    """


@rlm.command(name=ASK)
@click.argument("query")
@click.option("--file", multiple=True, metavar="PATH", help="A file or folder to read. [.]")
@click.option("--fanout", type=int, default=10, metavar="N", help="Sub-queries at once. [10]")
@click.option("--budget", default="1000", metavar="SATS", help="Spend no more than this. [1000]")
@click.option("--local-only", is_flag=True, help="Ask only what runs on this machine.")
@click.option(
    "--backend",
    default="auto",
    metavar="NAME",
    help="Who answers: auto, or a provider as for `rlmboard run --provider`. [auto]",
)
@click.option("--relay", metavar="URLS", help="Relays of the swarm: not in this version.")
@click.option("--chunk-size", type=int, default=2000, metavar="CHARS", help="[2000]")
@click.option("--timeout", type=SECONDS, default=60, metavar="TIME", help="Per query. [60]")
@click.option("--log/--no-log", default=True, help="Record the run, or nothing. [--log]")
@pass_workplace
def ask(
    here: Workplace, /, file: tuple[str, ...], backend: str, relay: str | None, **said: Any
) -> None:
    """Ask a question: the same run as `rlmboard run`, under the ancestor's flags.

    \b
    pylon rlm "Summarize this codebase" --file src --budget 100 --log
    """
    if relay is not None:
        raise BadInput("--relay needs the swarm, which this version cannot reach; leave it out")
    from .assignment import Flags
    from .running import run_and_show

    per_query_s = said.pop("timeout")
    flags = Flags(
        paths=file,
        provider=() if backend == "auto" else (backend,),
        per_query_timeout=per_query_s,
        timeout=float("inf"),
        **said,
    )
    click.get_current_context().exit(run_and_show(here, flags, as_json=False))


@rlm.command()
@click.argument("run_id", metavar="RUN", type=RUN_ID)
@click.option("--api", metavar="URL", help="Where to: not in this version.")
def sync(run_id: str, api: str | None) -> None:
    """Copy a run elsewhere: not in this version.

    \b
    pylon rlm sync latest
    """
    raise BadInput("sync is not in this version; rlmboard export writes a run to a file")


for _name, _command in LazyCommands(SHARED).items():
    rlm.add_command(_command, _name)
