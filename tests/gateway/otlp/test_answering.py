"""The contract of OTLP over HTTP: what is taken, what is refused and why, and that 200 is kept."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from typing import Any

import msgspec
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from rlmboard.folder import Home
from rlmboard.formats.otel.span import DROPPED, MOST_ATTRIBUTES
from rlmboard.gateway.otlp import MOST_BYTES, PATHS, Answer, Receiver, answer
from rlmboard.store import Store
from rlmboard.trace import Stamped, SubQueryReturn

PROTOBUF = {"content-type": "application/x-protobuf"}
JSON = {"content-type": "application/json; charset=utf-8"}
NANOS = 1_767_600_000 * 10**9


def in_protobuf(count: int = 1, **more: Any) -> bytes:
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for n in range(1, count + 1):
        said = {"trace_id": b"\xab" * 16, "span_id": n.to_bytes(8, "big"), "name": "chat"} | more
        span = spans.add(start_time_unix_nano=NANOS, end_time_unix_nano=NANOS + 10**6, **said)
        named = span.attributes.add(key="gen_ai.operation.name")
        named.value.string_value = "chat"
        used = span.attributes.add(key="gen_ai.usage.input_tokens")
        used.value.int_value = 100
    return request.SerializeToString()


def in_json(**more: Any) -> bytes:
    span = {
        "traceId": "ab" * 16,
        "spanId": f"{1:016x}",
        "name": "chat",
        "startTimeUnixNano": str(NANOS),
        "endTimeUnixNano": NANOS + 10**6,
        "kind": 3,
        "attributes": [
            {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
            {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "100"}},
        ],
        **more,
    }
    return msgspec.json.encode({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})


def rows() -> list[Any]:
    return Store().runs()


@pytest.mark.parametrize("path", [path for path in PATHS if path.endswith("traces")])
def test_spans_are_stored_when_they_are_answered(receiver: Receiver, path: str) -> None:
    said = answer(receiver, path, PROTOBUF, in_protobuf())
    assert said == Answer(200, "application/x-protobuf", b"", {})
    (row,) = rows()
    assert (row.summary.attempts, row.summary.input_tokens) == (1, 100)


def test_ids_in_json_are_hex_and_integers_may_be_texts(receiver: Receiver) -> None:
    said = answer(receiver, "/v1/traces", JSON, in_json())
    assert said == Answer(200, "application/json", b"{}", {})
    (row,) = rows()
    assert row.run_id == "otlp-" + "ab" * 16
    assert row.summary.input_tokens == 100


def test_the_same_spans_in_both_encodings_are_the_same_run(receiver: Receiver) -> None:
    answer(receiver, "/v1/traces", JSON, in_json())
    lines = rows()[0].summary.lines
    answer(receiver, "/v1/traces", PROTOBUF, in_protobuf())
    assert [row.summary.lines for row in rows()] == [lines]


@pytest.mark.parametrize(
    ("encoding", "compressed"),
    [
        ("gzip", gzip.compress),
        ("GZIP", lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:])),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body, wbits=-15)),
        ("identity", bytes),
    ],
)
def test_compressed_bodies_are_taken(receiver: Receiver, encoding: str, compressed: Any) -> None:
    headers = {**PROTOBUF, "content-encoding": encoding}
    assert answer(receiver, "/v1/traces", headers, compressed(in_protobuf())).status == 200
    assert len(rows()) == 1


@pytest.mark.parametrize(
    ("headers", "body", "status", "why"),
    [
        ({}, b"", 415, "send application/x-protobuf"),
        ({"content-type": "text/plain"}, in_protobuf(), 415, "application/json"),
        ({**PROTOBUF, "content-encoding": "br"}, in_protobuf(), 415, "'br'"),
        ({**PROTOBUF, "content-encoding": "gzip"}, b"no gzip", 400, "no gzip"),
        ({**PROTOBUF, "content-encoding": "gzip"}, gzip.compress(b"x" * 99)[:-9], 400, "middle"),
        ({**PROTOBUF, "content-encoding": "deflate"}, b"?", 400, "no deflate"),
        (PROTOBUF, in_protobuf()[:-7], 400, "ExportTraceServiceRequest"),
        (PROTOBUF, b"\xff" * 40, 400, "ExportTraceServiceRequest"),
        (JSON, in_protobuf(), 400, "JSON"),
        (JSON, b'{"resourceSpans": 7}', 400, "resourceSpans"),
        (JSON, b'{"resourceSpans": [' * 5000, 400, "JSON"),
        (JSON, in_json(spanId=7), 400, "spanId"),
        (PROTOBUF, b"x" * (MOST_BYTES + 1), 413, "smaller batches"),
        ({**PROTOBUF, "origin": "http://127.0.0.1:8421"}, in_protobuf(), 403, "pages"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_reason_and_leaves_nothing(
    receiver: Receiver, headers: dict[str, str], body: bytes, status: int, why: str
) -> None:
    said = answer(receiver, "/v1/traces", headers, body)
    assert said.status == status
    assert why in said.body.decode(errors="replace")
    assert rows() == []


def test_a_refusal_is_a_status_in_the_encoding_of_the_request(receiver: Receiver) -> None:
    in_json = answer(receiver, "/v1/traces", JSON, b"{")
    assert (in_json.media_type, [*msgspec.json.decode(in_json.body)]) == (
        "application/json",
        ["message"],
    )
    binary = answer(receiver, "/v1/traces", PROTOBUF, b"\xff" * 300)
    assert binary.media_type == "application/x-protobuf"
    length = binary.body[1] & 0x7F | binary.body[2] << 7  # field 2, and how long it is
    assert (binary.body[:1], len(binary.body)) == (b"\x12", 3 + length)
    assert binary.body[3:].startswith(b"the body is no ")


def test_a_bomb_is_not_inflated() -> None:
    """64 MiB is the most; this one would be 4 GiB."""
    member = gzip.compress(bytes(1 << 25), mtime=0)
    bomb, receiver = member * 128, Receiver(Home())
    tracemalloc.start()
    said = answer(receiver, "/v1/traces", {**PROTOBUF, "content-encoding": "gzip"}, bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert said.status == 413
    assert peak < 200 << 20


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"trace_id": b"\xab" * 15}, "trace id"),
        ({"trace_id": bytes(16)}, "trace id"),
        ({"span_id": b"\xab" * 9}, "span id"),
        ({"span_id": b""}, "span id"),
        ({"parent_span_id": b"\xab"}, "parent"),
        ({"span_id": b"\xab" * 8, "parent_span_id": b"\xab" * 8}, "own parent"),
    ],
)
def test_a_span_without_a_true_id_is_left_out_and_the_others_are_taken(
    receiver: Receiver, wrong: dict[str, bytes], why: str
) -> None:
    said = answer(receiver, "/v1/traces", PROTOBUF, in_protobuf() + in_protobuf(**wrong))
    told = ExportTraceServiceResponse.FromString(said.body).partial_success
    assert (said.status, told.rejected_spans) == (200, 1)
    assert why in told.error_message
    assert [row.summary.attempts for row in rows()] == [1]


@pytest.mark.parametrize("id", ["q6urq6urq6urq6urq6urqw==", "ab", "zz" * 16, "0" * 32, " " * 32])
def test_an_id_in_json_that_is_not_hex_is_no_other_id(receiver: Receiver, id: str) -> None:
    """JSON of protobuf would have it in base64, and takes hex for base64 without a word."""
    said = answer(receiver, "/v1/traces", JSON, in_json(traceId=id))
    told = msgspec.json.decode(said.body)["partialSuccess"]
    assert (said.status, told["rejectedSpans"]) == (200, "1")
    assert rows() == []


@pytest.mark.parametrize("path", ["/v1/metrics", "/v1/logs"])
@pytest.mark.parametrize("headers", [PROTOBUF, JSON])
def test_metrics_and_logs_are_answered_and_not_kept(
    receiver: Receiver, path: str, headers: dict[str, str]
) -> None:
    said = answer(receiver, path, headers, b"\x0a\x00")
    assert said.status == 200
    assert b"nothing of this is stored" in said.body
    assert rows() == []


def test_a_run_that_another_process_holds_is_to_be_sent_again(receiver: Receiver) -> None:
    other = Receiver(Home())
    answer(other, "/v1/traces", PROTOBUF, in_protobuf(parent_span_id=b"\x01" * 8))
    said = answer(receiver, "/v1/traces", PROTOBUF, in_protobuf())
    assert (said.status, said.headers) == (503, {"retry-after": "5"})
    other.close()
    assert answer(receiver, "/v1/traces", PROTOBUF, in_protobuf()).status == 200


@pytest.mark.parametrize("header", ["x-rlm-project", "x-mlflow-experiment-id", "project_name"])
def test_a_header_names_the_experiment(receiver: Receiver, header: str) -> None:
    answer(receiver, "/v1/traces", {**PROTOBUF, header: "nightly"}, in_protobuf())
    assert [row.experiment for row in rows()] == ["nightly"]


def test_a_huge_value_is_kept_whole_and_shown_in_part(receiver: Receiver) -> None:
    text = "x" * 5_000_000
    long = {"key": "server.notes", "value": {"stringValue": text}}
    body = in_json(
        attributes=[long, {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}}]
    )
    assert answer(receiver, "/v1/traces", JSON, body).status == 200
    run = Store().run("latest")
    assert run.folder.trace_size() < 3_000
    (told,) = [line.event.attributes for line in run.events()
               if getattr(getattr(line, "event", None), "attributes", None)]  # fmt: skip
    assert run.folder.payload(told["server.notes"]["ref"]) == text


def test_a_hundred_thousand_spans_in_one_request(receiver: Receiver) -> None:
    body = gzip.compress(in_protobuf(100_000, parent_span_id=b"\xcd" * 8), 1)
    headers = {**PROTOBUF, "content-encoding": "gzip"}
    assert answer(receiver, "/v1/traces", headers, body).status == 200
    assert rows()[0].summary.attempts == 100_000


def test_of_very_many_traces_in_one_request_the_first_thousand_are_taken(
    receiver: Receiver,
) -> None:
    """Each could be a run of its own: nobody fills a disk with folders by one request."""
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for n in range(1, 1_004):
        span = spans.add(trace_id=n.to_bytes(16, "big"), span_id=b"\xcd" * 8, name="GET /")
        if n in (1_000, 1_001):
            kind = span.attributes.add(key="gen_ai.operation.name")
            kind.value.string_value = "chat"
    said = answer(receiver, "/v1/traces", PROTOBUF, request.SerializeToString())
    told = ExportTraceServiceResponse.FromString(said.body).partial_success
    assert (said.status, told.rejected_spans) == (200, 3)
    assert "send smaller batches" in told.error_message
    assert [row.run_id for row in rows()] == [f"otlp-{1_000:032x}"]


def test_a_chain_of_fifty_thousand_spans_is_drawn(receiver: Receiver) -> None:
    """Each inside the one before: the deepest tree that there can be takes no longer than any."""
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for n in range(1, 50_001):
        span = spans.add(trace_id=b"\xab" * 16, span_id=n.to_bytes(8, "big"), name="step")
        span.parent_span_id = (n - 1).to_bytes(8, "big") if n > 1 else b""
        span.start_time_unix_nano = span.end_time_unix_nano = NANOS
        kind = span.attributes.add(key="openinference.span.kind")
        kind.value.string_value = "CHAIN"
    body = request.SerializeToString()
    assert answer(receiver, "/v1/traces", PROTOBUF, body).status == 200
    assert rows()[0].summary.nodes == 50_000


def test_parents_in_a_circle_are_shown_and_end(receiver: Receiver) -> None:
    one, two = b"\x01" * 8, b"\x02" * 8
    body = in_protobuf(span_id=one, parent_span_id=two) + in_protobuf(
        span_id=two, parent_span_id=one
    )
    assert answer(receiver, "/v1/traces", PROTOBUF, body).status == 200
    assert rows()[0].summary.attempts in (1, 2)


def test_a_body_of_endless_members_is_refused_before_it_costs_anything() -> None:
    body, receiver = gzip.compress(b"") * 500_000, Receiver(Home())
    said = answer(receiver, "/v1/traces", {**PROTOBUF, "content-encoding": "gzip"}, body)
    receiver.close()
    assert said.status == 400
    assert b"more than 16 gzip members" in said.body


def test_of_endless_attributes_the_first_are_kept_and_the_others_are_counted() -> None:
    request = ExportTraceServiceRequest.FromString(in_protobuf())
    (span,) = request.resource_spans[0].scope_spans[0].spans
    for n in range(MOST_ATTRIBUTES):
        span.attributes.add(key=f"k{n}").value.int_value = n
    receiver = Receiver(Home())
    said = answer(receiver, "/v1/traces", PROTOBUF, request.SerializeToString())
    receiver.close()
    assert (said.status, said.body) == (200, b"")
    (run,) = rows()
    with Store() as store:
        lines = [one.event for one in store.run(run.run_id).events() if isinstance(one, Stamped)]
    (returned,) = [event for event in lines if isinstance(event, SubQueryReturn)]
    assert returned.attributes is not None
    assert returned.attributes[DROPPED] == 2
    assert f"k{MOST_ATTRIBUTES - 3}" in returned.attributes
    assert f"k{MOST_ATTRIBUTES - 2}" not in returned.attributes
