"""Answers without a model: true quotes, exactly cited, or none."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.conductor.prompts import NO_EVIDENCE
from rlmboard.conductor.provider import Bound, Request
from rlmboard.providers import PREFACE, ExtractiveProvider
from rlmboard.providers.extractive import quotes_in
from rlmboard.providers.sentences import LONGEST_CHARS, sentences, span_of
from rlmboard.sources import Passage, check_all
from rlmboard.trace import SpanRef, content_hash

PROSE = """\
# The recorder

Every event is one line. What was written survives a kill
of the recorded program, because it is appended with one write! Is it slow? It is not.

- a list has items
- each is a sentence of its own
"""
CODE = '''\
import os


def append(line: bytes) -> None:
    """One write, so that a kill cannot tear it."""
    os.write(FILE, line)


def unrelated() -> int:
    return 3
'''


async def test_the_sentence_that_answers_is_quoted_with_its_lines(passage, request_for) -> None:
    given_passage = passage(PROSE, before="x\n" * 9)
    answer = await ExtractiveProvider().answer(request_for("What survives a kill?", given_passage))
    quote = PROSE[PROSE.index("What was") : PROSE.index("!") + 1]
    assert answer.text == f'"{quote}" [notes.md:12-13]'
    (span,) = answer.span_refs
    assert (span.start_line, span.end_line) == (12, 13)
    assert span.content_hash == content_hash(quote.encode())
    assert span.end_byte - span.start_byte == len(quote.encode())


async def test_every_span_it_gives_is_verified_on_disk(tmp_path: Path, request_for) -> None:
    file = tmp_path / "a.py"
    file.write_text("# €uro\n" + CODE)
    content = file.read_bytes()
    span = SpanRef(
        id="a",
        path=str(file),
        start_line=1,
        end_line=11,
        start_byte=0,
        end_byte=len(content),
        content_hash=content_hash(content),
    )
    request = request_for("how is a line written?", Passage(content.decode(), span))
    answer = await ExtractiveProvider().answer(request)
    assert answer.span_refs
    assert all(checked.holds for checked in check_all(answer.span_refs))


async def test_code_is_quoted_in_small_windows_that_do_not_overlap(passage, request_for) -> None:
    request = request_for("how does a kill tear a write?", passage(CODE, path="a.py"))
    answer = await ExtractiveProvider().answer(request)
    assert answer.text.startswith('"def append') or answer.text.startswith('""""One write')
    spans = sorted(answer.span_refs, key=lambda span: span.start_byte)
    assert all(one.end_byte <= other.start_byte for one, other in pairwise(spans))
    assert all(span.end_line - span.start_line < 3 for span in spans)


@pytest.mark.parametrize("query", ["zebra stripes", "what is the of and?", "", "?!"])
async def test_where_nothing_matches_it_says_only_that(query: str, passage, request_for) -> None:
    for role in ("extractor", "root", "reducer"):
        request = request_for(query, passage(PROSE), role=role)
        answer = await ExtractiveProvider().answer(request)
        assert (answer.text, answer.span_refs) == (NO_EVIDENCE, ())


async def test_it_is_plain_about_itself_to_the_user_and_not_in_each_finding(
    passage, request_for
) -> None:
    asked = {
        role: await ExtractiveProvider().answer(request_for("kill", passage(PROSE), role=role))
        for role in ("extractor", "root")
    }
    assert PREFACE not in asked["extractor"].text
    assert asked["root"].text == f"{PREFACE}\n{asked['extractor'].text}"


async def test_its_cost_is_nothing_and_known_and_it_counts_no_tokens(passage, request_for) -> None:
    answer = await ExtractiveProvider().answer(request_for("kill", passage(PROSE)))
    assert (answer.cost_msat, answer.cost_usd_nanos) == (0, 0)
    assert (answer.usage, answer.usage_quality) == (None, "none")
    assert (answer.cost_source, answer.price_version) == ("price_table", "built-in")
    assert ExtractiveProvider().bound(10_000, 1_000) == Bound(0, 0)


async def test_a_reducer_ranks_the_quotes_of_all_findings_and_drops_repetitions(
    passage, request_for
) -> None:
    provider = ExtractiveProvider()
    pieces = [
        passage("A kill loses nothing.\n", path="a.md"),
        passage("A kill loses nothing.\n", path="b.md"),
        passage("To kill the recorder loses nothing of the trace.\n", path="c.md"),
    ]
    query = "Does a kill of the recorder lose the trace?"
    findings = [await provider.answer(request_for(query, piece)) for piece in pieces]
    passages = [Passage(f.text, p.span) for f, p in zip(findings, pieces, strict=True)]
    answer = await provider.answer(request_for(query, *passages, role="reducer"))
    quotes = quotes_in(answer.text)
    assert quotes[0].place == "[c.md:1-1]"
    assert len(quotes) == len({quote.text for quote in quotes}) <= 2


