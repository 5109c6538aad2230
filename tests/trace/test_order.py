"""What may follow what: a sane trace has no problems, and each violation is named where it is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.trace import (
    BudgetReserve,
    BudgetSettle,
    CellEnd,
    CellStart,
    EnvLoadFragment,
    Event,
    Foreign,
    Hole,
    IterationEnd,
    IterationStart,
    Metric,
    Note,
    RlmEnd,
    RlmStart,
    RunCancelled,
    RunDone,
    RunFailed,
    RunInit,
    RunResumed,
    Score,
    Stamped,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    ToolEnd,
    ToolStart,
    TraceEvent,
    VerifyObjective,
    VerifyRedundant,
)
from rlmboard.trace.order import TABLES, Problem, problems

SANE: tuple[TraceEvent, ...] = (
    EnvLoadFragment(fragment_id="f", size_bytes=3),
    RunInit(program="p"),
    RlmStart(node_id="n"),
    IterationStart(n=1, node_id="n"),
    CellStart(cell_id="c"),
    SubQuerySubmit(query_id="q"),
    BudgetReserve(query_id="q", amount_msat=5),
    SubQueryExecute(query_id="q"),
    SubQueryExecute(query_id="q", replica=1),
    SubQueryTimeout(query_id="q", elapsed_ms=3),
    BudgetSettle(query_id="q", actual_msat=5),
    SubQueryExecute(query_id="q", attempt=1),
    SubQueryReturn(query_id="q", attempt=1),
    SubQueryCancel(query_id="q", replica=1),
    VerifyRedundant(query_id="q", agreement=1.0, n_of_m=(1, 1), passed=True),
    VerifyObjective(query_id="q", check_type="hash", passed=True),
    ToolStart(tool_id="t", name="ls"),
    ToolEnd(tool_id="t"),
    CellEnd(cell_id="c"),
    IterationEnd(n=1, node_id="n"),
    RlmEnd(node_id="n"),
    Metric(name="f1", value=1.0),
    RunDone(output="o"),
    Score(name="s", value=1.0, scorer="me"),
    Note(message="later"),
)
RETURNED = next(n for n, event in enumerate(SANE) if type(event) is SubQueryReturn)


def stamped(events: Sequence[Event]) -> list[Stamped]:
    return [Stamped(n, "r", float(n), event) for n, event in enumerate(events, 1)]  # type: ignore


def kinds(events: Sequence[Event]) -> set[tuple[int, str]]:
    return {(problem.seq, problem.kind) for problem in problems(stamped(events))}


def test_a_sane_trace_has_no_problems() -> None:
    assert problems(stamped(SANE)) == []


@given(st.integers(1, len(SANE)))
def test_a_trace_that_goes_on_is_not_blamed_for_what_is_still_open(length: int) -> None:
    assert problems(stamped(SANE[:length])) == []


def test_a_run_that_was_resumed_ends_again() -> None:
    assert kinds([*SANE, RunResumed(), Metric(name="f1", value=2.0), RunDone()]) == set()


def planted(at: int, event: Event) -> list[Event]:
    return [*SANE[:at], event, *SANE[at:]]


@pytest.mark.parametrize(
    ("at", "event", "kind"),
    [
        (0, SubQuerySubmit(query_id="early"), "run"),
        (0, RunDone(), "run"),
        (len(SANE), RunInit(), "run"),
        (5, SubQueryExecute(query_id="never asked", attempt=1), "sub-query"),
        (5, SubQueryReturn(query_id="never asked"), "sub-query"),
        (5, VerifyRedundant(query_id="?", agreement=0, n_of_m=(0, 1), passed=False), "sub-query"),
        (7, BudgetReserve(query_id="q"), "reservation"),
        (6, BudgetSettle(query_id="q"), "reservation"),
        (RETURNED + 1, SubQueryTimeout(query_id="q", attempt=1, elapsed_ms=1), "attempt"),
        (RETURNED + 1, SubQueryCancel(query_id="q", attempt=1), "attempt"),
        (RETURNED + 1, BudgetSettle(query_id="q"), "reservation"),
        (2, RlmEnd(node_id="n"), "child RLM"),
        (3, IterationEnd(n=1, node_id="n"), "turn"),
        (4, CellEnd(cell_id="c"), "cell"),
        (4, ToolEnd(tool_id="t"), "tool"),
        (len(SANE), SubQuerySubmit(query_id="late"), "run"),
        (len(SANE), RunFailed(), "run"),
        (len(SANE), RunCancelled(), "run"),
    ],
)
def test_a_planted_violation_is_named_where_it_stands(at: int, event: Event, kind: str) -> None:
    assert (at + 1, kind) in kinds(planted(at, event))


@pytest.mark.parametrize(
    ("missing", "kind"),
    [
        (SubQueryReturn, "attempt"),
        (BudgetSettle, "reservation"),
        (RlmEnd, "child RLM"),
        (IterationEnd, "turn"),
        (CellEnd, "cell"),
        (ToolEnd, "tool"),
    ],
)
def test_what_an_ended_run_left_open_is_named(missing: type[Event], kind: str) -> None:
    assert kinds([event for event in SANE if type(event) is not missing]) == {(0, kind)}


def test_a_hole_is_a_problem_and_a_blank_line_is_none() -> None:
    lines = [*stamped(SANE), Hole(90, "torn"), Hole(91, "blank")]
    assert problems(lines) == [Problem(90, "hole", "the line is torn")]


def test_a_line_of_another_run_is_named() -> None:
    stranger = Stamped(2, "other", 0.0, Note(message="hello"))
    assert [p.kind for p in problems([*stamped(SANE[:1]), stranger])] == ["run"]


@given(st.lists(st.sampled_from(SANE), max_size=40), st.data())
def test_no_trace_however_shuffled_raises(events: list[TraceEvent], data: st.DataObject) -> None:
    lines: list[Stamped | Hole | Foreign] = [*stamped(events)]
    lines.insert(data.draw(st.integers(0, len(lines))), Hole(0, "damaged"))
    assert isinstance(problems(lines), list)


def test_every_table_leads_only_to_states_that_it_knows() -> None:
    for machine in TABLES:
        states = {state for steps in machine.steps.values() for state in steps}
        reached = {state for steps in machine.steps.values() for state in steps.values()}
        assert reached <= states | {"ended"}, machine.kind
