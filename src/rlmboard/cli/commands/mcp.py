"""`rlmboard mcp`."""

from __future__ import annotations

import importlib.util

import click

from ...errors import BadInput
from ..workplace import Workplace, pass_workplace


@click.command()
@click.option(
    "--http",
    "port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Serve over HTTP on 127.0.0.1 instead of stdin and stdout.",
)
@pass_workplace
def mcp(here: Workplace, /, port: int | None) -> None:
    """Let an agent read runs over the Model Context Protocol; it can change nothing.

    \b
    claude mcp add rlmboard -- rlmboard mcp
    """
    if importlib.util.find_spec("mcp") is None:
        raise BadInput(
            "the Model Context Protocol needs its SDK: pip install 'rlmboard[mcp]', then again"
        )
    from ...mcp import server
    from ...store import Store

    with Store(here.home) as store:
        serving = server(store)
        if port is None:
            serving.run("stdio")
        else:
            here.note(f"http://127.0.0.1:{port}/mcp  Ctrl-C ends it")
            serving.run("streamable-http", host="127.0.0.1", port=port, stateless_http=True)
