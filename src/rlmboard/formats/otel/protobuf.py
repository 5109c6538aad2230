"""OTLP in protobuf: requests in and out, answers, and the status that says what was wrong.

The generated classes load when the first request is decoded: 28 ms and 6 MB that a board which
nobody sends spans to does not spend.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...trace import as_text
from ...trace.plain import clean
from .span import DEEPEST, TOO_DEEP, Attributes, BadRequest, Request, Sorting, Span, SpanEvent

MEDIA_TYPE = "application/x-protobuf"


def decode_protobuf(body: bytes) -> Request:
    """The spans of an `ExportTraceServiceRequest`. Raises BadRequest."""
    from google.protobuf.message import DecodeError
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
        ExportTraceServiceRequest,
    )

    try:
        request = ExportTraceServiceRequest.FromString(body)
    except (DecodeError, RecursionError) as error:
        raise BadRequest(f"the body is no ExportTraceServiceRequest: {error}") from error
    sorting = Sorting()
    for of_resource in request.resource_spans:
        resource = _attributes(of_resource.resource.attributes)
        for of_scope in of_resource.scope_spans:
            for span in of_scope.spans:
                _take(sorting, span, resource, of_scope.scope.name)
    return sorting.sorted()


def _take(sorting: Sorting, span: Any, resource: Attributes, scope: str) -> None:
    sorting.take(
        span.trace_id,
        span.span_id,
        span.parent_span_id,
        name=span.name,
        start_ns=span.start_time_unix_nano,
        end_ns=span.end_time_unix_nano,
        attributes=_attributes(span.attributes),
        events=tuple(
            SpanEvent(event.name, event.time_unix_nano, _attributes(event.attributes))
            for event in span.events
        ),
        status=span.status.code,
        status_message=span.status.message,
        resource=resource,
        scope=scope,
    )


def _attributes(pairs: Any) -> Attributes:
    return {pair.key: _value(pair.value, DEEPEST) for pair in pairs}


def _value(value: Any, depth: int) -> Any:
    kind = value.WhichOneof("value")
    if kind in ("string_value", "int_value", "bool_value", "double_value"):
        return getattr(value, kind)
    if kind is None:
        return None
    if kind == "bytes_value":
        return value.bytes_value.hex()
    if depth == 0:
        return TOO_DEEP
    if kind == "array_value":
        return [_value(inner, depth - 1) for inner in value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: _value(pair.value, depth - 1) for pair in value.kvlist_value.values}
    return None


def encode_spans(spans: Iterable[Span], resource: Attributes, scope: str, version: str) -> bytes:
    """An `ExportTraceServiceRequest` of these spans, all of one resource."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
        ExportTraceServiceRequest,
    )

    request = ExportTraceServiceRequest()
    of_resource = request.resource_spans.add()
    _put(of_resource.resource.attributes, resource)
    of_scope = of_resource.scope_spans.add()
    of_scope.scope.name, of_scope.scope.version = scope, version
    for span in spans:
        _put_span(of_scope.spans.add(), span)
    return bytes(request.SerializeToString())


_KINDS = {"chat": 3}
"""A model is elsewhere (CLIENT); everything else happens inside (INTERNAL)."""


def _put_span(made: Any, span: Span) -> None:
    made.trace_id, made.span_id = bytes.fromhex(span.trace_id), bytes.fromhex(span.span_id)
    if span.parent_id is not None:
        made.parent_span_id = bytes.fromhex(span.parent_id)
    made.name = clean(span.name)
    made.kind = _KINDS.get(str(span.attributes.get("gen_ai.operation.name")), 1)
    made.start_time_unix_nano, made.end_time_unix_nano = span.start_ns, span.end_ns
    _put(made.attributes, span.attributes)
    for event in span.events:
        told = made.events.add(name=event.name, time_unix_nano=event.at_ns)
        _put(told.attributes, event.attributes)
    made.status.code, made.status.message = span.status, clean(span.status_message)


def _put(pairs: Any, attributes: Attributes) -> None:
    for key, value in attributes.items():
        if value is not None:
            _put_value(pairs.add(key=clean(key)).value, value)


def _put_value(made: Any, value: Any) -> None:
    if isinstance(value, bool):
        made.bool_value = value
    elif isinstance(value, int) and -(1 << 63) <= value < 1 << 63:
        made.int_value = value
    elif isinstance(value, float):
        made.double_value = value
    elif isinstance(value, list | tuple):
        made.array_value.SetInParent()
        for inner in value:
            _put_value(made.array_value.values.add(), inner)
    elif isinstance(value, dict):
        made.kvlist_value.SetInParent()
        _put(made.kvlist_value.values, value)
    elif value is not None:
        made.string_value = as_text(value)


def encode_answer(rejected: int, why: str) -> bytes:
    """An `ExportTraceServiceResponse`: empty when all was taken."""
    if not rejected and not why:
        return b""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
        ExportTracePartialSuccess,
        ExportTraceServiceResponse,
    )

    partial = ExportTracePartialSuccess(rejected_spans=rejected, error_message=why)
    return bytes(ExportTraceServiceResponse(partial_success=partial).SerializeToString())


def decode_answer(body: bytes) -> tuple[int, str]:
    """How many spans were refused, and why, as an answer says; what is no answer says nothing."""
    from google.protobuf.message import DecodeError
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
        ExportTraceServiceResponse,
    )

    try:
        partial = ExportTraceServiceResponse.FromString(body).partial_success
    except DecodeError:
        return 0, ""
    return partial.rejected_spans, partial.error_message


def encode_status(message: str) -> bytes:
    """A `google.rpc.Status` that says what was wrong: field 2 is its message."""
    text = message.encode(errors="replace")
    return b"\x12" + _varint(len(text)) + text


def _varint(number: int) -> bytes:
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])
