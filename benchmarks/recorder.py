"""The recording side: what it costs the program that is recorded, and what it survives.

    python benchmarks/recorder.py [--rounds 7] [--peers VENV] [--only emit,texts,...]

Each figure is the median of rounds that alternate with its peer, in a home of its own. With
`--peers` the trackers of peers.txt are measured too, from an environment of theirs, which is made
where it does not exist. Run it when nothing else does.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import random
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import rlmboard
from rlmboard.folder import Home, RunFolder, read_trace
from rlmboard.trace import Note, Stamped, SubQueryExecute, encode_line

HERE = Path(__file__).parent
CALLS = 5_000
EVENT = SubQueryExecute(query_id="q-1234", provider_id="ollama", venue="local", model_id="llama-3")


def main() -> None:
    given = arguments()
    scratch = Path(tempfile.mkdtemp(prefix="rlmboard-bench-"))
    os.environ |= {"RLMBOARD_HOME": str(scratch / "home")}
    os.environ |= {"PYTHONPYCACHEPREFIX": str(scratch / "byte-code")}
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as an installation: byte code is there
    print(machine())
    print("\n| what | measured | beside it | reach |\n|---|---|---|---|")
    try:
        for name, measure in MEASURES.items():
            if not given.only or name in given.only.split(","):
                for row in measure(scratch, given.rounds):
                    print(f"| {' | '.join(row)} |", flush=True)
        if given.peers is not None:
            for row in beside_peers(scratch, given.peers):
                print(f"| {' | '.join(row)} |", flush=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


Row = tuple[str, str, str, str]


# ------------------------------------------------------------------ in the caller's thread


def emit(scratch: Path, rounds: int) -> Iterator[Row]:
    """One event through `Run.emit`, beside one raw write of the same bytes."""
    with rlmboard.init("bench") as run:
        line = encode_line(run.id, 412_337, EVENT)
        raw = os.open(scratch / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        ours, theirs = alternating(
            rounds, lambda: run.emit(EVENT), lambda: os.write(raw, line), CALLS * 4
        )
        os.close(raw)
    ratio = statistics.median(o / t for o, t in zip(ours, theirs, strict=True))
    yield (
        f"`emit`, {len(line)} bytes, p50",
        f"{statistics.median(ours):.2f} µs",
        f"raw `os.write`: {statistics.median(theirs):.2f} µs, ratio **{ratio:.2f}**",
        "≤ 2.5 ×",
    )


def texts(scratch: Path, rounds: int) -> Iterator[Row]:
    """A sub-query with a prompt and an answer of 2 kB, both new and stored whole."""
    numbers = iter(range(10**9))

    def ask() -> None:
        number = next(numbers)
        q = run.subquery(f"{number:08d}" * 256, provider="ollama", fragment="chunk-001")
        q.returned(f"{number:07d}x" * 256, tokens=(812, 64), cost_sats=12)

    def write() -> None:
        number = next(numbers)
        for text in (f"{number:08d}" * 256, f"{number:07d}x" * 256):
            os.write(raw, text.encode())

    with rlmboard.init("bench") as run:
        raw = os.open(scratch / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        ours, theirs = alternating(rounds, ask, write, CALLS // 2)
        os.close(raw)
        assert run.lost == 0
    yield (
        "a sub-query, 2 kB prompt and answer stored whole, p50",
        f"**{statistics.median(ours):.1f} µs** ({min(ours):.1f} to {max(ours):.1f})",
        f"raw writes of the two texts: {statistics.median(theirs):.1f} µs",
        "≤ 40 µs",
    )


def alternating(
    rounds: int, ours: Callable[[], object], theirs: Callable[[], object], calls: int
) -> tuple[list[float], list[float]]:
    """p50 of one call in microseconds, for each round, one after the other."""
    time.sleep(0.3)  # what is captured beside a run has been by now
    mine, peers = [], []
    for _ in range(rounds):
        mine.append(p50_us(ours, calls))
        peers.append(p50_us(theirs, calls))
    return mine, peers


def p50_us(call: Callable[[], object], calls: int) -> float:
    took: list[int] = []
    clock = time.perf_counter_ns
    for _ in range(calls):
        before = clock()
        call()
        took.append(clock() - before)
    return statistics.median(took) / 1000


# ------------------------------------------------------------------ to begin


def start(scratch: Path, rounds: int) -> Iterator[Row]:
    """A process that imports rlmboard and begins a run, beside one that does nothing."""
    codes = {
        "bare": "import os; os._exit(0)",
        "msgspec": "import os, msgspec; os._exit(0)",
        "init": "import os, rlmboard; rlmboard.init('bench'); os._exit(0)",
        "whole": "import rlmboard; rlmboard.init('bench')",
        "bare whole": "pass",
    }
    took: dict[str, list[float]] = {name: [] for name in codes}
    for n in range(rounds * 3 + 1):
        for name, code in codes.items():
            before = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            if n:  # the first one writes the byte code
                took[name].append((time.perf_counter() - before) * 1000)
    ms = {name: statistics.median(times) for name, times in took.items()}
    yield (
        "`import rlmboard` + `init`, over the bare interpreter",
        f"**{ms['init'] - ms['bare']:.0f} ms**",
        f"`import msgspec` alone: {ms['msgspec'] - ms['bare']:.0f} ms",
        "≤ 60 ms",
    )
    yield (
        "the same to the end of the process, run finished",
        f"{ms['whole'] - ms['bare whole']:.0f} ms",
        f"bare interpreter: {ms['bare whole']:.0f} ms",
        "",
    )


# ------------------------------------------------------------------ kill -9

VICTIM = """
import mmap, os, struct, sys
import rlmboard
told = mmap.mmap(os.open(sys.argv[1], os.O_RDWR), 8)
run = rlmboard.init("bench", id=sys.argv[2])
n = 0
while True:
    if run.emit(rlmboard.Note(message=str(n))):
        n += 1
        struct.pack_into("q", told, 0, n)
