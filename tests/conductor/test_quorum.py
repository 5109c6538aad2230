"""How many successes are enough, and what happens when they can no longer be had."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.conductor import Answer, parse_quorum
from rlmboard.errors import BadInput
from rlmboard.trace import SubQueryCancel, SubQuerySubmit


@pytest.mark.parametrize(
    ("text", "of_ten"),
    [
        ("all", 10),
        ("ALL ", 10),
        ("0.8", 8),
        ("80%", 8),
        ("12.5 %", 2),
        (".05", 1),
        ("100%", 10),
        ("1.0", 10),
        ("1", 1),
        ("5", 5),
        ("25", 25),
        (0.8, 8),
        (5, 5),
        ("best-effort", None),
    ],
)
def test_a_quorum_is_all_a_fraction_a_count_or_best_effort(text, of_ten):
    assert parse_quorum(text).required(10) == of_ten


@pytest.mark.parametrize("text", ["", "most", "0", "0.0", "0%", "101%", "1.5", "-3", "nan", "8/10"])
def test_what_is_no_quorum_is_refused_with_what_may_be_said(text):
    with pytest.raises(BadInput, match="say all, best-effort, a fraction"):
        parse_quorum(text)


@given(st.integers(1, 100), st.integers(1, 10_000))
def test_a_fraction_is_exact_whatever_floats_make_of_it(percent, total):
    required = parse_quorum(f"{percent}%").required(total)
    assert (required - 1) * 100 < percent * total <= required * 100


@given(st.integers(1, 1000))
def test_a_quorum_says_itself_as_it_is_read(number):
    for quorum in (parse_quorum(number), parse_quorum("best-effort"), parse_quorum("0.25")):
        assert parse_quorum(str(quorum)) == quorum


def test_when_enough_succeeded_the_stragglers_are_cancelled(stage):
    stage.documents(5)
    stage.by_key({"q2/0/0": None})
    outcome = stage.run(quorum=parse_quorum(4))
    assert (outcome.status, outcome.end_reason) == ("completed", "answer")
    assert [(e.query_id, e.reason) for e in stage.of(SubQueryCancel)] == [("q2", "straggler")]


def test_what_was_not_asked_when_the_quorum_is_met_is_never_asked(stage):
    stage.documents(10)
    stage.run(quorum=parse_quorum(2), fanout=1)
    assert stage.roles() == ["extractor", "extractor", "reducer"]


def test_a_quorum_that_can_no_longer_be_met_ends_the_run_at_once(stage, error):
    stage.documents(4)
    stage.by_key(
        {
            "q1/0/0": (2.0, error()),
            "q2/0/0": (2.0, error()),
            "q3/0/0": (1.0, Answer(text="found something")),
            "q4/0/0": None,
        }
    )
    outcome = stage.run(quorum=parse_quorum(3))
    assert (outcome.status, outcome.end_reason) == ("failed", "quorum")
    assert outcome.error.type == "QuorumNotMet"
    assert "1 of 4 sub-queries succeeded, 3 had to" in outcome.error.message
    assert outcome.answer == "doc2.txt:1-1:\nfound something"
    assert outcome.partial
    assert stage.took_s == 2.0


def test_a_count_above_the_number_of_fragments_fails_before_anything_is_asked(stage):
    stage.documents(3)
    outcome = stage.run(quorum=parse_quorum(5))
    assert (outcome.status, outcome.end_reason) == ("failed", "quorum")
    assert not stage.of(SubQuerySubmit)


def test_one_failure_under_all_does_not_wait_for_the_timeout(stage, error):
    stage.documents(3)
    stage.by_key({"q1/0/0": (1.0, error())})
    stage.run()
    assert stage.took_s == 1.0


def test_best_effort_without_a_single_success_fails(stage, error):
    stage.by_key({"extractor": (1.0, error())})
    outcome = stage.run(quorum=parse_quorum("best-effort"))
    assert (outcome.status, outcome.end_reason) == ("failed", "errors")
    assert outcome.error.type == "NoAnswer"


def test_calls_of_the_root_are_outside_the_quorum(stage, error):
    stage.documents(2)
    stage.by_key({"reducer": (1.0, error())})
    assert stage.run(quorum=parse_quorum("all")).status == "completed"
