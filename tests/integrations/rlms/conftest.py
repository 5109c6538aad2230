"""A language model by script, for programs of rlms, and what came of them."""

from __future__ import annotations

import functools
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from rlmboard.folder import Home, read_trace
from rlmboard.testing import Book, Reconciliation, Reply, ScriptedServer, Served, reconcile
from rlmboard.trace import Stamped
from rlmboard.trace.summary import RunSummary, SubQueryRow, summarize

SCRIPT = Path(__file__).parent / "scenarios.py"
FINAL = 'answer = {"content": str(r), "ready": True}'
"""The end in the words of 0.1.3; older ones look for FINAL( outside of code."""

TURNS: dict[str, list[str]] = {
    "basic": [
        "print(len(context))\nr = [llm_query('one'), llm_query('two')]",
        "r += llm_query_batched(['b0', 'b1', 'b2', 'b3'])\nprint(r)",
    ],
    "deep": [
        "r = rlm_query('to the child', model='child')\nprint('root', r)",
        "r = [r, llm_query('leaf of the root')]",
    ],
    "child": [
        "r = rlm_query('to the grandchild', model='grandchild')\nprint('child', r)",
        "r = llm_query('leaf of the child')",
    ],
    "grandchild": ["r = rlm_query('deepest')\nx = llm_query('leaf of the grandchild')"],
    "errors": [
        "print('before')\nundefined_name",
        "r = [llm_query('fail-500'), llm_query('fine')]",
        "r += llm_query_batched(['b0', 'fail-500', 'b2'])",
    ],
    "retries": ["r = [llm_query('fail-once'), llm_query('fail-always')]"],
    "max_iterations": ["r = 1"] * 9,
    "compaction": ["r = 1", "r = 2", "r = llm_query('one')"],
    "budget": ["r = 1"] * 3,
    "budget_of_children": [
        "r = [rlm_query(f'child {n}', model='small-child') for n in range(4)]",
    ],
    "small-child": ["r = llm_query('dear')"],
    "token_limit": ["r = 1"] * 3,
    "timeout": ["r = llm_query('slow')", "r = 2"],
    "max_errors": ["undefined_name"] * 3,
    "two_batches": [
        "r = llm_query_batched(['a0', 'a1', 'a2', 'a3', 'a4', 'a5'])",
        "r = llm_query_batched(['b0', 'b1', 'b2', 'b3', 'b4', 'b5'])\nprint(r)",
        "r = llm_query_batched(['c0', 'c1'])",
    ],
    "parallel_children": [
        "r = rlm_query_batched([f'child {n}' for n in range(4)], model='small-child')",
    ],
    "unregistered": ["r = llm_query('one', model='no-such-model')"],
    "unicode": ["r = llm_query('na\u00efve \\u2028 \\x00 \U0001f600')\nprint(r)"],
    "no_usage": ["r = llm_query('no usage')\nprint(r)"],
    "slow_server": ["r = llm_query('very slow')"],
    "two_completions": ["r = llm_query('one')"],
    "persistent": ["r = [llm_query('one'), rlm_query('child', model='small-child')]"],
    "cancelled": ["r = llm_query('one')\nstop()"],
    "tools": [
        "r = lookup('alpha', limit=2)\nprint(r, RATE, Point(1).x, lookup.__name__, lookup.calls)",
        "try:\n    fails(1)\nexcept ValueError as error:\n    print('caught', error)\nr = [r]",
        "r += [rlm_query('to the child', model='child-with-tools'), delegate('whole')]\nprint(r)",
    ],
    "child-with-tools": ["r = lookup('of the child')"],
    "child_fails": ["r = rlm_query('to the child', model='failing-child')\nprint(r)"],
    "old_final": ["r = 1"],
    "in_sats": ["r = llm_query('in sats')"],
    "killed": ["r = llm_query('one')\nr = llm_query('hangs')"],
}

PRICES = """
version = "in sats"
[models.leaf]
input_sats = 1000
output_sats = 2000
"""


VERSIONS = ("0.1.3", "0.1.1")
E = TypeVar("E")


class Brain:
    """Answers as the script says; each call has tokens and a cost that no other has."""

    def __init__(self) -> None:
        self._failed: set[str] = set()

    def __call__(self, body: dict[str, Any]) -> Reply:
        model, messages = body["model"], body["messages"]
        last = messages[-1]["content"]
        if model == "failing-child":
            return Reply.refused(500, "there is no such child")
        if model == "leaf" or model not in TURNS or len(messages) == 1:
            return self._leaf(body, str(last))
        if last.startswith("Summarize your progress"):
            return counted(body, "It is going well.")
        if last.startswith("Please provide a final answer"):
            return counted(body, "I do not know.")
        return counted(body, self._turn(model, messages))

    def _turn(self, model: str, messages: list[dict[str, Any]]) -> str:
        done = sum("```repl" in said["content"] for said in messages if said["role"] == "assistant")
        done += sum("has been compacted" in said["content"] for said in messages)
        plan = TURNS[model]
        if done < len(plan):
            return f"Let me see.\n```repl\n{plan[done]}\n```"
        if model == "old_final":
            return "FINAL_VAR(r)"
        return f"```repl\n{FINAL}\n```\nFINAL(it is about {model})"

    def _leaf(self, body: dict[str, Any], prompt: str) -> Reply:
        if prompt == "fail-500" or prompt == "fail-always":
            return Reply.refused(500, "it is broken", headers={"Retry-After": "0"})
        if prompt == "fail-once" and body["model"] + prompt not in self._failed:
            self._failed.add(body["model"] + prompt)
            return Reply.too_many_requests("0")
        more: dict[str, Any] = {"slow": {"delay_s": 3.2}, "very slow": {"delay_s": 1.0}}.get(
            prompt, {"hangs": prompt == "hangs"}
        )
        return counted(body, f"leaf says {prompt}", **more)


