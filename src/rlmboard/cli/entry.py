"""`rlmboard`: the list of its commands."""

from __future__ import annotations

import click

from .. import __version__
from .lazy import Program
from .workplace import Workplace

PLACES = {
    "run": ".commands.run:run",
    "history": ".commands.history:history",
    "show": ".commands.show:show",
    "tree": ".commands.tree:tree",
    "watch": ".commands.watch:watch",
    "cancel": ".commands.cancel:cancel",
    "verify": ".commands.verify:verify",
    "search": ".commands.search:search",
    "import": ".commands.imports:import_",
    "export": ".commands.export:export",
    "label": ".commands.label:label",
    "rm": ".commands.trash:rm",
    "undo": ".commands.trash:undo",
    "prune": ".commands.prune:prune",
    "backup": ".commands.backup:backup",
    "reindex": ".commands.reindex:reindex",
    "doctor": ".commands.doctor:doctor",
    "ui": ".commands.ui:ui",
    "gateway": ".commands.gateway:gateway",
    "mcp": ".commands.mcp:mcp",
    "providers": ".commands.providers:providers",
    "experiments": ".commands.experiments:experiments",
    "completion": ".commands.completion:completion",
    "version": ".commands.version:version",
}


@click.group(
    cls=Program,
    places=PLACES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--home",
    metavar="DIR",
    envvar="RLMBOARD_HOME",
    help="Where runs are kept; also $RLMBOARD_HOME. Without it: ~/.openagents/rlm.",
)
@click.version_option(__version__, prog_name="rlmboard", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context, home: str | None) -> None:
    """Record and look at recursive, fanned-out language-model runs.

    \b
    rlmboard run "How is a run recorded?" src docs
    rlmboard show
    rlmboard history status:failed since:24h
    """
    ctx.obj = Workplace(home)
