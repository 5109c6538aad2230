"""Fragments are asked, collected, reduced: the tree that the events describe."""

from __future__ import annotations

import pytest

from rlmboard.conductor import NO_EVIDENCE, Answer, Program, Settings, parse_quorum
from rlmboard.errors import BadInput
from rlmboard.trace import (
    Aggregate,
    EnvLoadFragment,
    EnvSelectFragments,
    Note,
    RlmEnd,
    RlmStart,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
)


def test_each_fragment_is_asked_and_a_reducer_gives_the_answer(stage):
    stage.documents(3)
    outcome = stage.run()
    assert (outcome.status, outcome.end_reason) == ("completed", "answer")
    assert outcome.answer == "reducer of 3 findings"
    assert not outcome.partial
    assert stage.roles() == ["extractor"] * 3 + ["reducer"]


def test_the_input_is_told_before_anything_is_asked(stage):
    stage.documents(2)
    stage.run()
    kinds = [type(event) for event in stage.events[:3]]
    assert kinds == [EnvLoadFragment, EnvLoadFragment, EnvSelectFragments]
    assert stage.events[0].span_ref == stage.fragments[0].span
    assert stage.events[2].fragment_ids == tuple(f.id for f in stage.fragments)


def test_a_large_selection_is_told_in_parts(stage):
    stage.documents(2_300)
    stage.offers[0].concurrency = 100
    stage.run(fanout=100)
    assert [len(e.fragment_ids) for e in stage.of(EnvSelectFragments)] == [1000, 1000, 300]


def test_an_attempt_is_submitted_executed_and_returned_in_this_order(stage):
    stage.documents(1)
    stage.run()
    mine = [e for e in stage.events if getattr(e, "query_id", None) == "q1"]
    assert [type(e) for e in mine] == [SubQuerySubmit, SubQueryExecute, SubQueryReturn]
    assert mine[0].fragment_id == stage.fragments[0].id
    assert (mine[0].parent_id, mine[0].depth, mine[0].role) == (None, 1, "extractor")
    assert (mine[1].provider_id, mine[1].simulated) == ("p", True)
    assert mine[2].duration_ms == 1000.0


def test_a_return_is_recorded_when_it_arrives(stage):
    stage.documents(3)
    stage.by_key({f.id: (float(i + 1), Answer(text="x")) for i, f in enumerate(stage.fragments)})
    stage.run()
    assert stage.times_of(SubQueryReturn)[:3] == [1.0, 2.0, 3.0]


def test_no_more_than_the_fan_out_is_under_way(stage):
    stage.documents(7)
    stage.run(fanout=3)
    assert stage.times_of(SubQueryExecute) == [0.0] * 3 + [1.0] * 3 + [2.0] + [3.0]


def test_no_provider_gets_more_than_it_can_take(stage, offer):
    stage.documents(6)
    stage.offers = [offer("small", 1), offer("large", 2)]
    stage.run(fanout=10)
    assert stage.times_of(SubQueryExecute)[:6] == [0.0] * 3 + [1.0] * 3
    assert stage.asked_providers()[:3].count("small") == 1


def test_findings_keep_the_order_of_the_document_whoever_answers_first(stage):
    stage.documents(3)
    stage.by_key({f.id: (3.0 - i, Answer(text=str(i))) for i, f in enumerate(stage.fragments)})
    stage.run()
    reducer = stage.asked[-1].question
    assert [finding.text for finding in reducer.findings] == ["0", "1", "2"]


def test_what_is_not_relevant_counts_but_is_not_aggregated(stage):
    stage.documents(3)
    stage.by_key({stage.fragments[1].id: (1.0, Answer(text='"No relevant content"'))})
    outcome = stage.run()
    assert outcome.status == "completed"
    assert len(stage.asked[-1].question.findings) == 2


