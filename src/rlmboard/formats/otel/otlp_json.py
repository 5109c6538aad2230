"""OTLP in JSON: ids are hex, 64-bit integers may be strings, enums are numbers.

It is decoded by hand, since the JSON of protobuf reads bytes as base64 and would make other ids of
these without a word.
"""

from __future__ import annotations

import functools
from typing import Any, TypeAlias

import msgspec

from ...trace import json_decoder
from .span import DEEPEST, TOO_DEEP, Attributes, BadRequest, Request, Sorting, SpanEvent

MEDIA_TYPE = "application/json"
_NUMBER_CHARS = 24
Number: TypeAlias = int | str


class _Value(msgspec.Struct, rename="camel"):
    string_value: str | None = None
    int_value: Number | None = None
    bool_value: bool | None = None
    double_value: float | str | None = None
    bytes_value: str | None = None
    array_value: dict[str, Any] | None = None
    kvlist_value: dict[str, Any] | None = None


class _Pair(msgspec.Struct):
    key: str
    value: dict[str, Any] | None = None


class _Attributed(msgspec.Struct):
    attributes: list[_Pair] = []


class _Scope(msgspec.Struct):
    name: str = ""


class _Event(msgspec.Struct, rename="camel"):
    name: str = ""
    time_unix_nano: Number = 0
    attributes: list[_Pair] = []


class _Status(msgspec.Struct):
    code: Number = 0
    message: str = ""


class _Span(msgspec.Struct, rename="camel"):
    trace_id: str = ""
    span_id: str = ""
    parent_span_id: str | None = None
    name: str = ""
    start_time_unix_nano: Number = 0
    end_time_unix_nano: Number = 0
    attributes: list[_Pair] = []
    events: list[_Event] = []
    status: _Status | None = None


class _OfScope(msgspec.Struct):
    scope: _Scope | None = None
    spans: list[_Span] = []


class _OfResource(msgspec.Struct, rename="camel"):
    resource: _Attributed | None = None
    scope_spans: list[_OfScope] = []


class _Body(msgspec.Struct, rename="camel"):
    resource_spans: list[_OfResource] = []


@functools.cache
def _bodies() -> msgspec.json.Decoder[_Body]:
    return json_decoder(_Body)


def decode_json(body: bytes) -> Request:
    """The spans of a request in JSON. Raises BadRequest."""
    try:
        said = _bodies().decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the body is no OTLP request in JSON: {error}") from error
    sorting = Sorting()
    for of_resource in said.resource_spans:
        resource = _attributes(of_resource.resource.attributes if of_resource.resource else [])
        for of_scope in of_resource.scope_spans:
            scope = of_scope.scope.name if of_scope.scope else ""
            for span in of_scope.spans:
                _take(sorting, span, resource, scope)
    return sorting.sorted()


def _take(sorting: Sorting, span: _Span, resource: Attributes, scope: str) -> None:
    status = span.status or _Status()
    sorting.take(
        _id(span.trace_id),
        _id(span.span_id),
        _id(span.parent_span_id or ""),
        name=span.name,
        start_ns=_int(span.start_time_unix_nano),
        end_ns=_int(span.end_time_unix_nano),
        attributes=_attributes(span.attributes),
        events=tuple(
            SpanEvent(event.name, _int(event.time_unix_nano), _attributes(event.attributes))
            for event in span.events
        ),
        status=_int(status.code),
        status_message=status.message,
        resource=resource,
        scope=scope,
    )


def _id(text: str) -> bytes:
    """The bytes of a hex id; one byte for what is none, which no id is."""
    try:
        return bytes.fromhex(text) if text.isalnum() or not text else b"?"
    except ValueError:
        return b"?"


def _int(said: Number) -> int:
    if isinstance(said, int):
        return said
    try:
        return int(said) if len(said) <= _NUMBER_CHARS else 0
    except ValueError:
        return 0


def _attributes(pairs: list[_Pair]) -> Attributes:
    return {pair.key: _value(pair.value, DEEPEST) for pair in pairs}


def _value(said: dict[str, Any] | None, depth: int) -> Any:
    """What an AnyValue holds; None for what is none."""
    if not said:
        return None
    try:
        value = msgspec.convert(said, _Value)
    except msgspec.ValidationError:
        return None
    if value.int_value is not None:
        return _int(value.int_value)
    if value.array_value is not None:
        return _array(value.array_value.get("values"), depth)
    if value.kvlist_value is not None:
        return _map(value.kvlist_value.get("values"), depth)
    plain = (value.string_value, value.bool_value, value.double_value, value.bytes_value)
    return next((one for one in plain if one is not None), None)


def _array(values: Any, depth: int) -> Any:
    if depth == 0:
        return TOO_DEEP
    if not isinstance(values, list):
        return []
    return [_inner(one, depth) for one in values]


def _map(pairs: Any, depth: int) -> Any:
    if depth == 0:
        return TOO_DEEP
    if not isinstance(pairs, list):
        return {}
    said = [pair for pair in pairs if isinstance(pair, dict) and isinstance(pair.get("key"), str)]
    return {pair["key"]: _inner(pair.get("value"), depth) for pair in said}


def _inner(said: Any, depth: int) -> Any:
    return _value(said if isinstance(said, dict) else None, depth - 1)


def encode_answer(rejected: int, why: str) -> bytes:
    """An `ExportTraceServiceResponse`; 64-bit integers are strings here."""
    if not rejected and not why:
        return b"{}"
    partial = {"rejectedSpans": str(rejected), "errorMessage": why}
    return msgspec.json.encode({"partialSuccess": partial})


def encode_status(message: str) -> bytes:
    """A `google.rpc.Status` that says what was wrong."""
    return msgspec.json.encode({"message": message.encode(errors="replace").decode()})
