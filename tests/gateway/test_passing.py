"""Requests and answers pass byte for byte, and each call is recorded as it was."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from rlmboard.gateway import upstream_of
from rlmboard.testing import Reply, reconcile
from rlmboard.trace import SubQueryReturn, SubQuerySubmit

from .conftest import Client, Place

COUNTED = Reply.counting("Because.", 30, 7, cached=10, reasoning=3, cost=0.0125)
BODIES: dict[str, dict[str, Any]] = {
    "chat/completions": {"messages": [{"role": "user", "content": "Why?"}]},
    "completions": {"prompt": "Why?"},
    "responses": {"input": "Why?"},
    "messages": {"messages": [{"role": "user", "content": "Why?"}], "max_tokens": 9},
    "embeddings": {"input": ["Why?"]},
}
CALLS = [
    (path, stream)
    for path in BODIES
    for stream in (False, True)
    if (path, stream) != ("embeddings", True)
]


def asked(path: str, stream: bool) -> dict[str, Any]:
    more = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    return {"model": "m", **BODIES[path], **more}


@pytest.mark.parametrize(("path", "stream"), CALLS)
async def test_a_call_is_answered_as_without_a_gateway_and_recorded_as_in_the_book(
    place: Place, path: str, stream: bool
) -> None:
    server = await place.server(then=COUNTED)
    client = await place.gateway_to(server.url)
    through = await client.post(path, asked(path, stream))
    (run_id,) = place.run_ids()
    reconcile(run_id, server.book, home=place.home.path).check()
    (first,) = server.book
    assert first.body == asked(path, stream)
    assert first.key.startswith("Bearer sk-")
    direct = await Client(client.session, server.url).post(path, asked(path, stream))
    said = (await through.read()).replace(b"-1", b"-2").replace(b"_1", b"_2")
    assert said == await direct.read()
    assert (through.status, through.content_type) == (direct.status, direct.content_type)


@pytest.mark.parametrize("path", ["chat/completions", "completions", "responses", "messages"])
async def test_a_stream_passes_piece_by_piece(place: Place, path: str) -> None:
    """The first piece is here while the server still waits to send the second."""
    sent = asyncio.Event()

    async def until_seen(_: float) -> None:
        await sent.wait()

    reply = Reply(text="ab", piece_chars=1, piece_delay_s=1.0)
    server = await place.server(then=reply, sleep=until_seen)
    client = await place.gateway_to(server.url)
    async with client.session.post(f"{client.url}/{path}", json=asked(path, True)) as response:
        first = await response.content.readany()
        assert first.count(b"data:") == 1
        sent.set()
        rest = await response.read()
    assert rest
    assert place.named(SubQueryReturn)[0].result_preview == "ab"


async def test_headers_pass_both_ways_but_those_of_one_connection(place: Place) -> None:
    reply = Reply(headers={"X-Request-Id": "r-1", "Openai-Organization": "o", "Keep-Alive": "9"})
    server = await place.server(then=reply)
    client = await place.gateway_to(server.url)
    sent = {"X-Custom": "ü", "Connection": "close, X-Mine", "X-Mine": "1", "Te": "trailers"}
    response = await client.chat(headers={**sent, "X-Rlmboard-Run": "one", "User-Agent": "me/1"})
    assert response.headers["X-Request-Id"] == "r-1"
    assert response.headers["Openai-Organization"] == "o"
    assert "Keep-Alive" not in response.headers
    assert response.headers["X-Rlmboard-Run"].startswith("one/q-")
    told = server.book[0].headers
    assert (told["x-custom"], told["user-agent"]) == ("ü", "me/1")
    assert not {"x-mine", "te", "x-rlmboard-run"} & set(told)


async def test_a_query_string_passes(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    await client.post("messages?beta=true&a=%2F", asked("messages", False))
    assert server.book[0].protocol == "messages"


async def test_a_packed_answer_passes_packed_and_is_read(place: Place) -> None:
    whole = json.dumps({"choices": [{"message": {"content": "packed"}}], "usage": None}).encode()
    packed = gzip.compress(whole, mtime=0)
    server = await place.server(then=Reply(raw=packed, headers={"Content-Encoding": "gzip"}))
    client = await place.gateway_to(server.url)
    client.session._auto_decompress = False
    response = await client.chat(headers={"Accept-Encoding": "br, gzip;q=1.0, zstd"})
    assert await response.read() == packed
    assert server.book[0].headers["accept-encoding"] == "gzip"
    assert place.named(SubQueryReturn)[0].result_preview == "packed"


async def test_an_answer_in_a_coding_that_nobody_asked_for_passes_and_is_said_to_be_unread(
    place: Place,
) -> None:
    """Brotli, where the gateway had asked for gzip at most."""
    packed = b"\x0b\x02\x80hello\x03"
    server = await place.server(then=Reply(raw=packed, headers={"Content-Encoding": "br"}))
    client = await place.gateway_to(server.url)
    client.session._auto_decompress = False
    response = await client.chat(headers={"Accept-Encoding": "br"})
    assert (await response.read(), response.headers["Content-Encoding"]) == (packed, "br")
    assert server.book[0].headers["accept-encoding"] == "identity"
    (returned,) = place.named(SubQueryReturn)
    assert "content encoding is br" in returned.result_preview
    assert (returned.usage, returned.cost_usd_nanos) == (None, None)


async def test_a_request_in_pieces_passes_whole(place: Place) -> None:
    body = json.dumps(asked("chat/completions", False)).encode()

    async def pieces() -> Any:
        for at in range(0, len(body), 7):
            yield body[at : at + 7]

    server = await place.server()
    client = await place.gateway_to(server.url)
    async with client.session.post(f"{client.url}/chat/completions", data=pieces()) as response:
        assert response.status == 200
    assert server.book[0].body == asked("chat/completions", False)
    assert place.named(SubQuerySubmit)[0].prompt_preview == "Why?"


async def test_a_packed_request_passes_packed_and_is_read(place: Place) -> None:
    packed = gzip.compress(json.dumps(asked("chat/completions", False)).encode(), mtime=0)
    server = await place.server()
    client = await place.gateway_to(server.url)
    response = await client.post("chat/completions", packed, {"Content-Encoding": "gzip"})
    assert response.status == 200
    assert place.named(SubQuerySubmit)[0].prompt_preview == "Why?"


async def test_a_bomb_is_passed_on_and_not_unpacked(place: Place) -> None:
    bomb = gzip.compress(b"[" + b" " * (80 << 20), compresslevel=1, mtime=0)
    server = await place.server(then=Reply(raw=bomb, headers={"Content-Encoding": "gzip"}))
    client = await place.gateway_to(server.url)
    client.session._auto_decompress = False
    assert await (await client.chat()).read() == bomb
    (returned,) = place.named(SubQueryReturn)
    assert "too long" in returned.result_preview


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
async def test_an_error_of_the_upstream_passes_and_is_recorded_as_what_it_is(
    place: Place, status: int
) -> None:
    server = await place.server(
        then=Reply.refused(status, "not today", headers={"Retry-After": "7"})
    )
    client = await place.gateway_to(server.url)
    response = await client.chat()
    assert response.status == status
    assert response.headers["Retry-After"] == "7"
    assert (await response.json())["error"]["message"] == "not today"
    (run_id,) = place.run_ids()
    (returned,) = place.named(SubQueryReturn)
    assert (returned.error.type, returned.error.message) == (f"http_{status}", "not today")
    reconcile(run_id, server.book, home=place.home.path).check()


async def test_a_redirect_is_passed_on_and_never_followed(place: Place) -> None:
    there = await place.server()
    here = await place.server(then=Reply(status=307, headers={"Location": there.url}, raw=b""))
    client = await place.gateway_to(here.url)
    url = f"{client.url}/chat/completions"
    async with client.session.post(
        url, json=asked("chat/completions", False), allow_redirects=False
    ) as answer:
        assert (answer.status, answer.headers["Location"]) == (307, there.url)
    assert len(there.book) == 0


async def test_an_answer_that_is_cut_is_a_failure_with_words(place: Place) -> None:
    server = await place.server(then=Reply.cut_off(after=20))
    client = await place.gateway_to(server.url)
    response = await client.chat()
    assert response.status == 502
    assert (await response.json())["error"]["code"] == "rlmboard_upstream"
    (returned,) = place.named(SubQueryReturn)
    assert returned.error.type == "cut_off"


async def test_a_stream_that_is_cut_is_cut_for_its_client_too(
    place: Place, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    reply = Reply(text="a long answer", piece_chars=3, cut_after=400)
    server = await place.server(then=reply)
    client = await place.gateway_to(server.url)
    async with client.session.post(
        f"{client.url}/chat/completions", json=asked("chat/completions", True)
    ) as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    (returned,) = place.named(SubQueryReturn)
    assert (returned.success, returned.error.type) == (False, "cut_off")
    assert returned.result_preview == "a lo"[: len(returned.result_preview)]
    assert returned.usage is None
    written = capfd.readouterr()
    assert written.out + written.err + caplog.text == ""


async def test_an_upstream_that_is_not_there_is_a_failure_with_words(place: Place) -> None:
    client = await place.gateway_to("http://127.0.0.1:9/v1")
    response = await client.chat()
    assert response.status == 502
    assert "Connection refused" in (await response.json())["error"]["message"]
    (returned,) = place.named(SubQueryReturn)
    assert returned.error.type == "connection"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_an_answer_that_does_not_come_in_time_is_a_timeout(
    place: Place, stream: bool
) -> None:
    server = await place.server(then=Reply(hangs=True))
    client = await place.gateway_to(server.url, timeout_s=0.05)
    response = await client.chat(stream=stream)
    assert response.status == 504
    (attempt,) = place.summary().attempts
    assert attempt.status == "timeout"


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.001)


BEGUN = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {}\n\n"


@pytest.mark.parametrize("begun", [b"", BEGUN], ids=["before the answer", "in mid-stream"])
async def test_a_client_that_goes_takes_its_call_with_it(place: Place, begun: bytes) -> None:
    asked_for, hung_up = asyncio.Event(), asyncio.Event()

    async def upstream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        writer.write(begun)
        asked_for.set()
        while await reader.read(1000):
            pass
        hung_up.set()
        writer.close()

    async with await asyncio.start_server(upstream, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = await place.gateway_to(f"http://127.0.0.1:{port}/v1")
        asking = asyncio.create_task(client.chat(stream=True))
        await asked_for.wait()
        asking.cancel()
        await asyncio.wait_for(hung_up.wait(), 10)
        await until(lambda: place.summary().attempts[0].ended_ms)
    (attempt,) = place.summary().attempts
    assert (attempt.status, attempt.reason) == ("cancelled", "disconnected")


async def test_a_gateway_that_stops_says_what_it_broke_off(place: Place) -> None:
    server = await place.server(then=Reply(hangs=True))
    client = await place.gateway_to(server.url)
    asking = asyncio.create_task(client.chat())
    await until(lambda: server.book)
    await place.gateway.__aexit__()
    (attempt,) = place.summary().attempts
    assert (attempt.status, attempt.reason) == ("cancelled", "interrupted")
    assert place.summary().run.end_reason == "stopped"
    with pytest.raises(aiohttp.ClientError):
        await asking


async def test_an_answer_that_is_none_is_passed_on_and_said_to_be_none(place: Place) -> None:
    server = await place.server(then=Reply.invalid_json())
    client = await place.gateway_to(server.url)
    assert (await client.chat()).status == 200
    assert place.named(SubQueryReturn)[0].error.type == "unreadable"


async def test_a_request_that_is_none_is_passed_on_and_recorded(place: Place) -> None:
    server = await place.server(then=Reply.refused(400, "what?"))
    client = await place.gateway_to(server.url)
    response = await client.post("chat/completions", b"{}")
    assert response.status == 400
    assert place.named(SubQueryReturn)[0].error.message == "what?"


async def test_the_list_of_models_passes_and_is_no_call(place: Place) -> None:
    server = await place.server(models=("small", "large"))
    client = await place.gateway_to(server.url)
    async with client.session.get(f"{client.url}/models") as response:
        assert [one["id"] for one in (await response.json())["data"]] == ["small", "large"]
    assert place.run_ids() == []


async def test_what_is_not_served_says_what_is(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    response = await client.post("images/generations", {})
    assert response.status == 404
    assert "/v1/chat/completions" in (await response.json())["error"]["message"]
    assert len(server.book) == 0


async def test_several_upstreams_are_told_apart_by_models(place: Place) -> None:
    general, special = await place.server(), await place.server()
    both = (upstream_of(f"big-*={special.url}"), upstream_of(general.url))
    client = await place.gateway_to("", upstreams=both)
    for model in ("big-1", "small", "big-2"):
        await client.chat(model=model)
    assert [call.model for call in special.book] == ["big-1", "big-2"]
    assert [call.model for call in general.book] == ["small"]


async def test_a_hundred_calls_at_once_are_each_recorded(place: Place) -> None:
    server = await place.server(lambda body: Reply.counting(body["messages"][0]["content"], 3, 1))
    client = await place.gateway_to(server.url)
    await asyncio.gather(*(client.chat(f"question {n}", stream=n % 2 == 0) for n in range(100)))
    (run_id,) = place.run_ids()
    found = reconcile(run_id, server.book, home=place.home.path)
    assert not found.of("wrong") and not found.of("missing") and not found.of("extra")
    assert len(found.pairs) == 100


async def test_the_texts_of_a_call_are_kept_whole(place: Place) -> None:
    server = await place.server(then=Reply(text="y" * 5000))
    client = await place.gateway_to(server.url)
    await client.chat("x" * 5000)
    (submit,), (returned,) = place.named(SubQuerySubmit), place.named(SubQueryReturn)
    folder = place.home.run(place.run_ids()[0])
    assert json.loads(folder.payload(submit.prompt_ref[0]))["content"] == "x" * 5000
    assert folder.payload(returned.result_ref) == "y" * 5000


@pytest.mark.parametrize("payloads", ["preview", "none"])
async def test_less_of_the_texts_is_kept_where_asked(place: Place, payloads: str) -> None:
    server = await place.server(then=Reply(text="answer " * 100))
    client = await place.gateway_to(server.url, payloads=payloads)
    await client.chat("question " * 100)
    assert not place.home.run(place.run_ids()[0]).payloads.exists()
    (submit,) = place.named(SubQuerySubmit)
    assert bool(submit.prompt_preview) is (payloads == "preview")
