"""The real dspy, recorded by one callback, and held against the book of the server it asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rlmboard.folder import RunFolder, read_trace
from rlmboard.testing import Reply, ScriptedServer, reconcile
from rlmboard.trace import Stamped, events
from rlmboard.trace.summary import Summary, summarize

SCRIPT = Path(__file__).with_name("scenarios.py")
FIRST = "print(len(context))\nprint(llm_query_batched(['a?', 'b?', 'a?']), llm_query('c?'))"
CALLS_A_TOOL = "print(look(word='grass'))\nimport dspy\nsub = dspy.Predict('question -> answer')"
NESTS = "import dspy\ninner = dspy.RLM('context, query -> answer', max_iters=3)\n"
TURNS = (
    FIRST,
    f"{CALLS_A_TOOL}\nprint(sub(question='deep?').answer)",
    f"{NESTS}print(inner(context='x', query='inside?').answer)",
    "print('before'); 1 / 0",
    "SUBMIT(answer='green')",
)


def fields(**said: str) -> str:
    """An answer in the form that dspy asks for."""
    parts = [f"[[ ## {name} ## ]]\n{text}" for name, text in said.items()]
    return "\n\n".join([*parts, "[[ ## completed ## ]]"])


class Script:
    """Plays the models: `main` writes code turn by turn, everybody else says yes."""

    def __init__(self, *turns: str) -> None:
        self._turns = iter(turns)
        self.more: list[Reply] = []

    def __call__(self, body: dict[str, Any]) -> Reply:
        if self.more:
            return self.more.pop(0)
        told = str(body["messages"][0]["content"])
        length = len(str(body["messages"]))
        text = self._text(told, str(body["messages"][-1]["content"]))
        return Reply.counting(text, length, 7, cached=length // 3, cost=0.000012)

    def _text(self, told: str, asked: str) -> str:
        if "`code` (str)" in told:
            is_inner = "iteration ## ]]\n1/3" in asked
            code = "SUBMIT(answer='inner')" if is_inner else None
            return fields(reasoning="so", code=f"```python\n{code or self._turn(asked)}\n```")
        names = [name for name in ("reasoning", "finding", "answer") if f"`{name}`" in told]
        return fields(**dict.fromkeys(names, "yes")) if names else f"said of {asked[:20]}"

    def _turn(self, asked: str) -> str:
        return next(self._turns, "SUBMIT(answer='over')")


class Recorded:
    """What a scenario left behind: its runs, and the book of the server that it asked."""

    def __init__(self, home: Path, server: ScriptedServer, printed: str) -> None:
        self.home, self.server, self.printed = home, server, printed

    @property
    def runs(self) -> list[RunFolder]:
        return [RunFolder(path) for path in sorted((self.home / "runs").iterdir())]

    @property
    def run(self) -> RunFolder:
        (run,) = self.runs
        return run

    @property
    def summary(self) -> Summary:
        return summarize(list(read_trace(self.run.trace)))

    def told(self, kind: type[Any]) -> list[Any]:
        lines = [line for run in self.runs for line in read_trace(run.trace)]
        return [
            line.event for line in lines if isinstance(line, Stamped) and type(line.event) is kind
        ]


Perform = Callable[..., Recorded]


@pytest.fixture
def perform(producer: Callable[[str], Any], tmp_path: Path) -> Iterator[Perform]:
    """A scenario, played to its end against the scripted server."""
    servers: list[ScriptedServer] = []

    def played(name: str, script: Script | None = None, *more: str) -> Recorded:
        server = ScriptedServer(script or Script(*TURNS))
        server.__enter__()
        servers.append(server)
        done = producer("dspy-3.4.1").run(SCRIPT, name, server.url, *more, home=tmp_path / "home")
        return Recorded(tmp_path / "home", server, done.stdout)

    yield played
    for server in servers:
        server.__exit__(None, None, None)


def test_an_rlm_is_recorded_call_by_call_with_exact_tokens_and_cost(perform: Perform) -> None:
    recorded = perform("basic")
    reconcile(recorded.run, recorded.server.book).check()
    assert recorded.printed.strip() == "green"
    assert recorded.run.read_output() == "green"


def test_the_tree_has_turns_cells_tools_batches_and_an_rlm_in_an_rlm(perform: Perform) -> None:
    recorded = perform("basic")
    turns = recorded.told(events.IterationStart)
    assert [(one.node_id, one.n, one.max_n) for one in turns if one.node_id == "root"] == [
        ("root", n, 5) for n in (1, 2, 3, 4, 5)
    ]
    assert len(recorded.told(events.IterationEnd)) == len(turns)
    cells = {one.cell_id: one for one in recorded.told(events.CellStart)}
    assert next(iter(cells.values())).code_preview == FIRST
    batch = [one for one in recorded.told(events.SubQuerySubmit) if one.batch_id]
    assert sorted((one.batch_index, one.batch_size) for one in batch) == [(0, 3), (1, 3), (2, 3)]
    assert {cells[one.parent_id].code_preview for one in batch} == {FIRST}
    (tool,) = recorded.told(events.ToolStart)
    assert (tool.name, tool.parent_id in cells) == ("look", True)
    (child,) = recorded.told(events.RlmStart)
    assert (child.depth, child.parent_id in cells, child.query) == (1, True, "inside?")
    inner = [one for one in cells.values() if one.node_id == child.node_id]
    assert [one.code_preview for one in inner] == ["SUBMIT(answer='inner')"]


def test_a_cell_keeps_what_it_printed_and_how_it_failed(perform: Perform) -> None:
    ends = perform("basic").told(events.CellEnd)
    assert ends[0].stdout_preview.startswith("1000\n['said of a?'")
    assert [one.error.type for one in ends if one.error] == ["ZeroDivisionError"]


def test_questions_of_the_root_are_outside_of_the_fan_out(perform: Perform) -> None:
    submits = perform("basic").told(events.SubQuerySubmit)
    roots = [one for one in submits if one.role == "root"]
    assert len(roots) == 6  # five turns, and one of the inner RLM
    assert {one.role for one in submits} == {"root", "sub"}


def test_steps_of_a_program_keep_their_parents_across_threads(perform: Perform) -> None:
    recorded = perform("program", Script())
    reconcile(recorded.run, recorded.server.book).check()
    asked = recorded.told(events.SubQuerySubmit)
    assert len(asked) == 4
    assert {one.parent_id for one in asked} == {None}
    assert recorded.run.read_output() == "yes"


def test_an_asynchronous_rlm_is_recorded_as_well(perform: Perform) -> None:
    recorded = perform("asynchronous", Script(FIRST, "SUBMIT(answer='green')"))
    reconcile(recorded.run, recorded.server.book).check()
    assert recorded.summary.run.status == "completed"


def test_cells_are_inferred_where_an_interpreter_tells_nothing(perform: Perform) -> None:
    recorded = perform("silent", Script(FIRST, "print('twice')", "SUBMIT(answer='green')"))
    reconcile(recorded.run, recorded.server.book).check()
    cells = recorded.told(events.CellStart)
    assert [one.code_preview for one in cells] == [
        FIRST, "print('twice')", "SUBMIT(answer='green')"
    ]  # fmt: skip
    assert all(one.inferred for one in cells)
    asked = [one for one in recorded.told(events.SubQuerySubmit) if one.role == "sub"]
    assert {one.parent_id for one in asked} == {cells[0].cell_id}
    assert [one.stdout_preview.strip() for one in recorded.told(events.CellEnd)][1] == "twice"


def test_an_rlm_out_of_turns_ends_with_the_answer_that_was_forced_out(perform: Perform) -> None:
    recorded = perform("exhausted", Script("print(1)", "print(2)"))
    reconcile(recorded.run, recorded.server.book).check()
    assert recorded.summary.run.end_reason == "max_iterations"
    assert recorded.run.read_output() == "yes"


def test_a_limit_of_calls_that_trips_is_the_error_of_its_cell(perform: Perform) -> None:
    recorded = perform("over_budget", Script(FIRST, "SUBMIT(answer='green')"))
    reconcile(recorded.run, recorded.server.book).check()
    (wrong,) = [one.error for one in recorded.told(events.CellEnd) if one.error]
    assert "LLM call limit exceeded" in wrong.message


def test_calls_that_fail_are_calls(perform: Perform) -> None:
    script = Script(FIRST)
    ask = script.__call__

    def refuse_some(body: dict[str, Any]) -> Reply:
        asked = str(body["messages"][-1]["content"])
        return (
            Reply(status=400, raw=b'{"error": {"message": "no"}}') if asked == "b?" else ask(body)
        )

    recorded = perform("failing", refuse_some)
    reconcile(recorded.run, recorded.server.book).check()
    assert recorded.summary.run.failed == 1


def test_each_retry_inside_of_the_library_is_an_attempt(perform: Perform) -> None:
    script = Script()
    script.more = [Reply.too_many_requests("0"), Reply.too_many_requests("0")]
    recorded = perform("retried", script)
    reconcile(recorded.run, recorded.server.book).check()
    run = recorded.summary.run
    assert (run.sub_queries, run.attempts, run.status) == (1, 3, "completed")


def test_several_candidates_are_several_calls_of_one_sub_query(perform: Perform) -> None:
    recorded = perform("candidates", Script())
    reconcile(recorded.run, recorded.server.book).check()
    assert recorded.summary.run.sub_queries == 1
    assert recorded.printed.strip() == "3"


def test_an_answer_from_the_cache_cost_nothing_and_says_where_it_is_from(perform: Perform) -> None:
    recorded = perform("cached", Script())
    first, second = recorded.runs
    reconcile(first, recorded.server.book).check()
    (cached,) = [one for one in recorded.told(events.SubQueryReturn) if one.cache_hit]
    assert (cached.usage.input, cached.usage.output, cached.cost_usd_nanos) == (0, 0, 0)
    assert summarize(list(read_trace(second.trace))).run.cost_usd_nanos == 0


def test_what_the_provider_does_not_price_is_priced_by_the_table(
    perform: Perform, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    table = 'version = "2026"\n[models.main]\ninput_usd = 1\noutput_usd = 2\n'
    (tmp_path / "home" / "prices.toml").write_text(table)
    script = Script()
    script.more = [Reply.counting(fields(answer="yes"), 100, 10)]
    recorded = perform("retried", script)
    reconcile(recorded.run, recorded.server.book).check()
    (told,) = recorded.told(events.SubQueryReturn)
    assert (told.cost_usd_nanos, told.cost_source, told.price_version) == (
        120_000, "price_table", "2026"
    )  # fmt: skip


def test_modules_inside_a_run_of_the_user_are_recorded_to_it(perform: Perform) -> None:
    recorded = perform("joined", Script())
    submits = recorded.told(events.SubQuerySubmit)
    outer = next(one for one in submits if one.prompt_preview == "And inside a sub-query?")
    assert [one.parent_id for one in submits if one is not outer] == [None, outer.query_id]
    assert recorded.run.read_output() == "done"


def test_programs_in_threads_are_runs_of_their_own(perform: Perform) -> None:
    recorded = perform("threads", Script())
    assert len(recorded.runs) == 4
    for run in recorded.runs:
        reconcile(run, recorded.server.book.of(run=run.run_id)).check()


def test_each_example_of_an_evaluation_is_a_run_with_its_score(perform: Perform) -> None:
    recorded = perform("evaluated", Script())
    assert len(recorded.runs) == 2
    scores = recorded.told(events.Score)
    assert [(one.name, one.value) for one in scores] == [("exact_match", 1.0)] * 2


def test_an_interrupted_program_is_a_cancelled_run(perform: Perform) -> None:
    recorded = perform("interrupted", Script())
    assert recorded.summary.run.status == "cancelled"


def test_nothing_changes_for_the_program(perform: Perform, producer: Any, tmp_path: Path) -> None:
    recorded = perform("basic")
    with ScriptedServer(Script(*TURNS)) as server:
        bare = producer("dspy-3.4.1").run(SCRIPT, "basic", server.url, "bare", home=tmp_path)
    assert bare.stdout == recorded.printed
    assert bodies(server) == bodies(recorded.server)


def bodies(server: ScriptedServer) -> list[str]:
    """What was asked, in an order that threads do not change."""
    return sorted(str(served.body) for served in server.book)


def test_a_home_that_cannot_be_written_loses_the_run_and_never_the_program(
    producer: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with ScriptedServer(Script(*TURNS)) as server:
        done = producer("dspy-3.4.1").run(
            SCRIPT, "no_home", server.url, home=tmp_path / "file" / "home"
        )
    assert done.stdout.strip() == "green"


def test_no_key_is_on_disk(perform: Perform) -> None:
    recorded = perform("basic")
    held = [path.read_bytes() for path in recorded.home.rglob("*") if path.is_file()]
    assert held and not any(b"sk-secret-of-the-test" in content for content in held)


def test_the_settings_are_what_runs_are_compared_by(perform: Perform) -> None:
    said = perform("basic").run.record()
    assert said is not None
    config = said.config.flat()
    assert config["method"] == "rlm"
    assert (config["model"], config["sub_model"]) == ("main", "sub")
    assert (config["max_iters"], config["experiment"]) == (5, "needles")
