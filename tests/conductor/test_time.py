"""Timeouts bound what they say; retries wait; a hedge is a second chance, not a second answer."""

from __future__ import annotations

import pytest

from rlmboard.conductor import BEST_EFFORT, Answer, Plan, Program, Settings, parse_quorum
from rlmboard.conductor.plan import Answered, Check, Started, Ticked
from rlmboard.conductor.plan.pace import LONGEST_BACKOFF_S, Latencies, backoff_s
from rlmboard.trace import (
    Aggregate,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQueryTimeout,
)


def test_an_attempt_that_hangs_times_out_and_is_tried_again(stage):
    stage.documents(1)
    stage.by_key({"q1/0/0": None})
    outcome = stage.run(per_query_timeout_s=5.0)
    assert outcome.status == "completed"
    (timeout,) = stage.of(SubQueryTimeout)
    assert (timeout.query_id, timeout.attempt, timeout.elapsed_ms) == ("q1", 0, 5000.0)
    assert [e.attempt for e in stage.of(SubQueryExecute)][:2] == [0, 1]


def test_each_attempt_has_the_whole_per_query_timeout(stage):
    stage.documents(3)
    stage.by_key({"extractor": (4.9, Answer(text="late, but in time"))})
    assert stage.run(fanout=1, per_query_timeout_s=5.0).status == "completed"
    assert not stage.of(SubQueryTimeout)


def test_elapsed_time_is_measured_and_not_configured(stage):
    stage.documents(2)
    stage.by_key({"q1/0/0": None, "q2/0/0": (5.0, Answer(text="x"))})
    stage.run(per_query_timeout_s=5.0)
    assert stage.of(SubQueryTimeout)[0].elapsed_ms == 5000.0


def test_the_total_timeout_bounds_the_run_and_keeps_what_there_is(stage):
    stage.documents(3)
    stage.by_key({"q3/0/0": None})
    outcome = stage.run(timeout_s=20.0, per_query_timeout_s=None)
    assert stage.took_s == 20.0
    assert (outcome.status, outcome.end_reason) == ("failed", "timeout")
    assert outcome.partial
    assert "extractor of doc0.txt:1-1" in outcome.answer
    assert [(e.query_id, e.reason) for e in stage.of(SubQueryCancel)] == [("q3", "timeout")]
    assert [(e.input_count, e.query_id) for e in stage.of(Aggregate)] == [(2, None)]


def test_the_total_timeout_bounds_the_aggregation_too(stage):
    stage.documents(2)
    stage.by_key({"reducer": None})
    outcome = stage.run(timeout_s=20.0, per_query_timeout_s=None)
    assert stage.took_s == 20.0
    assert (outcome.status, outcome.end_reason, outcome.partial) == ("completed", "timeout", True)
    assert "extractor of doc1.txt:1-1" in outcome.answer


def test_best_effort_waits_until_the_total_timeout_and_no_longer(stage):
    stage.documents(3)
    stage.by_key({"q3/0/0": None})
    outcome = stage.run(timeout_s=20.0, per_query_timeout_s=None, quorum=BEST_EFFORT)
    assert stage.took_s == 20.0
    assert (outcome.status, outcome.end_reason, outcome.partial) == ("completed", "timeout", True)


def test_best_effort_ends_when_all_have_ended(stage, error):
    stage.documents(3)
    stage.by_key({"q3/0/0": (2.0, error())})
    outcome = stage.run(quorum=BEST_EFFORT)
    assert (outcome.status, outcome.partial) == ("completed", True)
    assert stage.took_s == 3.0


def test_without_timeouts_nothing_is_cut_off(stage):
    stage.by_key({"extractor": (1e6, Answer(text="x"))})
    assert stage.run(timeout_s=None, per_query_timeout_s=None).status == "completed"


# ------------------------------------------------------------------ retries


def test_a_retryable_error_is_tried_again_after_a_backoff(stage, error):
    stage.documents(1)
    stage.by_key({"q1/0/0": (1.0, error(retryable=True))})
    assert stage.run().status == "completed"
    assert [e.attempt for e in stage.of(SubQueryReturn) if e.query_id == "q1"] == [0, 1]
    again = stage.times_of(SubQueryExecute)[1]
    assert 1.25 <= again <= 1.5


