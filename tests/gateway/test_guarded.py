"""What an attacker, or a careless client, may try."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from rlmboard.errors import BadInput
from rlmboard.gateway import Limits, serving
from rlmboard.testing import Reply

from .conftest import KEY, Place

ERRORS = [
    Reply.refused(401, f"Incorrect API key provided: {KEY}."),
    Reply.refused(400, f"Bearer {KEY} is no good"),
    Reply(text="x", raw=f"no JSON but {KEY}".encode()),
    Reply(text=f"an answer with {KEY} in it"),
    Reply.cut_off(30),
]


def files_with(home: Path, words: str) -> list[str]:
    return [
        str(path)
        for path in home.rglob("*")
        if path.is_file() and words.encode() in path.read_bytes()
    ]


@pytest.mark.parametrize("header", ["Authorization", "X-Api-Key", "Api-Key", "Cookie"])
async def test_a_key_stands_in_no_file_of_the_home_whatever_happens(
    place: Place, header: str, capfd: pytest.CaptureFixture[str], caplog: Any
) -> None:
    server = await place.server(ERRORS)
    limits = Limits(requests_per_minute=7)
    client = await place.gateway_to(server.url, limits=limits)
    shown = {"Authorization": "", header: f"session={KEY}" if header == "Cookie" else KEY}
    for _ in range(len(ERRORS) + 3):
        await client.chat(f"my key is {KEY}", headers=shown)
    for bad in (b"{", b'{"model": "' + KEY.encode(), b"[]"):
        await client.post("chat/completions", bad, shown)
    await client.chat(headers={**shown, "X-Rlmboard-Run": "../x"})
    await place.gateway.__aexit__()
    assert place.run_ids()
    assert files_with(place.home.path, KEY) == []
    written = capfd.readouterr()
    assert KEY not in written.out + written.err + caplog.text


async def test_a_short_key_is_cut_out_of_errors(place: Place) -> None:
    server = await place.server(then=Reply.refused(401, "no such key: hunter2"))
    client = await place.gateway_to(server.url)
    await client.chat(headers={"Authorization": "Bearer hunter2"})
    assert files_with(place.home.path, "hunter2") == []


async def raw(url: str, said: bytes) -> bytes:
    """What comes back for these very bytes, until the gateway hangs up."""
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    head = "\r\n".join([line, *headers, f"Content-Length: {len(body)}", "Connection: close"])
    return f"{head}\r\n\r\n".encode() + body


BODY = json.dumps({"model": "m", "messages": []}).encode()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::ffff]:80x"])
async def test_under_another_name_nothing_is_served(place: Place, host: str) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    line = "POST /v1/chat/completions HTTP/1.1"
    answer = await raw(client.url, request(line, f"Host: {host}", body=BODY))
    assert answer.split()[1] in (b"403", b"400")
    assert len(server.book) == 0


async def test_a_page_of_another_site_may_not_ask(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    foreign = await client.chat(headers={"Origin": "https://evil.example"})
    own = await client.chat(headers={"Origin": client.url.removesuffix("/v1")})
    assert (foreign.status, own.status) == (403, 200)


@pytest.mark.parametrize(
    "line",
    [
        "GET http://169.254.169.254/latest/meta-data HTTP/1.1",
        "POST http://evil.example/v1/chat/completions HTTP/1.1",
        "CONNECT evil.example:443 HTTP/1.1",
        "GET /v1/models/../../admin HTTP/1.1",
        "GET /v1/models/%2e%2e/%2e%2e/admin HTTP/1.1",
        "GET /v1/models/x?y=z#/../.. HTTP/1.1",
        "POST /v1//evil.example/chat/completions HTTP/1.1",
        "GET /v1/responses/a%0d%0aX-Evil:%201 HTTP/1.1",
        "TRACE /v1/models HTTP/1.1",
    ],
)
async def test_only_the_upstream_that_the_operator_set_is_asked(place: Place, line: str) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    host = client.url.removeprefix("http://").removesuffix("/v1")
    await raw(client.url, request(line, f"Host: {host}", body=BODY if "POST" in line else b""))
    assert [call.path for call in server.book if "admin" in call.path] == []
    assert all(call.path.startswith("/v1/") for call in server.book)


@pytest.mark.parametrize("packed", [False, True])
async def test_a_body_that_is_too_long_is_refused(place: Place, packed: bool) -> None:
    import gzip

    server = await place.server()
    client = await place.gateway_to(server.url, body_limit_bytes=100_000)
    body = gzip.compress(b" " * 200_000) if packed else b" " * 200_000
    response = await client.post(
        "chat/completions", body, {"Content-Encoding": "gzip"} if packed else {}
    )
    assert response.status == 413
    assert len(server.book) == 0


async def test_a_body_without_a_length_is_bounded_too(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url, body_limit_bytes=100_000)

    async def pieces() -> Any:
        for _ in range(100):
            yield b" " * 10_000

    url = f"{client.url}/chat/completions"
    try:
        async with client.session.post(url, data=pieces()) as response:
            assert response.status == 413
    except aiohttp.ClientError:
        pass  # it was hung up on while it was still sending
    assert len(server.book) == 0


async def test_a_client_that_never_ends_its_headers_is_hung_up_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "IDLE_CONNECTION_S", 0.05)
    server = await place.server()
    client = await place.gateway_to(server.url)
    assert await raw(client.url, b"POST /v1/chat/completions HTTP/1.1\r\nHost: x") == b""


async def test_a_client_that_never_ends_its_body_is_hung_up_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rlmboard.gateway import proxy

    monkeypatch.setattr(proxy, "BODY_TIMEOUT_S", 0.05)
    server = await place.server()
    client = await place.gateway_to(server.url)
    host = client.url.removeprefix("http://").removesuffix("/v1")
    line = "POST /v1/chat/completions HTTP/1.1"
    said = f"{line}\r\nHost: {host}\r\nContent-Length: 100\r\n\r\n{{".encode()
    answer = await raw(client.url, said)
    assert b"did not come in time" in answer


async def test_a_client_that_asks_whether_to_go_on_is_told_to(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    host = client.url.removeprefix("http://").removesuffix("/v1")
    line = "POST /v1/chat/completions HTTP/1.1"
    said = request(line, f"Host: {host}", "Expect: 100-continue", body=BODY)
    answer = await raw(client.url, said)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")
    assert len(server.book) == 1


@pytest.mark.parametrize(
    "said",
    [
        b"POST /v1/chat/completions HTTP/1.1\r\nAuthorization: Bearer %s\x01\r\n\r\n",
        b"GET /v1/models?key=%s\x1b[31m HTTP/1.1\r\n\r\n",
        b"\x1b]0;%s\x07\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n%s\x1b\r\n",
    ],
)
async def test_what_is_no_http_is_refused_and_printed_nowhere(
    place: Place, said: bytes, capfd: pytest.CaptureFixture[str], caplog: Any
) -> None:
    client = await place.gateway_to("http://127.0.0.1:9/v1")
    answer = await raw(client.url, said.replace(b"%s", KEY.encode()))
    assert answer.startswith((b"HTTP/1.0 400", b"HTTP/1.1 40"))
    written = capfd.readouterr()
    assert written.out + written.err + caplog.text == ""


async def test_a_port_that_is_taken_is_said_to_be(place: Place) -> None:
    from rlmboard.gateway import Gateway, Settings

    client = await place.gateway_to("http://127.0.0.1:9/v1")
    port = int(client.url.rsplit(":", 1)[1].split("/")[0])
    with pytest.raises(BadInput, match=f"cannot listen on 127.0.0.1 port {port}"):
        async with Gateway(place.home, Settings(), port=port):
            pass
