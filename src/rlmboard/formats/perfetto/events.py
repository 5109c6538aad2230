"""The events of the Trace Event Format: slices, counters, instants, and the names of tracks.

Times are microseconds since the start of the run. Where something is older than that start, all
of them are moved by as much, and `otherData` says so: Perfetto drops what lies before zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

import msgspec

from ...trace.picture import Picture
from .counters import Sample, counters
from .lanes import in_lanes
from .slices import RUN, Slice, attempt_slices, node_slices, run_slice, unasked_slices

Event: TypeAlias = dict[str, Any]

TRACK_ORDER = ("run", "child RLMs", "turns", "cells", "tools", "sub-queries not asked", "lane")
NOTES = 1 << 20
"""The thread of what is said at a moment: below all lanes."""
_encode = msgspec.json.Encoder().encode


class _Drawn(NamedTuple):
    """All that has a time, and how far back of the start of the run the earliest of it lies."""

    slices: list[Slice]
    samples: list[Sample]
    before_us: float


def trace_json(picture: Picture) -> Iterator[str]:
    """The file, piece by piece, an event a line."""
    drawn = _drawn(picture)
    before = '{"traceEvents":[\n'
    for event in _events(picture, drawn):
        yield before + _encode(event).decode()
        before = ",\n"
    about = {"displayTimeUnit": "ms", "otherData": _other_data(picture, drawn.before_us)}
    yield f"\n],{_encode(about).decode()[1:]}\n"


def trace_events(picture: Picture) -> Iterator[Event]:
    """Everything in the run that has a time, and the names of the tracks that it stands on."""
    return _events(picture, _drawn(picture))


def _events(picture: Picture, drawn: _Drawn) -> Iterator[Event]:
    yield from _process_names(picture)
    yield from _bars(drawn, _first_thread(picture))
    for sample in drawn.samples:
        value = {"value": sample.value}
        yield _event("C", RUN, sample.at_us + drawn.before_us, name=sample.name, args=value)
    yield from _instants(picture, drawn.before_us)


def _drawn(picture: Picture) -> _Drawn:
    slices = [
        run_slice(picture),
        *node_slices(picture),
        *unasked_slices(picture),
        *attempt_slices(picture),
    ]
    samples = list(counters(picture))
    times = chain(
        (one.start_us for one in slices),
        (sample.at_us for sample in samples),
        picture.notes.cells("at_us"),
        picture.turnings.cells("at_us"),
    )
    return _Drawn(slices, samples, max(0.0, -min(times)))


def _first_thread(picture: Picture) -> int:
    """Above all processes: a thread with the number of its process is called its main thread."""
    return len(picture.names["provider"].all) + 3


def _bars(drawn: _Drawn, first_thread: int) -> Iterator[Event]:
    tracks: defaultdict[tuple[int, int], list[Slice]] = defaultdict(list)
    for one in drawn.slices:
        tracks[one.process, TRACK_ORDER.index(one.track)].append(one)
    threads: defaultdict[int, int] = defaultdict(lambda: first_thread)
    for (process, order), slices in sorted(tracks.items()):
        first, named = threads[process], 0
        for lane, one in in_lanes(slices):
            while named <= lane:
                yield from _thread_name(process, first + named, TRACK_ORDER[order], named)
                named += 1
            yield _bar(one, first + lane, drawn.before_us)
        threads[process] = first + named


def _bar(one: Slice, thread: int, before_us: float) -> Event:
    return _event(
        "X", one.process, one.start_us + before_us, dur=_plain(one.end_us - one.start_us),
        tid=thread, name=one.name, cat=one.category, args=one.args,
    )  # fmt: skip


def _instants(picture: Picture, before_us: float) -> Iterator[Event]:
    """Notes, and where the run changed its way."""
    notes, turnings = picture.notes, picture.turnings
    if notes.rows or turnings.rows:
        yield _meta("thread_name", RUN, NOTES, name="notes")
        yield _meta("thread_sort_index", RUN, NOTES, sort_index=NOTES)
    for row in range(notes.rows):
        args = {"level": notes.level[row], "message": notes.message[row]}
        name = notes.title[row] or notes.message[row] or "note"
        yield _instant(notes.at_us[row] + before_us, name, args)
    for row in range(turnings.rows):
        name = turnings.kind[row] or "turning"
        yield _instant(turnings.at_us[row] + before_us, name, {"said": turnings.said[row]})


def _instant(at_us: float, name: str, args: dict[str, Any]) -> Event:
    told = {key: value for key, value in args.items() if value is not None}
    return _event("i", RUN, at_us, tid=NOTES, s="t", name=name, args=told)


def _process_names(picture: Picture) -> Iterator[Event]:
    """The run first, then the providers in the order in which they were heard of."""
    providers = picture.names["provider"].all
    named = {RUN: f"run {picture.run.run_id or ''}".strip(), RUN + 1: "provider unknown"}
    named |= {number + 2: provider for number, provider in enumerate(providers)}
    used = {RUN, *(row + 2 for row in picture.attempts.cells("provider"))} - {RUN + 1}
    if -1 in picture.attempts.cells("provider"):
        used.add(RUN + 1)
    for process in sorted(used):
        yield _meta("process_name", process, name=named[process])
        yield _meta("process_sort_index", process, sort_index=process)


def _thread_name(process: int, thread: int, track: str, lane: int) -> Iterator[Event]:
    name = f"{track} {lane + 1}" if track == "lane" or lane else track
    yield _meta("thread_name", process, thread, name=name)
    yield _meta("thread_sort_index", process, thread, sort_index=thread)


def _meta(kind: str, process: int, thread: int | None = None, **args: Any) -> Event:
    at = {"pid": process + 1} if thread is None else {"pid": process + 1, "tid": thread}
    return {"ph": "M", "name": kind, **at, "args": args}


def _event(phase: str, process: int, at_us: float, **told: Any) -> Event:
    return {"ph": phase, "pid": process + 1, "ts": _plain(at_us), **told}


def _other_data(picture: Picture, before_us: float) -> dict[str, str]:
    run = picture.run
    told = {
        "run_id": run.run_id, "query": run.query, "status": run.status,
        "started_at": run.started_at, "producer": run.producer,
        "moved_us": str(_plain(before_us)) if before_us else None,
        "made_by": "rlmboard",
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def _plain(us: float) -> int:
    """Whole microseconds, as the trace has them."""
    return round(us)
