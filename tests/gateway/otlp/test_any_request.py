"""Any request that a program can make up: taken, or refused, and what was stored can be read."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlmboard.folder import Home
from rlmboard.gateway.otlp import Receiver, answer
from rlmboard.store import Store

PROTOBUF = {"content-type": "application/x-protobuf"}
JSON = {"content-type": "application/json"}
NANOS = 1_767_600_000 * 10**9
GOOD = bytes.fromhex(
    "0a59125712550a10abababababababababababababababab120800000000000000012a0463686174"
    "390000fbb8d5c687184140420ab9d5c687184a1f0a1567656e5f61692e6f7065726174696f6e2e6e"
    "616d6512060a0463686174"
)
"""A request of one span in which a model was asked, in protobuf."""

integers = st.one_of(st.integers(-(2**70), 2**70).map(str), st.integers(-9, 9))
numbers = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.just("NaN"))
values = st.recursive(
    st.one_of(
        st.builds(lambda s: {"stringValue": s}, st.text()),
        st.builds(lambda i: {"intValue": i}, integers),
        st.builds(lambda b: {"boolValue": b}, st.booleans()),
        st.builds(lambda f: {"doubleValue": f}, numbers),
        st.just({}),
        st.just({"arrayValue": {"values": 7}}),
        st.just(None),
    ),
    lambda inner: st.one_of(
        st.builds(lambda v: {"arrayValue": {"values": v}}, st.lists(inner, max_size=4)),
        st.builds(
            lambda v: {"kvlistValue": {"values": [{"key": k, "value": i} for k, i in v]}},
            st.lists(st.tuples(st.text(max_size=5), inner), max_size=4),
        ),
    ),
    max_leaves=5,
)  # fmt: skip
KEYS = (
    "gen_ai.operation.name", "openinference.span.kind", "gen_ai.input.messages", "input.value",
    "gen_ai.usage.input_tokens", "llm.token_count.completion", "llm.cost.total", "session.id",
    "llm.input_messages.0.message.role", "llm.input_messages.0", "llm.input_messages.x.y",
    "gen_ai.output.messages", "gen_ai.prompt.99999999.role", "logfire.span_type", "rlm.kind",
    "logfire.pending_parent_id", "rlm.id", "rlm.iteration", "rlm.parent.id", "rlm.attempt",
    "rlm.outcome", "events", "gen_ai.response.finish_reasons", "error.type", "rlm.depth",
)  # fmt: skip
words = st.sampled_from(
    ["chat", "LLM", "TOOL", "invoke_agent", "pending_span", "turn", "cell", "run", "call", "7",
     "[]", '[{"role": 1, "parts": [[]]}]', '[{"message": {"contents": {"a": 1}}}]', "{", "timeout"]
)  # fmt: skip
attributes = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(KEYS), st.text(max_size=8)),
        st.one_of(values, st.builds(lambda s: {"stringValue": s}, words)),
    ),
    max_size=6,
)
status = st.fixed_dictionaries({"code": st.integers(-1, 4), "message": st.text(max_size=4)})
event_names = st.sampled_from(
    ["exception", "gen_ai.choice", "gen_ai.user.message", "gen_ai.evaluation.result"]
)
any_span = st.fixed_dictionaries(
    {
        "traceId": st.sampled_from(["ab" * 16, "cd" * 16, "00"]),
        "spanId": st.integers(1, 6).map(lambda n: f"{n:016x}"),
        "parentSpanId": st.one_of(st.just(""), st.integers(1, 6).map(lambda n: f"{n:016x}")),
        "name": st.text(max_size=5),
        "startTimeUnixNano": st.one_of(st.just(str(NANOS)), st.integers(0, 2**64 - 1)),
        "endTimeUnixNano": st.one_of(st.just(0), st.integers(0, 2**64 - 1).map(str)),
        "status": status,
        "attributes": attributes.map(lambda a: [{"key": k, "value": v} for k, v in a]),
        "events": st.lists(
            st.fixed_dictionaries(
                {
                    "name": event_names,
                    "timeUnixNano": st.integers(0, 2**64 - 1),
                    "attributes": attributes.map(lambda a: [{"key": k, "value": v} for k, v in a]),
                }
            ),
            max_size=2,
        ),
    }
)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(any_span, max_size=4))
def test_whatever_spans_say_is_stored_or_left_out_and_the_trace_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, spans: list[dict[str, Any]]
) -> None:
    home = Home(tmp_path_factory.mktemp("home"))
    receiver = Receiver(home)
    body = msgspec.json.encode({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    assert answer(receiver, "/v1/traces", JSON, body).status == 200
    receiver.close()
    with Store(home) as store:
        for row in store.runs():
            assert row.summary.holes == {}
            assert row.summary.lost == 0


@settings(max_examples=300)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.tuples(st.integers(0, 90), st.binary(max_size=6)).map(
            lambda cut: GOOD[: cut[0]] + cut[1] + GOOD[cut[0] + len(cut[1]) :]
        ),
    ),
    st.sampled_from([PROTOBUF, JSON, {**PROTOBUF, "content-encoding": "gzip"}]),
)
def test_any_bytes_are_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, headers: dict[str, str]
) -> None:
    receiver = Receiver(Home(tmp_path_factory.mktemp("home")))
    assert answer(receiver, "/v1/traces", headers, body).status in (200, 400)
    receiver.close()