"""


def kill(scratch: Path, rounds: int, trials: int = 20) -> Iterator[Row]:
    """Processes that record at full speed and are killed; a counter says how far they came."""
    lost = recorded = 0
    for trial in range(trials):
        counter = scratch / f"told-{trial}"
        counter.write_bytes(bytes(8))
        folder = Home().run(f"kill-{trial}")
        command = [sys.executable, "-c", VICTIM, str(counter), folder.run_id]
        with subprocess.Popen(command) as process:
            while not told(counter):
                time.sleep(0.005)
            time.sleep(random.uniform(0, 0.2))
            process.kill()
        kept = sorted(int(message) for message in notes(folder))
        lost += len(set(range(told(counter))) - set(kept))
        recorded += told(counter)
    yield (
        f"`kill -9` at full speed, {trials} trials: events lost",
        f"**{lost}** of {recorded:,}",
        "",
        "0",
    )


def told(counter: Path) -> int:
    return int(struct.unpack("q", counter.read_bytes())[0])


def notes(folder: RunFolder) -> Iterator[str]:
    for line in read_trace(folder.trace):
        if isinstance(line, Stamped) and isinstance(line.event, Note):
            yield line.event.message


# ------------------------------------------------------------------ several processes

WORKER = """
import sys, time
import rlmboard
run = rlmboard.init("bench", id=sys.argv[3] or None)
name, count = sys.argv[1], int(sys.argv[2])
time.sleep(0.2)
print("ready", flush=True)
sys.stdin.readline()
began = time.monotonic()
for n in range(count):
    run.emit(rlmboard.Note(message=f"{name}/{n}"))
print(began, time.monotonic(), run.lost, run.id, flush=True)
run.finish()
"""


def together(scratch: Path, rounds: int) -> Iterator[Row]:
    """8 processes beside 2, each with a run of its own, then all joined to one."""
    for joined in (False, True):
        two, eight, lost = [], [], 0
        for _ in range(max(3, rounds // 2)):
            for rates, processes in ((two, 2), (eight, 8)):
                rate, missing = at_once(processes, joined)
                rates.append(rate)
                lost += missing
        ratio = statistics.median(e / t for e, t in zip(eight, two, strict=True))
        yield (
            f"8 processes at once, {'joined to one run' if joined else 'own runs'}: events/s",
            f"{statistics.median(eight):,.0f}, lost or broken: **{lost}**",
            f"2 processes: {statistics.median(two):,.0f}, ratio **{ratio:.2f}**",
            "0 lost, ≥ 0.7 ×",
        )


def at_once(processes: int, joined: bool, count: int = 20_000) -> tuple[float, int]:
    """Events a second of all together, and how many of them are missing from the disk."""
    with rlmboard.init("owner") as owner:
        environ = {**os.environ, **(owner.env if joined else {})}
        workers = [
            subprocess.Popen(
                [sys.executable, "-c", WORKER, str(n), str(count), ""],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ,
            )
            for n in range(processes)
        ]  # fmt: skip
        for worker in workers:
            assert worker.stdout is not None
            worker.stdout.readline()
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("\n")
            worker.stdin.flush()
        said = [worker.communicate()[0].split() for worker in workers]
    seconds = max(float(s[1]) for s in said) - min(float(s[0]) for s in said)
    run_ids = {s[3] for s in said}
    kept = [message for run_id in run_ids for message in notes(Home().run(run_id))]
    wanted = {f"{n}/{m}" for n in range(processes) for m in range(count)}
    missing = len(wanted - set(kept)) + (len(kept) - len(wanted)) + sum(int(s[2]) for s in said)
    return processes * count / seconds, missing


# ------------------------------------------------------------------ other trackers

TRACKERS = {
    "rlmboard.log": """
