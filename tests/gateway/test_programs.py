"""Real programs through the gateway: their runs equal the book of the server behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rlmboard.folder import Home, read_trace
from rlmboard.gateway import Gateway, Limits, Settings, upstream_of
from rlmboard.money.prices import read_prices
from rlmboard.testing import Reply, ScriptedServer, reconcile
from rlmboard.testing.loop_thread import LoopThread
from rlmboard.trace import Stamped, SubQueryCancel, SubQuerySubmit

SCRIPT = Path(__file__).with_name("programs.py")
TURNS = (
    "r = llm_query('one')\nr = llm_query_batched(['b0', 'b1', 'b2'])",
    'answer["content"] = str(r)\nanswer["ready"] = True',
)
PRICES = read_prices('version = "t"\n[models.m]\ninput_usd = 10\noutput_usd = 100\n')


def script(body: dict[str, Any]) -> Reply:
    """The model of the root writes code turn by turn; everybody else says yes."""
    messages = body.get("messages") or []
    said = sum(message.get("role") == "assistant" for message in messages)
    text = "[[ ## answer ## ]]\nyes\n\n[[ ## completed ## ]]"
    if body["model"] == "main" and any("repl" in str(one["content"]) for one in messages[:1]):
        text = f"```repl\n{TURNS[min(said, 1)]}\n```"
    return Reply.counting(text, 20 + len(str(body)), 7, cached=3, cost=0.0001)


@contextmanager
def gateway(home: Path, url: str, **settings: Any) -> Iterator[str]:
    """In a thread, as a program of its own would be."""
    thread = LoopThread()
    prices = settings.pop("prices", None)
    made = Gateway(
        Home(home), Settings(upstreams=(upstream_of(url),), **settings), port=0, prices=prices
    )
    try:
        thread.run(made.__aenter__())
        try:
            yield made.url
        finally:
            thread.run(made.__aexit__())
    finally:
        thread.end()


def ran(producer: Callable[[str], Any], environment: str, name: str, url: str, home: Path) -> str:
    return str(producer(environment).run(SCRIPT, name, url, home=home).stdout)


def events(home: Path, run: str) -> list[Any]:
    lines = read_trace(Home(home).run(run).trace)
    return [line.event for line in lines if isinstance(line, Stamped)]


@pytest.mark.parametrize("environment", ["rlms-0.1.3"])
def test_an_rlm_becomes_a_run_by_its_address_alone(
    producer: Callable[[str], Any], environment: str, tmp_path: Path
) -> None:
    with ScriptedServer(script) as server, gateway(tmp_path, server.url) as url:
        ran(producer, environment, "rlms_plain", url, tmp_path)
    assert reconcile("plain", server.book, home=tmp_path).check().run.calls == 6
    turns = [one for one in events(tmp_path, "plain") if isinstance(one, SubQuerySubmit)]
    assert [one.parent_inferred for one in turns].count(True) == 1


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ("rlms-0.1.3", "rlms_recorded"),
        ("rlms-0.1.1", "rlms_recorded"),
        ("dspy-3.4.1", "dspy_recorded"),
    ],
)
def test_a_program_that_is_recorded_and_passes_through_counts_once(
    producer: Callable[[str], Any], environment: str, name: str, tmp_path: Path
) -> None:
    with ScriptedServer(script) as server, gateway(tmp_path, server.url) as url:
        ran(producer, environment, name, url, tmp_path)
    (run,) = Home(tmp_path).run_ids()
    assert Home(tmp_path).run(run).record().producer in ("rlms", "dspy")
    found = reconcile(run, server.book, home=tmp_path)
    assert found.run.calls == len(server.book)
    found.check()


def test_every_way_to_ask_of_the_openai_client_is_recorded_as_in_the_book(
    producer: Callable[[str], Any], tmp_path: Path
) -> None:
    with ScriptedServer(script, models=("m",)) as server, gateway(tmp_path, server.url) as url:
        assert ran(producer, "rlms-0.1.3", "openai_client", url, tmp_path) == "['m']\n"
    assert reconcile("sdk", server.book, home=tmp_path).check().run.calls == 20


def test_the_openai_client_reads_why_it_may_ask_no_more(
    producer: Callable[[str], Any], tmp_path: Path
) -> None:
    limits = Limits(budget_usd=0.02)
    with (
        ScriptedServer(then=Reply.counting("ok", 10, 5)) as server,
        gateway(tmp_path, server.url, limits=limits, prices=PRICES) as url,
    ):
        said = ran(producer, "rlms-0.1.3", "openai_budget", url, tmp_path)
    number, status, code = said.split()
    assert (status, code) == ("402", "rlmboard_budget")
    assert int(number) == len(server.book) > 3
    assert isinstance(events(tmp_path, "poor")[-2], SubQueryCancel)
    reconcile("poor", server.book, home=tmp_path).check()