def test_an_error_that_is_not_retryable_is_not_tried_again(stage, error):
    stage.documents(1)
    stage.by_key({"q1/0/0": (1.0, error("bad_request"))})
    outcome = stage.run()
    assert outcome.status == "failed"
    assert "bad_request: it is bad_request" in outcome.error.message
    assert len(stage.asked) == 1


def test_a_sub_query_is_given_up_after_max_attempts_failures(stage, error):
    stage.documents(1)
    stage.by_key({"extractor": (1.0, error(retryable=True))})
    outcome = stage.run(max_attempts=4)
    assert outcome.status == "failed"
    assert [ask.key for ask in stage.asked] == [f"q1/0/{i}" for i in range(4)]


def test_a_provider_that_says_retry_after_is_left_alone_until_then(stage, error):
    stage.documents(3)
    stage.by_key({"q1/0/0": (1.0, error("429", retryable=True, retry_after_s=30.0))})
    outcome = stage.run(fanout=1)
    assert outcome.status == "completed"
    assert stage.times_of(SubQueryExecute)[1] == 31.0


def test_while_one_provider_is_left_alone_the_others_are_asked(stage, offer, error):
    stage.documents(4)
    stage.offers = [offer("busy"), offer("idle")]
    stage.script = lambda ask: (
        (0.1, error("429", retryable=True, retry_after_s=30.0))
        if ask.provider == "busy"
        else (1.0, Answer(text="x"))
    )
    outcome = stage.run(fanout=1)
    assert outcome.status == "completed"
    assert stage.asked_providers().count("busy") == 1
    assert stage.took_s < 10


def test_a_retry_that_would_come_after_the_end_is_not_waited_for(stage, error):
    stage.documents(1)
    stage.by_key({"q1/0/0": (1.0, error("429", retryable=True, retry_after_s=3600.0))})
    outcome = stage.run(timeout_s=60.0)
    assert (outcome.status, outcome.end_reason) == ("failed", "quorum")
    assert stage.took_s == 1.0


def test_a_retry_prefers_another_provider(stage, offer, error):
    stage.documents(1)
    stage.offers = [offer("a"), offer("b")]
    stage.by_key({"q1/0/0": (1.0, error(retryable=True))})
    stage.run()
    assert stage.asked_providers()[:2] == ["a", "b"]


def test_backoff_doubles_is_bounded_and_is_drawn_from_the_seed():
    waits = [backoff_s(n, 7, "q1/0/0") for n in range(1, 30)]
    assert waits[:4] == sorted(waits[:4])
    assert waits[1] == pytest.approx(2 * waits[0])
    assert max(waits) <= LONGEST_BACKOFF_S
    assert waits == [backoff_s(n, 7, "q1/0/0") for n in range(1, 30)]
    assert backoff_s(1, 8, "q1/0/0") != waits[0]


# ------------------------------------------------------------------ hedges


def test_a_slow_attempt_gets_a_hedge_and_the_first_answer_wins(stage, offer):
    stage.documents(1)
    stage.offers = [offer("slow"), offer("quick")]
    stage.by_key({"q1/0/0": (50.0, Answer(text="late")), "q1/0/1": (1.0, Answer(text="early"))})
    stage.run(hedge_after=3.0)
    mine = [e for e in stage.of(SubQueryExecute) if e.query_id == "q1"]
    assert [(e.attempt, e.provider_id) for e in mine] == [(0, "slow"), (1, "quick")]
    assert [(e.attempt, e.reason) for e in stage.of(SubQueryCancel)] == [(0, "hedge")]
    assert stage.asked[-1].question.findings[0].text == "early"
    assert stage.took_s == 5.0


def test_the_first_attempt_may_win_against_its_hedge(stage):
    stage.documents(1)
    stage.by_key({"q1/0/0": (4.0, Answer(text="first")), "q1/0/1": None})
    stage.run(hedge_after=3.0)
    assert [(e.attempt, e.reason) for e in stage.of(SubQueryCancel)] == [(1, "hedge")]


