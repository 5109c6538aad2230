"""The fold to rows: what a run, its sub-queries and its attempts add up to."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rlmboard.trace import (
    Artifact,
    BudgetReserve,
    BudgetSettle,
    Environment,
    EnvLoadFragment,
    EnvSelectFragments,
    Failure,
    Foreign,
    Hole,
    Metric,
    Note,
    RunCancelled,
    RunDone,
    RunFailed,
    RunInit,
    RunResumed,
    Score,
    SpanRef,
    Stamped,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    TraceEvent,
    TraceLine,
    Usage,
    VerifyCitations,
    VerifyRedundant,
)
from rlmboard.trace.summary import AttemptRow, RunSummary, SubQueryRow, Summary, summarize

Told = tuple[float, TraceEvent]


def trace(*told: Told) -> list[TraceLine]:
    return [Stamped(n, "r", at_ms, event, n * 100, 90) for n, (at_ms, event) in enumerate(told, 1)]


def fold(*told: Told) -> Summary:
    return summarize(trace(*told))


def run_of(*told: Told) -> RunSummary:
    return fold(*told).run


def attempt_of(*told: Told) -> AttemptRow:
    (row,) = fold(*told).attempts
    return row


def query_of(*told: Told) -> SubQueryRow:
    (row,) = fold(*told).sub_queries
    return row


def submit(query_id: str = "q", **more: Any) -> TraceEvent:
    return SubQuerySubmit(query_id=query_id, **more)


def execute(query_id: str = "q", **more: Any) -> TraceEvent:
    return SubQueryExecute(query_id=query_id, **{"provider_id": "ollama", **more})


def answer(query_id: str = "q", **more: Any) -> TraceEvent:
    return SubQueryReturn(query_id=query_id, **more)


FAILED: dict[str, Any] = {"success": False, "error": Failure(type="ConnectionError", message="no")}


# ---------------------------------------------------------------- the run


def test_a_run_without_a_line_is_queued() -> None:
    run = run_of()
    assert (run.status, run.lines, run.duration_ms, run.cost_msat) == ("queued", 0, None, None)


def test_a_run_with_a_line_and_no_end_is_running() -> None:
    assert run_of((0, RunInit(query="why?", producer="sdk"))).status == "running"


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (RunDone(output="so"), "completed"),
        (RunFailed(error=Failure(type="Bug")), "failed"),
        (RunCancelled(end_reason="user"), "cancelled"),
    ],
)
def test_the_last_end_decides_the_status(end: TraceEvent, status: str) -> None:
    assert run_of((0, RunInit()), (5, RunDone(output="x")), (9, end)).status == status


def test_a_resumed_run_is_running_until_it_ends_again() -> None:
    first = [(0.0, RunInit()), (5.0, RunFailed(error=Failure(type="Bug"))), (8.0, RunResumed())]
    assert run_of(*first).status == "running"
    assert run_of(*first, (9.0, RunDone(output="so"))).status == "completed"


def test_an_end_replayed_after_a_resume_ends_nothing() -> None:
    end = RunFailed(error=Failure(type="Bug"))
    assert run_of((0, RunInit()), (5, end), (8, RunResumed()), (5, end)).status == "running"


def test_a_run_lasts_from_zero_to_its_last_line() -> None:
    assert run_of((-20, RunInit()), (70, RunDone()), (60, Note(message="late"))).duration_ms == 70


def test_a_failed_run_keeps_its_error_and_its_partial_answer() -> None:
    error = Failure(type="ValueError", message="bad")
    run = run_of((0, RunInit()), (5, RunFailed(error=error, output="half", end_reason="errors")))
    assert (run.error_type, run.error_message, run.end_reason) == ("ValueError", "bad", "errors")
    assert (run.output_preview, run.partial) == ("half", True)


def test_holes_are_counted_by_reason_and_blank_lines_are_no_damage() -> None:
    lines: list[TraceLine] = [
        Hole(1, "torn"),
        Hole(2, "damaged"),
        Hole(3, "damaged"),
        Hole(4, "blank"),
        Foreign(5, "r", 30.0, "New", msgspec.Raw(b"{}")),
    ]
    run = summarize(lines).run
    assert run.holes == {"torn": 1, "damaged": 2}
    assert (run.lines, run.foreign, run.duration_ms) == (5, 1, 30.0)


def test_citations_are_those_of_the_answer() -> None:
    span = SpanRef(id="s", path="a.py", start_line=1, end_line=2)
    run = run_of(
        (0, RunInit()),
        (1, VerifyCitations(checked=2, missing=1, passed=False)),
        (2, RunDone(output="so", span_refs=(span,))),
    )
    assert (run.citations, run.citations_checked, run.citations_missing) == (1, 2, 1)
    assert run.span_refs == (span,)


def test_citations_of_a_run_without_an_end_are_unknown() -> None:
    assert run_of((0, RunInit())).citations is None


def test_fragments_are_counted_once_each() -> None:
    load = EnvLoadFragment(fragment_id="f", size_bytes=1)
    run = run_of((0, load), (1, load), (2, EnvSelectFragments(fragment_ids=("f", "f"))))
    assert (run.fragments, run.selected) == (1, 1)


def test_the_announced_number_of_fragments_stands_until_they_are_there() -> None:
    assert run_of((0, RunInit(fragment_count=7))).fragments == 7


def test_the_environment_is_kept_without_its_packages() -> None:
    said = Environment(git={"sha": "abc"}, packages={"x": "1"}, python="3.11")
    assert run_of((0, said)).environment == {"git": {"sha": "abc"}, "python": "3.11"}


def test_notes_are_counted_by_level() -> None:
    run = run_of((0, Note(message="a")), (1, Note(message="b", level="error")))
    assert run.notes == {"info": 1, "error": 1}


def test_checks_are_counted_as_passed_and_failed() -> None:
    check = {"query_id": "q", "agreement": 1.0, "n_of_m": (2, 2)}
    run = run_of(
        (0, VerifyRedundant(**check, passed=False)), (1, VerifyRedundant(**check, passed=True))
    )
    assert (run.checks_passed, run.checks_failed, run.sub_queries) == (1, 1, 0)


# ---------------------------------------------------------------- sub-queries


def test_a_sub_query_nobody_was_asked_is_submitted() -> None:
    assert query_of((0, submit())).status == "submitted"


def test_a_sub_query_is_returned_as_soon_as_one_attempt_is() -> None:
    row = query_of(
        (0, submit()),
        (1, execute()),
        (2, execute(attempt=1)),
        (3, answer(attempt=1, result_preview="yes")),
        (4, SubQueryCancel(query_id="q", reason="hedge")),
    )
    assert (row.status, row.result_preview, row.ended_ms, row.attempts) == ("returned", "yes", 3, 2)


def test_a_sub_query_is_running_while_an_attempt_is() -> None:
    told = [(0, submit()), (1, execute()), (2, answer(**FAILED)), (3, execute(attempt=1))]
    assert query_of(*told).status == "running"


def test_otherwise_the_last_outcome_counts() -> None:
    row = query_of(
        (0, submit()),
        (1, execute()),
        (2, answer(**FAILED)),
        (3, execute(attempt=1)),
        (9, SubQueryTimeout(query_id="q", attempt=1, elapsed_ms=6)),
    )
    assert (row.status, row.error_type) == ("timeout", None)


def test_root_calls_are_outside_the_fan_out_and_their_cost_counts() -> None:
    run = run_of((0, submit(role="root")), (1, execute()), (2, answer(cost_msat=500)))
    assert (run.sub_queries, run.returned, run.cost_msat) == (0, 0, 500)


def test_a_sub_query_reported_again_is_as_it_was_said_last() -> None:
    row = query_of((0, submit(depth=1)), (0, submit(depth=2, parent_id="p")))
    assert (row.depth, row.parent_id) == (2, "p")


def test_a_child_may_come_before_its_parent() -> None:
    rows = fold((0, submit("child", parent_id="parent")), (1, submit("parent"))).sub_queries
    assert [(row.number, row.query_id) for row in rows] == [(1, "child"), (2, "parent")]


# ---------------------------------------------------------------- attempts


def test_an_attempt_lasts_from_its_execute_to_its_end() -> None:
    row = attempt_of((0, submit()), (10, execute()), (35, answer(duration_ms=99)))
    assert (row.started_ms, row.ended_ms, row.duration_ms) == (10, 35, 25)


def test_without_an_execute_it_lasts_from_the_submit() -> None:
    assert attempt_of((5, submit()), (35, answer())).duration_ms == 30


def test_a_late_stamp_gives_way_to_what_the_return_says() -> None:
    row = attempt_of((34, submit()), (35, answer(duration_ms=20)))
    assert (row.started_ms, row.duration_ms) == (15, 20)


def test_a_clock_that_stepped_back_gives_no_negative_duration() -> None:
    assert attempt_of((10, execute()), (4, answer())).duration_ms == 0


def test_provider_and_model_come_from_the_execute_else_from_the_return() -> None:
    said = answer(provider_id="other", model_id="llama-3")
    row = attempt_of((0, execute(venue="local", simulated=True)), (1, said))
    assert (row.provider, row.model, row.venue, row.simulated) == (
        "ollama",
        "llama-3",
        "local",
        True,
    )
    assert attempt_of((1, said)).provider == "other"


def test_a_return_stands_above_a_timeout_whichever_came_last() -> None:
    timeout = SubQueryTimeout(query_id="q", elapsed_ms=5)
    told = answer(cost_msat=3)
    for order in ([(5, timeout), (6, told)], [(5, told), (6, timeout)]):
        assert attempt_of((0, execute()), *order).status == "returned"


def test_a_second_attempt_beside_the_first_is_a_hedge_and_after_it_a_retry() -> None:
    hedged = run_of((0, execute()), (5, execute(attempt=1)), (6, answer(attempt=1)))
    retried = run_of((0, execute()), (4, answer(**FAILED)), (5, execute(attempt=1)))
    assert (hedged.hedges, hedged.retries) == (1, 0)
    assert (retried.hedges, retried.retries) == (0, 1)


def test_an_attempt_that_was_only_reserved_for_was_not_made() -> None:
    reserved = BudgetReserve(query_id="q", amount_msat=9)
    cancelled = SubQueryCancel(query_id="q", reason="budget")
    run = run_of((0, submit()), (1, reserved), (2, cancelled))
    assert (run.attempts, run.unknown_cost, run.cancelled) == (0, 0, 1)


def test_the_bytes_of_an_attempt_cover_all_its_events() -> None:
    row = attempt_of((0, submit()), (1, execute()), (2, answer()))
    assert (row.offset, row.length) == (200, 190)


def test_a_guessed_time_marks_the_attempt() -> None:
    assert attempt_of((0, execute(inferred=True)), (1, answer())).inferred


# ---------------------------------------------------------------- money and tokens


def test_unknown_is_never_zero() -> None:
    run = run_of((0, execute()), (1, answer()))
    assert (run.cost_msat, run.cost_usd_nanos, run.unknown_cost) == (None, None, 1)
    assert (run.input_tokens, run.unknown_usage) == (None, 1)


def test_a_timeout_and_a_cancel_may_have_been_charged() -> None:
    run = run_of(
        (0, execute("a")),
        (0, execute("b")),
        (5, SubQueryTimeout(query_id="a", elapsed_ms=5)),
        (6, SubQueryCancel(query_id="b", reason="straggler")),
    )
    assert (run.unknown_cost, run.unknown_usage) == (2, 2)


def test_a_cost_that_is_said_in_both_units_is_apart_in_neither() -> None:
    run = run_of((0, answer("a", cost_msat=5, cost_usd_nanos=50)), (1, answer("b", cost_msat=2)))
    assert (run.cost_msat, run.cost_usd_nanos) == (7, 50)
    assert (run.apart_msat, run.apart_usd_nanos) == (2, 0)


def test_a_total_of_the_producer_in_one_unit_is_apart() -> None:
    assert run_of((0, RunDone(cost_usd_nanos=5))).apart_usd_nanos == 5


def test_costs_add_up_in_each_unit_by_itself() -> None:
    run = run_of(
        (0, execute("a")),
        (1, answer("a", cost_msat=1_500, usage=Usage(input=10, output=2, cached=4))),
        (2, execute("b")),
        (3, answer("b", cost_usd_nanos=70, usage=Usage(input=5), usage_quality="estimated")),
    )
    assert (run.cost_msat, run.cost_usd_nanos, run.unknown_cost) == (1_500, 70, 0)
    assert (run.apart_msat, run.apart_usd_nanos) == (1_500, 70)
    assert (run.input_tokens, run.output_tokens, run.cached_tokens) == (15, 2, 4)
    assert (run.estimated_usage, run.unknown_usage) == (1, 0)


def test_what_the_ancestor_wrote_in_sats_is_not_folded() -> None:
    run = run_of((0, answer(cost_sats=12)), (1, RunDone(total_cost_sats=12)))
    assert (run.cost_msat, run.unknown_cost) == (None, 1)


def test_a_producer_that_knows_only_totals_is_believed() -> None:
    done = RunDone(usage=Usage(input=9, output=1), cost_usd_nanos=5)
    run = run_of((0, RunInit()), (1, done))
    assert (run.cost_usd_nanos, run.input_tokens, run.output_tokens) == (5, 9, 1)


def test_totals_of_the_end_give_way_to_the_attempts() -> None:
    run = run_of((0, answer(cost_msat=3)), (1, RunDone(cost_msat=99)))
    assert run.cost_msat == 3


def test_a_reservation_is_held_until_it_is_settled() -> None:
    reserved = BudgetReserve(query_id="q", amount_msat=100)
    settled = BudgetSettle(query_id="q", actual_msat=120, overage_msat=20)
    before, after = run_of((0, reserved)), run_of((0, reserved), (1, settled))
    assert (before.reserved_msat, before.settled_msat) == (100, 0)
    assert (after.reserved_msat, after.settled_msat, after.overage_msat) == (0, 120, 20)


def test_without_a_budget_nothing_is_reserved_nor_zero() -> None:
    assert run_of((0, execute())).reserved_msat is None


def test_an_amount_beyond_all_measure_is_damage_and_unknown() -> None:
    assert run_of((0, answer(cost_msat=1 << 80))).unknown_cost == 1


# ---------------------------------------------------------------- what was measured and kept


def test_the_last_value_of_a_metric_is_its_summary() -> None:
    (row,) = fold(
        (0, Metric(name="f1", value=0.1, step=0)), (1, Metric(name="f1", value=0.7, step=1))
    ).metrics
    assert (row.value, row.step) == (0.7, 1)


def test_a_summary_that_was_set_stays() -> None:
    told = [(0, Metric(name="f1", value=0.9, summary=True)), (1, Metric(name="f1", value=0.1))]
    assert fold(*told).metrics[0].value == 0.9


def test_scores_are_kept_by_who_judged_what() -> None:
    summary = fold(
        (0, Score(name="s", value=0.1, scorer="a")),
        (1, Score(name="s", value=0.2, scorer="a")),
        (2, Score(name="s", value=0.3, scorer="b")),
    )
    assert [score.value for score in summary.scores] == [0.2, 0.3]
    assert summary.run.scores == 2


def test_artifacts_are_kept_by_name() -> None:
    told = Artifact(name="plot.png", sha256="0" * 64, bytes=3)
    summary = fold((0, told), (1, told))
    assert summary.artifacts == [told]
    assert summary.run.artifacts == 1