def test_when_nothing_is_relevant_the_answer_says_so_and_no_reducer_is_asked(stage):
    stage.by_key({"extractor": (1.0, Answer(text=NO_EVIDENCE))})
    outcome = stage.run()
    assert (outcome.status, outcome.answer) == ("completed", NO_EVIDENCE)
    assert "reducer" not in stage.roles()
    assert [e.input_count for e in stage.of(Aggregate)] == [0]


def test_one_finding_is_aggregated_too(stage):
    stage.documents(1)
    stage.run()
    assert stage.roles() == ["extractor", "reducer"]
    assert [e.input_count for e in stage.of(Aggregate)] == [1]


def test_an_empty_answer_is_a_failure_that_is_tried_again(stage):
    stage.documents(1)
    stage.by_key({"q1/0/0": (1.0, Answer(text="  "))})
    outcome = stage.run()
    assert outcome.status == "completed"
    first = stage.of(SubQueryReturn)[0]
    assert (first.success, first.error.type) == (False, "EmptyAnswer")


def test_nothing_to_read_is_refused_before_the_start():
    with pytest.raises(BadInput, match="nothing to read"):
        Program(query="why?", fragments=[])


def test_an_empty_query_is_refused(make_fragment):
    with pytest.raises(BadInput, match="query is empty"):
        Program(query="  ", fragments=[make_fragment(0)])


def test_too_many_fragments_are_refused_with_their_number(make_fragment):
    with pytest.raises(BadInput, match="1,001 fragments are more than max_fragments 1,000"):
        Program(
            query="why?",
            fragments=[make_fragment(0)] * 1001,
            settings=Settings(max_fragments=1000),
        )


def test_no_provider_is_refused(stage):
    stage.offers = []
    with pytest.raises(BadInput, match="no provider"):
        stage.run()


def test_providers_must_have_names_of_their_own_and_take_something(stage, offer):
    stage.offers = [offer("a"), offer("a")]
    with pytest.raises(BadInput, match="the same name"):
        stage.run()
    stage.offers = [offer("a", 0)]
    with pytest.raises(BadInput, match="provider a has no concurrency"):
        stage.run()


# ------------------------------------------------------------------ many findings


def test_many_findings_are_reduced_in_a_child_rlm_whose_results_are_reduced_again(stage):
    stage.documents(70)
    outcome = stage.run(fanout=70, max_depth=2)
    assert outcome.answer == "reducer of 3 findings"
    (start,), (end,) = stage.of(RlmStart), stage.of(RlmEnd)
    assert (start.node_id, start.parent_id, start.depth) == ("rlm1", None, 1)
    assert (end.node_id, end.end_reason) == ("rlm1", "answer")
    reducers = [e for e in stage.of(SubQuerySubmit) if e.role == "reducer"]
    assert [(e.parent_id, e.depth) for e in reducers] == [("rlm1", 2)] * 3 + [(None, 1)]
    assert [(e.batch_index, e.batch_size) for e in reducers[:3]] == [(0, 3), (1, 3), (2, 3)]
    assert [e.input_count for e in stage.of(Aggregate)] == [32, 32, 6, 3]


def test_at_the_greatest_depth_levels_of_reducers_stay_with_their_rlm(stage):
    stage.documents(70)
    stage.run(fanout=70, max_depth=1)
    assert not stage.of(RlmStart)
    parents = {e.parent_id for e in stage.of(SubQuerySubmit)}
    assert parents == {None}


def test_findings_too_long_for_one_prompt_are_reduced_in_batches(stage):
    stage.documents(6)
    stage.by_key({"extractor": (1.0, Answer(text="x" * 1000))})
    outcome = stage.run(max_prompt_chars=4000)
    assert outcome.status == "completed"
    assert stage.roles().count("reducer") == 3


def test_a_finding_of_ten_megabytes_is_truncated_and_that_is_said(stage):
    stage.documents(2)
    stage.by_key({"q1/0/0": (1.0, Answer(text="x" * 10_000_000))})
    outcome = stage.run()
    assert outcome.status == "completed"
    assert any("truncated" in note.message for note in stage.of(Note))
    reducer = next(ask for ask in stage.asked if ask.question.role == "reducer")
    assert sum(len(f.text) for f in reducer.question.findings) < 48_000


