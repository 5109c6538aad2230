"""A plan carried out: real providers, real (virtual) time, and everything that they do wrong."""

from __future__ import annotations

import asyncio
import re

import pytest

from rlmboard.conductor import (
    NO_EVIDENCE,
    Answer,
    Program,
    ProviderError,
    Settings,
    drive,
    parse_quorum,
    parse_verification,
)
from rlmboard.errors import BadInput
from rlmboard.trace import (
    EnvSelectFragments,
    RlmStart,
    SpanRef,
    SubQueryCancel,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    VerifyCitations,
)

TEXT = "the lock is taken\nthe heartbeat is touched\n"


@pytest.fixture
def play(run_virtually, make_fragment):
    """Drives a program over documents and gives outcome, events, and seconds that passed."""

    def play(*pool, texts=(TEXT, TEXT), cancelled=None, cite=None, check=None, read=None, **more):
        fragments = [make_fragment(i, text) for i, text in enumerate(texts)]
        by_path = {f.span.path: text for f, text in zip(fragments, texts, strict=True)}

        def text_of(fragment):
            content = by_path[fragment.span.path].encode()
            return content[fragment.span.start_byte : fragment.span.end_byte].decode()

        query = more.pop("query", "what of the lock?")
        program = Program(query=query, fragments=fragments, settings=Settings(**more))
        events = []

        async def run():
            loop = asyncio.get_running_loop()
            outcome = await drive(
                program, pool, events.append, read=read or text_of, cite=cite,
                check=check, cancelled=cancelled and (lambda: cancelled(loop.time())),
            )  # fmt: skip
            left = asyncio.all_tasks() - {asyncio.current_task()}
            return outcome, events, loop.time(), left

        *result, left = run_virtually(run())
        assert not left
        return result

    return play


async def after_a_second(request):
    await asyncio.sleep(1.0)
    return Answer(text=f"{request.role} says [doc0.txt:2]")


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


def test_a_program_is_driven_to_its_answer(play, scripted):
    provider = scripted(after_a_second)
    outcome, events, took_s = play(provider)
    assert (outcome.status, outcome.answer) == ("completed", "reducer says [doc0.txt:2]")
    assert took_s == pytest.approx(2.0, abs=0.01)
    assert len(of(events, SubQueryReturn)) == 3


def test_the_whole_prompt_is_recorded_when_it_is_asked(play, scripted):
    provider = scripted(after_a_second)
    _, events, _ = play(provider)
    submitted = of(events, SubQuerySubmit)
    assert [e.prompt_preview for e in submitted] == [r.prompt for r in provider.requests]
    assert "1| the lock is taken\n2| the heartbeat is touched\n" in submitted[0].prompt_preview


def test_a_request_carries_what_a_provider_needs(play, scripted):
    provider = scripted(after_a_second)
    play(provider, max_tokens=99, seed=5, verification=parse_verification("redundancy:2/2"))
    first, second = provider.requests[:2]
    assert (first.key, second.key) == ("q1/0/0", "q1/1/0")
    assert (first.max_tokens, first.seed, second.seed) == (99, 5, 6)
    assert (first.role, first.query) == ("extractor", "what of the lock?")
    assert first.passages[0].text == TEXT


def test_citations_in_answers_become_spans_of_returns_and_of_the_outcome(play, scripted):
    outcome, events, _ = play(scripted(after_a_second))
    (span,) = outcome.span_refs
    assert (span.path, span.start_line, span.end_line) == ("doc0.txt", 2, 2)
    assert (span.start_byte, span.end_byte) == (18, 43)
    assert of(events, SubQueryReturn)[0].span_refs == (span,)
    (verified,) = of(events, VerifyCitations)
    assert (verified.checked, verified.missing, verified.passed) == (1, 0, True)


def test_a_citation_that_leads_nowhere_is_counted_as_missing(play, scripted):
    async def inventing(request):
        return Answer(text="so [nowhere.py:1-2] and [doc0.txt:1]")

    outcome, events, _ = play(scripted(inventing), cite=lambda *place: None)
    assert len(outcome.span_refs) == 1
    assert of(events, VerifyCitations)[-1].missing == 1
    assert not of(events, VerifyCitations)[-1].passed


