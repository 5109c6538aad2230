"""A run that is sent as spans is the same run on the board that takes them."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from rlmboard.folder import Home, read_trace
from rlmboard.formats.otel import (
    FACTS,
    Request,
    SpanEvent,
    protobuf,
    spans_of_run,
    trace_id_of,
)
from rlmboard.formats.otel.facts import fact_of
from rlmboard.gateway.otlp import Receiver, answer
from rlmboard.store import Store
from rlmboard.trace import Metric, Note, RunDone, RunInit, Score, Stamped, SubQueryReturn
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
    "span_refs", "citations", "citations_checked", "citations_missing", "partial", "fragments",
    "selected", "checks_passed", "checks_failed", "notes", "reserved_msat", "settled_msat",
    "overage_msat", "reserved_usd_nanos", "settled_usd_nanos", "overage_usd_nanos",
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


def series(lines: Any) -> list[Any]:
    """Each value that was logged, and how long after the first."""
    said = [line for line in lines if isinstance(line, Stamped) and isinstance(line.event, Metric)]
    first_ms = min((line.timestamp_ms for line in said), default=0)
    return [(line.event, round(line.timestamp_ms - first_ms, 3)) for line in said]


def answers(lines: Any) -> list[Any]:
    """The answers of attempts that hold, in the order of their times."""
    said = {
        (line.event.query_id, line.event.attempt, line.event.replica): line
        for line in lines
        if isinstance(line, Stamped) and isinstance(line.event, SubQueryReturn)
    }
    return [said[key] for key in sorted(said)]


def cited(line: Any) -> Any:
    return line.event.query_id, line.event.span_refs


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
    known = {"still open", *(one.message for one in problems(golden))}
    new = [one for one in problems(events) if not any(said in one.message for said in known)]
    assert new == []
    assert series(events) == series(golden)
    assert [cited(line) for line in answers(events)] == [cited(line) for line in answers(golden)]


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


@pytest.mark.parametrize("golden", ["normal"], indirect=True)
def test_sent_again_no_check_note_or_metric_is_there_twice(
    golden: list[Any], tmp_path: Path
) -> None:
    _, once = sent(golden, tmp_path / "home")
    _, twice = sent(golden, tmp_path / "home")

    def facts(events: list[Any]) -> list[str]:
        kinds = [type(line.event).__name__ for line in events if isinstance(line, Stamped)]
        return [kind for kind in kinds if kind in {one.__name__ for one in FACTS}]

    assert facts(twice) == facts(once) != []


def test_a_run_of_many_metrics_is_told_in_several_spans(tmp_path: Path) -> None:
    lines: list[Any] = [Stamped(1, "golden", 0.0, RunInit(query="q"))]
    lines += [
        Stamped(n, "golden", n * 1.0, Metric(name="loss", value=n, step=n)) for n in range(2, 2000)
    ]
    lines.append(Stamped(2000, "golden", 2000.0, RunDone(output="done")))
    spans = spans_of_run(lines, "golden", BEGAN_NS, preview_only)
    assert [len(span.events) for span in spans] == [500, 500, 500, 498]
    row, events = sent(lines, tmp_path / "home")
    assert series(events) == series(lines)
    assert (row.status, row.summary.sub_queries, row.summary.nodes) == ("completed", 0, 0)


@pytest.mark.parametrize("golden", ["normal"], indirect=True)
def test_settings_and_what_people_said_go_along(golden: list[Any], tmp_path: Path) -> None:
    at_ns = BEGAN_NS + 10**12
    said = [
        (at_ns, Score(name="taste", value=4.0, scorer="person", by="ada", query_id="q-001")),
        (at_ns, Note(title="Comment by ada", message="Good.")),
    ]
    spans = spans_of_run(
        golden,
        "golden",
        BEGAN_NS,
        preview_only,
        config={"budget_sats": 100, "tries": 7},
        said_after=said,
    )
    receiver = Receiver(Home(tmp_path), lambda: BEGAN_NS + 10**15)
    receiver.take(Request(spans))
    receiver.close()
    with Store(Home(tmp_path)) as store:
        run = store.run("latest")
        config, scores = run.row.config, run.scores()
        notes = [
            one.event
            for one in run.events()
            if isinstance(one, Stamped) and isinstance(one.event, Note)
        ]
    assert (config.budget_sats, config.params["tries"]) == (100, 7)
    assert ("taste", 4.0, "person", "ada", "q-001") in {
        (one.name, one.value, one.scorer, one.by, one.query_id) for one in scores
    }
    assert ("Comment by ada", "Good.") in {(note.title, note.message) for note in notes}


CHECK = {"rlm.query_id": "q", "rlm.agreement": 1.0, "rlm.passed": True}
FRAGMENT = {"rlm.fragment_id": "f", "rlm.size_bytes": 1}
HOSTILE = [
    ("rlm.BudgetReserve", {"rlm.query_id": 7}),
    ("rlm.BudgetReserve", {}),
    ("rlm.Metric", {"rlm.name": "loss", "rlm.value": "much"}),
    ("rlm.VerifyRedundant", {**CHECK, "rlm.n_of_m": "[1"}),
    ("rlm.EnvLoadFragment", {**FRAGMENT, "rlm.span_ref": "[" * 5000}),
    ("rlm.RunDone", {"rlm.output": "mine"}),
    ("rlm.Artifact", {"rlm.name": "x", "rlm.sha256": "../../etc/passwd", "rlm.bytes": 1}),
    ("rlm.Nothing", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "said"), HOSTILE)
def test_what_is_no_such_event_is_left_alone(name: str, said: dict[str, Any]) -> None:
    assert fact_of(SpanEvent(name, BEGAN_NS, said)) is None
