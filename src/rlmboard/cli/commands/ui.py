"""`rlmboard ui`."""

from __future__ import annotations

import click

from ..parameters import sources
from ..workplace import Workplace, pass_workplace


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Without it the first free one from 8421 on."
)
@click.option("--open", "open_browser", is_flag=True, help="Open the page in the browser.")
@click.option("--base-path", default="", metavar="PATH", help="Serve below a prefix: /lab.")
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="Another name that the board may be reached under, such as that of a proxy.",
)
@sources
@click.option("--check", "check", is_flag=True, help="Ask for the page once, and end.")
@pass_workplace
def ui(
    here: Workplace,
    /,
    host: str,
    port: int | None,
    open_browser: bool,
    base_path: str,
    allow_host: tuple[str, ...],
    source: tuple[str, ...],
    check: bool,
) -> None:
    """Show the board in the browser, until Ctrl-C.

    It is served to this machine alone unless --host says otherwise; there are no accounts, so
    whoever reaches it can read and label every run.

    \b
    rlmboard ui --open
    """
    from ...board import serve
    from ...gateway.otlp import PATHS, Receiver
    from ..checkup_route import checkup_route
    from ..otlp_route import otlp_route
    from ..page_check import PageCheck

    visit = PageCheck()

    def answers(address: str) -> None:
        here.out.line(address)
        if check:
            visit.start(address)
        elif open_browser:
            click.launch(address)

    receiver = Receiver(here.home)
    try:
        serve(
            here.store,
            host,
            port,
            base_path=base_path,
            allowed_hosts=allow_host,
            routes=[checkup_route(here), otlp_route(receiver)],
            for_programs=PATHS,
            sources=source,
            answers=answers,
            warn=here.note,
        )
    finally:
        receiver.close()
    if check:
        here.out.line(visit.said)
        if not visit.is_well:
            raise SystemExit(1)
