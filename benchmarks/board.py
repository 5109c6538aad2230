"""The board: what it costs to serve it, and what its page costs in a real browser.

    python benchmarks/board.py [--only start,open,...] [--peers FOLDER] [--home FOLDER] [--rounds 5]

Runs are recorded by rlmboard itself into a home of its own; --home goes on with one of store.py
for the list of many runs. With --peers the servers of board_peers.txt are measured too, each from
an environment of its own below FOLDER, which is made where it does not exist. It needs Chromium,
Node, and `npm ci` in ui/. CPU of the browser is that of all its processes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import store
from _board_page import (
    Program,
    compared,
    first_load_bytes,
    moved,
    opened,
    p95,
    readouts,
    to_pixel_ms,
)
from _board_peers import PEERS, SPANS, Peer, Served, installed, reached_s, serving, told
from _board_served import ask, board, recorded
from _browser import Browser, cpu_s, memory_mb, version
from recorder import machine

import rlmboard
from rlmboard.folder import Home
from rlmboard.store import Store

HERE = Path(__file__).parent
SIZES = (1_000, 10_000, 100_000)
REACH_MS = {1_000: "≤ 1 s", 10_000: "≤ 1.5 s", 100_000: "≤ 4 s"}
Row = tuple[str, str, str, str]


def main() -> None:
    given = arguments()
    scratch = Path(tempfile.mkdtemp(prefix="rlmboard-bench-"))
    os.environ["RLMBOARD_HOME"] = str(scratch / "home")
    os.environ["PYTHONPYCACHEPREFIX"] = str(scratch / "byte-code")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as an installation: byte code is there
    print(f"{machine()}, {version(given.chromium)}")
    print("\n| what | measured | beside it | reach |\n|---|---|---|---|")
    try:
        for name, measure in MEASURES.items():
            if not given.only or name in given.only.split(","):
                for row in measure(scratch, given):
                    print(f"| {' | '.join(row)} |", flush=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


# ------------------------------------------------------------------ serving


def start(scratch: Path, given: argparse.Namespace) -> Iterator[Row]:
    """From the command to its first 200, and its memory then; the others in between."""
    recorded(1_000)
    seconds: dict[str, list[float]] = {}
    memory: dict[str, list[float]] = {}
    cpu: list[float] = []
    with board(Home().path):
        pass  # compiled now
    for n in range(given.rounds):
        with board(Home().path) as ours:
            cpu.append(cpu_s(ours.pid))
            _note("rlmboard", ours, seconds, memory)
        for peer in peers(given) if n < 3 else ():
            place = installed(peer, given.peers)
            with serving(peer, place, scratch, 9_100 + 2 * n) as theirs:
                _note(peer.name, theirs, seconds, memory)
    for name in seconds:
        s, mb = statistics.median(seconds[name]), statistics.median(memory[name])
        if name == "rlmboard":
            yield (
                "`rlmboard ui` to the first 200, and memory",
                f"**{s:.2f} s, {mb:.0f} MB**",
                f"CPU: {statistics.median(cpu):.2f} s",
                "≤ 1 s, ≤ 120 MB",
            )
        else:
            factor = s / statistics.median(seconds["rlmboard"])
            yield f"… {name}", f"{s:.1f} s, {mb:,.0f} MB", f"**{factor:.0f} ×** ours", ""


def peers(given: argparse.Namespace) -> list[Peer]:
    """Those that are measured; none without a folder to install them into."""
    return [one for one in PEERS if given.peers and given.peer in (None, one.package)]


def _note(
    name: str, one: Served, seconds: dict[str, list[float]], memory: dict[str, list[float]]
) -> None:
    time.sleep(1)
    seconds.setdefault(name, []).append(one.first_answer_s)
    memory.setdefault(name, []).append(one.memory_mb)


def wire(scratch: Path, given: argparse.Namespace) -> Iterator[Row]:
    """The picture of 100,000 sub-queries, as it is sent."""
    run_id = recorded(SIZES[-1])
    with board(Home().path) as ours:
        sizes = {}
        for texts in ("false", "true"):
            body, _ = ask(ours, f"/api/rlm/runs/{run_id}/picture?texts={texts}")
            attempts = json.loads(gzip.decompress(body))["tables"]["attempts"]["rows"]
            sizes[texts] = len(body) / attempts
    yield (
        f"picture on the wire, gzipped, {attempts:,} attempts: bytes an attempt",
        f"**{sizes['false']:.1f}**",
        f"with previews of prompt and answer: {sizes['true']:.0f}",
        "≤ 16",
    )


def listing(scratch: Path, given: argparse.Namespace) -> Iterator[Row]:
    """100,000 runs: filter and sort at the API."""
    home = Home(given.home or scratch / "many")
    store.fill(home, 100_000, 300_000, 10.0)
    with Store(home) as reading:
        count = reading.count()
    with board(home.path) as ours:
        for name, filter, sort in LISTS:
            query = f"filter={quote(filter)}&sort={quote(sort)}&limit=100"
            took = [ask(ours, f"/api/rlm/runs?{query}")[1] for _ in range(40)]
            yield (
                f"{count:,} runs, {name}, p95",
                f"**{p95(took):.0f} ms**",
                f"median {statistics.median(took):.0f} ms",
                "≤ 100 ms",
            )
        for by, filter, sort in GROUPS:
            query = f"by={by}&filter={quote(filter)}&sort={quote(sort)}&columns={MEASURED}"
            took = [ask(ours, f"/api/rlm/groups?{query}")[1] for _ in range(40)]
            yield (
                f"{count:,} runs, in groups by `{by}`{f', `{filter}`' if filter else ''}, p95",
                f"**{p95(took):.0f} ms**",
                f"median {statistics.median(took):.0f} ms",
                "≤ 300 ms",
            )


MEASURED = "sub_queries,cost,cost_usd,tokens,duration"
GROUPS = (
    ("config.seed", "-archived:true", "-created_at"),
    ("config.seed", "method:rlm-2 cost>30", "-cost"),
    ("method", "-archived:true", "-created_at"),
)
"""By a setting of 20 values, by it among a third of the runs, and by one of 3."""
LISTS = (
    ("newest", "", "-created_at"),
    ("`method:rlm-2 cost>30 since:5d`, newest", "method:rlm-2 cost>30 since:5d", "-created_at"),
    ("`method:rlm-2`, dearest", "method:rlm-2", "-cost"),
    ("`chunk_size:512`, best by a metric", "chunk_size:512", "-accuracy"),
    ("`accuracy>0.1`, which most have, cheapest", "accuracy>0.1 -archived:yes", "cost"),
    ("`chunk_size>200`, which all have, dearest", "chunk_size>200 -archived:yes", "-cost"),
    ("`fragments:7`, which none has, best by a metric", "fragments:7", "-accuracy"),
    ("not archived, by a setting", "-archived:yes", "chunk_size"),
    ("`provider:provider-03`, dearest", "provider:provider-03", "-cost"),
    ("`status:failed`, slowest", "status:failed", "-duration"),
)


# ------------------------------------------------------------------ the page


def opening(scratch: Path, given: argparse.Namespace) -> Iterator[Row]:
    """A run in a browser with an empty cache; first from a board that has just begun."""
    with Browser(given.chromium) as browser:
        for size in SIZES:
            run_id = recorded(size)
            cold, warm, cpu = [], [], []
            for _ in range(max(3, given.rounds - 2)):
                with board(Home().path) as ours:
                    before_s = cpu_s(ours.pid)
                    cold.append(opened(browser, ours.address, run_id))
                    cpu.append(cpu_s(ours.pid) - before_s)
                    warm.append(opened(browser, ours.address, run_id))
            ms = _median(cold, "drawn_ms")
            yield (
                f"a run of {size:,} sub-queries, timeline and tree drawn",
                f"**{ms / 1000:.2f} s**; {_median(cold, 'elements'):,.0f} elements, longest task "
                f"{_median(cold, 'longest_ms'):.0f} ms",
                f"CPU of the server: {statistics.median(cpu):.2f} s; "
                f"opened again: {_median(warm, 'drawn_ms') / 1000:.2f} s",
                f"{REACH_MS[size]}; ≤ 2,500; ≤ 200 ms" if size == SPANS else REACH_MS[size],
            )


def _median(taken: list[dict[str, float]], name: str) -> float:
    return statistics.median(one[name] for one in taken)


def spans(scratch: Path, given: argparse.Namespace) -> Iterator[Row]:
    """A trace of 10,000 spans in the pages of others, until all of them can be reached."""
    if not peers(given):
        return
    with Browser(given.chromium) as browser:
        run_id = recorded(SPANS)
        with board(Home().path) as ours:
            taken = [opened(browser, ours.address, run_id) for _ in range(given.rounds)]
        ours_s = _median(taken, "drawn_ms") / 1000
        for peer in peers(given):
            place = installed(peer, given.peers)
            with serving(peer, place, scratch, 9_200) as theirs:
                address = told(peer, place, theirs)
                s = reached_s(browser, address, f"q-{SPANS - 1:05d}")
            yield (
                f"{SPANS:,} spans in {peer.name}, all reachable",
                f"{s:.1f} s" if s else "**never** within 120 s",
                f"ours, drawn: {ours_s:.2f} s" + (f", **{s / ours_s:.0f} ×** sooner" if s else ""),
                "≥ 10 ×",
            )


def first(scratch: Path, given: argparse.Namespace) -> Iterator[Row]:
    """Code and fonts of the first page that somebody opens."""
    run_id = recorded(1_000)
    with Browser(given.chromium) as browser, board(Home().path) as ours:
        home = first_load_bytes(browser, ours.address)
        run = first_load_bytes(browser, f"{ours.address}/runs/{run_id}")
    yield (
        "first load, all code and fonts, gzipped: a run",
        f"**{run / 1000:.0f} kB**",
        f"home: {home / 1000:.0f} kB",
        "≤ 350 kB",
    )


def stream(scratch: Path, given: argparse.Namespace) -> Iterator[Row]:
    """Movements in a run of 100,000 sub-queries while 5,000 events a second come in."""
    with Browser(given.chromium) as browser, board(Home().path) as ours:
        program = Program("streamed", SIZES[-1], 5_000, 60)
        for name, cpu_ms, frame_ms in moved(browser, ours.address, program, "streamed"):
            yield (
                f"{name} at 100,000 sub-queries and 5,000 events/s: CPU a frame, p50",
                f"**{cpu_ms:.1f} ms**, frames p95 {frame_ms:.0f} ms",
                "",
                "≤ 10 ms, ≤ 60 ms",
            )
        ticks = program.ticks()
        time.sleep(2)
        late = to_pixel_ms(browser, ticks)
        yield _pixel_row("… event to pixel meanwhile", late)


def pixel(scratch: Path, given: argparse.Namespace) -> Iterator[Row]:
    """Events of another process, one by one."""
    with Browser(given.chromium) as browser, board(Home().path) as ours:
        program = Program("seen", 1_000, 40, 15)
        opened(browser, ours.address, "seen")
        program.go()
        ticks = program.ticks()
        time.sleep(1)
        yield _pixel_row(
            "event in another process to pixel, 40 events/s", to_pixel_ms(browser, ticks)
        )


def _pixel_row(what: str, late_ms: list[float]) -> Row:
    median = statistics.median(late_ms)
    return f"{what}, p95", f"**{p95(late_ms):.0f} ms**", f"median {median:.0f} ms", "≤ 300 ms"


def crowd(scratch: Path, given: argparse.Namespace) -> Iterator[Row]:
    """99 clients and a page on one run at 10,000 events a second."""
    clients, seconds = 99, 20
    with Browser(given.chromium) as browser, board(Home().path) as ours:
        program = Program("crowded", 1_000, 10_000, seconds)
        opened(browser, ours.address, "crowded")
        where = urlsplit(ours.address)
        url = f"ws://{where.netloc}/api/rlm/live"
        readers = subprocess.Popen(
            [sys.executable, str(HERE / "_board_clients.py"), url, "crowded", str(clients)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert readers.stdout is not None
        readers.stdout.readline()
        before_mb, before_s, began = memory_mb(ours.pid), cpu_s(ours.pid), time.perf_counter()
        program.go()
        most_mb = before_mb
        while time.perf_counter() - began < seconds:
            time.sleep(1)
            most_mb = max(most_mb, memory_mb(ours.pid))
        share = (cpu_s(ours.pid) - before_s) / (time.perf_counter() - began)
        program.ticks()
        time.sleep(3)
        told_all = json.loads(readers.communicate("\n")[0])
        live = readouts(browser)
        opened(browser, ours.address, "crowded")
        time.sleep(1)
        right = live == readouts(browser)
    yield (
        f"{clients} clients and a page, 10,000 events/s: share of a core that the server takes",
        f"**{share * 100:.0f} %**",
        f"{told_all['bytes'] / seconds / 1e6:,.0f} MB/s sent, {told_all['gaps']} gaps",
        "≤ 25 %",
    )
    yield "… memory before, and most", f"{before_mb:.0f} MB, **{most_mb:.0f} MB**", "", "bounded"
    yield (
        "… at the end the page says what it says when it is loaded anew",
        f"**{'yes' if right else 'no'}**",
        f"clients at line {told_all['seqs']} of {program.seq}",
        "yes",
    )


def comparison(scratch: Path, given: argparse.Namespace) -> Iterator[Row]:
    """1,000 runs of one experiment, 50 columns."""
    os.environ["RLMBOARD_HOME"] = str(scratch / "compared")
    (scratch / "compared").mkdir(exist_ok=True)
    try:
        _experiment(1_000)
        with Browser(given.chromium) as browser, board(Home().path) as ours:
            taken = [
                compared(browser, ours.address, "wide") for _ in range(max(3, given.rounds - 2))
            ]
    finally:
        os.environ["RLMBOARD_HOME"] = str(scratch / "home")
    count = f"1,000 × {_median(taken, 'columns'):.0f}"
    for what, key, unit, reach in (
        (f"comparison {count}: from its data to its cells", "mount_ms", "ms", "≤ 250 ms"),
        ("… sort", "sort_ms", "ms", "≤ 100 ms"),
        ("… scroll, CPU a frame", "scroll_cpu_ms", "ms", "≤ 25 ms"),
    ):
        yield what, f"**{_median(taken, key):.0f} {unit}**", "", reach


def _experiment(runs: int) -> None:
    draw = random.Random(3)
    for n in range(runs):
        params = {
            f"param_{k:02d}": draw.randrange(5) if k % 2 else draw.random() for k in range(30)
        }
        config = {"method": "rlm-2" if n % 2 else "base", "chunk_size": 256 << n % 4, **params}
        run = rlmboard.init(f"Question {n}?", config=config, experiment="wide", name=f"run {n}")
        run.log({f"metric_{k:02d}": draw.random() for k in range(16)})
        run.subquery("How?", provider="ollama").returned("So.", tokens=(800 + n, 64), cost_sats=12)
        run.finish()
    with Store(Home()) as reading:
        reading.count()


MEASURES: dict[str, Callable[[Path, argparse.Namespace], Iterator[Row]]] = {
    "start": start,
    "open": opening,
    "spans": spans,
    "stream": stream,
    "pixel": pixel,
    "crowd": crowd,
    "list": listing,
    "compare": comparison,
    "wire": wire,
    "first": first,
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="measure board_peers.txt, too")
    parser.add_argument("--peer", choices=[one.package for one in PEERS], help="only this one")
    parser.add_argument(
        "--home",
        type=Path,
        metavar="FOLDER",
        help="for the list: a home that `store.py --home FOLDER` made, or one to make there",
    )
    parser.add_argument("--chromium", default="/usr/bin/chromium", metavar="FILE")
    parser.add_argument("--only", default="", help=", ".join(MEASURES))
    return parser.parse_args()


if __name__ == "__main__":
    main()