def test_a_failed_first_attempt_leaves_the_hedge_running(stage, error):
    stage.documents(1)
    stage.by_key({"q1/0/0": (4.0, error(retryable=True)), "q1/0/1": (2.0, Answer(text="x"))})
    assert stage.run(hedge_after=3.0).status == "completed"
    assert len([ask for ask in stage.asked if ask.question.role == "extractor"]) == 2


def test_a_sub_query_is_hedged_once(stage):
    stage.documents(1)
    stage.by_key({"q1/0/0": None, "q1/0/1": None, "q1/0/2": (1.0, Answer(text="x"))})
    stage.run(hedge_after=1.0, per_query_timeout_s=10.0)
    assert stage.times_of(SubQueryExecute)[:2] == [0.0, 1.0]
    assert stage.times_of(SubQueryExecute)[2] > 11.0


def test_p95_hedges_once_there_are_ten_answers(stage):
    stage.documents(12)
    stage.by_key({"q1/0/0": None, "q12/0/0": None})
    stage.run(hedge_after="p95", fanout=12, per_query_timeout_s=30.0)
    hedges = [e for e in stage.of(SubQueryExecute) if e.attempt == 1]
    assert {e.query_id for e in hedges} == {"q1", "q12"}
    assert {e.reason for e in stage.of(SubQueryCancel)} == {"hedge"}


def test_fewer_than_ten_answers_hedge_nothing(stage):
    stage.documents(5)
    stage.by_key({"q1/0/0": None})
    stage.run(hedge_after="p95", per_query_timeout_s=30.0)
    assert len(stage.of(SubQueryTimeout)) == 1


def test_p95_is_of_the_last_answers():
    latencies = Latencies()
    for _ in range(500):
        latencies.add(100.0)
    for i in range(500):
        latencies.add(i / 500)
    assert latencies.p95() == pytest.approx(0.95, abs=0.005)


# ------------------------------------------------------------------ cancelling


def test_a_cancelled_run_records_what_is_known_and_keeps_it(stage):
    stage.documents(4)
    stage.by_key({"q3/0/0": None})
    outcome = stage.run(cancel_at=2.5, fanout=2)
    assert (outcome.status, outcome.end_reason) == ("cancelled", "user")
    assert {e.reason for e in stage.of(SubQueryCancel)} == {"user"}
    assert "extractor of doc0.txt:1-1" in outcome.answer
    assert stage.took_s == 2.5


def test_a_run_that_is_cancelled_at_once_ends_at_once(stage):
    outcome = stage.run(cancel_at=0.0)
    assert (outcome.status, outcome.answer) == ("cancelled", "")


def test_a_clock_that_steps_back_is_taken_to_stand_still(stage, offer):
    stage.documents(1)
    plan = Plan(Program(query="why?", fragments=stage.fragments), [offer()])
    plan.next(Started(), 1000.0)
    actions = plan.next(Answered("q1/0/0", Answer(text="x")), 10.0)
    (returned,) = [a for a in actions if isinstance(a, SubQueryReturn)]
    assert returned.duration_ms == 0.0


def test_a_clock_that_jumps_fires_what_is_due(stage, offer):
    stage.documents(2)
    settings = Settings(quorum=BEST_EFFORT)
    plan = Plan(Program(query="why?", fragments=stage.fragments, settings=settings), [offer()])
    plan.next(Started(), 0.0)
    actions = plan.next(Ticked(), 1e9)
    assert len([a for a in actions if isinstance(a, SubQueryTimeout)]) == 2
    assert isinstance(actions[-1], Check)


def test_the_quorum_may_be_met_before_the_slow_ones_answer(stage):
    stage.documents(10)
    stage.by_key({"q9/0/0": None, "q10/0/0": None})
    outcome = stage.run(quorum=parse_quorum("80%"))
    assert outcome.status == "completed"
    assert stage.took_s == 2.0
