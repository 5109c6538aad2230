"""Two other viewers, each in an environment of its own: started, given spans, looked at.

Each is told 10,000 spans below one root; once it has stored them all, its page is opened on that
trace. A span is reachable when its name stands in the page; for those that it holds back, all that
can be scrolled is scrolled to its end, and a button that loads more is pressed, each second.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from _browser import Browser, memory_mb, tree

HERE = Path(__file__).parent
LONGEST_S = 120
SPANS = 10_000

TELL_MLFLOW = """
import os, sys, time
os.environ["MLFLOW_ASYNC_TRACE_LOGGING_MAX_QUEUE_SIZE"] = "50000"  # it drops what does not fit
import mlflow
from mlflow import start_span_no_context
url, count = sys.argv[1], int(sys.argv[2])
mlflow.set_tracking_uri(url)
place = mlflow.set_experiment("bench").experiment_id
root = start_span_no_context(name="root", experiment_id=place)
for n in range(count):
    start_span_no_context(name=f"q-{n:05d}", parent_span=root, inputs={"prompt": "How?"}).end()
root.end()
mlflow.flush_trace_async_logging()
while True:
    found = mlflow.get_trace(root.trace_id, flush=True)
    if found and len(found.data.spans) > count and found.info.state == "OK": break
    time.sleep(1)
print(f"{url}/#/experiments/{place}/traces?selectedEvaluationId={root.trace_id}")
"""
TELL_PHOENIX = """
import sys, json, time, urllib.request
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
url, count = sys.argv[1], int(sys.argv[2])
provider = TracerProvider()
exporter = OTLPSpanExporter(url + "/v1/traces")
provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=count * 2))
tracer = provider.get_tracer("bench")
root = tracer.start_span("root")
within = trace.set_span_in_context(root)
for n in range(count):
    tracer.start_span(f"q-{n:05d}", context=within).end()
root.end()
provider.shutdown()
query = json.dumps({"query": "{ projects { edges { node { id recordCount } } } }"}).encode()
asked = urllib.request.Request(url + "/graphql", query, {"content-type": "application/json"})
while True:
    said = json.load(urllib.request.urlopen(asked))["data"]["projects"]["edges"]
    if said and said[0]["node"]["recordCount"] > count: break
    time.sleep(1)
print(f"{url}/projects/{said[0]['node']['id']}/traces/{root.get_span_context().trace_id:032x}")
"""
TO_THE_END = """
(() => {
  if (document.body?.textContent.includes('%s')) return true
  if (performance.now() < (window.next ?? 3000)) return false
  for (const box of document.querySelectorAll('div, ul, main'))
    if (box.scrollHeight > box.clientHeight + 40) box.scrollTop = box.scrollHeight
  const more = [...document.querySelectorAll('button')].find((b) => /load more/i.test(b.innerText))
  if (more && !more.disabled) more.click()
  window.next = performance.now() + 1000
  return false
})()
"""


class Peer(NamedTuple):
    name: str
    package: str
    command: tuple[str, ...]
    tell: str


PEERS = (
    Peer(
        "MLflow 3.17",
        "mlflow",
        ("mlflow", "server", "--host", "127.0.0.1", "--port", "{port}",
         "--backend-store-uri", "sqlite:///{folder}/mlflow.db"),
        TELL_MLFLOW,
    ),
    Peer("Phoenix 20", "arize-phoenix", ("phoenix", "serve"), TELL_PHOENIX),
)  # fmt: skip


class Served(NamedTuple):
    address: str
    pid: int
    first_answer_s: float

    @property
    def memory_mb(self) -> float:
        return memory_mb(self.pid)


def installed(peer: Peer, folder: Path) -> Path:
    """Its environment below the folder, made where it does not exist."""
    place = folder / peer.package
    if not (place / "bin" / peer.command[0]).exists():
        wanted = (HERE / "board_peers.txt").read_text().split()
        (package,) = [one for one in wanted if one.startswith(f"{peer.package}==")]
        venv.create(place, with_pip=True)
        subprocess.run(
            [place / "bin" / "python", "-m", "pip", "install", "-q", package], check=True
        )
    return place


@contextmanager
def serving(peer: Peer, environment: Path, scratch: Path, port: int) -> Iterator[Served]:
    """The peer on an empty store of its own, until the block ends."""
    folder = scratch / f"{peer.package}-{port}"
    folder.mkdir()
    command = [part.format(port=port, folder=folder) for part in peer.command]
    own = {
        "PATH": f"{environment / 'bin'}:{os.environ['PATH']}",
        "PHOENIX_PORT": str(port), "PHOENIX_HOST": "127.0.0.1", "PHOENIX_GRPC_PORT": str(port + 1),
        "PHOENIX_WORKING_DIR": str(folder), "PHOENIX_TELEMETRY_ENABLED": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }  # fmt: skip
    with served(
        [str(environment / "bin" / command[0]), *command[1:]],
        f"http://127.0.0.1:{port}", folder, {**bare_environ(), **own},
    ) as one:  # fmt: skip
        yield one


@contextmanager
def served(
    command: list[str], address: str, folder: Path, environ: dict[str, str]
) -> Iterator[Served]:
    """A server, from its start to the first 200 at its address and on, until the block ends."""
    began = time.perf_counter()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=folder, env=environ, start_new_session=True
        )
    try:
        while not answers(address):
            if process.poll() is not None or time.perf_counter() - began > LONGEST_S:
                raise SystemExit(f"{command} did not start: {folder / 'log'}")
            time.sleep(0.01)
        yield Served(address, process.pid, time.perf_counter() - began)
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """The process and all that it began; those that do not go when asked are made to."""
    began = tree(process.pid)
    for told_to in (signal.SIGTERM, signal.SIGKILL):
        for pid in began:
            with suppress(ProcessLookupError):
                os.kill(pid, told_to)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        time.sleep(1)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def bare_environ() -> dict[str, str]:
    """Without what makes Python find other packages."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def reached_s(browser: Browser, address: str, last: str, rounds: int = 3) -> float | None:
    """From opening the page until its last span can be read, median; None where once it cannot."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        browser.do("open", url=address)
        if not browser.wait(TO_THE_END % last, LONGEST_S, every_ms=250):
            return None
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def told(peer: Peer, environment: Path, one: Served) -> str:
    """Spans are sent to it; the address of their trace."""
    done = subprocess.run(
        [environment / "bin" / "python", "-c", peer.tell, one.address, str(SPANS)],
        capture_output=True, text=True, timeout=900, env=bare_environ(),
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{peer.name} took no spans:\n{done.stderr[-2000:]}")
    return done.stdout.split()[-1]