import rlmboard
run = rlmboard.init("bench")
log = lambda n: run.log({"loss": n * 0.5}, step=n)
""",
    "trackio.log": """
import trackio
trackio.init(project="bench")
log = lambda n: trackio.log({"loss": n * 0.5}, step=n)
""",
    "wandb.log offline": """
import wandb
run = wandb.init(project="bench", mode="offline", settings=wandb.Settings(silent=True))
log = lambda n: run.log({"loss": n * 0.5}, step=n)
""",
    "mlflow.log_metric, SQLite": """
import mlflow
mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.start_run()
log = lambda n: mlflow.log_metric("loss", n * 0.5, step=n)
""",
}
TIMED = """
import json, os, statistics, sys, time
time.sleep(1)
took, until = [], time.monotonic() + 5
for n in range(5000):
    before = time.perf_counter_ns()
    log(n)
    took.append(time.perf_counter_ns() - before)
    if time.monotonic() > until: break
sys.__stdout__.write("\\nP50 " + json.dumps(statistics.median(took) / 1000) + "\\n")
sys.__stdout__.flush()
os._exit(0)
"""


def beside_peers(scratch: Path, environment: Path, rounds: int = 3) -> Iterator[Row]:
    """One small metric through each tracker, in rounds that alternate."""
    python = environment / "bin" / "python"
    if not python.exists():
        venv.create(environment, with_pip=True)
        wanted = ["-r", str(HERE / "peers.txt")]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)
    took: dict[str, list[float]] = {name: [] for name in TRACKERS}
    for _ in range(rounds):
        for name, code in TRACKERS.items():
            by = sys.executable if name.startswith("rlmboard") else str(python)
            took[name].append(peer_p50_us(by, code, scratch))
    ours = statistics.median(took["rlmboard.log"])
    yield "`run.log` of one metric, p50", f"{ours:.2f} µs", "", ""
    for name in list(TRACKERS)[1:]:
        theirs = statistics.median(took[name])
        reach = "≥ 20 ×" if name.startswith("mlflow") else "cheaper"
        yield f"`{name}`, p50", f"{theirs:,.1f} µs", f"**{theirs / ours:,.0f} ×** ours", reach


def peer_p50_us(python: str, code: str, scratch: Path) -> float:
    quiet = {"TRACKIO_DIR": str(scratch / "trackio"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [python, "-c", code + TIMED],
        capture_output=True, text=True, cwd=scratch, env={**os.environ, **quiet}, timeout=300,
    )  # fmt: skip
    told = [line for line in done.stdout.splitlines() if line.startswith("P50 ")]
    if not told:
        raise SystemExit(f"{code}\nsaid nothing:\n{done.stderr}")
    return float(json.loads(told[-1][4:]))


# ------------------------------------------------------------------ where


def machine() -> str:
    """Which machine this is, and how busy it is with other things."""
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(": ")[2] for line in lines if "model name" in line), model)
    release = platform.freedesktop_os_release() if sys.platform == "linux" else {}
    load = os.getloadavg()[0]
    return (
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, rlmboard {rlmboard.__version__}, "
        f"{os.cpu_count()} vCPU {model}, {release.get('PRETTY_NAME', platform.platform())}, "
        f"Python {platform.python_version()}, load {load:.1f}"
    )


MEASURES: dict[str, Callable[[Path, int], Iterator[Row]]] = {
    "emit": emit,
    "texts": texts,
    "start": start,
    "kill": kill,
    "together": together,
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peers", type=Path, metavar="VENV", help="measure peers.txt, too")
    parser.add_argument("--only", default="", help=", ".join(MEASURES))
    return parser.parse_args()


if __name__ == "__main__":
    main()
