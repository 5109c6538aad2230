"""An event with its run and its time: one line of `trace.jsonl`, written and read back.

Strict in what is written, total in what is read: any bytes become `Stamped`, `Foreign` (an event
type of a later version, kept as it is) or `Hole` (a line that is no event).
"""

from __future__ import annotations

import functools
from typing import Annotated, Any, Literal, TypeAlias, get_args

import msgspec

from .decoding import json_decoder
from .events import TraceEvent
from .plain import plain

HoleReason: TypeAlias = Literal["torn", "damaged", "blank", "too_long"]
LINE_START = b'{"run_id":'
FURTHEST_MS = 1e13
"""300 years: a time beyond it is damage, and what reckons with times need not fear infinity."""

Time: TypeAlias = Annotated[float, msgspec.Meta(ge=-FURTHEST_MS, le=FURTHEST_MS)]


class Line(msgspec.Struct, frozen=True, gc=False):
    """What stands on disk. `timestamp_ms`: since the start of the run, three decimals at most."""

    run_id: str
    timestamp_ms: Time
    event: TraceEvent


class Stamped(msgspec.Struct, frozen=True, gc=False):
    """An event as it was read: `seq` is its line number from 1, `offset` and `length` its bytes."""

    seq: int
    run_id: str
    timestamp_ms: float
    event: TraceEvent
    offset: int = 0
    length: int = 0


class Foreign(msgspec.Struct, frozen=True):
    """An event of a type that this version does not know; `raw` is the whole line as it stood."""

    seq: int
    run_id: str
    timestamp_ms: float
    type: str
    raw: msgspec.Raw
    offset: int = 0
    length: int = 0


class Hole(msgspec.Struct, frozen=True):
    """A line that keeps its number and says nothing: torn by a kill, damaged, or blank."""

    seq: int
    reason: HoleReason
    offset: int = 0
    length: int = 0


TraceLine: TypeAlias = Stamped | Foreign | Hole


class _Envelope(msgspec.Struct, frozen=True):
    run_id: str
    timestamp_ms: Time
    event: dict[str, Any]


_encoder = msgspec.json.Encoder()
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@functools.cache
def _lines() -> msgspec.json.Decoder[Line]:
    return json_decoder(Line)  # made when first read: recording never reads


@functools.cache
def _envelopes() -> msgspec.json.Decoder[_Envelope]:
    return json_decoder(_Envelope)


def encode_line(run_id: str, at_us: int, event: TraceEvent) -> bytes:
    """One line with its newline. `at_us` is integer microseconds since the start of the run.

    What JSON cannot say is said as near as it can (see `plain`). Raises ValueError where that
    would not read back as an event of this type.
    """
    try:
        return _encoder.encode(Line(run_id, at_us / 1000, event)) + b"\n"
    except (TypeError, ValueError, RecursionError):
        return _mended_line(run_id, at_us, event)


def decode_line(raw: bytes, seq: int, offset: int = 0) -> TraceLine:
    """One whole line without its newline. Never raises."""
    try:
        line = _lines().decode(raw)
    except _UNREADABLE:
        return _lenient(raw, seq, offset)
    return Stamped(seq, line.run_id, line.timestamp_ms, line.event, offset, len(raw))


def at_us(timestamp_ms: float) -> int:
    """The time of a line in integer microseconds, as it was stamped."""
    return round(timestamp_ms * 1000)


def _lenient(raw: bytes, seq: int, offset: int) -> TraceLine:
    if not raw.strip():
        return Hole(seq, "blank", offset, len(raw))
    try:
        line = _envelopes().decode(raw)
    except _UNREADABLE:
        torn = raw.startswith(LINE_START) and not raw.rstrip().endswith(b"}")
        return Hole(seq, "torn" if torn else "damaged", offset, len(raw))
    kind = line.event.get("type")
    if not isinstance(kind, str) or kind in _known():
        return Hole(seq, "damaged", offset, len(raw))
    return Foreign(seq, line.run_id, line.timestamp_ms, kind, msgspec.Raw(raw), offset, len(raw))


def _mended_line(run_id: str, at_us: int, event: TraceEvent) -> bytes:
    name = type(event).__name__
    if name not in _known():
        raise ValueError(f"{name} is no event")
    tree = {"type": name, **plain(event)}
    raw = _encoder.encode({"run_id": run_id, "timestamp_ms": at_us / 1000, "event": tree})
    if not isinstance(decode_line(raw, 0), Stamped):
        raise ValueError(f"{name} has a field of another type than it should")
    return raw + b"\n"


@functools.cache
def _known() -> frozenset[str]:
    return frozenset(event.__name__ for event in get_args(TraceEvent))