async def test_a_reducer_of_reducers_says_once_what_it_is(passage, request_for) -> None:
    provider = ExtractiveProvider()
    finding = f'{PREFACE}\n"A kill loses nothing." [a.md:1-1]'
    request = request_for("kill", role="reducer", prompt=f"From x:\n{finding}\n\n{finding}")
    answer = await provider.answer(request)
    assert answer.text == finding


async def test_as_a_router_it_answers_with_the_numbers_of_the_pieces(passage, request_for) -> None:
    pieces = [passage("owls\n"), passage("a fox and a red fox\n"), passage("red\n")]
    request = request_for("red fox", *pieces, role="router")
    assert (await ExtractiveProvider().answer(request)).text == "[2]"
    request = request_for("zebra", *pieces, role="router")
    assert (await ExtractiveProvider().answer(request)).text == "[]"


async def test_an_answer_keeps_to_its_bound(passage, request_for) -> None:
    text = "".join(
        f"The kill number {number} is here for all to see and read.\n\n" for number in range(9)
    )
    request = request_for("kill", passage(text), role="root", max_tokens=40)
    assert len((await ExtractiveProvider().answer(request)).text) < 40 * 4 + len(PREFACE)


async def test_text_that_was_no_utf8_is_cited_whole(request_for) -> None:
    content = b"The kill \xff is here.\n\nElsewhere.\n"
    span = SpanRef(
        id="s",
        path="a.txt",
        start_line=1,
        end_line=3,
        end_byte=len(content),
        content_hash=content_hash(content),
    )
    piece = Passage(content.decode(errors="replace"), span)
    answer = await ExtractiveProvider().answer(request_for("kill", piece))
    assert answer.span_refs == (span,)
    assert answer.text.endswith("[a.txt:1-3]")


async def test_the_same_question_has_the_same_answer(passage, request_for) -> None:
    request = request_for("kill write line", passage(PROSE), passage(CODE, path="a.py"))
    first, second = [await ExtractiveProvider().answer(request) for _ in range(2)]
    assert first == second


@given(
    text=st.text(alphabet=st.sampled_from('ab .!\n-*é"[]:1\t'), max_size=200),
    path=st.sampled_from(["a.md", "a.py"]),
)
def test_every_sentence_stands_where_its_span_says(text: str, path: str) -> None:
    before = b"\xffbefore\n"
    content = before + text.encode()
    span = SpanRef(
        id="s",
        path=path,
        start_line=2,
        end_line=2 + text.count("\n"),
        start_byte=len(before),
        end_byte=len(content),
        content_hash=content_hash(text.encode()),
    )
    for sentence in sentences(Passage(text, span)):
        found = span_of(sentence)
        quoted = content[found.start_byte : found.end_byte]
        assert quoted.decode() == sentence.text == sentence.text.strip() != ""
        assert found.content_hash == content_hash(quoted)
        assert found.start_line == 1 + content[: found.start_byte].count(b"\n")
        assert found.end_line == found.start_line + quoted.count(b"\n")


@given(st.text(alphabet="ab .\n", max_size=120))
def test_all_words_of_prose_stand_in_some_sentence(text: str) -> None:
    span = SpanRef(id="s", path="a.md", start_line=1, end_line=1, end_byte=1 << 20)
    together = "".join(sentence.text for sentence in sentences(Passage(text, span)))
    assert "".join(together.split()) == "".join(text.split())


@pytest.mark.parametrize("text", ["x" * 3_000, "word " * 900, "a" * 499 + " " + "b" * 700])
def test_a_sentence_too_long_to_read_is_cut_between_words(text: str, passage) -> None:
    pieces = sentences(passage(text))
    assert all(len(piece.text) <= LONGEST_CHARS for piece in pieces)
    assert "".join("".join(piece.text for piece in pieces).split()) == "".join(text.split())
    assert all(piece.text.endswith(("word", "x", "a", "b")) for piece in pieces)


def test_prose_is_cut_at_sentences_headings_and_items(passage) -> None:
    assert [sentence.text for sentence in sentences(passage(PROSE))] == [
        "# The recorder",
        "Every event is one line.",
        "What was written survives a kill\n"
        "of the recorded program, because it is appended with one write!",
        "Is it slow?",
        "It is not.",
        "- a list has items",
        "- each is a sentence of its own",
    ]


async def test_request_without_passages_is_answered_with_no_evidence() -> None:
    answer = await ExtractiveProvider().answer(Request(key="q", prompt="p", query="kill"))
    assert answer.text == NO_EVIDENCE
