"""The design document's method names over a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import rlmboard
from rlmboard import EnvLoadFragment, RunDone, RunInit
from rlmboard.errors import RunTaken
from rlmboard.trace.order import problems

Read = Callable[..., list[Any]]


def emit_all(emitter: rlmboard.TraceEmitter) -> None:
    emitter.run_init("program", 2)
    emitter.env_load_fragment("f1", 100)
    emitter.env_select_fragments("query", ["f1"])
    emitter.budget_reserve("q1", 10, 90)
    emitter.subquery_submit("q1", "prompt", "f1")
    emitter.subquery_execute("q1", "provider", "Swarm", "llama-3")
    emitter.subquery_return("q1", "result", 120, 7, True)
    emitter.budget_settle("q1", 7, 3)
    emitter.subquery_submit("q2", "prompt")
    emitter.subquery_execute("q2", "provider", "Local")
    emitter.subquery_timeout("q2", 30_000)
    emitter.verify_redundant("q1", 0.9, (2, 3), True)
    emitter.verify_objective("q1", "json_schema", True)
    emitter.fallback_local("no swarm")
    emitter.aggregate(2, "answer")
    emitter.run_done("answer", 1, 7)


def test_every_method_emits_its_event(events: Read) -> None:
    emitter = rlmboard.TraceEmitter("r1")
    emit_all(emitter)
    names = [type(event).__name__ for event in events(emitter.run)]
    assert len(set(names)) == 14
    assert (names[0], names[-1]) == ("RunInit", "RunDone")
    found = {type(event): event for event in events(emitter.run)}
    assert (found[RunInit].program, found[RunInit].fragment_count) == ("program", 2)
    assert (found[RunDone].total_cost_sats, found[RunDone].cost_msat) == (7, 7_000)
    assert found[rlmboard.SubQueryReturn].cost_msat == 7_000
    assert found[rlmboard.BudgetSettle].released_msat == 3_000
    assert emitter.run.folder.read_output() == "answer"


def test_what_it_emits_is_a_sane_trace() -> None:
    emitter = rlmboard.TraceEmitter()
    emit_all(emitter)
    trace = rlmboard.folder.read_trace(emitter.run.folder.trace)  # type: ignore[attr-defined]
    assert problems(trace) == []


def test_fragments_may_be_loaded_before_the_run_is_announced(events: Read) -> None:
    emitter = rlmboard.TraceEmitter()
    emitter.env_load_fragment("f1", 100)
    emitter.run_init("program", 1)
    assert len(events(emitter.run, EnvLoadFragment)) == 1
    assert events(emitter.run, RunInit)[-1].program == "program"


def test_an_id_is_used_once() -> None:
    emit_all(rlmboard.TraceEmitter("r1"))
    with pytest.raises(RunTaken):
        rlmboard.TraceEmitter("r1").run_init("program", 0)


def test_a_cost_that_makes_no_sense_is_counted_and_the_event_kept(events: Read) -> None:
    emitter = rlmboard.TraceEmitter()
    emitter.subquery_submit("q", "p")
    emitter.subquery_return("q", "r", 1.0, "much", True)  # type: ignore[arg-type]
    assert emitter.run.lost >= 1
