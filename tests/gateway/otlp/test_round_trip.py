"""A run that is sent as spans is the same run on the board that takes them."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from rlmboard.folder import Home, read_trace
from rlmboard.formats.otel import protobuf, spans_of_run, trace_id_of
from rlmboard.gateway.otlp import Receiver, answer
from rlmboard.store import Store
from rlmboard.trace.events import Ref
from rlmboard.trace.order import problems
from rlmboard.trace.picture import PictureFold
from rlmboard.trace.summary import summarize

GOLDEN = Path(__file__).parents[3] / "golden"
NAMES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())
BEGAN_NS = 1_767_607_200 * 10**9
SAME = (
    "sub_queries", "returned", "failed", "timed_out", "cancelled", "running", "attempts",
    "retries", "hedges", "open_attempts", "simulated", "nodes", "tools", "cells", "iterations",
    "input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "estimated_usage",
    "unknown_usage", "cost_msat", "cost_usd_nanos", "unknown_cost", "max_depth", "scores",
)  # fmt: skip


@pytest.fixture
def golden(request: Any, tmp_path: Path) -> list[Any]:
    folder = GOLDEN / request.param
    path = tmp_path / "trace.jsonl"
    packed = folder / "trace.jsonl.gz"
    if packed.exists():
        path.write_bytes(gzip.decompress(packed.read_bytes()))
    else:
        path.write_bytes((folder / "trace.jsonl").read_bytes())
    return list(read_trace(path))


def preview_only(preview: str, ref: Ref | None) -> list[str]:
    return [preview] if preview else []


def tree(lines: Any) -> dict[str, str]:
    p = PictureFold().take(lines)
    names = p.things.id
    told = {}
    for table in (p.queries, p.nodes):
        for row in range(table.rows):
            told[names[table.thing[row]]] = names[table.parent[row]]
    return told


def sent(lines: list[Any], home: Path, batch: int = 512) -> Any:
    """The run on another board."""
    spans = spans_of_run(lines, "golden", BEGAN_NS, preview_only)
    receiver = Receiver(Home(home), lambda: BEGAN_NS + 10**15)
    headers = {"content-type": protobuf.MEDIA_TYPE}
    for at in range(0, len(spans), batch):
        body = protobuf.encode_spans(spans[at : at + batch], {"service.name": "t"}, "t", "1")
        said = answer(receiver, "/v1/traces", headers, body)
        assert (said.status, said.body) == (200, b"")
    receiver.close()
    with Store(Home(home)) as store:
        (row,) = store.runs()
        run = store.run(row.run_id)
        return row, list(run.events())


@pytest.mark.parametrize("golden", NAMES, indirect=True)
def test_totals_and_tree_are_the_same(golden: list[Any], tmp_path: Path) -> None:
    _, events = sent(golden, tmp_path / "home")
    before, after = summarize(golden).run, summarize(events).run
    told = {name: (getattr(before, name), getattr(after, name)) for name in SAME}
    assert {name: pair for name, pair in told.items() if pair[0] != pair[1]} == {}
    assert tree(events) == tree(golden)
    assert [one for one in problems(events) if "still open" not in one.message] == []


@pytest.mark.parametrize("golden", ["normal", "timeout", "budget-stop"], indirect=True)
def test_query_output_status_and_times_are_the_same(golden: list[Any], tmp_path: Path) -> None:
    row, events = sent(golden, tmp_path / "home")
    before = summarize(golden)
    run, after = before.run, row.summary
    assert (row.query, row.status) == (run.query, run.status)
    assert (after.end_reason, after.error_type) == (run.end_reason, run.error_type)
    if run.status == "completed":
        assert after.output_preview == run.output_preview
    times = [(a.query_id, a.started_ms, a.ended_ms, a.status) for a in before.attempts]
    assert [
        (a.query_id, a.started_ms, a.ended_ms, a.status) for a in summarize(events).attempts
    ] == times


@pytest.mark.parametrize("golden", ["deep-recursion", "told-again"], indirect=True)
@pytest.mark.parametrize("batch", [1, 3])
def test_sent_in_small_batches_it_is_the_same(
    golden: list[Any], tmp_path: Path, batch: int
) -> None:
    _, whole = sent(golden, tmp_path / "whole")
    _, parts = sent(golden, tmp_path / "parts", batch)
    assert tree(parts) == tree(whole)


@pytest.mark.parametrize("golden", ["normal"], indirect=True)
def test_sent_again_it_adds_nothing(golden: list[Any], tmp_path: Path) -> None:
    sent(golden, tmp_path / "home")
    row, _ = sent(golden, tmp_path / "home")
    assert row.summary.sub_queries == 3
    assert row.summary.status == "completed"


@pytest.mark.parametrize("golden", ["normal"], indirect=True)
def test_ids_follow_from_the_run(golden: list[Any]) -> None:
    first, again = (spans_of_run(golden, "golden", BEGAN_NS, preview_only) for _ in range(2))
    assert first == again
    other = spans_of_run(golden, "another", BEGAN_NS, preview_only)
    assert not {span.span_id for span in first} & {span.span_id for span in other}
    assert {span.trace_id for span in first} == {trace_id_of("golden")}
    assert [span.parent_id for span in first].count(None) == 1


@pytest.mark.parametrize("golden", NAMES, indirect=True)
def test_without_texts_no_text_is_in_it(golden: list[Any]) -> None:
    spans = spans_of_run(golden, "golden", BEGAN_NS, lambda preview, ref: [])
    names = {name for span in spans for name in span.attributes}
    assert not [name for name in names if "messages" in name or "call.result" in name]
