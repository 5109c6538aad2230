"""Settings that make no sense are refused by name."""

from __future__ import annotations

import pytest

from rlmboard.conductor import Outcome, Settings
from rlmboard.errors import BadInput
from rlmboard.trace import Failure, RunCancelled, RunDone, RunFailed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fanout", 0),
        ("fanout", 2.5),
        ("fanout", True),
        ("chunk_size", 15),
        ("max_fragments", 0),
        ("select", "some"),
        ("top_k", 0),
        ("routing", "nearest"),
        ("hedge_after", "p99"),
        ("hedge_after", 0),
        ("max_attempts", 0),
        ("timeout_s", 0),
        ("timeout_s", float("inf")),
        ("timeout_s", float("nan")),
        ("per_query_timeout_s", -1),
        ("max_depth", 0),
        ("max_tokens", 0),
        ("max_prompt_chars", 100),
        ("budget_msat", -1),
        ("budget_msat", 0.5),
        ("budget_usd_nanos", False),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(field, value):
    with pytest.raises(BadInput, match=f"^{field} is .*; it must be "):
        Settings(**{field: value})


def test_the_usual_settings_make_sense():
    assert Settings().fanout == 10


def test_an_outcome_says_how_the_run_ended():
    done = Outcome(status="completed", end_reason="answer", answer="42").end_event()
    assert done == RunDone(output="42", end_reason="answer")
    error = Failure(type="QuorumNotMet")
    failed = Outcome(status="failed", end_reason="quorum", partial=True, error=error).end_event()
    assert failed == RunFailed(error=error, end_reason="quorum")
    cancelled = Outcome(status="cancelled", end_reason="user", answer="so far").end_event()
    assert cancelled == RunCancelled(end_reason="user", output="so far")
