"""An agent reads runs through the SDK's own client: small, honest, and without a way to write."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

import rlmboard
from rlmboard.cli import main
from rlmboard.errors import BadInput
from rlmboard.mcp import Answers
from rlmboard.store import Store

LONG = "a long prompt " * 3_000


@pytest.fixture
def run_ids() -> list[str]:
    """Two runs: one with a price that is known, one with none."""
    made = []
    for model, cost in (("large", 12.5), ("small", None)):
        with rlmboard.init(
            "Why do totals differ?", config={"model": model, "method": "rlm"}, tags=["nightly"]
        ) as run:
            with run.subquery(LONG, provider="ollama", id="q-1") as query:
                query.returned("Because of rounding.", tokens=(812, 64), cost_sats=cost)
            with run.subquery("And where?", provider="ollama", id="q-2") as query:
                query.failed("out of memory")
            run.log({"accuracy": 0.8})
            run.score("exact", 1.0, scorer="match")
            run.output = "They are rounded twice."
        made.append(run.id)
    return made


@pytest.fixture
def answers(run_ids: list[str]) -> Iterator[Answers]:
    with Store() as store:
        yield Answers(store)


# ------------------------------------------------------------------ what is answered


def test_a_list_says_how_many_there_are_and_where_it_goes_on(answers: Answers) -> None:
    page = answers.list_runs("tag:nightly", "-created_at", 1, None)
    assert (page["count"], len(page["runs"])) == (2, 1)
    rest = answers.list_runs("tag:nightly", "-created_at", 1, page["next"])
    assert rest["runs"][0]["run_id"] != page["runs"][0]["run_id"]


def test_a_cost_that_is_unknown_is_said_to_be_and_never_zero(
    answers: Answers, run_ids: list[str]
) -> None:
    known, unknown = (answers.get_run(run_id, 100) for run_id in run_ids)
    assert known["cost"] == {"sats": 12.5, "at_least": True, "attempts_without_a_cost": 1}
    assert unknown["cost"] == "unknown"
    assert unknown["figures"]["tokens"] == {
        "input": 812, "output": 64, "attempts_without_a_count": 1,
    }  # fmt: skip


def test_a_run_has_its_question_its_answer_and_what_was_measured(
    answers: Answers, run_ids: list[str]
) -> None:
    run = answers.get_run(run_ids[0][:12], 1000)
    assert run["query"] == "Why do totals differ?"
    assert run["output"] == "They are rounded twice."
    assert run["metrics"]["accuracy"] == 0.8
    assert run["scores"] == [{"name": "exact", "value": 1.0, "scorer": "match"}]
    assert (run["figures"]["returned"], run["figures"]["failed"]) == (1, 1)


def test_a_text_that_is_cut_says_how_long_it_was(answers: Answers, run_ids: list[str]) -> None:
    asked = answers.get_sub_query(run_ids[0], "q-1", 50)
    assert asked["prompt"] == {"text": LONG[:50], "cut_after": 50, "chars": len(LONG)}
    assert asked["answer"] == "Because of rounding."
    assert answers.get_sub_query(run_ids[0], "q-1", 19_999)["prompt"]["cut_after"] == 19_999


def test_a_sub_query_that_failed_says_why(answers: Answers, run_ids: list[str]) -> None:
    listed = answers.list_sub_queries(run_ids[0], "failed", 10, 0)
    assert [query["query_id"] for query in listed["sub_queries"]] == ["q-2"]
    (attempt,) = answers.get_sub_query(run_ids[0], "q-2", 100)["attempts"]
    assert attempt["error"] == "out of memory"


def test_a_comparison_shows_what_differs_and_what_does_not(
    answers: Answers, run_ids: list[str]
) -> None:
    compared = answers.compare_runs(run_ids)
    assert compared["same_settings"]["method"] == "rlm"
    assert [run["settings"] for run in compared["runs"]] == [{"model": "large"}, {"model": "small"}]


def test_words_are_found_with_the_place_where_they_stand(
    answers: Answers, run_ids: list[str]
) -> None:
    hits = answers.search("rounding", 10)["hits"]
    assert {hit["run_id"] for hit in hits} == set(run_ids)
    assert hits[0]["query_id"] == "q-1"


def test_providers_are_counted_by_attempts(answers: Answers) -> None:
    (provider,) = answers.list_providers(None, None, "latency")["providers"]
    assert provider["attempts"] == 4


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda a: a.list_runs("", "-created_at", 1000, None), "limit must be 1 to 100"),
        (lambda a: a.list_runs("status:", "-created_at", 5, None), "status"),
        (lambda a: a.get_run("zzzz", 10), "zzzz"),
        (lambda a: a.get_sub_query("latest", "q-9", 10), "no sub-query 'q-9'"),
        (lambda a: a.compare_runs(["latest"]), "2 to 20 runs"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_ask(
    ask: Any, message: str, answers: Answers
) -> None:
    with pytest.raises(BadInput, match=message):
        ask(answers)


# ------------------------------------------------------------------ over the wire


async def test_an_agent_reads_over_stdio(run_ids: list[str], home_of_its_own: Path) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "rlmboard", "--home", str(home_of_its_own), "mcp"],
    )
    async with Client(stdio_client(command)) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert sorted(tools) == [
            "compare_runs", "get_run", "get_sub_query", "list_providers", "list_runs",
            "list_sub_queries", "search",
        ]  # fmt: skip
        assert all(tool.annotations.read_only_hint for tool in tools.values())  # type: ignore[union-attr]
        listed = await said(client, "list_runs", {"filter": "model:small"})
        assert [run["run_id"] for run in listed["runs"]] == run_ids[1:]
        found = await said(client, "get_sub_query", {"run_id": "latest", "query_id": "q-2"})
        assert found["status"] == "failed"
        wrong = await client.call_tool("get_run", {"run_id": "zzzz"})
        assert wrong.is_error
        assert "zzzz" in wrong.content[0].text  # type: ignore[union-attr]


async def said(client: Client, tool: str, args: dict[str, Any]) -> Any:
    answer = await client.call_tool(tool, args)
    assert not answer.is_error, answer
    return json.loads(answer.content[0].text)  # type: ignore[union-attr]


async def test_an_agent_reads_over_http_on_this_machine_alone(
    run_ids: list[str], home_of_its_own: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "rlmboard", "--home", str(home_of_its_own), "mcp", "--http"]
    with subprocess.Popen([*command, str(port)], stderr=subprocess.PIPE) as serving:
        try:
            wait_for(port)
            async with Client(f"http://127.0.0.1:{port}/mcp") as client:
                listed = await said(client, "list_runs", {})
                assert listed["count"] == 2
            assert status_of(port, "evil.example") >= 400
        finally:
            serving.terminate()


def wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < until


def status_of(port: int, host: str) -> int:
    """What a request gets that a page of another host has sent."""
    request = f"POST /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n"
    request += "Content-Type: application/json\r\nConnection: close\r\n\r\n{}"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(request.encode())
        return int(wire.recv(64).split()[1])


def test_without_the_sdk_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    refused = CliRunner().invoke(main, ["mcp"])
    assert refused.exit_code == 2
    assert "pip install 'rlmboard[mcp]'" in refused.stderr
