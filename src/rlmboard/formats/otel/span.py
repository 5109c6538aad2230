"""Spans as OTLP reports them, whatever they were encoded in."""

from __future__ import annotations

from itertools import islice
from typing import Any, TypeAlias

import msgspec

Attributes: TypeAlias = dict[str, Any]
"""Values are str, int, float, bool, or lists and dicts of these."""

DEEPEST = 32
"""Levels of lists and maps in a value; what lies deeper is left out, and said to be."""
TOO_DEEP = "[nested too deeply]"
MOST_ATTRIBUTES = 20_000
DROPPED = "otel.dropped_attributes_count"
"""What OpenTelemetry calls the number of those that are left out."""


class BadRequest(Exception):
    """The bytes are no request of spans; the message says why."""


class SpanEvent(msgspec.Struct, frozen=True):
    """Something that happened during a span."""

    name: str
    at_ns: int
    attributes: Attributes


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """One report of a span. Ids are lower-case hex, times nanoseconds since 1970, 0 is unknown.

    `parent_id` None: the first of its trace. `status`: 0 unset, 1 ok, 2 error.
    """

    trace_id: str
    span_id: str
    parent_id: str | None = None
    name: str = ""
    start_ns: int = 0
    end_ns: int = 0
    attributes: Attributes = {}
    events: tuple[SpanEvent, ...] = ()
    status: int = 0
    status_message: str = ""
    resource: Attributes = {}
    scope: str = ""


class Request(msgspec.Struct, frozen=True):
    """What came in one request: spans that can be taken, and how many cannot, and why."""

    spans: list[Span]
    rejected: int = 0
    why: str = ""


class Sorting:
    """Takes spans as they are decoded; one whose ids are no ids is counted and left out."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.rejected = 0
        self.why = ""

    def take(self, trace_id: bytes, span_id: bytes, parent_id: bytes, **said: Any) -> None:
        wrong = _wrong(trace_id, span_id, parent_id)
        if wrong:
            self.rejected += 1
            self.why = self.why or f"span {str(said.get('name', ''))[:100]!r}: {wrong}"
            return
        parent = parent_id.hex() if any(parent_id) else None
        said["attributes"] = _bounded(said["attributes"])
        self.spans.append(
            Span(trace_id=trace_id.hex(), span_id=span_id.hex(), parent_id=parent, **said)
        )

    def sorted(self) -> Request:
        return Request(self.spans, self.rejected, self.why)


def _bounded(attributes: Attributes) -> Attributes:
    left_out = len(attributes) - MOST_ATTRIBUTES
    if left_out <= 0:
        return attributes
    return {**dict(islice(attributes.items(), MOST_ATTRIBUTES)), DROPPED: left_out}


def _wrong(trace_id: bytes, span_id: bytes, parent_id: bytes) -> str:
    if len(trace_id) != 16 or not any(trace_id):
        return "its trace id is not 16 bytes that are not all zero"
    if len(span_id) != 8 or not any(span_id):
        return "its span id is not 8 bytes that are not all zero"
    if len(parent_id) not in (0, 8):
        return "the span id of its parent is not 8 bytes"
    return "it is its own parent" if parent_id == span_id else ""
