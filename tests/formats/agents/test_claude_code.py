"""Sessions of Claude Code: every call once, sub-agents below the tool that called them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rlmboard.formats.agents import ClaudeCode
from rlmboard.formats.foreign import ForeignRun, Said, Told, Unread
from rlmboard.trace import (
    Note,
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

FOLDER = Path(__file__).parent / "fixtures" / "claude-code"
SESSION = "5f1c2d3e-0000-4000-8000-00000000c0de"
MAIN = (FOLDER / f"{SESSION}.jsonl").read_bytes().splitlines()
AGENT = (FOLDER / SESSION / "subagents" / "agent-a2898e3.jsonl").read_bytes().splitlines()


def told(*lines: bytes, finish: bool = True) -> list[Told]:
    reader = ClaudeCode()
    found = [one for line in lines for one in reader.feed(line)]
    return found + list(reader.finish() if finish else ())


def events(found: Iterable[Told], kind: type) -> list[Any]:
    return [one.event for one in found if isinstance(one, Said) and isinstance(one.event, kind)]


def last_returns(found: Iterable[Told]) -> dict[str, SubQueryReturn]:
    return {event.query_id: event for event in events(found, SubQueryReturn)}


def line(kind: str, second: int, **more: Any) -> bytes:
    said = {
        "type": kind,
        "sessionId": "s",
        "uuid": f"u{second}{random.random()}",
        "timestamp": f"2026-02-12T16:00:{second:02}Z",
    }
    return json.dumps({**said, **more}).encode()


def answer(second: int, id: str, text: str, **more: Any) -> bytes:
    usage = {"input_tokens": 10, "output_tokens": 5}
    content = [{"type": "text", "text": text}]
    message = {"id": id, "role": "assistant", "content": content, "usage": usage, **more}
    return line("assistant", second, message=message)


def asked(second: int, text: str) -> bytes:
    return line("user", second, message={"role": "user", "content": text})


def test_a_message_over_several_lines_is_one_call_and_its_usage_counts_once() -> None:
    returned = last_returns(told(*MAIN, *AGENT))
    assert sorted(returned) == ["msg_01A", "msg_01B", "msg_01S", "msg_01T", "msg_01U"]
    first = returned["msg_01A"]
    assert first.usage == Usage(input=3 + 15005 + 11442, output=187, cached=11442)
    assert first.attributes == {"cache_creation_tokens": 15005}
    assert first.usage_quality == "exact"


def test_an_answer_that_was_written_before_its_end_has_an_estimated_count() -> None:
    found = told(*MAIN[:4])
    assert last_returns(found)["msg_01A"].usage_quality == "estimated"


def test_a_sub_agent_stands_below_the_tool_that_called_it() -> None:
    found = told(*MAIN, *AGENT)
    (start,) = events(found, RlmStart)
    assert (start.node_id, start.parent_id, start.name, start.depth) == (
        "a2898e3", "toolu_01B", "Explore", 1,
    )  # fmt: skip
    (end,) = events(found, RlmEnd)
    assert end.answer.startswith("Two places")
    assert "agentId" not in end.answer
    parents = {event.query_id: event.parent_id for event in events(found, SubQuerySubmit)}
    assert parents["msg_01A"] is None
    assert parents["msg_01S"] == "a2898e3"


def test_the_order_of_files_makes_no_difference() -> None:
    whole = told(*MAIN, *AGENT)
    reader = ClaudeCode()
    live: list[Told] = []
    for here in (MAIN[:7], AGENT[:3], MAIN[7:9], AGENT[3:], MAIN[9:]):
        live += [one for raw in here for one in reader.feed(raw)]
    live += reader.finish()
    assert sorted(map(repr, live)) == sorted(map(repr, whole))


def test_tools_are_below_the_answer_that_called_them_and_their_failures_are_said() -> None:
    found = told(*MAIN, *AGENT)
    parents = {event.tool_id: event.parent_id for event in events(found, ToolStart)}
    assert parents["toolu_01A"] == "msg_01A"
    failed = [event.tool_id for event in events(found, ToolEnd) if event.error]
    assert failed == ["toolu_01S"]


def test_when_something_was_asked_for_is_inferred_and_when_it_came_is_not() -> None:
    found = told(*MAIN)
    assert all(event.inferred for event in events(found, SubQuerySubmit))
    assert not any(event.inferred for event in events(found, SubQueryReturn))


def test_the_run_knows_its_question_its_place_and_its_answer() -> None:
    found = told(*MAIN, *AGENT)
    run = [one for one in found if isinstance(one, ForeignRun)][-1]
    assert run.query == "Why do totals of orders differ by a cent?"
    assert (run.key, run.cwd, run.git) == (SESSION, "/home/someone/shop", {"branch": "main"})
    assert run.config["model"] == "claude-opus-4-6"
    (done,) = events(found, RunDone)
    assert done.output.startswith("Each line of an order")
    assert done.iterations == 2


def test_a_session_that_stops_in_the_middle_of_a_tool_has_no_end() -> None:
    assert not events(told(*MAIN[:8]), RunDone)


def test_a_session_that_its_user_stopped_was_cancelled() -> None:
    stopped = "[Request interrupted by user for tool use]"
    found = told(asked(1, "Go"), answer(2, "m1", "Going"), asked(3, stopped))
    assert [event.end_reason for event in events(found, RunCancelled)] == ["user"]


def test_what_the_user_says_later_is_a_note() -> None:
    found = told(asked(1, "First"), answer(2, "m1", "Yes."), asked(3, "Then this"))
    assert [(note.title, note.message) for note in events(found, Note)] == [
        ("the user said", "Then this")
    ]


def test_an_error_of_the_api_is_a_failed_call_without_usage() -> None:
    failed = json.loads(answer(2, "m1", "API Error: 529", model="<synthetic>"))
    failed["isApiErrorMessage"] = True
    del failed["message"]["usage"]
    (returned,) = events(told(asked(1, "Go"), json.dumps(failed).encode()), SubQueryReturn)
    assert not returned.success
    assert (returned.usage, returned.usage_quality) == (None, "none")


def test_a_cost_that_is_stated_is_taken() -> None:
    told_cost = json.loads(answer(2, "m1", "Yes."))
    told_cost["costUSD"] = 0.0123
    (returned,) = events(told(asked(1, "Go"), json.dumps(told_cost).encode()), SubQueryReturn)
    assert (returned.cost_usd_nanos, returned.cost_source) == (12_300_000, "provider")


def test_a_side_chain_in_the_same_file_is_a_sub_agent_too() -> None:
    prompt = "Look around"
    task = {"type": "tool_use", "id": "t1", "name": "Task", "input": {"prompt": prompt}}
    calling = json.loads(answer(2, "m1", "I ask."))
    calling["message"]["content"].append(task)
    side = json.loads(asked(3, prompt)) | {"isSidechain": True, "parentUuid": None, "uuid": "x1"}
    reply = json.loads(answer(4, "m2", "Seen.")) | {"isSidechain": True, "parentUuid": "x1"}
    found = told(asked(1, "Go"), *(json.dumps(one).encode() for one in (calling, side, reply)))
    (start,) = events(found, RlmStart)
    assert start.parent_id == "t1"
    assert [event.parent_id for event in events(found, SubQuerySubmit)] == [None, start.node_id]


def test_a_line_that_is_repeated_counts_once() -> None:
    assert told(*MAIN, *AGENT) == told(*MAIN, *AGENT, *MAIN)


def test_a_line_that_is_no_json_is_named_and_the_others_are_read() -> None:
    found = told(*MAIN[:3], b"{broken", *MAIN[3:])
    (unread,) = [one for one in found if isinstance(one, Unread)]
    assert unread.key == SESSION
    assert len(events(found, RunDone)) == 1


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
)
KEYS = st.sampled_from(
    [
        "type",
        "timestamp",
        "sessionId",
        "uuid",
        "parentUuid",
        "isSidechain",
        "agentId",
        "message",
        "content",
        "id",
        "usage",
        "input_tokens",
        "output_tokens",
        "tool_use_id",
        "name",
        "input",
        "toolUseResult",
        "data",
        "parentToolUseID",
    ]
)
WORDS = st.sampled_from(
    ["user", "assistant", "progress", "system", "tool_use", "tool_result", "2026-02-12T16:00:00Z"]
)
TREES = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.dictionaries(KEYS, inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(KEYS, TREES, max_size=6), max_size=4))
def test_no_line_whatever_makes_it_fail(lines: list[Any]) -> None:
    told(*MAIN[:4], *(json.dumps(one).encode() for one in lines))
    told(*(json.dumps(one).encode() for one in lines))


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_no_bytes_whatever_make_it_fail(lines: list[bytes]) -> None:
    told(*lines)


def test_nesting_without_end_is_a_bad_line() -> None:
    (unread,) = told(b"[" * 1_000_000)
    assert isinstance(unread, Unread)
