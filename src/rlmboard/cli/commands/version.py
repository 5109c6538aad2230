"""`rlmboard version`."""

from __future__ import annotations

import platform

import click

from ... import __version__
from ...trace import FORMAT


@click.command()
def version() -> None:
    """Say which rlmboard this is.

    \b
    rlmboard version
    """
    system = f"{platform.system()} {platform.machine()}"
    click.echo(
        f"rlmboard {__version__}, trace format {FORMAT}, "
        f"Python {platform.python_version()}, {system}"
    )
