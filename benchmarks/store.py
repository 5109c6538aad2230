"""The reading side: catching up, listing runs, the leaderboard.

    python benchmarks/store.py [--sub-queries 20000] [--runs 100000] [--attempts 1000000]
                               [--days 10] [--home FOLDER] [--repeat 5]

Makes a home of its own (or goes on with the one at --home), records into it, and prints medians
beside what they are to reach. Each figure stands beside a peer measured in the same run.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rlmboard.folder import Home, RunRecord, batches
from rlmboard.store import Store
from rlmboard.trace import (
    BudgetReserve,
    BudgetSettle,
    EnvLoadFragment,
    Metric,
    RunConfig,
    RunDone,
    RunInit,
    SpanRef,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    TraceEvent,
    Usage,
    encode_line,
)

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
WORDS = (
    "recorder writes lines trace kill index catch reader fold attempt provider venue cost budget",
    "settle quorum answer document section chapter result evidence commit the a of in and",
)
VOCABULARY = " ".join(WORDS).split()


def main() -> None:
    given = arguments()
    home_path = given.home or Path(tempfile.mkdtemp(prefix="rlmboard-bench-"))
    try:
        print(f"{'what':58} {'median':>12} {'reach':>12}   beside it")
        catching_up(given.sub_queries, given.repeat)
        home = Home(home_path)
        fill(home, given.runs, given.attempts, given.days)
        first_catch_up(home)
        listing(home, given.repeat)
        leaderboard(home, given.repeat)
    finally:
        if given.home is None:
            shutil.rmtree(home_path)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sub-queries", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--attempts", type=int, default=1_000_000)
    parser.add_argument("--days", type=float, default=10.0, help="how far back the runs lie")
    parser.add_argument(
        "--home", type=Path, metavar="FOLDER", help="keep the home there, or use it"
    )
    parser.add_argument("--repeat", type=int, default=5)
    return parser.parse_args()


def say(what: str, median: str, reach: str, beside: str = "") -> None:
    print(f"{what:58} {median:>12} {reach:>12}   {beside}", flush=True)


def median_ms(repeat: int, question: Callable[[], object]) -> float:
    took = []
    for _ in range(repeat):
        began = time.perf_counter()
        question()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


# ---------------------------------------------------------------- catching up


def catching_up(sub_queries: int, repeat: int) -> None:
    """A conductor's trace into an empty index; beside it, decoding the same lines alone."""
    folder = Path(tempfile.mkdtemp(prefix="rlmboard-bench-"))
    try:
        home = Home(folder)
        record(home, "run-1", conductor_trace(sub_queries))
        lines = sum(1 for _ in home.run("run-1").trace.open("rb"))
        took_ms = median_ms(repeat, lambda: catch_up_anew(home))
        read_ms = median_ms(
            repeat, lambda: [len(some) for some, _ in batches(home.run("run-1").trace)]
        )
        say(
            f"catch up a trace of {sub_queries:,} sub-queries, {lines:,} events",
            f"{lines / took_ms * 1000:,.0f}/s",
            ">= 120,000/s",
            f"reading and decoding alone: {lines / read_ms * 1000:,.0f}/s",
        )
    finally:
        shutil.rmtree(folder)


def catch_up_anew(home: Home) -> None:
    for file in home.path.glob("rlm.db*"):
        file.unlink()
    with Store(home) as store:
        assert store.count() == 1


def conductor_trace(sub_queries: int) -> Iterator[tuple[int, TraceEvent]]:
    """Time in µs and event, as a conductor with 64 attempts under way would write them."""
    draw = random.Random(1)
    yield 0, RunInit(program="how", query="How does it work?", producer="conductor")
    for n in range(sub_queries):
        yield (
            n * 10,
            EnvLoadFragment(fragment_id=f"frag-{n:05d}", size_bytes=1900, span_ref=span(n)),
        )
    at_us, under_way = sub_queries * 10, []
    for n in range(sub_queries):
        at_us += 50_000
        yield from asked(n, at_us, sub_queries, draw)
        under_way.append(n)
        if len(under_way) > 64:
            yield from answered(under_way.pop(draw.randrange(16)), at_us + 40_000, draw)
    for n in under_way:
        yield from answered(n, at_us + 90_000, draw)
    yield at_us + 100_000, RunDone(output="It writes one line.", end_reason="answer")