def test_cite_that_refuses_is_a_citation_that_leads_nowhere(play, scripted):
    async def inventing(request):
        return Answer(text="so [nowhere.py:1-2]")

    def cite(path, first, last):
        raise ValueError("no such lines")

    outcome, _, _ = play(scripted(inventing), cite=cite)
    assert outcome.span_refs == ()


def test_other_files_are_cited_by_the_function_given(play, scripted):
    span = SpanRef(id="s", path="x.py", start_line=1, end_line=2, content_hash="0" * 64)

    async def knowing(request):
        return Answer(text="so [x.py:1-2]")

    outcome, _, _ = play(scripted(knowing), cite=lambda path, a, b: span, check=lambda s: True)
    assert outcome.span_refs == (span,)


# ------------------------------------------------------------------ what providers do wrong


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (KeyError("choices"), "KeyError: 'choices'"),
        (RecursionError("deep"), "RecursionError: deep"),
        (asyncio.CancelledError(), "it cancelled itself"),
        (TimeoutError(), "TimeoutError: "),
    ],
)
def test_whatever_a_provider_raises_is_its_bug_and_not_the_end(play, scripted, wrong, message):
    async def raising(request):
        if request.key == "q1/0/0":
            raise wrong
        return Answer(text="fine")

    outcome, events, _ = play(scripted(raising), quorum=parse_quorum(1))
    assert outcome.status == "completed"
    failed = of(events, SubQueryReturn)[0]
    assert (failed.success, failed.error.type) == (False, "ProviderBug")
    assert failed.error.message == message


@pytest.mark.parametrize(
    "answer", [None, "text", Answer(text=None), Answer(text="x", cost_msat=0.5)]
)
def test_what_is_no_answer_is_a_bug_of_the_provider(play, scripted, answer):
    async def answering(request):
        return answer

    outcome, _, _ = play(scripted(answering))
    assert outcome.status == "failed"
    assert "ProviderBug: TypeError" in outcome.error.message


def test_a_provider_that_is_not_async_is_a_bug_too(play, scripted):
    provider = scripted(after_a_second)
    provider.answer = lambda request: Answer(text="x")
    outcome, _, _ = play(provider)
    assert "ProviderBug" in outcome.error.message


def test_a_retryable_error_is_retried_after_its_time(play, scripted):
    async def busy_once(request):
        if request.key.endswith("/0"):
            raise ProviderError("429", "slow down", retryable=True, retry_after_s=7.0)
        return Answer(text="fine")

    outcome, _, took_s = play(scripted(busy_once), texts=(TEXT,), per_query_timeout_s=None)
    assert outcome.status == "completed"
    assert took_s == pytest.approx(14.0, abs=1.0)


def test_a_provider_that_hangs_is_timed_out_and_aborted(play, scripted):
    async def hanging(request):
        await asyncio.Event().wait()

    outcome, events, took_s = play(
        scripted(hanging), per_query_timeout_s=3.0, max_attempts=1, timeout_s=100.0
    )
    assert outcome.status == "failed"
    assert of(events, SubQueryTimeout)[0].elapsed_ms == pytest.approx(3000, abs=1)
    assert took_s == pytest.approx(3.0, abs=0.1)


def test_a_provider_that_will_not_be_aborted_does_not_hold_the_run(play, scripted):
    async def stubborn(request):
        if request.key == "q1/0/0":
            try:
                await asyncio.sleep(50.0)
            except asyncio.CancelledError:
                await asyncio.sleep(0.5)
            return Answer(text="much too late")
        return Answer(text="fine")

    outcome, events, took_s = play(
        scripted(stubborn), per_query_timeout_s=3.0, quorum=parse_quorum(1)
    )
    assert outcome.status == "completed"
    assert took_s < 5.0
    assert "much too late" not in [e.result_preview for e in of(events, SubQueryReturn)]


