"""A sub-query in its asker's hands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rlmboard
from rlmboard import (
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    Usage,
)
from rlmboard.trace.order import problems

Read = Callable[..., list[Any]]


def test_the_example_reads_as_it_is_written(events: Read, tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("x\n" * 60)
    with rlmboard.init(
        "Summarize the design",
        config={"method": "rlm-2", "model": "llama-3", "chunk_size": 512},
        experiment="doc-analysis",
        tags=["nightly"],
    ) as run:
        with run.subquery("What does it say?", provider="ollama", fragment="chunk-001") as q:
            span = rlmboard.cite(source, 10, 50)
            q.returned("It says x.", cost_sats=12, tokens=(812, 64), spans=[span])
        run.log({"accuracy": 0.84, "f1": 0.81})
        run.output = "x"
    (submit,) = events(run, SubQuerySubmit)
    (asked,) = events(run, SubQueryExecute)
    (answer,) = events(run, SubQueryReturn)
    assert (submit.query_id, submit.fragment_id, submit.depth) == ("q-1", "chunk-001", 1)
    assert (asked.provider_id, asked.attempt) == ("ollama", 0)
    assert (answer.cost_msat, answer.cost_sats, answer.cost_source) == (12_000, 12, "provider")
    assert answer.usage == Usage(input=812, output=64) and answer.usage_quality == "exact"
    assert answer.span_refs == (span,) and answer.duration_ms >= 0
    assert rlmboard.check(span).holds
    assert problems(rlmboard.folder.read_trace(run.folder.trace)) == []  # type: ignore[attr-defined]


def test_what_is_not_known_is_absent(events: Read) -> None:
    run = rlmboard.init("q")
    run.subquery("p").returned("a")
    (answer,) = events(run, SubQueryReturn)
    assert (answer.usage, answer.usage_quality) == (None, "none")
    assert (answer.cost_msat, answer.cost_usd_nanos, answer.cost_source) == (None, None, "none")


def test_money_is_whole_numbers(events: Read) -> None:
    run = rlmboard.init("q")
    run.subquery("p").returned("a", cost_sats="0.0015", cost_usd=0.1)
    (answer,) = events(run, SubQueryReturn)
    assert (answer.cost_msat, answer.cost_sats, answer.cost_usd_nanos) == (2, 1, 100_000_000)


@pytest.mark.parametrize(
    "said",
    [
        {"cost_sats": "much"},
        {"cost_usd": float("nan")},
        {"tokens": (1.5, 2)},
        {"tokens": 3},
        {"usage_quality": "perfect"},
        {"cost_source": "me"},
        {"spans": ["src/a.py"]},
        {"spans": 3},
    ],
)
def test_an_answer_is_kept_when_something_said_of_it_makes_no_sense(
    said: dict[str, Any], events: Read
) -> None:
    run = rlmboard.init("q")
    run.subquery("p").returned("the answer", **said)
    (answer,) = events(run, SubQueryReturn)
    assert (answer.result_preview, run.lost) == ("the answer", 1)


def test_a_role_that_does_not_exist_is_counted_and_the_question_kept(events: Read) -> None:
    run = rlmboard.init("q")
    run.subquery("p", role="boss").returned("a")  # type: ignore[arg-type]
    (submit,) = events(run, SubQuerySubmit)
    assert (submit.role, run.lost) == ("sub", 1)


def test_one_inside_another_is_its_child(events: Read) -> None:
    run = rlmboard.init("q")
    with run.subquery("outer", role="root") as outer:
        with run.subquery("inner") as inner:
            inner.returned("a")
        run.subquery("by name", parent="cell-1").returned("a")
        outer.returned("b")
    run.subquery("beside").returned("c")
    found = [(s.parent_id, s.depth) for s in events(run, SubQuerySubmit)]
    assert found == [(None, 1), (outer.id, 2), ("cell-1", 1), (None, 1)]


def test_one_of_another_run_is_no_parent(events: Read) -> None:
    one, two = rlmboard.init("1"), rlmboard.init("2")
    with one.subquery("p") as q:
        two.subquery("p").returned("a")
        q.returned("a")
    (submit,) = events(two, SubQuerySubmit)
    assert submit.parent_id is None


def test_an_exception_fails_it_and_goes_on(events: Read) -> None:
    run = rlmboard.init("q")
    with pytest.raises(OSError), run.subquery("p", provider="ollama"):
        raise OSError("refused")
    (answer,) = events(run, SubQueryReturn)
    assert (answer.success, answer.error.type, answer.error.message) == (
        False,
        "OSError",
        "refused",
    )


def test_a_timeout_is_one(events: Read) -> None:
    run = rlmboard.init("q")
    with pytest.raises(TimeoutError), run.subquery("p"):
        raise TimeoutError
    (timeout,) = events(run, SubQueryTimeout)
    assert timeout.elapsed_ms >= 0


@pytest.mark.parametrize(
    ("error", "reason"), [(KeyboardInterrupt, "interrupted"), (None, "no_answer")]
)
def test_one_that_nobody_ended_is_cancelled(error: Any, reason: str, events: Read) -> None:
    run = rlmboard.init("q")
    try:
        with run.subquery("p"):
            if error is not None:
                raise error
    except KeyboardInterrupt:
        pass
    (cancel,) = events(run, SubQueryCancel)
    assert cancel.reason == reason


def test_asking_again_is_another_attempt(events: Read) -> None:
    run = rlmboard.init("q")
    with run.subquery("p", provider="a", model="m") as q:
        q.failed("overloaded")
        q.retry(provider="b")
        q.timed_out(30_000)
        q.retry()
        q.returned("at last")
    asked = [(e.attempt, e.provider_id, e.model_id) for e in events(run, SubQueryExecute)]
    assert asked == [(0, "a", "m"), (1, "b", "m"), (2, "b", "m")]
    assert [e.attempt for e in events(run, SubQueryReturn)] == [0, 2]
    assert events(run, SubQueryTimeout)[0].elapsed_ms == 30_000


def test_a_batch_says_where_each_stands(events: Read) -> None:
    run = rlmboard.init("q")
    run.subquery("p", batch=("b", 3, 8)).returned("a")
    (submit,) = events(run, SubQuerySubmit)
    assert (submit.batch_id, submit.batch_index, submit.batch_size) == ("b", 3, 8)


def test_whole_texts_are_kept_by_hash_and_previews_cut(events: Read) -> None:
    run = rlmboard.init("q")
    run.subquery("p" * 2000).returned("é" * 2000)
    (submit,), (answer,) = events(run, SubQuerySubmit), events(run, SubQueryReturn)
    assert len(submit.prompt_preview) == 100 and len(answer.result_preview.encode()) <= 200
    assert run.folder.payload(submit.prompt_ref) == "p" * 2000
    assert run.folder.payload(answer.result_ref) == "é" * 2000


def test_a_history_that_grows_costs_what_is_new(events: Read) -> None:
    run = rlmboard.init("q")
    messages = [{"role": "system", "content": "s" * 1000}]
    for n in range(20):
        messages.append({"role": "user", "content": f"{n}" * 1000})
        run.subquery(messages).returned("a")
    submits = events(run, SubQuerySubmit)
    assert [len(submit.prompt_ref) for submit in submits] == list(range(2, 22))
    assert submits[-1].prompt_preview.startswith("19191919")
    lines = run.folder.payloads.read_bytes().splitlines()
    assert len(lines) == 21
    assert run.folder.payload(submits[-1].prompt_ref[0]) == (
        '{"role":"system","content":"' + "s" * 1000 + '"}'
    )


class Message:
    """As the clients of some providers have them."""

    role, content = "user", "hello"


@pytest.mark.parametrize(
    "prompt",
    [None, 3, [], [Message()], [{"content": [{"type": "text"}]}], "\ud800" * 200, object()],
)
def test_any_prompt_and_any_answer_can_be_recorded(prompt: Any, events: Read) -> None:
    run = rlmboard.init("q")
    run.subquery(prompt, provider=3, fragment=Path("a"), model=object()).returned(prompt)  # type: ignore
    assert len(events(run, SubQuerySubmit)) == len(events(run, SubQueryReturn)) == 1
    assert run.lost == 0
