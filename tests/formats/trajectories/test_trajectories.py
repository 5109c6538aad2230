"""What libraries of recursive language models write becomes trees with the numbers they state."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.formats.foreign import ForeignRun, Reader, Said, Told, Unread
from rlmboard.formats.trajectories import AdkRlm, FastRlm, RecursiveLlm, RlmCode
from rlmboard.trace import (
    CellEnd,
    CellStart,
    RlmEnd,
    RlmStart,
    RunDone,
    RunFailed,
    SubQueryReturn,
    SubQuerySubmit,
    Usage,
)

FIXTURES = Path(__file__).parent / "fixtures"
CHANGED = datetime(2026, 5, 1, tzinfo=UTC)
READERS = {
    "adk-rlm": lambda: AdkRlm(UTC),
    "fast-rlm": FastRlm,
    "recursive-llm": lambda: RecursiveLlm(CHANGED),
    "rlm-code": RlmCode,
}


def told(kind: str, lines: Iterable[bytes] | None = None) -> list[Told]:
    reader: Reader = READERS[kind]()
    if lines is None:
        lines = (FIXTURES / f"{kind}.jsonl").read_bytes().splitlines()
    return [one for line in lines for one in reader.feed(line)] + list(reader.finish())


def events(found: Iterable[Told], kind: type, key: str | None = None) -> list[Any]:
    return [
        one.event
        for one in found
        if isinstance(one, Said) and isinstance(one.event, kind) and key in (None, one.key)
    ]


def runs(found: Iterable[Told]) -> list[ForeignRun]:
    return [one for one in found if isinstance(one, ForeignRun)]


# ------------------------------------------------------------------ recursive-llm


def test_each_record_of_recursive_llm_is_a_run_whose_beginning_is_a_guess() -> None:
    first, second = runs(told("recursive-llm"))
    assert first.started_at == CHANGED
    assert first.started_inferred
    assert first.query == "Count the letter a"
    assert first.config["sub_model"] == "gpt-4.1-nano"
    assert first.run_id != second.run_id
    assert first.run_id == runs([*told("recursive-llm")])[0].run_id


def test_a_leaf_stands_below_the_cell_that_asked() -> None:
    found = told("recursive-llm")
    key = runs(found)[0].key
    asked = {event.query_id: event for event in events(found, SubQuerySubmit, key)}
    assert (asked["llm-3"].role, asked["llm-3"].parent_id) == ("sub", "rlm-1-cell-1")
    assert (asked["llm-2"].role, asked["llm-2"].parent_id) == ("root", None)
    assert all(event.inferred for event in events(found, CellStart))
    failed = [event.cell_id for event in events(found, CellEnd) if event.error]
    assert failed == ["rlm-1-cell-2"]


def test_tokens_and_cost_are_those_of_the_sum_and_unknown_for_each_call() -> None:
    found = told("recursive-llm")
    (done,) = events(found, RunDone)
    assert done.usage == Usage(input=410, output=28, cached=0)
    assert done.cost_usd_nanos == 71_800
    assert all(event.usage is None for event in events(found, SubQueryReturn))


def test_a_run_that_failed_says_why() -> None:
    (failed,) = events(told("recursive-llm"), RunFailed)
    assert (failed.error.type, failed.error.message) == ("ValueError", "no such model")


# ------------------------------------------------------------------ fast-rlm


def test_an_agent_of_fast_rlm_without_a_parent_is_a_run_and_others_are_children() -> None:
    found = told("fast-rlm")
    (run,) = {run.key for run in runs(found)}
    assert run == "1782023198051-k3x9"
    (start,) = events(found, RlmStart)
    assert (start.node_id, start.parent_id, start.depth) == ("1782023200100-p0q1", None, 1)
    (end,) = events(found, RlmEnd)
    assert (end.answer, end.end_reason) == ("3", "answer")
    (done,) = events(found, RunDone)
    assert done.output == "three"


def test_each_step_has_its_tokens_its_cost_and_its_times() -> None:
    found = told("fast-rlm")
    returned = events(found, SubQueryReturn)
    assert [event.usage.input for event in returned] == [300, 350, 900, 980]
    assert sum(event.cost_usd_nanos for event in returned) == 920_000
    at = {one.event.query_id: one.at_us for one in found
          if isinstance(one, Said) and isinstance(one.event, SubQuerySubmit)}  # fmt: skip
    assert at["1782023198051-k3x9-2-call"] == 899_000
    assert not any(event.inferred for event in events(found, CellStart))


def test_a_cell_that_failed_is_an_error() -> None:
    failed = [event for event in events(told("fast-rlm"), CellEnd) if event.error]
    assert [event.error.message for event in failed] == ["NameError: name 'x' is not defined"]


# ------------------------------------------------------------------ rlm-code


def test_a_trajectory_of_rlm_code_has_calls_cells_and_children() -> None:
    found = told("rlm-code")
    run = runs(found)[-1]
    assert (run.query, run.config["model"]) == ("Count the letter a", "gpt-4o-mini")
    assert run.context == {"chars": 140}
    usage = [event.usage for event in events(found, SubQueryReturn)]
    assert usage == [Usage(input=101, output=7), Usage(input=20, output=1)]
    assert [event.role for event in events(found, SubQuerySubmit)] == ["root", "sub"]
    cells = {event.cell_id: event.node_id for event in events(found, CellStart)}
    assert cells == {"root-cell-1": "root", "child-1-cell-1": "child-1"}
    (done,) = events(found, RunDone)
    assert done.output == "three"


# ------------------------------------------------------------------ adk_rlm


def test_a_log_of_adk_rlm_is_one_run_with_its_agents_of_every_depth() -> None:
    found = told("adk-rlm")
    run = runs(found)[-1]
    assert (run.query, run.config["model"]) == ("Count the letter a", "gemini-2.5-pro")
    assert run.config["backend_kwargs"]["api_key"] == "***"
    (start,), (end,) = events(found, RlmStart), events(found, RlmEnd)
    assert (start.name, start.depth, end.answer) == ("child_1", 1, "3")
    (done,) = events(found, RunDone)
    assert (done.output, done.iterations) == ("three", 2)


def test_a_call_of_adk_rlm_is_counted_once_though_it_stands_in_two_lines() -> None:
    found = told("adk-rlm")
    asked = {e.query_id: e for e in events(found, SubQuerySubmit) if e.role == "sub"}
    assert [e.prompt_preview for e in asked.values()] == [
        "How many a in banana?",
        "How many b in banana?",
        "unlogged",
    ]
    returned = {e.query_id: e for e in events(found, SubQueryReturn) if e.query_id in asked}
    assert [e.usage and e.usage.input for e in returned.values()] == [20, None, 9]
    assert [e.success for e in returned.values()] == [True, False, True]
    cells = {e.cell_id for e in events(found, CellStart)}
    assert {e.parent_id for e in asked.values()} <= cells


# ------------------------------------------------------------------ whatever they are fed

NAMES = {
    "fast-rlm": "event_type run_id parent_run_id time depth step code output usage timestamps "
    "agent_start execution_result llm_call_start prompt_tokens completion_tokens",
    "recursive-llm": "trajectory kind node_id parent_id elapsed_seconds messages stats config data "
    "run_start rlm_start repl_step model_call_start model_call_end model is_leaf attempt",
    "adk-rlm": "type iteration metadata simple_llm_call depth agent_name code_blocks result prompt "
    "rlm_calls usage_summary execution_time iteration_time parent_iteration final_answer",
    "rlm-code": "event_type run_id timestamp data run_start llm_request llm_response child_spawn "
    "iteration_code iteration_output run_end 2026-06-21T06:26:38Z 1782023198051-a",
}
WORDS = st.sampled_from(" ".join(NAMES.values()).split())
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.dictionaries(WORDS, inner, max_size=4) | st.lists(inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize("kind", READERS)
@given(lines=st.lists(st.dictionaries(WORDS, TREES, max_size=6), max_size=4))
def test_no_line_whatever_makes_a_reader_fail(kind: str, lines: list[Any]) -> None:
    told(kind, [json.dumps(line).encode() for line in lines])


@pytest.mark.parametrize("kind", READERS)
def test_every_field_may_be_missing_or_of_another_type(kind: str) -> None:
    lines = (FIXTURES / f"{kind}.jsonl").read_bytes().splitlines()
    for n, line in enumerate(lines):
        whole = json.loads(line)
        for field in whole:
            for other in (None, 7, "x", [], {}, [[1]], {"a": {"b": 1}}):
                bent = json.dumps({**whole, field: other}).encode()
                told(kind, [*lines[:n], bent, *lines[n + 1 :]])


@pytest.mark.parametrize("kind", READERS)
def test_a_line_of_something_else_is_named(kind: str) -> None:
    assert any(isinstance(one, Unread) for one in told(kind, [b"{}", b"nonsense"]))
