"""What the gateway costs: each call through it beside the same call without it, in turn.

Three processes share the machine: an upstream that answers at once, the gateway, and the client
that measures. Everything is recorded with whole payloads, and the trace is counted afterwards.

    python benchmarks/gateway.py [--pairs 3000] [--seconds 5] [--connections 16]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REACH_MS = 1.0
REACH_CALLS = 1000
PIECES = 20
USAGE = {"prompt_tokens": 500, "completion_tokens": 20, "total_tokens": 520}
ANSWER = json.dumps(
    {
        "id": "c",
        "object": "chat.completion",
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "an answer " * 20},
                "finish_reason": "stop",
            }
        ],
        "usage": USAGE,
    }
).encode()


def event(**said: object) -> bytes:
    return b"data: " + json.dumps({"id": "c", "model": "m", **said}).encode() + b"\n\n"


STREAM = [
    event(choices=[{"index": 0, "delta": {"content": "an answer "}, "finish_reason": None}])
] * PIECES + [
    event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]),
    event(choices=[], usage=USAGE),
    b"data: [DONE]\n\n",
]


# ------------------------------------------------------------------ the upstream


class Upstream(asyncio.Protocol):
    """Answers each request on a connection as soon as its last byte is here."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out = transport
        self._held = b""

    def data_received(self, data: bytes) -> None:
        self._held += data
        head, separator, body = self._held.partition(b"\r\n\r\n")
        if not separator:
            return
        length = content_length(head)
        if len(body) >= length:
            self._held = body[length:]
            self._answer(b'"stream": true' in body)

    def _answer(self, streams: bool) -> None:
        if not streams:
            head = f"Content-Type: application/json\r\nContent-Length: {len(ANSWER)}"
            self._out.write(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + ANSWER)
            return
        head = "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked"
        self._out.write(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode())
        for piece in STREAM:
            self._out.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        self._out.write(b"0\r\n\r\n")


def content_length(head: bytes) -> int:
    lower = head.lower()
    at = lower.index(b"content-length:") + len(b"content-length:")
    return int(lower[at:].split(b"\r\n", 1)[0])


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# ------------------------------------------------------------------ the client


class Client(asyncio.Protocol):
    """One connection that asks again and again, and notes when the first piece came."""

    def __init__(self) -> None:
        self.first_s = 0.0
        self._held = bytearray()
        self._waiting: asyncio.Future[float] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out = transport

    async def ask(self, request: bytes) -> float:
        """Seconds until the whole answer was here."""
        self._waiting = asyncio.get_running_loop().create_future()
        self._held.clear()
        self.first_s = 0.0
        self._began = time.perf_counter()
        self._out.write(request)
        return await self._waiting

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter() - self._began
        self._held += data
        if not self.first_s and b"data:" in data:
            self.first_s = now
        head, separator, body = bytes(self._held).partition(b"\r\n\r\n")
        if not separator or self._waiting is None:
            return
        chunked = b"chunked" in head.lower()
        whole = body.endswith(b"0\r\n\r\n") if chunked else len(body) >= content_length(head)
        if whole and not self._waiting.done():
            assert head.startswith(b"HTTP/1.1 200"), bytes(self._held)
            self._waiting.set_result(now)

    def connection_lost(self, error: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError("hung up"))


def request(port: int, path: str, streams: bool, number: int) -> bytes:
    body = {
        "model": "m",
        "messages": [
            {"role": "system", "content": "You answer. " * 80},
            {"role": "user", "content": f"question {number}: " + "what is this? " * 80},
        ],
        "stream": streams,
    }
    if streams:
        body["stream_options"] = {"include_usage": True}
    said = json.dumps(body).encode()
    head = (
        f"POST {path}/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Authorization: Bearer sk-a-key-that-is-none-000000\r\nUser-Agent: benchmark/1\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(said)}\r\n\r\n"
    )
    return head.encode() + said


