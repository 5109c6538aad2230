"""Lines of a trace as the page gets them, encoded."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ..trace import Foreign, Hole, TraceEvent, TraceLine, json_decoder
from .shapes import Line


class _Told(msgspec.Struct, frozen=True, gc=False):
    seq: int
    timestamp_ms: float
    event: TraceEvent


class _ToldForeign(msgspec.Struct, frozen=True):
    seq: int
    timestamp_ms: float
    event: msgspec.Raw
    foreign: bool = True


class _ToldHole(msgspec.Struct, frozen=True):
    seq: int
    hole: str


class _ForeignEvent(msgspec.Struct):
    event: msgspec.Raw


class Plain(msgspec.Struct, frozen=True, tag="trace_event", tag_field="type"):
    """One event a frame, as the design document has it."""

    run_id: str
    seq: int
    timestamp_ms: float
    event: TraceEvent | msgspec.Raw


_encode = msgspec.json.Encoder().encode
_decode_foreign = json_decoder(_ForeignEvent).decode
_decode_lines = json_decoder(list[Line]).decode


def encode_lines(lines: Iterable[TraceLine]) -> bytes:
    """A JSON array of lines, each of the shape `Line`."""
    return _encode([_told(line) for line in lines])


def as_lines(lines: Iterable[TraceLine]) -> list[Line]:
    """Lines as values: for the few that a sub-query has."""
    return _decode_lines(encode_lines(lines))


def encode_plain(run_id: str, line: TraceLine) -> bytes | None:
    """The event alone; None for a hole."""
    if isinstance(line, Hole):
        return None
    event = _foreign_event(line) if isinstance(line, Foreign) else line.event
    return _encode(Plain(run_id, line.seq, line.timestamp_ms, event))


def _told(line: TraceLine) -> msgspec.Struct:
    if isinstance(line, Hole):
        return _ToldHole(line.seq, line.reason)
    if isinstance(line, Foreign):
        return _ToldForeign(line.seq, line.timestamp_ms, _foreign_event(line))
    return _Told(line.seq, line.timestamp_ms, line.event)


def _foreign_event(line: Foreign) -> msgspec.Raw:
    return _decode_foreign(line.raw).event
