"""Runs to look at, recorded by rlmboard itself: a program of its own, so that a board reads what
another process writes.

    python _board_runs.py ID SUB_QUERIES [--rate EVENTS_S --seconds S]

Records so many sub-queries at once. With `--rate` it then says `ready`, waits for a line, records
that many events a second, says of each tick `[seq, when_ms]` by the clock of the wall, and ends.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
import sys
import time
from collections.abc import Iterator

import rlmboard
from rlmboard.trace import (
    BudgetReserve,
    BudgetSettle,
    Failure,
    RunDone,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    Usage,
)

WORKERS = 200
BRANCHES = 100
VENUES = ("local", "swarm", "datacenter")
TICK_S = 0.01
WORDS = (
    "recorder",
    "trace",
    "kill",
    "index",
    "reader",
    "fold",
    "attempt",
    "provider",
    "budget",
    "of",
)
OfAttempt = (
    BudgetReserve
    | BudgetSettle
    | SubQueryExecute
    | SubQueryReturn
    | SubQuerySubmit
    | SubQueryTimeout
)
Timed = tuple[float, OfAttempt]


def fanned_out(draw: random.Random) -> Iterator[Timed]:
    """Events without end, in order of time: 200 workers, each asks again when it has its answer.

    The first hundred sub-queries route, and are the parents of all others.
    """
    later: list[tuple[float, int, OfAttempt]] = []
    for asked, (at_ms, worker) in enumerate(_free(draw)):
        while later and later[0][0] <= at_ms:
            due = heapq.heappop(later)
            yield due[0], due[2]
        took_ms = draw.lognormvariate(math.log(700 + 90 * (worker % 12)), 0.5)
        for event in _question(asked, worker, draw):
            yield at_ms, event
        for event in _outcome(asked, worker, took_ms, draw):
            heapq.heappush(later, (at_ms + took_ms, len(later) + asked * 10, event))


def _free(draw: random.Random) -> Iterator[tuple[float, int]]:
    """When each worker asks next; every one a second or so after the last time."""
    free = [(draw.uniform(0, 900), worker) for worker in range(WORKERS)]
    heapq.heapify(free)
    while True:
        at_ms, worker = free[0]
        yield at_ms, worker
        heapq.heapreplace(free, (at_ms + draw.uniform(500, 1500) + 45 * (worker % 12), worker))


def _question(n: int, worker: int, draw: random.Random) -> Iterator[OfAttempt]:
    query_id = f"q-{n:06d}"
    yield BudgetReserve(query_id=query_id, amount_msat=15_000)
    yield SubQuerySubmit(
        query_id=query_id,
        prompt_preview=_text(draw, 12),
        parent_id=f"q-{n % BRANCHES:06d}" if n >= BRANCHES else None,
        depth=2 if n >= BRANCHES else 1,
        role="extractor" if n >= BRANCHES else "router",
    )
    yield SubQueryExecute(
        query_id=query_id,
        provider_id=f"provider-{worker % 12:02d}",
        venue=VENUES[worker % 3],
        model_id="llama-3",
    )


def _outcome(n: int, worker: int, took_ms: float, draw: random.Random) -> Iterator[OfAttempt]:
    query_id, luck = f"q-{n:06d}", draw.random()
    if luck < 0.01:
        yield SubQueryTimeout(query_id=query_id, elapsed_ms=took_ms)
        yield BudgetSettle(query_id=query_id, released_msat=15_000)
        return
    cost_msat = draw.randrange(5_000, 14_000)
    yield SubQueryReturn(
        query_id=query_id,
        result_preview=_text(draw, 50),
        success=luck > 0.03,
        error=None if luck > 0.03 else Failure(type="HTTP 503", message="overloaded"),
        duration_ms=round(took_ms, 3),
        provider_id=f"provider-{worker % 12:02d}",
        model_id="llama-3",
        usage=Usage(input=draw.randrange(600, 1_000), output=draw.randrange(20, 120)),
        usage_quality="exact",
        cost_msat=cost_msat,
        cost_source="provider",
        finish_reason="stop",
    )
    yield BudgetSettle(query_id=query_id, actual_msat=cost_msat, released_msat=15_000 - cost_msat)


def _text(draw: random.Random, words: int) -> str:
    return " ".join(draw.choices(WORDS, k=words))


class Program:
    """A run that is recorded; `seq` is the number of lines so far, as nobody else writes to it."""

    def __init__(self, run_id: str, sub_queries: int) -> None:
        config = {"method": "rlm-2", "quorum": 0.9, "budget_sats": sub_queries * 20 + 1_000}
        self.run = rlmboard.init("How does it work?", id=run_id, config=config, name=run_id)
        time.sleep(0.3)  # what is captured beside a run has been by now
        self.events = fanned_out(random.Random(1))
        self.now_ms = 0.0

    @property
    def seq(self) -> int:
        with self.run.folder.trace.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))

    def record(self, sub_queries: int, whole: bool) -> None:
        """At once, with the times that it would have taken; `whole`: until all have an answer."""
        asked = settled = 0
        first_later = f"q-{sub_queries:06d}"
        for at_ms, event in self.events:
            if event.query_id >= first_later:
                continue
            asked += isinstance(event, SubQueryExecute)
            settled += isinstance(event, BudgetSettle)
            self._emit(at_ms, event)
            if (settled if whole else asked) == sub_queries:
                return

    def stream(self, rate: float, seconds: float) -> Iterator[tuple[int, float]]:
        """So many events a second, each stamped now; the seq and time of the last one of a tick."""
        seq, began, first_ms = self.seq, time.monotonic(), self.now_ms
        said = 0
        while (passed := time.monotonic() - began) < seconds:
            due = int(passed * rate)
            for _ in range(due - said):
                _, event = next(self.events)
                self._emit(first_ms + (time.monotonic() - began) * 1000, event)
            if due > said:
                yield seq + due, time.time() * 1000
            said = due
            time.sleep(TICK_S)

    def end(self) -> None:
        """When the last of it happened, by the clock of what was recorded."""
        self.run.end(RunDone(output="So.", end_reason="answer"), at_ms=self.now_ms)

    def _emit(self, at_ms: float, event: OfAttempt) -> None:
        self.now_ms = at_ms
        self.run.emit(event, at_ms=at_ms)


def main() -> None:
    given = arguments()
    program = Program(given.id, given.sub_queries)
    program.record(given.sub_queries, whole=not given.rate)
    if given.rate:
        print(json.dumps({"ready": program.seq}), flush=True)
        sys.stdin.readline()
        ticks = list(program.stream(given.rate, given.seconds))
    program.end()
    assert program.run.lost == 0, program.run.problem
    print(json.dumps({"ticks": ticks if given.rate else [], "seq": program.seq}), flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("id")
    parser.add_argument("sub_queries", type=int)
    parser.add_argument("--rate", type=float, default=0.0, metavar="EVENTS_S")
    parser.add_argument("--seconds", type=float, default=10.0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
