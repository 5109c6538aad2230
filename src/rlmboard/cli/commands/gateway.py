"""`rlmboard gateway`."""

from __future__ import annotations

from typing import Any

import click

from ..workplace import Workplace, pass_workplace


@click.command()
@click.option(
    "--upstream",
    "upstreams",
    multiple=True,
    metavar="[MODELS=]URL",
    help="Who is asked: an address, or openai, anthropic, ollama. Repeatable.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Without it the first free one from 8422 on."
)
@click.option("--allow-host", multiple=True, metavar="NAME", help="Another name of this machine.")
@click.option("--budget-sats", type=float, metavar="SATS", help="What each run may spend, in sats.")
@click.option(
    "--budget-usd", type=float, metavar="USD", help="What each run may spend, in dollars."
)
@click.option("--requests-per-minute", type=int, metavar="N", help="How often each run may ask.")
@click.option("--concurrency", type=int, metavar="N", help="Calls of a run at once.")
@click.option("--model", "models", multiple=True, help="A model that may be asked: 'gpt-4.1-*'.")
@click.option(
    "--allow-unknown-cost", is_flag=True, default=None, help="Under a budget too: of any price."
)
@click.option("--timeout", type=float, metavar="SECONDS", help="For each call; 600 without it.")
@click.option(
    "--payloads",
    type=click.Choice(["full", "preview", "none"]),
    help="How much of prompts and answers is kept; all of it without it.",
)
@pass_workplace
def gateway(
    here: Workplace,
    /,
    upstreams: tuple[str, ...],
    host: str,
    port: int | None,
    allow_host: tuple[str, ...],
    **said: Any,
) -> None:
    """Record and limit what programs of any language ask of models: set their base_url.

    A proxy that speaks as OpenAI, Anthropic and Ollama do. Every call becomes a sub-query of a
    live run, named by /r/NAME/v1 or the header X-Rlmboard-Run, else one run for each client. What
    is said here goes before gateway.toml of the home.

    \b
    rlmboard gateway --budget-usd 5
    rlmboard gateway --upstream ollama
    """
    from ...gateway import Gateway, serve, span_mounts
    from ...gateway.otlp import Receiver
    from ..gateway_settings import prices_of, settings_of

    settings = settings_of(here.home, upstreams, said)
    receiver = Receiver(here.home)
    made = Gateway(
        here.home,
        settings,
        host=host,
        port=port,
        allowed_hosts=allow_host,
        prices=prices_of(here.home),
        mounts=span_mounts(receiver),
    )

    def answers(gateway: Gateway) -> None:
        here.out.line(gateway.url)
        for one in gateway.upstreams.all:
            here.note(f"  {', '.join(one.models) or 'every model'}: {one.url}")
        if not gateway.is_loopback:
            here.note(
                f"warning: {gateway.url} can be reached from other machines, and asks for no "
                "password: whoever reaches it can ask the models with a key of their own, and "
                "write runs into this home"
            )

    try:
        serve(made, answers)
    finally:
        receiver.close()