def asked(n: int, at_us: int, of: int, draw: random.Random) -> Iterator[tuple[int, TraceEvent]]:
    query_id = f"q-{n}"
    yield at_us, BudgetReserve(query_id=query_id, amount_msat=15_000)
    yield (
        at_us + 100,
        SubQuerySubmit(
            query_id=query_id,
            prompt_preview=text(draw, 20)[:100],
            prompt_ref=sha256(f"prompt {n}"),
            fragment_id=f"frag-{n:05d}",
            depth=1,
            role="extractor",
            batch_id="batch-1",
            batch_index=n,
            batch_size=of,
        ),
    )
    yield (
        at_us + 200,
        SubQueryExecute(
            query_id=query_id, provider_id=f"provider-{n % 8}", venue="swarm", model_id="llama-3"
        ),
    )


def answered(n: int, at_us: int, draw: random.Random) -> Iterator[tuple[int, TraceEvent]]:
    query_id = f"q-{n}"
    yield (
        at_us,
        SubQueryReturn(
            query_id=query_id,
            result_preview=text(draw, 40)[:200],
            result_ref=sha256(f"result {n}"),
            duration_ms=300.5,
            provider_id=f"provider-{n % 8}",
            model_id="llama-3",
            usage=Usage(input=812, output=64, cached=0),
            usage_quality="exact",
            cost_msat=12_000,
            cost_source="provider",
            span_refs=(span(n),),
            finish_reason="stop",
        ),
    )
    yield (
        at_us + 100,
        BudgetSettle(query_id=query_id, actual_msat=12_000, released_msat=3_000),
    )


def span(n: int) -> SpanRef:
    return SpanRef(
        id=f"span-{n}",
        path=f"src/file_{n % 50}.py",
        start_line=10,
        end_line=50,
        start_byte=100,
        end_byte=2_000,
        commit="a" * 40,
        content_hash=sha256(str(n)),
    )


def text(draw: random.Random, words: int) -> str:
    return " ".join(draw.choices(VOCABULARY, k=words))


def sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


# ---------------------------------------------------------------- a home of many runs


def fill(home: Home, runs: int, attempts: int, days: float) -> None:
    """Runs of some days, the attempts spread over them and over 24 providers."""
    have, draw = len(home.run_ids()), random.Random(2)
    now_ms = int(time.time() * 1000)
    each = attempts // max(runs, 1)
    for n in range(have, runs):
        began_ms = now_ms - round((runs - n) / runs * days * DAY_MS)
        record(home, f"run-{n:08d}", small_trace(each, draw), began_ms, n)


def record(
    home: Home,
    run_id: str,
    events: Iterator[tuple[int, TraceEvent]],
    began_ms: int = 1_700_000_000_000,
    n: int = 0,
) -> None:
    folder = home.run(run_id)
    folder.path.mkdir(parents=True, exist_ok=True)
    config = RunConfig(
        method=("base", "rlm-1", "rlm-2")[n % 3], model="llama-3", chunk_size=256 << n % 4,
        seed=n % 20,
    )  # fmt: skip
    began = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(began_ms / 1000)) + "+00:00"
    folder.write_record(
        RunRecord(run_id=run_id, query=f"Question {n}?", config=config, started_at=began)
    )
    with folder.trace.open("wb") as file:
        file.writelines(encode_line(run_id, at_us, event) for at_us, event in events)


def small_trace(attempts: int, draw: random.Random) -> Iterator[tuple[int, TraceEvent]]:
    at_us = 0
    yield at_us, RunInit(program="how", query="How does it work?", producer="conductor")
    for n in range(attempts):
        provider = draw.randrange(24)
        lasted_us = round(draw.lognormvariate(math.log(200_000 + 20_000 * provider), 0.6))
        query = {"query_id": f"q-{n}"}
        yield at_us, SubQuerySubmit(**query, prompt_preview=text(draw, 8), depth=1)
        yield (
            at_us,
            SubQueryExecute(**query, provider_id=f"provider-{provider:02d}", venue="swarm"),
        )
        yield (
            at_us + lasted_us,
            SubQueryReturn(
                **query,
                success=draw.random() > 0.03,
                usage=Usage(input=800, output=60),
                cost_msat=draw.randrange(5_000, 20_000),
            ),
        )
    yield 1_000, Metric(name="accuracy", value=round(draw.random(), 4))
    yield 2_000_000, RunDone(output="It writes one line.", end_reason="answer")


