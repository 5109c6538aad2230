"""What conducting costs: CPU of a sub-query beside a bare aiohttp loop, and a run of 100,000.

Each side is a process of its own, in turn, against one server that answers after 200 ms. The bare
loop sends requests of the same size, decodes the answers and records nothing; ours splits, plans,
sends, records everything with whole payloads, and aggregates.

    python benchmarks/conductor.py [--requests 3000] [--pairs 7] [--large 100000]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DELAY_S = 0.2
FRAGMENT_CHARS = 1_000
REACH_RATIO = 1.6
REACH_MB = 400
ANSWER = json.dumps(
    {
        "id": "c",
        "object": "chat.completion",
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "No relevant content."},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 300, "completion_tokens": 5, "total_tokens": 305},
    }
).encode()


# ------------------------------------------------------------------ the server


class Late(asyncio.Protocol):
    """Answers each request on a connection 200 ms after its last byte."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out = transport
        self._held = b""

    def data_received(self, data: bytes) -> None:
        self._held += data
        head, separator, body = self._held.partition(b"\r\n\r\n")
        if not separator:
            return
        lower = head.lower()
        at = lower.index(b"content-length:") + len(b"content-length:")
        length = int(lower[at:].split(b"\r\n", 1)[0])
        if len(body) >= length:
            self._held = body[length:]
            asyncio.get_running_loop().call_later(DELAY_S, self._answer)

    def _answer(self) -> None:
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(ANSWER)}\r\n\r\n"
        )
        if not self._out.is_closing():
            self._out.write(head.encode() + ANSWER)


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Late, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# ------------------------------------------------------------------ the two sides


async def bare(port: int, requests: int, concurrent: int) -> float:
    """CPU seconds of the process for so many requests, nothing recorded."""
    import aiohttp
    import msgspec

    prompt = "x" * (FRAGMENT_CHARS + 500)
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": prompt}]}).encode()
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    left = iter(range(requests))
    connector = aiohttp.TCPConnector(limit=concurrent)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def worker() -> None:
            for _ in left:
                async with session.post(
                    url, data=body, headers={"Content-Type": "application/json"}
                ) as response:
                    msgspec.json.decode(await response.read())

        began = time.process_time()
        await asyncio.gather(*(worker() for _ in range(concurrent)))
        return time.process_time() - began


async def conducted(port: int, requests: int, concurrent: int, home: Path) -> float:
    """CPU seconds of the process for a run of as many sub-queries, everything recorded."""
    import rlmboard
    from rlmboard.conductor import Program, Settings, drive
    from rlmboard.providers import OpenAiProvider
    from rlmboard.sources import read_span

    fragments = write_input(home, requests)
    provider = OpenAiProvider(
        "m", base_url=f"http://127.0.0.1:{port}/v1", concurrency=concurrent, venue="local"
    )
    settings = Settings(fanout=concurrent, max_fragments=requests, chunk_size=FRAGMENT_CHARS)
    run = rlmboard.init("What is written here?", home=home / "home", producer="conductor")
    began = time.process_time()
    with run:
        program = Program(query="What is written here?", fragments=fragments, settings=settings)
        outcome = await drive(
            program, [provider], run.emit, read=lambda f: read_span(str(home), f.span)
        )
        run.output = outcome.answer
    spent = time.process_time() - began
    await provider.aclose()
    assert outcome.status == "completed", outcome
    assert run.lost == 0, run.problem
    return spent


def write_input(folder: Path, count: int) -> list:  # type: ignore[type-arg]
    """One file of `count` fragments, each with words of its own, so that every text is new."""
    from rlmboard.conductor import split

    with (folder / "input.txt").open("w") as file:
        for number in range(count):
            line = f"fragment {number} says that {number * 7919} is a number. "
            file.write((line * 30)[: FRAGMENT_CHARS - 2] + "\n\n")
    with (folder / "input.txt").open("rb") as file:
        return list(split(file, "input.txt", FRAGMENT_CHARS))


async def large(count: int, home: Path) -> float:
    """Wall seconds of one run of so many sub-queries over the simulated swarm."""
    import rlmboard
    from rlmboard.conductor import Program, Settings, drive, parse_quorum
    from rlmboard.providers import Constant, FakeProvider
    from rlmboard.sources import read_span

    fragments = write_input(home, count)
    pool = [
        FakeProvider(f"swarm-{n}", latency=Constant(5.0 * n), concurrency=250, seed=n)
        for n in range(1, 5)
    ]
    settings = Settings(
        fanout=1000,
        max_fragments=count,
        chunk_size=FRAGMENT_CHARS,
        quorum=parse_quorum("0.9"),
        timeout_s=None,
    )
    began = time.perf_counter()
    with rlmboard.init("Which number is 7919?", home=home / "home", producer="conductor") as run:
        program = Program(query="Which number is 7919?", fragments=fragments, settings=settings)
        outcome = await drive(program, pool, run.emit, read=lambda f: read_span(str(home), f.span))
        run.output = outcome.answer
    assert outcome.status == "completed", outcome
    assert run.lost == 0, run.problem
    return time.perf_counter() - began


# ------------------------------------------------------------------ the measurement


def child(side: str, *args: object) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--side", side, "--folder", folder]
        done = subprocess.run(
            [*command, *map(str, args)], check=True, capture_output=True, text=True
        )
        return dict(json.loads(done.stdout.splitlines()[-1]))


def one_side(args: argparse.Namespace) -> None:
    folder = Path(args.folder)
    if args.side == "bare":
        value = asyncio.run(bare(args.port, args.requests, args.concurrent))
    elif args.side == "conducted":
        value = asyncio.run(conducted(args.port, args.requests, args.concurrent, folder))
    else:
        value = asyncio.run(large(args.large, folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": value, "peak_mb": peak}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--concurrent", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--folder", default="", help=argparse.SUPPRESS)
    parser.add_argument("--side", choices=["bare", "conducted", "large", "server"])
    args = parser.parse_args()
    if args.side == "server":
        asyncio.run(serve())
    elif args.side:
        one_side(args)
    else:
        report(args)


def report(args: argparse.Namespace) -> None:
    server = subprocess.Popen(
        [sys.executable, __file__, "--side", "server"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    port = int(server.stdout.readline())
    try:
        load = ["--port", port, "--requests", args.requests, "--concurrent", args.concurrent]
        pairs = [(child("bare", *load), child("conducted", *load)) for _ in range(args.pairs)]
    finally:
        server.kill()
        server.wait()
    ratios = sorted(ours["seconds"] / theirs["seconds"] for theirs, ours in pairs)
    us = [
        statistics.median(pair[side]["seconds"] for pair in pairs) / args.requests * 1e6
        for side in (0, 1)
    ]
    print("| what | figure | reach |\n|---|---|---|")
    print(f"| bare aiohttp loop, CPU a request | {us[0]:.0f} µs | |")
    print(f"| conducted and recorded, CPU a sub-query | {us[1]:.0f} µs | |")
    print(
        f"| ratio, median of {args.pairs} pairs ({ratios[0]:.2f} to {ratios[-1]:.2f}) "
        f"| {statistics.median(ratios):.2f} | ≤ {REACH_RATIO} |"
    )
    if args.large:
        big = child("large", "--large", args.large)
        print(
            f"| {args.large:,} sub-queries in one run, peak memory "
            f"({big['seconds']:.0f} s) | {big['peak_mb']:.0f} MB | ≤ {REACH_MB} MB |"
        )


if __name__ == "__main__":
    main()