class Place:
    """Where calls go: to the upstream, or through the gateway."""

    def __init__(self, port: int, path: str) -> None:
        self.port = port
        self.path = path
        self.asked = 0

    async def client(self) -> Client:
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(Client, "127.0.0.1", self.port)
        return client

    async def ask(self, client: Client, streams: bool) -> float:
        self.asked += 1
        return await client.ask(request(self.port, self.path, streams, self.asked))


async def one_by_one(places: tuple[Place, Place], pairs: int, streams: bool) -> list[list[float]]:
    """Milliseconds of each call, without and with the gateway in turn; of streams to the first."""
    clients = [await place.client() for place in places]
    took: list[list[float]] = [[], []]
    for number in range(pairs + 200):
        for side, (place, client) in enumerate(zip(places, clients, strict=True)):
            whole_s = await place.ask(client, streams)
            if number >= 200:
                took[side].append((client.first_s if streams else whole_s) * 1000)
    return took


async def at_once(place: Place, seconds: float, connections: int) -> float:
    """Calls a second over so many connections."""
    until = time.perf_counter() + seconds
    done = 0

    async def keep_asking() -> None:
        nonlocal done
        client = await place.client()
        while time.perf_counter() < until:
            await place.ask(client, False)
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(keep_asking() for _ in range(connections)))
    return done / (time.perf_counter() - began)


# ------------------------------------------------------------------ all of it


def started(*command: str) -> tuple[subprocess.Popen[str], str]:
    """A process, and the first line that it says."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def recorded(home: str) -> int:
    from rlmboard.folder import Home, read_trace
    from rlmboard.trace import Stamped, SubQueryReturn

    lines = read_trace(Home(home).run("bench").trace)
    return sum(
        isinstance(line, Stamped) and type(line.event) is SubQueryReturn and line.event.success
        for line in lines
    )


def show(what: str, direct: float, through: float, unit: str, reach: str) -> None:
    print(f"| {what} | **{through:,.3f}** {unit} | without it: {direct:,.3f} {unit} | {reach} |")


async def measure(direct: Place, through: Place, args: argparse.Namespace) -> bool:
    good = True
    for streams, what in ((False, "a call"), (True, "the first piece of a stream")):
        took = await one_by_one((direct, through), args.pairs, streams)
        for name, at in (("p50", 49), ("p99", 98)):
            sides = [statistics.quantiles(side, n=100)[at] for side in took]
            reach = f"+ <= {REACH_MS} ms" if name == "p50" else ""
            show(f"{what}, {name}", *sides, "ms", reach)
            if name == "p50":
                added, ratio = sides[1] - sides[0], sides[1] / sides[0]
                print(f"|   added | **{added:.3f} ms** | ratio {ratio:.2f} | |")
                good &= added <= REACH_MS
    rates = [await at_once(place, args.seconds, args.connections) for place in (direct, through)]
    show(f"calls over {args.connections} connections", *rates, "/s", f">= {REACH_CALLS}")
    return good and rates[1] >= REACH_CALLS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        asyncio.run(serve())
    with tempfile.TemporaryDirectory() as home:
        upstream, port = started(str(Path(__file__)), "--serve")
        url = f"http://127.0.0.1:{port}/v1"
        gateway, said = started(
            "-m", "rlmboard", "--home", home, "gateway", "--port", "0", "--upstream", url
        )
        try:
            direct = Place(int(port), "/v1")
            through = Place(int(said.rsplit(":", 1)[1].split("/")[0]), "/r/bench/v1")
            good = asyncio.run(measure(direct, through, args))
        finally:
            gateway.terminate()
            gateway.wait()
            upstream.kill()
            upstream.wait()
        kept = recorded(home)
        print(f"| recorded | **{kept:,}** | asked: {through.asked:,} | all |")
        return 0 if good and kept == through.asked else 1


if __name__ == "__main__":
    sys.exit(main())
