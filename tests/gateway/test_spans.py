"""A gateway takes spans of OpenTelemetry at its own address as well."""

from __future__ import annotations

import gzip
import json
from typing import Any

from rlmboard.gateway import span_mounts
from rlmboard.gateway.otlp import Receiver
from rlmboard.testing import Reply

NANOS = 1_767_600_000 * 10**9
KIND = {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}}
SPAN = {
    "traceId": "ab" * 16,
    "spanId": "cd" * 8,
    "startTimeUnixNano": str(NANOS),
    "endTimeUnixNano": str(NANOS + 10**6),
    "attributes": [KIND],
}
BODY = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]}).encode()
JSON = {"Content-Type": "application/json"}


async def test_spans_and_calls_become_runs_side_by_side(place: Any) -> None:
    server = await place.server([Reply()])
    receiver = Receiver(place.home)
    client = await place.gateway_to(server.url, mounts=span_mounts(receiver))
    packed = {**JSON, "Content-Encoding": "gzip"}
    said = await client.session.post(
        f"{client.url}/traces", data=gzip.compress(BODY), headers=packed
    )
    assert (said.status, await said.read()) == (200, b"{}")
    assert (await client.chat()).status == 200
    receiver.close()
    assert f"otlp-{'ab' * 16}" in place.run_ids()
    assert len(place.run_ids()) == 2
    assert len(server.book) == 1  # no span went to the model


async def test_a_page_may_not_send_spans_and_a_refusal_says_why(place: Any) -> None:
    server = await place.server([])
    receiver = Receiver(place.home)
    client = await place.gateway_to(server.url, mounts=span_mounts(receiver))
    own = client.url.removesuffix("/v1")
    for headers, status in (
        ({**JSON, "Origin": "https://evil.example"}, 403),
        ({**JSON, "Origin": own}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ):
        said = await client.session.post(f"{client.url}/traces", data=BODY, headers=headers)
        assert said.status == status
    said = await client.session.post(f"{client.url}/traces", data=b"{", headers=JSON)
    assert said.status == 400
    assert "no OTLP request" in (await said.json())["message"]
    receiver.close()
    assert place.run_ids() == []
