"""Any run at all makes a file that the Trace Event Format allows, and that viewers can draw.

The format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
"""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.folder import read_trace
from rlmboard.formats.perfetto import trace_json
from rlmboard.trace import Failure, Stamped, TraceEvent, Usage
from rlmboard.trace import events as e
from rlmboard.trace.picture import PictureFold

Event: TypeAlias = dict[str, Any]
GOLDEN = Path(__file__).parents[2] / "golden"
NAMES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())

# ------------------------------------------------------------------ what the format asks for

FIELDS = {"name", "cat", "ph", "ts", "dur", "pid", "tid", "args", "s", "id", "scope", "bp"}
NEEDED = {
    "X": {"name", "ts", "dur", "pid", "tid"},
    "B": {"name", "ts", "pid", "tid"},
    "E": {"ts", "pid", "tid"},
    "C": {"name", "ts", "pid", "args"},
    "i": {"name", "ts", "pid", "s"},
    "s": {"name", "cat", "ts", "pid", "tid", "id"},
    "f": {"name", "cat", "ts", "pid", "tid", "id"},
    "M": {"name", "pid", "args"},
}
META = {
    "process_name": ("name", str), "thread_name": ("name", str),
    "process_sort_index": ("sort_index", int), "thread_sort_index": ("sort_index", int),
}  # fmt: skip
MOST_ID = 2**31


def problems(text: str) -> list[str]:
    """All that a strict reader would object to."""
    try:
        told = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except ValueError as error:
        return [f"no strict JSON: {error}"]
    if told.get("displayTimeUnit") not in ("ms", "ns"):
        return ["displayTimeUnit"]
    if not all(isinstance(value, str) for value in told.get("otherData", {}).values()):
        return ["otherData has more than texts"]
    events: list[Event] = told["traceEvents"]
    found = [why for event in events for why in _of_one(event)]
    checks = (_names, _slices, _begun_and_ended, _counters, _flows)
    return found or [why for check in checks for why in check(events)]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError(f"a key stands twice in {pairs}")
    return dict(pairs)


