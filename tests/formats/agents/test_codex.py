"""Sessions of Codex: tokens once, whatever is written twice; sub-agents are runs with a parent."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rlmboard.formats.agents import Codex
from rlmboard.formats.foreign import ForeignRun, Said, Told, Unread
from rlmboard.trace import (
    RlmEnd,
    RlmStart,
    RunCancelled,
    RunDone,
    SubQueryReturn,
    SubQuerySubmit,
    ToolEnd,
    ToolStart,
    Usage,
)

FOLDER = Path(__file__).parent / "fixtures" / "codex"
PARENT, CHILD = (path.read_bytes().splitlines() for path in sorted(FOLDER.glob("*.jsonl")))


def told(*lines: bytes) -> list[Told]:
    reader = Codex()
    return [one for line in lines for one in reader.feed(line)] + list(reader.finish())


def events(found: Iterable[Told], kind: type) -> list[Any]:
    return [one.event for one in found if isinstance(one, Said) and isinstance(one.event, kind)]


def last_returns(found: Iterable[Told]) -> dict[str, SubQueryReturn]:
    return {event.query_id: event for event in events(found, SubQueryReturn)}


def record(second: int, kind: str, **payload: Any) -> bytes:
    stamp = f"2026-06-21T06:07:{second:02}Z"
    return json.dumps({"timestamp": stamp, "type": kind, "payload": payload}).encode()


def counts(second: int, total: int, last: int) -> bytes:
    def of(amount: int) -> dict[str, int]:
        return {"input_tokens": amount, "output_tokens": 1}

    info = {"total_token_usage": of(total), "last_token_usage": of(last)}
    return record(second, "event_msg", type="token_count", info=info)


def test_each_call_has_the_tokens_of_the_count_behind_it_and_a_repeated_count_is_none() -> None:
    returned = last_returns(told(*PARENT))
    assert [event.usage for event in returned.values()] == [
        Usage(input=6040, output=129, cached=4992, reasoning=64),
        Usage(input=6360, output=70, cached=5908, reasoning=0),
        Usage(input=6600, output=100, cached=6200, reasoning=20),
        Usage(input=7000, output=31, cached=6700, reasoning=0),
    ]
    assert all(event.usage_quality == "exact" for event in returned.values())
    assert sum(event.usage.input or 0 for event in returned.values() if event.usage) == 26_000


def test_tokens_of_a_call_that_left_no_item_are_not_lost() -> None:
    found = told(PARENT[0], counts(1, 100, 100), counts(2, 250, 150))
    used = [event.usage.input for event in last_returns(found).values()]
    assert used == [100, 150]


def test_a_count_that_stands_before_its_answer_is_of_that_answer() -> None:
    """So older versions write it."""
    question = {"type": "message", "role": "user", "content": [{"text": "Do nothing"}]}
    answer = {"type": "message", "role": "assistant", "content": [{"text": "(done)"}]}
    tool = {"type": "function_call", "name": "shell", "arguments": "{}", "call_id": "c1"}
    result = {"type": "function_call_output", "call_id": "c1", "output": "ok"}
    lines = [
        record(1, "response_item", **question),
        record(2, "event_msg", type="token_count", info=None),
        counts(5, 100, 100),
        record(5, "response_item", **tool),
        record(6, "response_item", **result),
        counts(9, 300, 200),
        record(9, "response_item", **answer),
    ]
    found = told(PARENT[0], *lines)
    said = [(e.result_preview, e.usage.input) for e in last_returns(found).values()]
    assert said == [("shell({})", 100), ("(done)", 200)]
    assert len(events(found, RunDone)) == 1


def test_a_session_that_was_resumed_counts_its_totals_anew() -> None:
    def total(second: int, amount: int) -> bytes:
        said = {"total_token_usage": {"input_tokens": amount, "output_tokens": 1}}
        return record(second, "event_msg", type="token_count", info=said)

    found = told(PARENT[0], total(1, 900), total(20, 50))
    assert [e.usage.input for e in last_returns(found).values()] == [900, 50]


def test_running_totals_alone_are_enough() -> None:
    total = {"type": "token_count", "info": {"total_token_usage": {"input_tokens": 90,
             "output_tokens": 7}}}  # fmt: skip
    (returned,) = last_returns(told(PARENT[0], record(1, "event_msg", **total))).values()
    assert returned.usage == Usage(input=90, output=7, cached=0, reasoning=0)


def test_a_question_that_stands_twice_is_asked_once() -> None:
    found = told(*PARENT)
    run = [one for one in found if isinstance(one, ForeignRun)][-1]
    assert run.query == "Why do totals of orders differ by a cent?"
    first = events(found, SubQuerySubmit)[0]
    assert first.prompt_preview == run.query
    assert "environment_context" not in str(found)


def test_tools_have_their_arguments_results_and_exit_codes() -> None:
    found = told(*PARENT)
    names = [event.name for event in events(found, ToolStart)]
    assert names == ["exec_command", "multi_agent_v1.spawn_agent", "apply_patch"]
    first = events(found, ToolEnd)[0]
    assert first.result_preview.startswith("src/order.py:12")
    assert first.error.message == "exit code 2"


def test_a_sub_agent_is_named_here_and_has_a_run_of_its_own() -> None:
    found, child = told(*PARENT), told(*CHILD)
    (start,), (end,) = events(found, RlmStart), events(found, RlmEnd)
    assert (start.parent_id, start.name) == ("call_2", "Euclid")
    assert end.answer == "src/order.py:12 and :31"
    parent_run = next(one for one in found if isinstance(one, ForeignRun))
    child_run = next(one for one in child if isinstance(one, ForeignRun))
    assert child_run.parent_run_id == parent_run.run_id
    assert child_run.parent_id == start.node_id


def test_a_task_that_is_complete_ends_the_run_and_one_that_is_under_way_does_not() -> None:
    (done,) = events(told(*PARENT), RunDone)
    assert (done.output, done.iterations) == ("Only the total is rounded now.", 4)
    assert not events(told(*PARENT[:-1]), RunDone)


def test_a_turn_that_was_aborted_cancels_the_run() -> None:
    aborted = record(59, "event_msg", type="turn_aborted", reason="interrupted")
    assert len(events(told(*PARENT[:-1], aborted), RunCancelled)) == 1


def test_a_line_that_is_no_json_is_named() -> None:
    (unread,) = [one for one in told(*PARENT[:4], b"nonsense") if isinstance(one, Unread)]
    assert unread.key == "019ee8c9-c5b3-78f0-bdc2-ab4c8e024293"


KEYS = st.sampled_from(
    [
        "type",
        "payload",
        "timestamp",
        "id",
        "info",
        "total_token_usage",
        "last_token_usage",
        "input_tokens",
        "role",
        "content",
        "output_tokens",
        "call_id",
        "name",
        "arguments",
        "output",
        "action",
        "summary",
        "statuses",
        "status",
        "source",
    ]
)
WORDS = st.sampled_from(
    [
        "response_item",
        "event_msg",
        "turn_context",
        "compacted",
        "message",
        "reasoning",
        "function_call",
        "token_count",
        "function_call_output",
        "web_search_call",
        "task_complete",
        "collab_waiting_end",
        "assistant",
        "user",
    ]
)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | WORDS,
    lambda inner: st.dictionaries(KEYS, inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(KEYS, TREES, max_size=6), max_size=4))
def test_no_line_whatever_makes_it_fail(lines: list[Any]) -> None:
    told(*PARENT[:3], *(json.dumps(one).encode() for one in lines))


@given(st.lists(st.tuples(WORDS, st.dictionaries(KEYS, TREES, max_size=6)), max_size=4))
def test_no_payload_whatever_makes_it_fail(payloads: list[Any]) -> None:
    lines = [record(1, kind, **payload) for kind, payload in payloads if "kind" not in payload]
    told(*PARENT[:3], *lines)