def first_catch_up(home: Home) -> None:
    began = time.perf_counter()
    with Store(home) as store:
        runs = store.count()
    took_s = time.perf_counter() - began
    size_mb = home.db.stat().st_size / 1e6
    say(f"index of {runs:,} runs, first catch-up", f"{took_s:,.1f} s", "", f"{size_mb:,.0f} MB")


def listing(home: Home, repeat: int) -> None:
    with Store(home) as store:
        store.runs(limit=1)
        for what, filter, order in (
            ("newest 50", "", "-created_at"),
            ("newest 50", "method:rlm-2 cost>100 since:5d", "-created_at"),
            ("dearest 50", "method:rlm-2", "-cost"),
            ("most accurate 50", "method:rlm-2 chunk_size:512", "-accuracy"),
        ):
            took_ms = median_ms(
                repeat * 2, lambda f=filter, o=order: store.runs(filter=f, order=o, limit=50)
            )
            beside = bare_select(home, repeat)
            say(f"{what} {filter}".strip(), f"{took_ms:.1f} ms", "<= 50 ms", beside)
    command = [sys.executable, "-m", "rlmboard", "history"]
    environment = {"RLMBOARD_HOME": str(home.path), "PATH": "/usr/bin:/bin"}
    took_ms = median_ms(
        repeat * 2,
        lambda: subprocess.run(command, env=environment, check=True, capture_output=True),
    )
    bare_ms = median_ms(repeat * 2, lambda: subprocess.run([sys.executable, "-c", ""], check=True))
    say(
        "rlmboard history, whole command",
        f"{took_ms:.0f} ms",
        "<= 400 ms",
        f"python -c '': {bare_ms:.0f} ms",
    )


def bare_select(home: Home, repeat: int) -> str:
    """The least that SQLite takes for a page: 50 rows by an index, hand-written."""
    connection = sqlite3.connect(home.db)
    took_ms = median_ms(
        repeat,
        lambda: connection.execute(
            "SELECT * FROM runs ORDER BY created_at_ms DESC LIMIT 50"
        ).fetchall(),
    )
    connection.close()
    return f"sqlite3, SELECT of 50 rows: {took_ms:.1f} ms"


# ---------------------------------------------------------------- the leaderboard


def leaderboard(home: Home, repeat: int) -> None:
    with Store(home) as store:
        since_ms = int(time.time() * 1000) - DAY_MS - 20 * 60_000
        until_ms = since_ms + DAY_MS
        for what, since, until in (("24 h", since_ms, until_ms), ("all", None, None)):
            took_ms = median_ms(
                repeat * 2, lambda s=since, u=until: store.providers(since=s, until=u)
            )
            rows = store.providers(since=since, until=until)
            count = sum(row.attempts for row in rows)
            reach = "<= 50 ms" if since else ""
            say(f"leaderboard, {what}: {count:,} attempts", f"{took_ms:.1f} ms", reach)
        worst, direct_ms = worst_error(store, home, since_ms, until_ms)
        say("p50 and p99 against exact ones", f"{worst * 100:.2f} %", "<= 2.5 %",
            f"exact in SQL and Python: {direct_ms:.0f} ms")  # fmt: skip


def worst_error(store: Store, home: Home, since_ms: int, until_ms: int) -> tuple[float, float]:
    began = time.perf_counter()
    connection = sqlite3.connect(home.db)
    latencies: dict[str, list[float]] = {}
    for provider, duration_ms in connection.execute(
        "SELECT provider, duration_ms FROM attempts WHERE ended_at_ms >= ? AND ended_at_ms < ? "
        "AND status = 'returned'",
        (since_ms, until_ms),
    ):
        latencies.setdefault(provider, []).append(duration_ms)
    connection.close()
    exact = {name: exact_percentiles(values) for name, values in latencies.items()}
    direct_ms = (time.perf_counter() - began) * 1000
    worst = 0.0
    for row in store.providers(since=since_ms, until=until_ms):
        for shown, true in zip((row.p50_ms, row.p99_ms), exact[row.provider], strict=True):
            worst = max(worst, abs((shown or 0.0) - true) / true)
    return worst, direct_ms


def exact_percentiles(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    count = len(ordered)
    return ordered[math.ceil(0.50 * count) - 1], ordered[math.ceil(0.99 * count) - 1]


if __name__ == "__main__":
    main()