def test_a_fragment_that_cannot_be_read_fails_its_sub_query(play, scripted):
    def read(fragment):
        if fragment.span.path == "doc0.txt":
            raise FileNotFoundError("doc0.txt is gone")
        return TEXT

    outcome, events, _ = play(scripted(after_a_second), read=read, quorum=parse_quorum(1))
    assert outcome.status == "completed"
    failed = next(e for e in of(events, SubQueryReturn) if not e.success)
    assert (failed.error.type, failed.error.message) == ("Unreadable", "doc0.txt is gone")


def test_a_price_that_is_a_lie_closes_the_budget(play, scripted):
    async def dear(request):
        return Answer(text="x", cost_msat=10**9)

    outcome, _, _ = play(scripted(dear), budget_msat=10**10, fanout=1)
    assert (outcome.status, outcome.end_reason) == ("failed", "budget")


def test_an_error_of_ours_is_raised_and_not_recorded_as_a_provider(play, scripted):
    def broken(fragment):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        play(scripted(after_a_second), read=broken)


def test_no_provider_at_all_is_refused(play):
    with pytest.raises(BadInput, match="no provider"):
        play()


# ------------------------------------------------------------------ cancelling


def test_the_cancel_flag_is_looked_at_four_times_a_second(play, scripted):
    async def slow(request):
        await asyncio.sleep(100.0)
        return Answer(text="late")

    outcome, events, took_s = play(
        scripted(slow), cancelled=lambda now: now >= 5.1, timeout_s=None, per_query_timeout_s=None
    )
    assert (outcome.status, outcome.end_reason) == ("cancelled", "user")
    assert took_s == pytest.approx(5.25, abs=0.01)
    assert len(of(events, SubQueryCancel)) == 2


def test_the_flag_may_say_who_cancelled(play, scripted):
    outcome, _, _ = play(scripted(after_a_second), cancelled=lambda now: "cancel file")
    assert outcome.end_reason == "cancel file"


def test_a_cancelled_task_records_what_it_leaves(run_virtually, scripted, make_fragment):
    events = []
    program = Program(query="why?", fragments=[make_fragment(0)])

    async def hanging(request):
        await asyncio.Event().wait()

    async def main():
        driving = drive(program, [scripted(hanging)], events.append, read=lambda f: "x")
        task = asyncio.create_task(driving)
        await asyncio.sleep(1.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_virtually(main())
    assert [e.reason for e in of(events, SubQueryCancel)] == ["interrupted"]


# ------------------------------------------------------------------ the desk


def test_a_large_fragment_is_divided_by_its_text(play, scripted):
    async def quoting(request):
        if request.role == "reducer":
            return Answer(text="all of it")
        first = request.passages[0].text.split("\n", 1)[0]
        return Answer(text=f"{first} [doc0.txt:{request.passages[0].span.start_line}]")

    text = "".join(f"line number {i}\n" for i in range(1, 401))
    outcome, events, _ = play(scripted(quoting), texts=(text,), max_prompt_chars=4000)
    assert outcome.status == "completed"
    assert len(of(events, RlmStart)) == 1
    for returned in of(events, SubQueryReturn):
        said = re.fullmatch(r"line number (\d+) \[doc0.txt:(\d+)\]", returned.result_preview)
        assert said is None or said[1] == said[2]


def test_fragments_are_ranked_by_what_they_say(play, scripted):
    async def answering(request):
        return Answer(text=NO_EVIDENCE)

    _, events, _ = play(
        scripted(answering), texts=("nothing here", TEXT, "the lock"), select="bm25", top_k=1
    )
    assert of(events, EnvSelectFragments)[0].fragment_ids == ("doc2.txt:1-1",)


def test_a_thousand_sub_queries_are_under_way_at_once(play, scripted):
    outcome, _, took_s = play(
        scripted(after_a_second, concurrency=1000), texts=(TEXT,) * 1000, fanout=1000
    )
    assert outcome.status == "completed"
    assert took_s == pytest.approx(3.0, abs=0.1)
