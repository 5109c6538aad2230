"""Spans out: batches, what is sent again, and what a refusal says."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from rlmboard.errors import BadInput
from rlmboard.formats.otel import Span, SpanEvent
from rlmboard.gateway.otlp import NotTaken, endpoint, headers_of, send_spans


class Collector:
    """A real HTTP server that answers as it is told, then 200, and keeps what it took."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.requests: list[tuple[dict[str, str], ExportTraceServiceRequest]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = gzip.decompress(self.rfile.read(int(self.headers["content-length"])))
                headers = {name.lower(): value for name, value in self.headers.items()}
                collector.requests.append((headers, ExportTraceServiceRequest.FromString(body)))
                ok = (200, {}, b"")
                status, said, answer = collector.answers.pop(0) if collector.answers else ok
                self.send_response(status)
                for name, value in said.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def spans(count: int) -> list[Span]:
    odd = {"text": "a\udcffb", "list": [1, {"deep": None}], "big": 2**70, "half": 0.5, "no": False}
    event = SpanEvent("exception", 5, {"exception.type": "E"})
    return [
        Span(
            trace_id="ab" * 16, span_id=f"{n:016x}", name="chat", start_ns=1, end_ns=2,
            attributes=odd, events=(event,), status=2, status_message="no\udcff",
        )
        for n in range(1, count + 1)
    ]  # fmt: skip


def test_many_spans_go_in_batches(collector: Collector) -> None:
    send_spans(spans(1_200), collector.url, {"authorization": "Bearer k"})
    sizes = [len(r.resource_spans[0].scope_spans[0].spans) for _, r in collector.requests]
    assert sizes == [512, 512, 176]
    headers, request = collector.requests[0]
    assert headers["content-type"] == "application/x-protobuf"
    assert (headers["authorization"], headers["content-encoding"]) == ("Bearer k", "gzip")
    span = request.resource_spans[0].scope_spans[0].spans[0]
    said = {pair.key: pair.value for pair in span.attributes}
    assert said["text"].string_value == "a?b"
    assert (said["big"].string_value, said["no"].bool_value) == (str(2**70), False)
    assert said["list"].array_value.values[1].kvlist_value.values == []
    assert (span.status.code, span.status.message) == (2, "no?")
    assert span.events[0].attributes[0].value.string_value == "E"


def test_what_may_be_sent_again_is_after_a_while(collector: Collector) -> None:
    waits: list[float] = []
    collector.answers = [
        (503, {}, b""),
        (429, {"retry-after": "7"}, b""),
        (502, {}, b""),
        (504, {}, b""),
    ]
    send_spans(spans(1), collector.url, {}, sleep=waits.append)
    assert waits == [1, 7, 4, 8]
    assert len(collector.requests) == 5


def test_after_six_tries_it_is_said_what_was_answered(collector: Collector) -> None:
    waits: list[float] = []
    collector.answers = [(503, {"retry-after": "9000"}, b"\x12\x04full")] * 9
    with pytest.raises(NotTaken, match=r"did not take the spans, after 6 tries: 503 .*full"):
        send_spans(spans(1), collector.url, {}, sleep=waits.append)
    assert waits == [60] * 5


@pytest.mark.parametrize("status", [400, 401, 404, 413, 500])
def test_other_answers_are_final(collector: Collector, status: int) -> None:
    collector.answers = [(status, {}, b"\x12\x08no such k")]
    with pytest.raises(NotTaken, match=f"{status} .*no such"):
        send_spans(spans(1), collector.url, {}, sleep=lambda _: pytest.fail("it waited"))
    assert len(collector.requests) == 1


def test_spans_that_were_refused_are_told_of(collector: Collector) -> None:
    partial = ExportTracePartialSuccess(rejected_spans=2, error_message="too old")
    answer = ExportTraceServiceResponse(partial_success=partial).SerializeToString()
    collector.answers = [(200, {}, answer)]
    with pytest.raises(NotTaken, match="2 spans were refused: too old"):
        send_spans(spans(3), collector.url, {})


def test_a_redirect_is_not_followed_with_what_is_secret(collector: Collector) -> None:
    collector.answers = [(307, {"location": "http://127.0.0.1:9/elsewhere"}, b"")]
    with pytest.raises(NotTaken, match="307"):
        send_spans(spans(1), collector.url, {"authorization": "Bearer k"})


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("http://127.0.0.1:4318/lab/", "http://127.0.0.1:4318/lab/v1/traces"),
        ("https://x.example/otel/v1/traces", "https://x.example/otel/v1/traces"),
    ],
)
def test_spans_go_below_an_address_or_to_where_it_says(url: str, place: str) -> None:
    assert endpoint(url) == place


@pytest.mark.parametrize("url", ["", "x", "localhost:4318", "ftp://x", "http://", "http://["])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="is no address"):
        endpoint(url)


def test_headers_are_read_as_exporters_read_them() -> None:
    assert headers_of("authorization=Bearer%20k, x-project = a,rubbish") == {
        "authorization": "Bearer k",
        "x-project": "a",
    }
    assert headers_of(None) == {}


def test_spans_with_long_texts_go_in_more_and_smaller_batches() -> None:
    sizes: list[int] = []
    text = "x" * (1 << 20)
    spans = [
        Span(trace_id="ab" * 16, span_id=f"{n:016x}", attributes={"text": text})
        for n in range(1, 10)
    ]
    send_spans(
        spans,
        "http://127.0.0.1:1/v1/traces",
        {},
        post=lambda url, body, headers: sizes.append(len(gzip.decompress(body))),
    )
    assert len(sizes) == 3
    assert max(sizes) < 5 << 20
