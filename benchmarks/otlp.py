"""How many spans a second `rlmboard ui` takes and has stored when it answers.

    python benchmarks/otlp.py [--spans 20000]

A board in a process of its own, over a home of its own, is sent what the exporter of OpenTelemetry
sends: protobuf in batches of 512 spans, over one connection or four at once. A trace is an agent of
16 or 128 spans: calls with a growing history, and tools. Beside it what bounds it: decoding the
same bytes, and storing the same spans without HTTP and as a single run. All homes stay until the
end: where many files were just deleted, some disks make new ones several times slower.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from rlmboard.folder import Home
from rlmboard.formats.otel import Request, Span, protobuf, said_by
from rlmboard.gateway.otlp import Receiver
from rlmboard.store import Store

BATCH = 512
SMALL, LARGE = 16, 128
"""Spans of a trace: an agent that answers soon, and one that works for a while."""
TEXT = "What a model reads is longer than what it says. " * 10
HEADERS = {"content-type": protobuf.MEDIA_TYPE}


def spans(count: int, salt: int, of_a_trace: int) -> list[Span]:
    """Traces of an agent that calls a model and a tool by turns."""
    began_ns, made = time.time_ns() - 10**9, []
    for n in range(count):
        trace, number = divmod(n, of_a_trace)
        at_ns = began_ns + number * 1_000_000
        made.append(
            Span(
                trace_id=f"{salt:016x}{trace + 1:016x}",
                span_id=f"{salt:08x}{n + 1:08x}",
                parent_id=f"{salt:08x}{trace * of_a_trace + 1:08x}" if number else None,
                name="span",
                start_ns=at_ns,
                end_ns=at_ns + 900_000,
                attributes=attributes(number),
            )
        )
    return made


def attributes(number: int) -> dict[str, object]:
    if number == 0:
        return {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "planner"}
    if number % 3 == 0:
        return {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "look_up",
            "gen_ai.tool.call.arguments": '{"city": "Paris"}',
            "gen_ai.tool.call.result": TEXT,
        }
    history = [
        {"role": "user", "parts": [{"type": "text", "content": f"{n} {TEXT}"}]}
        for n in range(number % SMALL)
    ]
    answer = [{"role": "assistant", "parts": [{"type": "text", "content": f"{number} {TEXT}"}]}]
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m-1",
        "gen_ai.response.model": "m-1",
        "gen_ai.response.id": f"chatcmpl-{number}",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 100 + number,
        "gen_ai.usage.output_tokens": 10,
        "gen_ai.usage.cache_read.input_tokens": 40,
        "server.address": "127.0.0.1",
        "server.port": 443,
        "gen_ai.input.messages": msgspec.json.encode(history).decode(),
        "gen_ai.output.messages": msgspec.json.encode(answer).decode(),
    }


def bodies(count: int, salt: int, of_a_trace: int = SMALL) -> list[bytes]:
    made = spans(count, salt, of_a_trace)
    parts = [made[at : at + BATCH] for at in range(0, count, BATCH)]
    return [protobuf.encode_spans(part, {"service.name": "bench"}, "bench", "1") for part in parts]


@contextmanager
def board(home: Path) -> Iterator[tuple[str, int]]:
    """`rlmboard ui`: its address and its process."""
    command = [sys.executable, "-m", "rlmboard", "--home", str(home), "ui", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        try:
            yield address.removesuffix("/rlm"), process.pid
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def post(url: str, sent: list[bytes]) -> None:
    """All of them over one connection, each when the one before was answered."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    for body in sent:
        connection.request("POST", "/v1/traces", body, HEADERS)
        answer = connection.getresponse()
        if answer.status != 200 or answer.read():
            raise SystemExit(f"the board answered {answer.status}")
    connection.close()


def over_http(homes: Path, count: int, connections: int, salt: int, of_a_trace: int) -> float:
    """Spans a second, acknowledged."""
    home = Path(tempfile.mkdtemp(dir=homes))
    shares = [bodies(count // connections, salt + n, of_a_trace) for n in range(connections)]
    with board(home) as (url, _):
        post(url, bodies(BATCH, salt + 99, of_a_trace))  # the first request loads protobuf
        threads = [threading.Thread(target=post, args=(url, share)) for share in shares]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took_s = time.perf_counter() - began
    stored = sum(row.summary.attempts for row in Store(Home(home)).runs(limit=None))
    sent = [*[count // connections] * connections, BATCH]
    expected = sum(is_call(n % of_a_trace) for share in sent for n in range(share))
    if stored != expected:
        raise SystemExit(f"{stored} calls are stored, {expected} were acknowledged")
    return (count // connections) * connections / took_s


def is_call(number: int) -> bool:
    return number > 0 and number % 3 != 0


def decoding(count: int) -> tuple[float, float]:
    """Spans a second: protobuf alone; and read into what they say."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
        ExportTraceServiceRequest,
    )

    sent, now_ns = bodies(count, 7), time.time_ns()
    began = time.perf_counter()
    for body in sent:
        ExportTraceServiceRequest.FromString(body)
    alone_s = time.perf_counter() - began
    began = time.perf_counter()
    for body in sent:
        for span in protobuf.decode_protobuf(body).spans:
            said_by(span, now_ns)
    return count / alone_s, count / (time.perf_counter() - began)


def one_run(homes: Path, count: int) -> float:
    """Spans a second into a single run, without HTTP."""
    made = spans(count, 9, count)
    receiver = Receiver(Home(tempfile.mkdtemp(dir=homes)))
    began = time.perf_counter()
    for at in range(0, count, BATCH):
        receiver.take(Request(made[at : at + BATCH]))
    took_s = time.perf_counter() - began
    receiver.close()
    return count / took_s


def start_and_memory(homes: Path) -> tuple[float, int, int]:
    """Milliseconds until the board answers; its peak memory in MB before and after a request."""
    home = Path(tempfile.mkdtemp(dir=homes))
    began = time.perf_counter()
    with board(home) as (url, pid):
        started_ms = (time.perf_counter() - began) * 1000
        before = peak_mb(pid)
        post(url, bodies(BATCH, 3))
        return started_ms, before, peak_mb(pid)


def peak_mb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--spans", type=int, default=20_000)
    count = parser.parse_args().spans
    with tempfile.TemporaryDirectory() as homes:
        measure(Path(homes), count)


def measure(homes: Path, count: int) -> None:
    size = len(bodies(BATCH, 1)[0])
    print(
        f"batches of {BATCH} spans, {size / BATCH:,.0f} bytes a span; load {os.getloadavg()[0]:.1f}"
    )
    alone, said = decoding(count)
    print(f"decoding alone               {alone:10,.0f} spans/s")
    print(f"decoding and reading         {said:10,.0f} spans/s")
    print(f"into one run, no HTTP        {one_run(homes, count):10,.0f} spans/s")
    for of_a_trace, connections in ((LARGE, 1), (LARGE, 4), (SMALL, 1), (SMALL, 4)):
        rates = [over_http(homes, count, connections, 100 * n + 1000, of_a_trace) for n in range(3)]
        told = f"acknowledged, {of_a_trace} a trace, by {connections}"
        print(f"{told:28} {statistics.median(rates):10,.0f} spans/s")
    started_ms, before, after = start_and_memory(homes)
    print(f"the board answers after {started_ms:,.0f} ms, with {before} MB; {after} MB after spans")


if __name__ == "__main__":
    main()