def test_a_reducer_that_never_answers_leaves_the_findings_joined(stage, error):
    stage.documents(2)
    stage.by_key({"reducer": (1.0, error())})
    outcome = stage.run()
    assert (outcome.status, outcome.partial) == ("completed", True)
    assert "extractor of doc0.txt:1-1" in outcome.answer
    assert "doc1.txt:1-1:" in outcome.answer


def test_a_reducer_of_a_level_that_never_answers_costs_only_its_batch(stage, error):
    stage.documents(40)
    stage.by_key({"q41/0/0": (1.0, error())})
    outcome = stage.run(fanout=40)
    assert (outcome.status, outcome.partial) == ("completed", True)
    assert outcome.answer == "reducer of 2 findings"


# ------------------------------------------------------------------ recursion


def test_a_fragment_too_large_for_one_prompt_gets_a_child_rlm(stage, make_fragment):
    text = "".join(f"line {i} of a long text\n" for i in range(400))
    long = make_fragment(0, text)
    stage.fragments = [long, make_fragment(1)]
    stage.texts = {long.id: text}
    outcome = stage.run(max_prompt_chars=4000)
    assert outcome.status == "completed"
    (start, *_), (end, *_) = stage.of(RlmStart), stage.of(RlmEnd)
    assert (start.node_id, start.depth, start.config) == ("rlm1", 1, {"fragment": long.id})
    assert end.answer.startswith("reducer of")
    inside = [e for e in stage.of(SubQuerySubmit) if e.parent_id == "rlm1"]
    assert len(inside) == 5
    assert {e.depth for e in inside} == {2}
    last = stage.asked[-1].question
    assert [finding.span.path for finding in last.findings] == ["doc0.txt", "doc1.txt"]


def test_the_pieces_of_a_divided_fragment_are_loaded_too(stage, make_fragment):
    text = "word " * 3000
    long = make_fragment(0, text)
    stage.fragments, stage.texts = [long], {long.id: text}
    stage.run(max_prompt_chars=4000)
    loaded = [e.fragment_id for e in stage.of(EnvLoadFragment)]
    asked = [e.fragment_id for e in stage.of(SubQuerySubmit) if e.role == "extractor"]
    assert set(asked) < set(loaded)
    assert len(set(loaded)) == len(loaded)


def test_at_the_greatest_depth_a_large_fragment_is_read_truncated_and_that_is_said(
    stage, make_fragment
):
    text = "word " * 3000
    long = make_fragment(0, text)
    stage.fragments, stage.texts = [long], {long.id: text}
    outcome = stage.run(max_prompt_chars=4000, max_depth=1)
    assert outcome.status == "completed"
    assert not stage.of(RlmStart)
    assert any("truncated" in note.message for note in stage.of(Note))
    assert stage.asked[0].question.cut_chars < 4000


def test_a_large_fragment_that_cannot_be_divided_is_read_truncated(stage, make_fragment):
    long = make_fragment(0, "word " * 3000)
    stage.fragments, stage.texts = [long], {long.id: "not the bytes that it had"}
    outcome = stage.run(max_prompt_chars=4000)
    assert outcome.status == "completed"
    assert stage.roles() == ["extractor", "reducer", "reducer"]


def test_a_child_rlm_that_finds_too_little_fails_as_one_unit(stage, make_fragment, error):
    text = "word " * 3000
    long = make_fragment(0, text)
    stage.fragments = [long, make_fragment(1), make_fragment(2)]
    stage.texts = {long.id: text}
    usual = stage.script

    def script(ask):
        piece = ask.question.fragment
        return (1.0, error()) if piece and piece.span.path == "doc0.txt" else usual(ask)

    stage.script = script
    outcome = stage.run(max_prompt_chars=4000, quorum=parse_quorum("60%"))
    assert outcome.status == "completed"
    assert [e.end_reason for e in stage.of(RlmEnd)] == ["quorum"]