def counted(body: dict[str, Any], text: str, **more: Any) -> Reply:
    """A reply whose numbers come from what it was asked, so that no two are the same by chance."""
    drawn = zlib.crc32(json.dumps(body["messages"], sort_keys=True).encode())
    given, made = 100 + drawn % 900, 10 + drawn // 1000 % 90
    cost = (given * 2 + made * 8) / 1e6 * (10 if "dear" in str(body["messages"][-1]) else 1)
    more.update({"cached": drawn % 50, "reasoning": drawn % 7} if drawn % 3 else {})
    is_priced = str(body["messages"][-1]["content"]) != "in sats"
    reply = Reply.counting(text, given, made, cost=round(cost, 9) if is_priced else None, **more)
    is_silent = str(body["messages"][-1]["content"]) == "no usage"
    return Reply(text=text, usage=None) if is_silent else reply


class Ran:
    """All scenarios of one version: what each printed, the home, and the server's book."""

    def __init__(self, home: Path, book: Book, lines: list[dict[str, Any]], errors: str) -> None:
        self.home = home
        self.errors = errors
        self.said = {line["scenario"]: line for line in lines}
        self._book = book

    def book(self, scenario: str, run: str) -> Book:
        """The calls of one run: linked to it, or sent with the key of its scenario."""
        return Book(
            call
            for call in self._book
            if call.run == run or (call.run is None and key_of(call.key) == scenario)
        )

    def calls(self, scenario: str) -> Book:
        return Book(call for call in self._book if key_of(call.key) == scenario)

    def log(self, scenario: str) -> Path:
        """What rlms itself wrote down of it."""
        (found,) = (self.home / "logs-of-rlms").glob(f"{scenario}_2*.jsonl")
        return found


def key_of(shown: str | None) -> str | None:
    return None if shown is None else re.sub("^(Bearer )?sk-SECRET-", "", shown)


@pytest.fixture
def brain() -> Brain:
    """The model."""
    return Brain()


@pytest.fixture(scope="session")
def rlms(
    producer: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Ran]:
    """Runs all scenarios in the environment of a version, once for all tests."""

    @functools.cache
    def run(version: str) -> Ran:
        environment = producer(f"rlms-{version}")
        home = tmp_path_factory.mktemp(f"rlms-{version}")
        (home / "prices.toml").write_text(PRICES)
        with ScriptedServer(Brain()) as server:
            logs = str(home / "logs-of-rlms")
            done = environment.run(SCRIPT, server.url, home=home, RLMS_LOGS=logs)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return Ran(home, server.book, lines, done.stderr)

    return run


class Recorded:
    """What came of one version: the scenarios, and their runs as they were recorded."""

    def __init__(self, ran: Any) -> None:
        self.ran = ran
        self.home = ran.home

    def runs(self, scenario: str) -> list[str]:
        return list(self.ran.said[scenario]["runs"])

    def check(self, scenario: str) -> list[Reconciliation]:
        return [
            reconcile(run, self.ran.book(scenario, run), home=self.home)
            for run in self.runs(scenario)
        ]

    def events(self, scenario: str, kind: type[E], run: int = -1) -> list[E]:
        trace = Home(self.home).run(self.runs(scenario)[run]).trace
        lines = [line for line in read_trace(trace) if isinstance(line, Stamped)]
        return [line.event for line in lines if isinstance(line.event, kind)]

    def summary(self, scenario: str, run: int = -1) -> RunSummary:
        return self._whole(scenario, run).run

    def queries(self, scenario: str, run: int = -1) -> list[SubQueryRow]:
        return self._whole(scenario, run).sub_queries

    def _whole(self, scenario: str, run: int) -> Any:
        return summarize(list(read_trace(Home(self.home).run(self.runs(scenario)[run]).trace)))


@pytest.fixture(params=VERSIONS)
def recorded(request: pytest.FixtureRequest, rlms: Callable[..., Any]) -> Recorded:
    return Recorded(rlms(request.param))


def asked(call: Served) -> str:
    """What a model was asked, in all that the request says but the run."""
    headers = {name: said for name, said in call.headers.items() if name.startswith("x-s")}
    return json.dumps([call.path, call.body, headers], sort_keys=True)