def _no_number(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON")


def _of_one(event: Event) -> Iterator[str]:
    """What an event must be by itself."""
    phase = event.get("ph")
    if phase not in NEEDED:
        yield f"phase {phase!r}"
        return
    if not NEEDED[phase] <= event.keys() <= FIELDS:
        yield f"fields of {event}"
        return
    for field in ("ts", "dur"):
        if field in event and not _is_number(event[field], least=0):
            yield f"{field} of {event}"
    for field in ("pid", "tid"):
        if field in event and not (type(event[field]) is int and 0 <= event[field] < MOST_ID):
            yield f"{field} of {event}"
    if "name" in event and not (isinstance(event["name"], str) and event["name"]):
        yield f"name of {event}"
    if not isinstance(event.get("args", {}), dict) or not isinstance(event.get("cat", ""), str):
        yield f"args or cat of {event}"
    if phase == "i" and event["s"] not in ("g", "p", "t"):
        yield f"scope of {event}"
    if phase == "M":
        key, kind = META.get(event["name"], ("", type(None)))
        if [*event["args"]] != [key] or type(event["args"][key]) is not kind:
            yield f"metadata {event}"


def _is_number(value: Any, least: float = -math.inf) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and value >= least


def _names(events: list[Event]) -> Iterator[str]:
    """Each process and thread is named once, and nothing stands on one that has no name."""
    told = Counter(
        (event["name"], event["pid"], event.get("tid")) for event in events if event["ph"] == "M"
    )
    yield from (f"told twice: {one}" for one, count in told.items() if count > 1)
    for event in events:
        if ("process_name", event["pid"], None) not in told:
            yield f"no process name: {event}"
        if "tid" in event and ("thread_name", event["pid"], event["tid"]) not in told:
            yield f"no thread name: {event}"


def _slices(events: list[Event]) -> Iterator[str]:
    """On one thread a slice lies wholly within another, or wholly outside."""
    threads: defaultdict[tuple[int, int], list[Event]] = defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            threads[event["pid"], event["tid"]].append(event)
    for drawn in threads.values():
        ends: list[float] = []
        for event in sorted(drawn, key=lambda event: (event["ts"], -event["dur"])):
            while ends and ends[-1] <= event["ts"]:
                ends.pop()
            if ends and event["ts"] + event["dur"] > ends[-1]:
                yield f"crosses another: {event}"
            ends.append(event["ts"] + event["dur"])


def _begun_and_ended(events: list[Event]) -> Iterator[str]:
    begun: defaultdict[tuple[int, int], list[Event]] = defaultdict(list)
    for event in events:
        if event["ph"] == "B":
            begun[event["pid"], event["tid"]].append(event)
        elif event["ph"] == "E":
            open_ones = begun[event["pid"], event["tid"]]
            if not open_ones or open_ones.pop()["ts"] > event["ts"]:
                yield f"ends what did not begin: {event}"
    yield from (f"never ends: {event}" for rest in begun.values() for event in rest)


def _counters(events: list[Event]) -> Iterator[str]:
    """Numbers only; a counter has the same series all along."""
    series: dict[tuple[int, str], set[str]] = {}
    for event in events:
        if event["ph"] != "C":
            continue
        if not event["args"] or not all(map(_is_number, event["args"].values())):
            yield f"no numbers: {event}"
        if series.setdefault((event["pid"], event["name"]), set(event["args"])) != {*event["args"]}:
            yield f"other series than before: {event}"


def _flows(events: list[Event]) -> Iterator[str]:
    """An arrow begins once and ends once, not before it began."""
    flows: defaultdict[tuple[Any, ...], dict[str, list[float]]] = defaultdict(
        lambda: {"s": [], "f": []}
    )
    for event in events:
        if event["ph"] in ("s", "f"):
            flows[event["cat"], event["name"], event["id"]][event["ph"]].append(event["ts"])
    for flow, ends in flows.items():
        if len(ends["s"]) != 1 or len(ends["f"]) != 1 or ends["s"] > ends["f"]:
            yield f"flow {flow}: {ends}"


# ------------------------------------------------------------------ any run

WORDS = st.sampled_from(["a", "b", "", "ünï → 🦜", "\x00\x1b[31m", "</script>", "x" * 300])
AMOUNTS = st.none() | st.integers(0, 50) | st.sampled_from([-7, 1 << 70])
IDS = st.sampled_from(["q1", "q2", "n1", "root", ""])
ATTEMPT = {"query_id": IDS, "attempt": st.integers(0, 2), "replica": st.integers(0, 1)}
PARENTS = st.none() | IDS
FAILURES = st.none() | st.builds(Failure, type=WORDS, message=WORDS)
TIMES_MS = st.floats(-20, 200) | st.sampled_from([0.0, 5.0, -1e9, 1e12])


def told(event: type[e.Event], **fields: Any) -> st.SearchStrategy[Any]:
    return st.builds(event, inferred=st.sampled_from([None, True]), **fields)


EVENTS: st.SearchStrategy[TraceEvent] = st.one_of(
    told(e.RunInit, query=WORDS, started_at=WORDS),
    told(e.RunDone, output=WORDS),
    told(e.RunFailed, error=st.builds(Failure, type=WORDS)),
    told(e.RunResumed),
    told(
        e.SubQuerySubmit, query_id=IDS, parent_id=PARENTS, depth=AMOUNTS,
        role=st.sampled_from([None, "root", "extractor"]),
    ),
    told(e.SubQueryExecute, **ATTEMPT, provider_id=st.none() | WORDS, venue=st.none() | WORDS),
    told(
        e.SubQueryReturn, **ATTEMPT, success=st.booleans(), provider_id=st.none() | WORDS,
        cost_msat=AMOUNTS, usage=st.none() | st.builds(Usage, input=AMOUNTS, output=AMOUNTS),
        duration_ms=st.none() | st.floats(0, 30), error=FAILURES,
    ),
    told(e.SubQueryTimeout, **ATTEMPT, elapsed_ms=st.just(5.0)),
    told(e.SubQueryCancel, **ATTEMPT, reason=WORDS),
    told(e.BudgetReserve, **ATTEMPT, amount_msat=AMOUNTS),
    told(e.BudgetSettle, **ATTEMPT, actual_msat=AMOUNTS),
    told(e.RlmStart, node_id=IDS, parent_id=PARENTS, depth=AMOUNTS, model=st.none() | WORDS),
    told(e.RlmEnd, node_id=IDS, error=FAILURES),
    told(e.IterationStart, n=st.integers(-2, 3), node_id=IDS),
    told(e.IterationEnd, n=st.integers(-2, 3), node_id=IDS),
    told(e.CellStart, cell_id=IDS, node_id=IDS, code_preview=WORDS),
    told(e.CellEnd, cell_id=IDS, error=FAILURES),
    told(e.ToolStart, tool_id=IDS, name=WORDS, parent_id=PARENTS),
    told(e.ToolEnd, tool_id=IDS, error=FAILURES),
    told(e.Metric, name=WORDS, value=st.floats(-5, 5) | st.just(math.inf), step=AMOUNTS),
    told(e.Metric, name=WORDS, special=st.sampled_from(["inf", "-inf", "nan"])),
    told(e.Note, level=WORDS, title=st.none() | WORDS, message=WORDS),
    told(e.FallbackLocal, reason=WORDS),
)  # fmt: skip


def file_of(lines: list[Stamped]) -> str:
    return "".join(trace_json(PictureFold().take(lines)))


@given(st.lists(st.tuples(TIMES_MS, EVENTS), max_size=25))
def test_any_run_is_a_file_that_the_format_allows(run: list[tuple[float, TraceEvent]]) -> None:
    lines = [Stamped(seq, "run-1", at_ms, event) for seq, (at_ms, event) in enumerate(run, 1)]
    assert problems(file_of(lines)) == []


@pytest.mark.parametrize("name", NAMES)
def test_golden_runs_are_files_that_the_format_allows(name: str, tmp_path: Path) -> None:
    path = GOLDEN / name / "trace.jsonl"
    if not path.exists():
        packed = path.with_suffix(".jsonl.gz").read_bytes()
        path = tmp_path / "trace.jsonl"
        path.write_bytes(gzip.decompress(packed))
    assert problems("".join(trace_json(PictureFold().take(read_trace(path))))) == []


# ------------------------------------------------------------------ the reader itself is strict


def sound() -> dict[str, Any]:
    """A small file with nothing to object to, and one of everything."""
    at = {"pid": 1, "tid": 1}
    return {
        "displayTimeUnit": "ms",
        "otherData": {"run_id": "r"},
        "traceEvents": [
            {"ph": "M", "name": "process_name", "pid": 1, "args": {"name": "run"}},
            {"ph": "M", "name": "thread_name", **at, "args": {"name": "lane 1"}},
            {"ph": "X", "name": "outer", **at, "ts": 0, "dur": 10},
            {"ph": "X", "name": "inner", **at, "ts": 2, "dur": 8},
            {"ph": "B", "name": "b", **at, "ts": 1},
            {"ph": "E", **at, "ts": 2},
            {"ph": "C", "name": "n", "pid": 1, "ts": 1, "args": {"value": 1}},
            {"ph": "i", "name": "note", **at, "ts": 3, "s": "t"},
            {"ph": "s", "name": "f", "cat": "c", **at, "ts": 1, "id": 1},
            {"ph": "f", "name": "f", "cat": "c", **at, "ts": 2, "id": 1},
        ],
    }


SPOILED: dict[str, Callable[[list[Event]], object]] = {
    "crosses": lambda events: events[3].update(dur=9),
    "before the start": lambda events: events[2].update(ts=-1),
    "no length": lambda events: events[2].pop("dur"),
    "no number": lambda events: events[6]["args"].update(value="1"),
    "not finite": lambda events: events[6]["args"].update(value=math.nan),
    "no process name": lambda events: events.pop(0),
    "no thread name": lambda events: events.pop(1),
    "named twice": lambda events: events.append(events[0]),
    "never ends": lambda events: events.pop(5),
    "never began": lambda events: events.pop(4),
    "arrow without end": lambda events: events.pop(9),
    "arrow back in time": lambda events: events[9].update(ts=0),
    "a thread that is no number": lambda events: events[2].update(tid="lane"),
    "a name that is empty": lambda events: events[2].update(name=""),
    "an unknown phase": lambda events: events[2].update(ph="Z"),
}


def test_a_sound_file_is_not_objected_to() -> None:
    assert problems(json.dumps(sound())) == []


@pytest.mark.parametrize("how", SPOILED)
def test_what_the_format_forbids_is_found(how: str) -> None:
    told = sound()
    SPOILED[how](told["traceEvents"])
    assert problems(json.dumps(told)) != []
