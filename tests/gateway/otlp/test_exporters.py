"""Real programs under their real instrumentations, whose exporter is given an address only."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rlmboard.folder import read_trace
from rlmboard.store import Store, StoredRun
from rlmboard.testing import Reply, ScriptedServer, reconcile
from rlmboard.trace.order import problems
from rlmboard.trace.picture import PictureFold

PROGRAMS = Path(__file__).with_name("programs")
IN_PARIS = '{"city": "Paris"}'
AGENTS = ("with_pydantic_ai", "with_openai_agents", "with_langchain", "with_logfire")


FANS_OUT = "print('FANNED' + ' OUT', llm_query_batched(['a?', 'b?', 'c?', 'd?']), llm_query('e?'))"
SUBMITS = "SUBMIT(answer='green')"


def cell(code: str) -> str:
    """Code as dspy asks for it."""
    told = f"[[ ## reasoning ## ]]\nso\n\n[[ ## code ## ]]\n```python\n{code}\n```"
    return f"{told}\n\n[[ ## completed ## ]]"


def answers(body: dict[str, Any]) -> Reply:
    """First the tool that is offered, then words; each call with tokens of its own."""
    said = body.get("messages", body.get("input"))
    number = len(said) if isinstance(said, list) else 0
    of = {"input": 20 + number, "output": 5 + number, "cached": 4, "reasoning": 1}
    if body.get("encoding_format"):  # of embeddings
        return Reply(usage={"prompt_tokens": 7, "total_tokens": 7})
    if "refuse" in str(said):
        return Reply.refused(400, "no such thing")
    if body.get("tools") and "call_1" not in str(said):
        name = body["tools"][0].get("function", body["tools"][0])["name"]
        called = {"id": "call_1", "name": name, "arguments": IN_PARIS}
        return Reply.counting("", **of, tool_calls=(called,), finish_reason="tool_calls")
    text = "It is sunny."
    if "`code` (str)" in str(said):  # of an RLM: first a fan-out, then the end
        text = cell(SUBMITS if "FANNED OUT" in str(said) else FANS_OUT)
    elif "[[ ##" in str(said):  # how dspy wants it
        text = (
            "[[ ## reasoning ## ]]\nI see it.\n\n[[ ## answer ## ]]\nsunny\n\n[[ ## completed ## ]]"
        )
    return Reply.counting(text, **of)


class Board:
    """`rlmboard ui` in a process of its own, over a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        command = [sys.executable, "-m", "rlmboard", "--home", str(home), "ui", "--port", "0"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip().removesuffix("/rlm")

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            assert self._process.wait(20) == 0
        assert self._process.stdout is not None
        self._process.stdout.close()

    def runs(self) -> list[StoredRun]:
        """All runs, when the board has ended and with it what had ended in them."""
        self.close()
        store = Store(self.home)
        return [store.run(row.run_id) for row in store.runs(order="created_at")]


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    made = Board(tmp_path / "home")
    yield made
    made.close()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(answers) as started:
        yield started


@pytest.fixture
def send(
    producer: Callable[[str], Any], board: Board, server: ScriptedServer
) -> Callable[..., None]:
    """Runs a program against the scripted server; its spans go to the board."""

    def sent(program: str, **environ: str) -> None:
        producer("otel").run(
            PROGRAMS / f"{program}.py", home="/nowhere", OPENAI_API_KEY="key",
            OPENAI_BASE_URL=server.url, OTEL_EXPORTER_OTLP_ENDPOINT=board.url,
            OPENAI_AGENTS_DISABLE_TRACING="0", **environ,
        )  # fmt: skip

    return sent


def tree(run: StoredRun) -> list[str]:
    """Names of everything, indented below what it hangs on, in the order in which it began."""
    p = PictureFold().take(run.events())
    told = []
    q = p.queries
    for row in range(q.rows):
        name = p.names["model"].all[p.attempts.model[q.first[row]]]
        told.append(
            (p.queries.submitted_us[row], p.queries.thing[row], p.queries.parent[row], name)
        )
    for row in range(p.nodes.rows):
        n = p.nodes
        told.append((n.started_us[row], n.thing[row], n.parent[row], n.label[row]))
    below: dict[int, list[tuple[int, str | None]]] = {}
    for _, thing, parent, name in sorted(told, key=lambda one: one[0]):
        below.setdefault(parent, []).append((thing, name))

    def lines(thing: int, depth: int) -> Iterator[str]:
        for child, name in below.get(thing, ()):
            yield "  " * depth + str(name)
            yield from lines(child, depth + 1)

    return list(lines(0, 0))


TREES = {
    "with_pydantic_ai": [
        "planner",
        "  m-1",
        "  ask",
        "    weather",
        "      m-1",
        "      look_up",
        "      m-1",
        "  m-1",
    ],
    "with_logfire": ["weather", "  m-1"],
    "with_openai_agents": [
        "Agent workflow",
        "  Agent workflow",
        "    weather",
        "      turn",
        "        m-1",
        "        look_up",
        "      turn",
        "        m-1",
    ],
    "with_langchain": [
        "LangGraph",
        "  model",
        "    m-1",
        "  tools",
        "    look_up",
        "  model",
        "    m-1",
    ],
}
QUESTIONS = {
    "with_pydantic_ai": "How is the weather?",
    "with_logfire": "Weather?",
    "with_openai_agents": "Weather in Paris?",
    "with_langchain": "Weather in Paris?",
}


@pytest.mark.parametrize("one_by_one", ["", "yes"], ids=["in batches", "one by one"])
@pytest.mark.parametrize("program", AGENTS)
def test_an_agent_is_a_run_with_every_call_and_token(
    send: Any, board: Board, server: ScriptedServer, program: str, one_by_one: str
) -> None:
    send(program, ONE_BY_ONE=one_by_one)
    (run,) = board.runs()
    reconcile(run.id, server.book, home=board.home).check()
    assert tree(run) == TREES[program]
    assert (run.row.status, run.row.query) == ("completed", QUESTIONS[program])
    assert run.row.summary.cached_tokens == 4 * len(server.book)
    assert problems(read_trace(run.folder.trace)) == []


def test_a_program_over_the_client_is_one_run_where_it_names_a_session(
    send: Any, board: Board, server: ScriptedServer
) -> None:
    send("with_openai", OTEL_RESOURCE_ATTRIBUTES="session.id=nightly,service.name=weather")
    (run,) = board.runs()
    reconcile(run.id, server.book, home=board.home).check()
    assert tree(run) == ["summarise", "  m-1", "  m-1", "  m-1", "  e-1", "  m-1", "m-1"]
    failed = [row for row in run.attempts() if row.status == "failed"]
    assert [row.error_type for row in failed] == ["openai.BadRequestError"]
    assert run.row.config.params["resource"]["service.name"] == "weather"


def test_without_a_session_each_trace_is_a_run(
    send: Any, board: Board, server: ScriptedServer
) -> None:
    send("with_openai")
    first, second = board.runs()
    assert (first.row.name, second.row.name) == ("summarise", "ChatCompletion")
    calls = first.row.summary.attempts + second.row.summary.attempts
    assert calls == len(server.book) == 6


def test_dspy_s_instrumentation_tells_no_tokens(
    send: Any, board: Board, server: ScriptedServer
) -> None:
    send("with_dspy")
    (run,) = board.runs()
    reconcile(run.id, server.book, home=board.home).check(unknown="openinference-dspy")
    assert tree(run)[:2] == ["ChainOfThought.forward", "  Predict.forward"]
    assert (run.row.summary.attempts, run.row.summary.unknown_usage) == (1, 1)
    assert run.row.summary.input_tokens is None


@pytest.mark.parametrize("one_by_one", ["", "yes"], ids=["in batches", "one by one"])
def test_an_rlm_that_fans_out_in_threads_is_one_run_with_every_call(
    send: Any, board: Board, server: ScriptedServer, one_by_one: str
) -> None:
    send("with_dspy_rlm", ALSO_OPENAI="yes", ONE_BY_ONE=one_by_one)
    (run,) = board.runs()
    reconcile(run.id, server.book, home=board.home).check()
    assert run.row.summary.attempts == len(server.book) == 7
    told = tree(run)
    assert told[0] == "RLM.forward"
    assert not [line for line in told[1:] if not line.startswith(" ")]  # nothing beside the root
    assert (run.row.status, problems(read_trace(run.folder.trace))) == ("completed", [])


@pytest.mark.parametrize("program", ["with_dspy", "with_pydantic_ai"])
def test_a_framework_over_an_instrumented_client_counts_each_call_once(
    send: Any, board: Board, server: ScriptedServer, program: str
) -> None:
    """And so dspy's tokens are known."""
    send(program, ALSO_OPENAI="yes")
    (run,) = board.runs()
    reconcile(run.id, server.book, home=board.home).check()
    assert run.row.summary.attempts == len(server.book)
