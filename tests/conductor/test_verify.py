"""What an answer must pass to count."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.conductor import (
    NO_EVIDENCE,
    NO_VERIFICATION,
    Answer,
    Verification,
    parse_verification,
)
from rlmboard.conductor.verify import agreement, objective_rule, similarity
from rlmboard.errors import BadInput
from rlmboard.trace import (
    SpanRef,
    SubQueryCancel,
    SubQueryExecute,
    VerifyCitations,
    VerifyObjective,
    VerifyRedundant,
)

SCHEMA = '{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}'


def says(texts):
    """Answers by replica, after a second; None hangs."""
    return lambda ask: (
        (1.0, Answer(text="the answer"))
        if ask.question.role == "reducer"
        else None if texts[ask.replica] is None else (1.0, Answer(text=texts[ask.replica]))
    )  # fmt: skip


# ------------------------------------------------------------------ the text of a tier


def test_a_tier_is_read_from_its_text():
    assert parse_verification("none") == NO_VERIFICATION
    assert parse_verification("citations") == Verification("citations")
    assert parse_verification("redundancy") == Verification("redundancy", 3, 2, 0.8)
    assert parse_verification("redundancy:5/3@0.9") == Verification("redundancy", 5, 3, 0.9)
    assert parse_verification("redundancy:2/2").threshold == 0.8
    assert parse_verification(f"objective:{SCHEMA}").schema["required"] == ["name"]
    assert parse_verification("objective:sha256:" + "AB" * 32).sha256 == "ab" * 32


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "makes no sense: say none"),
        ("trust", "makes no sense: say none"),
        ("citations:3", "makes no sense: say none"),
        ("redundancy:2/3", "workers/agreeing"),
        ("redundancy:3", "workers/agreeing"),
        ("redundancy:3/0", "workers/agreeing"),
        ("redundancy:3/2@1.5", "workers/agreeing"),
        ("redundancy:3/2@0", "workers/agreeing"),
        ("objective", "JSON Schema"),
        ("objective:[1]", "an object"),
        ('objective:{"type": "foo"}', "cannot be used"),
        ('objective:{"pattern": "("}', "cannot be used"),
        ('objective:{"properties": 3}', "cannot be used"),
        ('objective:{"$ref": "http://example.invalid/s"}', "whole in itself"),
        ("objective:sha256:12", "64 hexadecimal"),
        ("attestation", "validators of the swarm"),
    ],
)
def test_a_tier_that_makes_no_sense_is_refused(text, why):
    with pytest.raises(BadInput, match=why):
        parse_verification(text)


# ------------------------------------------------------------------ how alike


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Forty-two.", "forty two"),
        ("It is 12 ms [a.py:1-3].", "it is 12 ms [b.py:7]"),
        ("", ""),
        (NO_EVIDENCE, "no relevant content"),
    ],
)
def test_case_punctuation_and_citations_do_not_count(one, other):
    assert similarity(one, other) == 1.0


def test_answers_with_different_numbers_are_not_alike():
    assert similarity("the timeout is 30 seconds", "the timeout is 60 seconds") == 0.0


def test_short_answers_are_compared_by_letters_and_long_ones_by_words():
    assert similarity("the heartbeat file", "the heartbeats file") > 0.9
    words = [f"word{chr(97 + i)}" for i in range(26)]
    assert similarity(" ".join(words), " ".join(reversed(words))) == 1.0
    assert similarity(" ".join(words), " ".join(words[:13])) == 0.5


@given(st.text(max_size=150), st.text(max_size=150))
def test_likeness_lies_between_0_and_1_and_has_no_direction(one, other):
    assert 0.0 <= similarity(one, other) <= 1.0
    assert similarity(one, other) == similarity(other, one)
    assert similarity(one, one) == 1.0


@given(st.lists(st.sampled_from(["a b c", "a b d", "x y", ""]), min_size=1, max_size=6))
def test_the_largest_group_wins_and_the_winner_is_of_it(answers):
    found = agreement(answers, 0.8)
    assert found.winner in found.agreeing
    assert found.share == len(found.agreeing) / len(answers)
    assert len(found.agreeing) >= max(answers.count(answer) for answer in answers)


# ------------------------------------------------------------------ redundancy


def test_each_fragment_is_answered_by_as_many_workers_as_asked(stage, offer):
    stage.documents(2)
    stage.offers = [offer("a"), offer("b"), offer("c")]
    stage.script = says(["yes", "yes", "yes"])
    stage.run(verification=parse_verification("redundancy:3/3"))
    asked = [(e.query_id, e.replica) for e in stage.of(SubQueryExecute)]
    assert sorted(asked[:-1]) == [(q, r) for q in ("q1", "q2") for r in range(3)]
    assert [ask.key.split("/")[0] for ask in stage.asked[:-1]].count("q1") == 3
    providers = [e.provider_id for e in stage.of(SubQueryExecute) if e.query_id == "q1"]
    assert sorted(providers) == ["a", "b", "c"]


def test_the_answer_that_most_agree_with_wins(stage):
    stage.documents(1)
    stage.script = says(["it is late", "it is red", "it is red."])
    outcome = stage.run(verification=parse_verification("redundancy:3/2@0.9"))
    assert outcome.status == "completed"
    (verified,) = stage.of(VerifyRedundant)
    assert (verified.n_of_m, verified.passed, verified.replicas) == ((2, 3), True, (1, 2))
    assert verified.agreement == pytest.approx(2 / 3, abs=1e-6)
    assert stage.asked[-1].question.findings[0].text == "it is red"


def test_when_enough_agree_the_others_are_not_waited_for(stage):
    stage.documents(1)
    stage.script = says(["red", "red", None])
    stage.run(verification=parse_verification("redundancy:3/2"))
    assert [(e.replica, e.reason) for e in stage.of(SubQueryCancel)] == [(2, "straggler")]
    assert stage.took_s == 2.0


def test_disagreement_is_recorded_and_the_sub_query_does_not_count(stage):
    stage.documents(1)
    stage.script = says(["red", "green", "blue"])
    outcome = stage.run(verification=parse_verification("redundancy:3/2"))
    assert (outcome.status, outcome.end_reason) == ("failed", "quorum")
    assert "1 of 3 answers agree, 2 were needed" in outcome.error.message
    assert [(e.passed, e.n_of_m) for e in stage.of(VerifyRedundant)] == [(False, (1, 3))]


def test_too_few_answers_to_agree_fail_at_once(stage, error):
    stage.documents(1)
    stage.by_key({"q1/0/0": (1.0, error()), "q1/1/0": (1.0, error()), "q1/2/0": None})
    stage.run(verification=parse_verification("redundancy:3/2"))
    assert [(e.passed, e.n_of_m, e.agreement) for e in stage.of(VerifyRedundant)] == [
        (False, (0, 3), 0.0)
    ]
    assert stage.took_s == 1.0


def test_a_failed_worker_is_tried_again_on_its_own(stage, error):
    stage.documents(1)
    stage.by_key({"q1/1/0": (1.0, error(retryable=True))})
    outcome = stage.run(verification=parse_verification("redundancy:2/2"))
    assert outcome.status == "completed"
    keys = [ask.key for ask in stage.asked if ask.question.role == "extractor"]
    assert keys == ["q1/0/0", "q1/1/0", "q1/1/1"]


def test_answers_of_different_fragments_are_never_compared(stage):
    stage.documents(3)
    outcome = stage.run(verification=parse_verification("redundancy:2/2"))
    assert outcome.status == "completed"
    assert len(stage.of(VerifyRedundant)) == 3
    assert len(stage.asked[-1].question.findings) == 3


# ------------------------------------------------------------------ objective


def test_an_answer_that_fits_the_schema_counts_and_one_that_does_not_fails(stage):
    stage.documents(2)
    stage.by_key(
        {
            "q1/0/0": (1.0, Answer(text='```json\n{"name": "x"}\n```')),
            "q2/0/0": (1.0, Answer(text='{"name": 3}')),
        }
    )
    outcome = stage.run(verification=parse_verification(f"objective:{SCHEMA}"))
    assert outcome.status == "failed"
    checks = {e.query_id: (e.check_type, e.passed, e.detail) for e in stage.of(VerifyObjective)}
    assert checks["q1"] == ("json_schema", True, None)
    assert checks["q2"] == ("json_schema", False, "data.name must be string")


def test_the_schema_goes_with_the_question_to_fragments_only(stage):
    stage.documents(1)
    stage.by_key({"extractor": (1.0, Answer(text='{"name": "x"}'))})
    stage.run(verification=parse_verification(f"objective:{SCHEMA}"))
    first, last = stage.asked
    assert first.question.schema["required"] == ["name"]
    assert last.question.schema is None


@pytest.mark.parametrize("text", ["not json", "", "[" * 100_000, '{"name": NaN'])
def test_what_is_no_json_fails_the_schema_and_nothing_else(text):
    _, wrong = objective_rule(parse_verification(f"objective:{SCHEMA}"))
    assert wrong(text)


def test_an_answer_may_be_held_against_a_hash():
    digest = hashlib.sha256(b"42").hexdigest()
    name, wrong = objective_rule(parse_verification(f"objective:sha256:{digest}"))
    assert name == "hash"
    assert wrong("42") is None
    assert "sha256 of the answer is" in wrong("43")


# ------------------------------------------------------------------ citations


def span(path="doc0.txt"):
    return SpanRef(id=path, path=path, start_line=1, end_line=1, end_byte=5, content_hash="0" * 64)


def test_an_answer_counts_when_every_span_that_it_cites_holds(stage):
    stage.documents(2)
    stage.holds = lambda ref: ref.path != "gone.txt"
    stage.by_key(
        {
            "q1/0/0": (1.0, Answer(text="x", span_refs=(span(),))),
            "q2/0/0": (1.0, Answer(text="x", span_refs=(span(), span("gone.txt")))),
        }
    )
    outcome = stage.run(verification=parse_verification("citations"))
    assert outcome.status == "failed"
    of_queries = [e for e in stage.of(VerifyCitations) if e.query_id]
    assert [(e.checked, e.missing, e.passed) for e in of_queries] == [(1, 0, True), (2, 1, False)]


def test_an_answer_that_cites_nothing_proves_nothing(stage):
    stage.documents(1)
    outcome = stage.run(verification=parse_verification("citations"))
    assert "it cites nothing" in outcome.error.message


def test_no_evidence_needs_no_citation(stage):
    stage.documents(1)
    stage.by_key({"extractor": (1.0, Answer(text=NO_EVIDENCE))})
    assert stage.run(verification=parse_verification("citations")).status == "completed"


def test_the_citations_of_the_answer_are_always_checked(stage):
    stage.documents(1)
    stage.holds = lambda ref: False
    stage.by_key({"reducer": (1.0, Answer(text="x", span_refs=(span(),)))})
    outcome = stage.run()
    assert (outcome.status, outcome.span_refs) == ("completed", (span(),))
    (event,) = stage.of(VerifyCitations)
    assert (event.query_id, event.checked, event.missing, event.passed) == (None, 1, 1, False)


def test_under_citations_an_answer_that_does_not_hold_fails_the_run_and_is_kept(stage):
    stage.documents(1)
    stage.holds = lambda ref: ref.path != "gone.txt"
    stage.by_key(
        {
            "extractor": (1.0, Answer(text="x", span_refs=(span(),))),
            "reducer": (1.0, Answer(text="y", span_refs=(span("gone.txt"),))),
        }
    )
    outcome = stage.run(verification=parse_verification("citations"))
    assert (outcome.status, outcome.end_reason, outcome.answer) == ("failed", "errors", "y")
    assert outcome.error.message == "1 of 1 citations of the answer do not hold"
