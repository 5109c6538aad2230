"""The contract of OTLP over HTTP, without a framework: a request in, an answer out.

Answers come in the content type of the request. 200 only after everything is stored; 400 and 413
say what was wrong, 415 what is understood; 503 asks to be tried again.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import NamedTuple

from ...formats.otel import BadRequest, Request
from ...formats.otel import otlp_json as as_json
from ...formats.otel import protobuf as as_protobuf
from .receiver import MOST_AT_ONCE, Receiver, Unavailable

TRACES = (
    "/v1/traces",
    "/otel/v1/traces",
    "/api/public/otel/v1/traces",
    "/api/v1/private/otel/v1/traces",
)
"""Where spans are taken: OTLP's own path, and where exporters for other tools send them."""
NOT_KEPT = ("/v1/metrics", "/v1/logs")
"""Answered so that an exporter of these is content; nothing of it is kept."""
PATHS = (*TRACES, *NOT_KEPT)
MOST_BYTES = 16 << 20
MOST_INFLATED_BYTES = 64 << 20
MOST_MEMBERS = 16
RETRY_AFTER_S = 5
TOO_MANY = f"more than {MOST_AT_ONCE:,} traces in one request: send smaller batches"
TOO_LARGE = f"the request has more than {MOST_BYTES:,} bytes: send smaller batches"
_JSON, _PROTOBUF = as_json.MEDIA_TYPE, as_protobuf.MEDIA_TYPE
_PROJECT_HEADERS = ("x-rlm-project", "x-mlflow-experiment-id", "project_name")


class Answer(NamedTuple):
    status: int
    media_type: str
    body: bytes
    headers: dict[str, str]


class Refused(Exception):
    """A request that cannot be taken: `status`, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def answer(receiver: Receiver, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Answer a POST. `headers` by their names in lower case. Blocks until all is stored."""
    media_type = _media_type(headers)
    if "origin" in headers:
        return problem(media_type, 403, "spans are taken from programs, not from pages")
    try:
        if media_type is None:
            raise Refused(415, f"send {_PROTOBUF} or {_JSON}")
        if path not in TRACES:
            return _accepted(media_type, 0, "rlmboard keeps traces; nothing of this is stored")
        request = _decoded(media_type, inflated(body, headers.get("content-encoding", "")))
        left_out = receiver.take(request, _project(headers))
    except Refused as error:
        return problem(media_type, error.status, str(error))
    except BadRequest as error:
        return problem(media_type, 400, str(error))
    except Unavailable as error:
        return problem(media_type, 503, str(error), {"retry-after": str(RETRY_AFTER_S)})
    why = request.why or (TOO_MANY if left_out else "")
    return _accepted(media_type, request.rejected + left_out, why)


def problem(
    media_type: str | None, status: int, why: str, headers: dict[str, str] | None = None
) -> Answer:
    """Why a request was not taken, as a `google.rpc.Status`."""
    words = as_json if media_type != _PROTOBUF else as_protobuf
    return Answer(status, words.MEDIA_TYPE, words.encode_status(why), headers or {})


def too_large() -> Answer:
    """More bytes than are read."""
    return problem(
        None, 413, f"the request has more than {MOST_BYTES:,} bytes: send smaller batches"
    )


def inflated(body: bytes, encoding: str) -> bytes:
    """The body before it was compressed, never inflated past the limit. Raises Refused."""
    if len(body) > MOST_BYTES:
        raise Refused(413, TOO_LARGE)
    kind = encoding.strip().lower()
    if kind in ("", "identity"):
        return body
    if kind not in ("gzip", "deflate"):
        raise Refused(
            415, f"content encoding {kind[:50]!r} is not understood; gzip and deflate are"
        )
    why = ""
    for window in (31,) if kind == "gzip" else (15, -15):  # deflate: with zlib's header, or bare
        try:
            return _inflate(body, window)
        except zlib.error as error:
            why = str(error)
    raise Refused(400, f"the body is no {kind}: {why}")


def _inflate(body: bytes, window: int) -> bytes:
    """All members of the stream, up to the limits."""
    parts: list[bytes] = []
    room = MOST_INFLATED_BYTES
    while body:
        if len(parts) == MOST_MEMBERS:  # what is left is copied with each
            raise Refused(400, f"the body has more than {MOST_MEMBERS} gzip members")
        stream = zlib.decompressobj(window)
        part = stream.decompress(body, room + 1)
        room -= len(part)
        if room < 0:
            most = f"{MOST_INFLATED_BYTES:,}"
            raise Refused(413, f"inflated, the request has more than {most} bytes")
        if not stream.eof:
            raise zlib.error("it ends in the middle")
        parts.append(part)
        body = stream.unused_data
    return b"".join(parts)


def _media_type(headers: Mapping[str, str]) -> str | None:
    said = headers.get("content-type", "").partition(";")[0].strip().lower()
    return said if said in (_JSON, _PROTOBUF) else None


def _decoded(media_type: str, body: bytes) -> Request:
    if media_type == _JSON:
        return as_json.decode_json(body)
    return as_protobuf.decode_protobuf(body)


def _accepted(media_type: str, rejected: int, why: str) -> Answer:
    words = as_json if media_type == _JSON else as_protobuf
    return Answer(200, media_type, words.encode_answer(rejected, why), {})


def _project(headers: Mapping[str, str]) -> str | None:
    return next((headers[name] for name in _PROJECT_HEADERS if headers.get(name)), None)
