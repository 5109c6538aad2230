"""Logs of rlms, line by line: what they say, what they do not, and what is no log at all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.formats.foreign import ForeignRun, Over, Said, Told, Unread
from rlmboard.formats.rlm_logs import RlmLogReader, raised, recognises
from rlmboard.trace import (
    CellEnd,
    RlmEnd,
    RlmStart,
    RunDone,
    SubQueryCancel,
    SubQueryReturn,
    SubQuerySubmit,
)

METADATA = {
    "type": "metadata",
    "timestamp": "2026-06-25T10:00:00.000000",
    "root_model": "large",
    "max_depth": 2,
    "max_iterations": 5,
    "backend": "openai",
    "backend_kwargs": {
        "model_name": "large",
        "base_url": "https://me:SECRET@models.example:8443/v1?key=SECRET",
        "default_headers": {"Authorization": "Bearer SECRET"},
        "sampling_args": {"temperature": 0.5, "extra_headers": {"X": "SECRET"}},
    },
    "environment_type": "local",
    "environment_kwargs": {"token": "SECRET"},
    "other_backends": ["openai"],
}
CONTEXT = "a context " * 50


def used(given: int, made: int, cost: float | None = None) -> dict[str, Any]:
    counts = {"total_calls": 1, "total_input_tokens": given, "total_output_tokens": made}
    summary = counts if cost is None else {**counts, "total_cost": cost}
    return {"model_usage_summaries": {"small": summary}}


def call(prompt: str, seconds: float, **more: Any) -> dict[str, Any]:
    said = {"root_model": "small", "prompt": prompt, "response": f"to {prompt}"}
    return {**said, "usage_summary": used(10, 2), "execution_time": seconds, **more}


def turn(n: int, at: str, *calls: dict[str, Any], **more: Any) -> dict[str, Any]:
    result = {
        "stdout": "printed\n",
        "stderr": more.pop("stderr", ""),
        "locals": {"context_0": CONTEXT, "context": CONTEXT, "n": 1, "_hidden": 1},
        "execution_time": 0.5,
        "rlm_calls": list(calls),
        "final_answer": None,
    }
    prompt = [{"role": "user", "content": f"Turn {i}"} for i in range(1, n + 1)]
    return {
        "type": "iteration",
        "iteration": n,
        "timestamp": f"2026-06-25T10:00:{at}",
        "prompt": prompt,
        "response": f"thought {n}",
        "code_blocks": [{"code": f"code {n}", "result": result}],
        "final_answer": None,
        "iteration_time": 1.0,
        **more,
    }


def read(*lines: Any, reader: RlmLogReader | None = None) -> list[Told]:
    reader = reader or RlmLogReader()
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return [told for line in raw for told in reader.feed(line)]


def events(told: Iterable[Told], kind: type | None = None) -> list[Any]:
    said = [one.event for one in told if isinstance(one, Said)]
    return said if kind is None else [event for event in said if isinstance(event, kind)]


def runs(told: Iterable[Told]) -> list[ForeignRun]:
    """As they are known last."""
    return list({one.key: one for one in told if isinstance(one, ForeignRun)}.values())


def test_a_log_is_known_by_any_of_its_lines() -> None:
    assert recognises(METADATA)
    assert recognises(turn(1, "01"))
    assert not recognises({"type": "metadata"})
    assert not recognises({"type": "iteration", "n": 1})
    assert not recognises({})


def test_turns_stand_where_their_times_are_and_calls_in_their_order() -> None:
    told = read(METADATA, turn(1, "01", call("a", 0.1), call("b", 0.2)))
    (run,) = runs(told)
    assert run.started_at.isoformat() == "2026-06-25T10:00:00+00:00"
    times = {
        one.event.query_id: one.at_us
        for one in told
        if isinstance(one, Said) and isinstance(one.event, SubQuerySubmit)
    }
    assert times == {"t1": 0, "t1c1q1": 500_000, "t1c1q2": 600_000}
    assert all(event.inferred for event in events(told))


def test_what_the_log_does_not_say_of_the_calls_of_the_rlm_is_left_out() -> None:
    told = read(METADATA, turn(1, "01", call("a", 0.1)))
    root, leaf = events(told, SubQueryReturn)
    assert (root.usage, root.usage_quality, root.cost_usd_nanos) == (None, "none", None)
    assert root.duration_ms is None
    assert (leaf.usage.input, leaf.usage_quality, leaf.duration_ms) == (10, "exact", 100.0)


def test_siblings_of_a_batch_share_what_the_last_one_used() -> None:
    batch = [call(f"b{n}", 0.25, usage_summary=used(7, 3, 0.5)) for n in range(3)]
    told = read(METADATA, turn(1, "01", *batch, call("alone", 0.25, usage_summary=used(9, 9, 1))))
    submits = events(told, SubQuerySubmit)[1:]
    assert [(s.batch_index, s.batch_size) for s in submits] == [
        (0, 3),
        (1, 3),
        (2, 3),
        (None, None),
    ]
    *shared, alone = events(told, SubQueryReturn)[1:]
    assert {(r.usage_quality, r.cost_usd_nanos, r.duration_ms) for r in shared} == {
        ("shared", None, None)
    }
    assert (alone.usage_quality, alone.cost_usd_nanos) == ("exact", 1_000_000_000)


def test_numbers_that_start_again_are_another_run() -> None:
    done = turn(2, "02", final_answer="one")
    told = read(METADATA, turn(1, "01"), done, turn(1, "05"), turn(2, "06", final_answer="two"))
    first, second = runs(told)
    assert first.run_id != second.run_id
    assert [one.key for one in told if isinstance(one, Over)] == [first.key]
    assert [end.output for end in events(told, RunDone)] == ["one", "two"]
    assert events(told, RunDone)[0].iterations == 2


def test_an_answer_without_a_turn_was_asked_for_at_last() -> None:
    forced = {**turn(3, "03", final_answer="at last"), "code_blocks": [], "iteration_time": None}
    told = read(METADATA, turn(1, "01"), turn(2, "02"), forced)
    (end,) = events(told, RunDone)
    assert (end.output, end.end_reason, end.iterations) == ("at last", "max_iterations", 2)


def test_an_answer_of_an_older_log_is_a_pair() -> None:
    (end,) = events(read(METADATA, turn(1, "01", final_answer=["FINAL", "x"])), RunDone)
    assert end.output == "x"


def test_children_bring_their_own_turns() -> None:
    child = {
        "run_metadata": {"root_model": "middle", "max_iterations": 2},
        "iterations": [turn(1, "01.500", call("deep", 0.1))],
    }
    told = read(METADATA, turn(1, "02", call("to the child", 0.4, metadata=child)))
    (start,), (end,) = events(told, RlmStart), events(told, RlmEnd)
    assert (start.node_id, start.parent_id, start.depth) == ("t1c1q1", "t1c1", 1)
    assert (end.answer, end.attributes["usage_summary"]["small"]["total_calls"]) == (
        "to to the child",
        1,
    )
    asked = {submit.query_id: submit for submit in events(told, SubQuerySubmit)}
    assert asked["t1c1q1.t1"].parent_id == "t1c1q1"
    assert (asked["t1c1q1.t1c1q1"].depth, asked["t1c1q1.t1c1q1"].prompt_preview) == (2, "deep")


def test_calls_that_came_to_nothing_say_so() -> None:
    nothing = {"usage_summary": {"model_usage_summaries": {}}}
    told = read(
        METADATA,
        turn(
            1,
            "01",
            call("a", 0.1, response="Error: Child RLM completion failed - lost", **nothing),
            call("b", 0.0, response="Error: Budget exhausted (spent 1 of 1)", **nothing),
            call("c", 0.1, response="Error: LM query failed at max depth - no", **nothing),
            call("d", 0.1, response="Error: is what the model said"),
            call("e", 0.2, error="llm() call failed", response=""),
        ),
    )
    (child,) = events(told, RlmEnd)
    assert (child.error.message, child.end_reason) == (
        "Child RLM completion failed - lost",
        "errors",
    )
    (refused,) = events(told, SubQueryCancel)
    assert (refused.query_id, refused.reason) == ("t1c1q2", "budget")
    success = {end.query_id: end.success for end in events(told, SubQueryReturn)}
    assert success == {"t1": True, "t1c1q3": False, "t1c1q4": True, "t1c1q5": False}


def test_a_compaction_follows_from_the_prompt_after_it() -> None:
    compacted = [
        {"role": "system", "content": "s"},
        {"role": "assistant", "content": "so far, so good"},
        {"role": "user", "content": "Your conversation has been compacted 1 time(s). Continue"},
    ]
    told = read(METADATA, turn(1, "01"), turn(2, "02", prompt=compacted))
    summed = next(e for e in events(told, SubQueryReturn) if e.query_id == "compaction1")
    assert (summed.result_preview, summed.usage) == ("so far, so good", None)


def test_prompts_name_each_message_once_and_whole() -> None:
    told = read(METADATA, turn(1, "01"), turn(2, "02"))
    whole = [one.whole["prompt_ref"] for one in told if isinstance(one, Said) and one.whole]
    assert whole[1][:1] == whole[0] == ['{"role":"user","content":"Turn 1"}']


def test_contexts_are_kept_once_and_names_described() -> None:
    told = read(METADATA, turn(1, "01"), turn(2, "02"))
    (run,) = runs(told)
    assert run.texts == (CONTEXT,)
    assert (run.context or {})["chars"] == len(CONTEXT)
    assert events(told, CellEnd)[1].variables == {
        "context_0": f"str, {len(CONTEXT)} characters",
        "context": f"str, {len(CONTEXT)} characters",
        "n": "1",
    }


@pytest.mark.parametrize(
    "content",
    [
        "Answer the following: Who signed?\n\nYour context is a str of 9 total characters.",
        'REPL environment to answer the original prompt: "Who signed?".\n\nContinue using it',
    ],
)
def test_the_question_is_found_in_the_prompts_of_every_version(content: str) -> None:
    (run,) = runs(read(METADATA, turn(1, "01", prompt=[{"role": "user", "content": content}])))
    assert run.query == "Who signed?"


def test_without_a_question_the_beginning_of_the_context_stands_for_it() -> None:
    (run,) = runs(read(METADATA, turn(1, "01")))
    assert run.query == CONTEXT


def test_no_secret_is_told() -> None:
    told = read(METADATA, turn(1, "01"))
    assert "SECRET" not in repr(told)
    (run,) = runs(told)
    assert run.config["server"] == "models.example:8443"
    assert (run.config["temperature"], run.config["model"]) == (0.5, "large")


def test_times_are_of_the_zone_that_is_given() -> None:
    reader = RlmLogReader(timezone(timedelta(hours=2)))
    (run,) = runs(read(METADATA, turn(1, "01"), reader=reader))
    assert run.started_at.isoformat() == "2026-06-25T08:00:00+00:00"
    assert run.started_inferred


def test_what_a_cell_raised_is_the_last_thing_in_stderr() -> None:
    told = read(METADATA, turn(1, "01", stderr="warning: x\nNameError: name 'y' is not defined"))
    (cell,) = events(told, CellEnd)
    assert (cell.error.type, cell.error.message) == ("NameError", "name 'y' is not defined")
    assert raised("just a word: and more") is None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "truncated"),
        (b"[1]", "object"),
        (b'{"type": "iteration"}', "iteration"),
        ({"type": "simple_llm_call"}, "none of rlms"),
        (turn(2, "02", iteration="two"), "int"),
        (turn(2, "02", timestamp="yesterday"), "no time"),
        (turn(2, "02", timestamp="9999-01-01T00:00:00"), "no time"),
        (b'{"type":"iteration","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", ""),
    ],
)
def test_a_bad_line_is_named_and_the_next_one_read(line: Any, why: str) -> None:
    told = read(METADATA, turn(1, "01"), line, turn(2, "02"))
    (unread,) = [one for one in told if isinstance(one, Unread)]
    assert (unread.where, why in unread.why.lower()) == ("line 3", True)
    assert len(runs(told)) == 1
    assert len(events(told, CellEnd)) == 2


def test_children_without_end_do_not_go_on_without_end() -> None:
    child = turn(1, "01")
    for _ in range(80):
        child = turn(1, "01", call("down", 0.1, metadata={"iterations": [child]}))
    told = read(METADATA, child)
    assert 40 < len(events(told, RlmStart)) < 60


@pytest.mark.parametrize("seconds", [-1, 1e300, None])
def test_a_time_that_is_none_is_unknown(seconds: float | None) -> None:
    told = read(METADATA, turn(1, "01", call("a", 0.1, execution_time=seconds)))
    assert events(told, SubQueryReturn)[1].duration_ms is None


LINES = [
    METADATA,
    turn(1, "01", call("a", 0.1), call("b", 0.1)),
    turn(2, "02", final_answer="x"),
    turn(1, "05"),
    METADATA,
    turn(1, "09", call("c", 0.1, metadata={"iterations": [turn(1, "08")]})),
]


@given(st.integers(0, len(LINES)))
def test_more_of_a_log_tells_the_same_and_more(count: int) -> None:
    assert read(*LINES)[: len(read(*LINES[:count]))] == read(*LINES[:count])


@given(st.binary(max_size=40), st.integers(0, 5), st.integers(0, 2000))
def test_no_damage_raises(junk: bytes, line: int, at: int) -> None:
    whole = json.dumps(LINES[line]).encode()
    at %= len(whole)
    damaged = whole[:at] + junk + whole[at + len(junk) :]
    reader = RlmLogReader()
    told = read(*LINES[:line], damaged, *LINES[line + 1 :], reader=reader)
    assert all(isinstance(one, ForeignRun | Said | Over | Unread) for one in told)
    list(reader.finish())
