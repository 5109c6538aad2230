"""Whatever stands in the rows of a tracker, a run comes out or is said not to."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rlmboard.formats.foreign import ForeignRun, Said, Told, Unread
from rlmboard.formats.trackers import (
    AncestorRun,
    Point,
    TrackedRun,
    bench_results,
    csv_runs,
    demo_trace,
    sample_run,
)
from rlmboard.trace import Metric, RunFailed, Score, encode_line

BEGAN = datetime(2026, 5, 1, tzinfo=UTC)


def consumed(told: Any) -> list[Told]:
    """Everything, each event as it would stand in a trace."""
    found = list(told)
    for one in found:
        if isinstance(one, Said):
            encode_line("r", one.at_us, one.event)
    return found


def test_a_number_that_json_has_no_word_for_has_one_here() -> None:
    facts = ForeignRun(key="k", producer="p", started_at=BEGAN)
    points = [Point("m", value, 1) for value in (math.nan, math.inf, -math.inf, 1.0)]
    told = consumed(TrackedRun(facts, points, "failed").told())
    said = [one.event for one in told if isinstance(one, Said)]
    assert [e.special for e in said if isinstance(e, Metric)] == ["nan", "inf", "-inf", None]
    assert isinstance(said[-1], RunFailed)


def test_grades_of_inspect_are_numbers_and_what_is_none_is_left_out() -> None:
    scores = {"a": {"value": "C"}, "b": {"value": {"x": 1, "y": "??"}}, "c": {"value": [1]}}
    sample = {"id": 1, "epoch": 1, "started_at": "2026-05-01T00:00:00Z", "scores": scores}
    told = consumed(sample_run({}, sample))
    graded = {
        one.event.name: one.event.value
        for one in told
        if isinstance(one, Said) and isinstance(one.event, Score)
    }
    assert graded == {"a": 1.0, "x": 1.0}


def test_names_of_the_ancestors_events_in_all_its_ways() -> None:
    raw = [
        {"type": kind, "query_id": "q", "duration_ms": 1, "success": True, "result_preview": ""}
        for kind in ("SubQueryReturn", "subquery_return", "sub_query_return")
    ]
    run = AncestorRun(
        "r", {"created_at": 1767866000}, [(n, json.dumps(e)) for n, e in enumerate(raw)]
    )
    assert not [one for one in consumed(run.told()) if isinstance(one, Unread)]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)
NAMES = st.sampled_from(
    [
        *("events", "event", "model", "output", "usage", "choices", "messages", "input", "scores"),
        *("value", "id", "epoch", "started_at", "type", "t", "chunk_id", "findings", "meta"),
        *("tierAggregates", "tierId", "outcomes", "error", "limit", "score", "timestamp", "tool"),
    ]
)
WORDS = st.sampled_from(["2026-05-01T00:00:00Z", "model", "tool", "score", "extraction_start"])
TREES = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.dictionaries(NAMES, inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(NAMES, TREES, max_size=8)


@given(DOCUMENTS, DOCUMENTS)
def test_no_sample_whatever_makes_it_fail(header: Any, sample: Any) -> None:
    consumed(sample_run(header, sample | {"started_at": "2026-05-01T00:00:00Z"}))


@given(DOCUMENTS)
def test_no_document_whatever_makes_it_fail(document: Any) -> None:
    consumed(demo_trace(document, BEGAN))
    consumed(bench_results(document, BEGAN))


@given(DOCUMENTS, st.lists(st.tuples(JSON, st.text() | JSON), max_size=5))
def test_no_row_of_the_ancestor_whatever_makes_it_fail(row: Any, events: Any) -> None:
    consumed(AncestorRun("r", row, events, 1767866000).told())


@given(
    st.sampled_from(["Name,State,Created,x", "_step,_timestamp,y", "Step,a - b"]),
    st.lists(st.text(max_size=40), max_size=6),
)
def test_no_csv_whatever_makes_it_fail(header: str, lines: list[str]) -> None:
    consumed(csv_runs([header + "\n", *(line + "\n" for line in lines)], BEGAN, "t"))
