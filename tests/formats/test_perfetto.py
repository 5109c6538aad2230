"""A run as Chrome trace JSON, held against the Trace Event Format."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.folder import read_trace
from rlmboard.formats.perfetto import trace_events, trace_json
from rlmboard.formats.perfetto.lanes import in_lanes
from rlmboard.formats.perfetto.slices import Slice
from rlmboard.trace import (
    BudgetReserve,
    BudgetSettle,
    CellEnd,
    CellStart,
    Failure,
    IterationStart,
    Metric,
    Note,
    RlmStart,
    RunDone,
    RunInit,
    Stamped,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    ToolEnd,
    ToolStart,
    TraceEvent,
    Usage,
)
from rlmboard.trace.picture import Picture, PictureFold

GOLDEN = Path(__file__).parents[2] / "golden"
NAMES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())
PHASES = {
    "M": {"ph", "name", "pid", "args"},
    "X": {"ph", "name", "cat", "pid", "tid", "ts", "dur", "args"},
    "C": {"ph", "name", "pid", "ts", "args"},
    "i": {"ph", "name", "pid", "tid", "ts", "s", "args"},
}
"""What each phase must have, as the format's document says."""
NAMED_BY = {"process_name", "process_sort_index", "thread_name", "thread_sort_index"}


def picture_of(*told: tuple[float, TraceEvent]) -> Picture:
    lines = [Stamped(seq, "run-1", at_ms, event) for seq, (at_ms, event) in enumerate(told, 1)]
    return PictureFold().take(lines)


def events_of(*told: tuple[float, TraceEvent]) -> list[dict[str, Any]]:
    return list(trace_events(picture_of(*told)))


def golden(name: str, tmp_path: Path) -> Picture:
    path = GOLDEN / name / "trace.jsonl"
    if not path.exists():
        packed = path.with_suffix(".jsonl.gz").read_bytes()
        path = tmp_path / "trace.jsonl"
        path.write_bytes(gzip.decompress(packed))
    return PictureFold().take(read_trace(path))


def bars(events: Iterable[dict[str, Any]], process: str) -> list[dict[str, Any]]:
    """The slices of a process by its name, in the order of time."""
    told = list(events)
    (pid,) = [e["pid"] for e in told if e["name"] == "process_name" if e["args"]["name"] == process]
    return sorted(
        (e for e in told if e["ph"] == "X" and e["pid"] == pid), key=lambda event: event["ts"]
    )


def samples(events: Iterable[dict[str, Any]], name: str) -> list[tuple[int, float]]:
    return [(e["ts"], e["args"]["value"]) for e in events if e["ph"] == "C" and e["name"] == name]


@pytest.mark.parametrize("name", NAMES)
def test_every_event_is_what_the_format_asks_for(name: str, tmp_path: Path) -> None:
    told = json.loads("".join(trace_json(golden(name, tmp_path))))
    assert told["displayTimeUnit"] == "ms"
    assert all(isinstance(value, str) for value in told["otherData"].values())
    threads = {(e["pid"], e["tid"]) for e in told["traceEvents"] if e["name"] == "thread_name"}
    for event in told["traceEvents"]:
        assert PHASES[event["ph"]] <= event.keys()
        assert event["ph"] != "M" or event["name"] in NAMED_BY
        for number in ("pid", "tid", "ts", "dur"):
            assert event.get(number) is None or (type(event[number]), event[number] >= 0) == (
                int,
                True,
            )
        if "tid" in event:
            assert (event["pid"], event["tid"]) in threads


@pytest.mark.parametrize("name", NAMES)
def test_no_lane_is_taken_for_the_main_thread_of_its_process(name: str, tmp_path: Path) -> None:
    """A viewer calls the thread with the number of its process so, and not by the name given."""
    at = [(e["pid"], e["tid"]) for e in trace_events(golden(name, tmp_path)) if "tid" in e]
    assert at
    assert all(process != thread for process, thread in at)


@pytest.mark.parametrize("name", NAMES)
def test_bars_of_one_thread_never_cross(name: str, tmp_path: Path) -> None:
    ends: defaultdict[tuple[int, int], int] = defaultdict(int)
    drawn = [e for e in trace_events(golden(name, tmp_path)) if e["ph"] == "X"]
    for event in sorted(drawn, key=lambda event: event["ts"]):
        thread = event["pid"], event["tid"]
        assert event["ts"] >= ends[thread]
        ends[thread] = event["ts"] + event["dur"]


spans = st.tuples(st.integers(0, 50), st.integers(0, 20))


@given(st.lists(spans))
def test_lanes_hold_all_bars_and_are_as_few_as_can_be(lengths: list[tuple[int, int]]) -> None:
    slices = [Slice(1, "lane", at, at + long, "x", "", {}) for at, long in lengths]
    placed = list(in_lanes(slices))
    assert sorted(one for _, one in placed) == sorted(slices)
    at_once = [sum(one.start_us <= at < one.end_us for one in slices) for at in range(80)]
    instants = any(one.start_us == one.end_us for one in slices)
    assert 1 + max((lane for lane, _ in placed), default=-1) <= max(at_once) + instants


