"""What providers are told, and how long it is at most."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.conductor import NO_EVIDENCE, Finding, Question
from rlmboard.conductor.aggregate import batches, join
from rlmboard.conductor.prompts import is_no_evidence, prompt_bytes, prompt_chars, render
from rlmboard.sources import Fragment
from rlmboard.trace import SpanRef


def test_the_lines_of_a_fragment_are_numbered_so_that_they_can_be_cited(make_fragment):
    fragment = make_fragment(0, "alpha\nbeta\n", "src/a.py")
    prompt, passages = render(
        Question(role="extractor", query="what?", fragment=fragment), lambda f: "alpha\nbeta\n"
    )
    assert "Piece: src/a.py, lines 1 to 2\n1| alpha\n2| beta\n" in prompt
    assert "Question: what?" in prompt
    assert NO_EVIDENCE in prompt
    assert passages[0].text == "alpha\nbeta\n"
    assert passages[0].span is fragment.span


def test_what_is_the_same_for_all_stands_first(make_fragment):
    prompts = [
        render(Question(role="extractor", query="what?", fragment=make_fragment(i)), lambda f: "x")
        for i in range(2)
    ]
    (one, _), (other, _) = prompts
    head = one[: one.index("Piece:")]
    assert other.startswith(head)


def test_a_reducer_is_given_the_findings_and_where_they_come_from(make_fragment):
    span = make_fragment(3).span
    findings = (Finding(0, "it is red [doc3.txt:1]", span), Finding(1, "of many", None))
    prompt, passages = render(Question(role="reducer", query="what?", findings=findings), str)
    assert "From doc3.txt, lines 1 to 1:\nit is red [doc3.txt:1]\n" in prompt
    assert "Found:\nof many\n" in prompt
    assert [p.span for p in passages] == [span]


def test_a_router_is_given_a_numbered_catalog(make_fragment):
    catalog = (make_fragment(0), make_fragment(1))
    prompt, passages = render(
        Question(role="router", query="what?", catalog=catalog), lambda f: "some\n  text"
    )
    assert "1. doc0.txt, lines 1 to 1\nsome text\n2. doc1.txt" in prompt
    assert len(passages) == 2


def test_under_a_schema_the_schema_is_told_and_no_sentence_for_nothing(make_fragment):
    question = Question(
        role="extractor", query="what?", fragment=make_fragment(0), schema={"type": "array"}
    )
    prompt, _ = render(question, lambda f: "x")
    assert '{"type": "array"}' in prompt
    assert NO_EVIDENCE not in prompt


TEXTS = st.text(alphabet=st.sampled_from("ab \né東🚋"), max_size=300)


@given(text=TEXTS, cut=st.one_of(st.none(), st.integers(0, 400)), line=st.integers(1, 100_000))
def test_a_prompt_is_never_longer_than_was_said_before_it_was_read(text, cut, line):
    content = text.encode()
    lines = max(content.count(b"\n") + (not content.endswith(b"\n")), 1)
    span = SpanRef(
        id="s", path="a/é.txt", start_line=line, end_line=line + lines - 1, end_byte=len(content)
    )
    fragment = Fragment(id="f", span=span, title="Tïtle", chars=len(text))
    question = Question(role="extractor", query="why é?", fragment=fragment, cut_chars=cut)
    prompt, _ = render(question, lambda f: text)
    assert len(prompt) <= prompt_chars(question)
    assert len(prompt.encode()) <= prompt_bytes(question)


@given(st.lists(TEXTS, max_size=5), st.booleans())
def test_the_same_holds_for_findings_and_catalogs(texts, routed):
    span = SpanRef(id="s", path="é", start_line=1, end_line=1)
    if routed:
        catalog = tuple(Fragment(id=t, span=span, title="T") for t in texts)
        question = Question(role="router", query="why?", catalog=catalog)
    else:
        findings = tuple(Finding(i, text, span if i % 2 else None) for i, text in enumerate(texts))
        question = Question(role="reducer", query="why?", findings=findings)
    prompt, _ = render(question, lambda f: f.id)
    assert len(prompt) <= prompt_chars(question)
    assert len(prompt.encode()) <= prompt_bytes(question)


@pytest.mark.parametrize("text", [NO_EVIDENCE, "no relevant content", ' "No relevant content." '])
def test_nothing_is_said_in_fixed_words(text):
    assert is_no_evidence(text)


@pytest.mark.parametrize("text", ["No relevant content. But see line 3.", "", "Nothing"])
def test_and_in_no_others(text):
    assert not is_no_evidence(text)


@given(st.lists(st.integers(0, 900), min_size=1, max_size=100), st.integers(400, 2000))
def test_batches_hold_every_finding_in_order_and_fit(sizes, room):
    findings = [Finding(i, "x" * size) for i, size in enumerate(sizes)]
    made = batches(findings, room)
    assert [f.order for batch in made for f in batch] == list(range(len(sizes)))
    assert all(len(batch) >= 2 for batch in made[:-1])
    for batch in made:
        question = Question(role="reducer", query="", findings=batch)
        empty = Question(role="reducer", query="")
        assert prompt_chars(question) - prompt_chars(empty) <= room


@given(st.lists(st.text(min_size=1, max_size=50), max_size=20), st.integers(10, 300))
def test_joined_findings_are_no_longer_than_asked(texts, most):
    assert len(join([Finding(i, text) for i, text in enumerate(texts)], most).text) <= most


def test_joined_findings_cite_what_is_shown_and_each_span_once(make_fragment):
    spans = [make_fragment(i).span for i in range(3)]
    findings = [Finding(i, "x" * 50, None, (spans[0], spans[i])) for i in range(3)]
    assert join(findings, 1000).spans == tuple(spans)
    assert join(findings, 90).spans == tuple(spans[:2])
