"""A session without end: what was told long ago is on disk, and still right when told again."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from rlmboard.folder import read_trace
from rlmboard.formats.otel import Request, Span
from rlmboard.gateway.otlp import Receiver, spots
from rlmboard.store import StoredRun
from rlmboard.trace.order import problems

Make = Callable[..., Span]
Runs = Callable[[], list[StoredRun]]
AT_ONCE = 100


@pytest.fixture(autouse=True)
def short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spots, "REMEMBERED", 200)


def answered(call: Make, number: int, **more: Any) -> Span:
    said = {"gen_ai.completion": f"answer {number}"}
    return call(number, 1, at=(number, number + 1), attributes=said, **more)


def batches(call: Make, first: int, last: int) -> list[Request]:
    numbers = range(first, last, AT_ONCE)
    return [Request([answered(call, n + k) for k in range(AT_ONCE)]) for n in numbers]


def test_the_memory_of_a_run_does_not_grow_with_its_spans(receiver: Receiver, call: Make) -> None:
    held = []
    tracemalloc.start()
    try:
        for first in range(2, 6_002, 1_000):
            for request in batches(call, first, first + 1_000):
                receiver.take(request)
            del request
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert held[-1] < held[0] * 1.2


def test_what_was_told_long_ago_is_told_again_and_completed(
    receiver: Receiver, call: Make, runs: Runs
) -> None:
    receiver.take(Request([answered(call, 2)]))
    for request in batches(call, 102, 1_102):
        receiver.take(request)
    lines = runs()[0].row.summary.lines
    receiver.take(Request([answered(call, 2)]))
    assert runs()[0].row.summary.lines == lines
    receiver.take(Request([call(2, 1, at=(2, 9), attributes={"server.address": "late"})]))
    (run,) = runs()
    attempt = run.attempts()[0]
    assert (attempt.ended_ms, attempt.result_preview) == (7, "answer 2")
    assert run.row.summary.attempts == run.row.summary.sub_queries == 1_001
    assert run.row.summary.input_tokens == 1_001 * 100


def test_all_that_waited_for_a_first_span_hang_where_it_says(
    receiver: Receiver, agent: Make, call: Make, runs: Runs
) -> None:
    for request in batches(call, 2, 1_002):
        receiver.take(request)
    assert {query.depth for query in runs()[0].sub_queries()} == {None}
    receiver.take(Request([agent(1, at=(0, 2_000))]))
    receiver.close()
    (run,) = runs()
    assert {query.depth for query in run.sub_queries()} == {1}
    assert run.row.summary.attempts == 1_000
    assert problems(read_trace(run.folder.trace)) == []


def test_a_long_run_is_taken_up_by_another_process(
    new_receiver: Callable[[], Receiver], agent: Make, call: Make, runs: Runs
) -> None:
    first = new_receiver()
    for request in batches(call, 2, 1_002):
        first.take(request)
    first.close()
    second = new_receiver()
    for request in batches(call, 2, 1_002):
        second.take(request)
    second.take(Request([agent(1, at=(0, 2_000))]))
    second.close()
    (run,) = runs()
    assert (run.row.summary.attempts, run.row.status) == (1_000, "completed")
    assert {query.depth for query in run.sub_queries()} == {1}


def test_without_room_for_old_spans_they_stay_in_memory(
    receiver: Receiver, agent: Make, call: Make, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: Any, **__: Any) -> Any:
        raise spots.sqlite3.OperationalError("unable to open database file")

    with monkeypatch.context() as full:
        full.setattr(spots.sqlite3, "connect", no_room)
        for request in batches(call, 2, 1_002):
            receiver.take(request)
        receiver.take(Request([agent(1, at=(0, 2_000)), answered(call, 2)]))
    (run,) = runs()
    assert run.row.summary.attempts == 1_000
    assert {query.depth for query in run.sub_queries()} == {1}