def test_each_provider_is_a_process_and_each_attempt_a_bar_with_its_facts() -> None:
    events = events_of(
        (0, RunInit(query="why?")),
        (1, SubQuerySubmit(query_id="q", role="extractor", depth=1, fragment_id="f-1")),
        (2, SubQueryExecute(query_id="q", provider_id="swarm-a", venue="swarm", model_id="m")),
        (5, SubQueryTimeout(query_id="q", elapsed_ms=3.0)),
        (6, SubQueryExecute(query_id="q", attempt=1, provider_id="swarm-b", simulated=True)),
        (9.5, SubQueryReturn(
            query_id="q", attempt=1, cost_msat=1_500, usage=Usage(input=10, output=2),
        )),
        (10, RunDone(output="because")),
    )  # fmt: skip
    (first,) = bars(events, "swarm-a")
    assert (first["name"], first["ts"], first["dur"]) == ("extractor timeout", 2_000, 3_000)
    (second,) = bars(events, "swarm-b")
    assert (second["name"], second["cat"], second["dur"]) == ("extractor", "returned", 3_500)
    assert second["args"] == {
        "query_id": "q", "parent": "root", "depth": 1, "role": "extractor", "fragment": "f-1",
        "attempt": 1, "replica": 0, "status": "returned", "cost_msat": 1_500,
        "input_tokens": 10, "output_tokens": 2, "span_refs": 0, "simulated": True,
    }  # fmt: skip
    assert "cost_msat" not in first["args"], "unknown is absent, never zero"


def test_nodes_have_tracks_of_their_own_beside_the_run() -> None:
    events = events_of(
        (0, RunInit(query="why?")),
        (1, RlmStart(node_id="child", model="small")),
        (1, IterationStart(node_id="child", n=1)),
        (2, CellStart(cell_id="c")),
        (3, ToolStart(tool_id="t", name="grep")),
        (4, ToolEnd(tool_id="t")),
        (5, CellEnd(cell_id="c", error=Failure(type="KeyError"))),
        (6, RunDone(output="")),
    )
    names = {
        e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name" and e["pid"] == 1
    }
    drawn = {(names[e["tid"]], e["name"], e["cat"]) for e in bars(events, "run run-1")}
    assert drawn == {
        ("run", "run", "completed"),
        ("child RLMs", "small", "running"),
        ("turns", "turn 1", "running"),
        ("cells", "cell", "failed"),
        ("tools", "grep", "returned"),
    }


def test_what_never_ended_is_drawn_up_to_the_last_event_and_says_so() -> None:
    events = events_of(
        (0, RunInit(query="why?")),
        (1, SubQuerySubmit(query_id="waits")),
        (2, SubQuerySubmit(query_id="works")),
        (3, SubQueryExecute(query_id="works", provider_id="p")),
        (8, Note(message="still here")),
    )
    (works,) = bars(events, "p")
    assert (works["ts"], works["dur"]) == (3_000, 5_000)
    run, waits = bars(events, "run run-1")
    assert (run["dur"], waits["dur"], waits["args"]["query_id"]) == (8_000, 7_000, "waits")
    assert all("open" in bar["args"] for bar in (works, run, waits))
    assert samples(events, "in flight") == [(3_000, 1)], "it is in flight to the end"


def test_times_that_were_guessed_are_marked() -> None:
    events = events_of(
        (1, SubQuerySubmit(query_id="q")),
        (2, SubQueryExecute(query_id="q", provider_id="p", inferred=True)),
        (3, SubQueryReturn(query_id="q")),
    )
    (bar,) = bars(events, "p")
    assert bar["args"]["inferred"] is True


def test_what_began_before_the_run_moves_everything_and_is_told() -> None:
    """Perfetto drops what lies before zero."""
    picture = picture_of(
        (0, RunInit(query="why?")),
        (-20, SubQuerySubmit(query_id="q")),
        (-15, SubQueryExecute(query_id="q", provider_id="p")),
        (5, SubQueryReturn(query_id="q")),
    )
    told = json.loads("".join(trace_json(picture)))
    assert told["otherData"]["moved_us"] == "15000"
    (bar,) = bars(told["traceEvents"], "p")
    (run,) = bars(told["traceEvents"], "run run-1")
    assert (bar["ts"], bar["dur"], run["ts"]) == (0, 20_000, 15_000)


def test_in_flight_budget_and_quorum_are_counters() -> None:
    asked = [
        (float(n), event)
        for n in range(2)
        for event in (
            BudgetReserve(query_id=f"q{n}", amount_msat=100),
            SubQuerySubmit(query_id=f"q{n}"),
            SubQueryExecute(query_id=f"q{n}", provider_id="p"),
        )
    ]
    events = events_of(
        *asked,
        (3, SubQueryReturn(query_id="q0", cost_msat=60)),
        (3, BudgetSettle(query_id="q0", actual_msat=60)),
        (4, SubQueryReturn(query_id="q1", success=False)),
        (4, BudgetSettle(query_id="q1", released_msat=100)),
    )
    assert samples(events, "in flight") == [(0, 1), (1_000, 2), (3_000, 1), (4_000, 0)]
    assert samples(events, "quorum: collected") == [(3_000, 1)]
    assert samples(events, "settled_msat") == [(3_000, 60)]
    assert samples(events, "reserved_msat") == [(0, 100), (1_000, 200), (3_000, 100), (4_000, 0)]
    assert not samples(events, "settled_usd_nanos")


def test_metrics_are_counters_and_notes_are_marks() -> None:
    events = events_of(
        (1, Metric(name="accuracy", value=0.5)),
        (2, Metric(name="accuracy", value=0.75)),
        (2, Metric(name="loss", special="nan")),
        (3, Note(message="half way", level="info")),
    )
    assert samples(events, "metric accuracy") == [(1_000, 0.5), (2_000, 0.75)]
    assert not samples(events, "metric loss")
    (mark,) = [e for e in events if e["ph"] == "i"]
    assert (mark["name"], mark["ts"], mark["args"]["level"]) == ("half way", 3_000, "info")


def test_a_run_of_which_nothing_is_known_is_a_trace_all_the_same() -> None:
    told = json.loads("".join(trace_json(Picture())))
    assert [e["name"] for e in told["traceEvents"] if e["ph"] == "X"] == ["run"]
