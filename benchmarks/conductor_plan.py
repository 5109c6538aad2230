"""What the plan costs: microseconds a sub-query, with nothing else in the way.

20,000 sub-queries go through the plan alone, with instantaneous answers; building the program is
not counted, what the plan does between Started and Finish is: selecting, routing, the budget, every
event made, and all levels of reducers. Also the memory of a run of 100,000 sub-queries.

    python benchmarks/conductor_plan.py [--sub-queries 20000] [--repeat 7] [--memory]
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections import deque

from rlmboard.conductor import Answer, Bound, Plan, Program, Settings, parse_verification
from rlmboard.conductor.plan import Answered, Ask, Check, Checked, Finish, Happened, Started
from rlmboard.sources import Fragment
from rlmboard.trace import SpanRef, content_hash

REACH_US = 40.0
REACH_MB = 400


class Offer:
    venue = "swarm"
    simulated = True
    model = "m"
    concurrency = 64

    def __init__(self, name: str) -> None:
        self.name = name

    def bound(self, prompt_bytes: int, max_tokens: int) -> Bound:
        return Bound(msat=prompt_bytes + max_tokens)


OFFERS = [Offer(f"provider-{letter}") for letter in "abcd"]

VARIANTS: dict[str, dict[str, object]] = {
    "plain": {},
    "budget": {"budget_msat": 10**12},
    "budget, p95 hedges, cheapest": {
        "budget_msat": 10**12,
        "hedge_after": "p95",
        "routing": "cheapest",
    },
    "redundancy 2/2, each worker": {"verification": parse_verification("redundancy:2/2")},
}


def fragment(number: int) -> Fragment:
    path = f"src/part{number // 40}/file{number // 4}.py"
    first = number % 4 * 60 + 1
    digest = content_hash(str(number).encode())
    span = SpanRef(
        id=f"{path}:{first}-{first + 59}",
        path=path,
        start_line=first,
        end_line=first + 59,
        start_byte=first * 40,
        end_byte=first * 40 + 2400,
        content_hash=digest,
    )
    return Fragment(id=span.id, span=span, title=f"Part {number}", chars=2400)


def program(count: int, **settings: object) -> Program:
    chosen = Settings(max_fragments=count, fanout=100, timeout_s=None, **settings)  # type: ignore[arg-type]
    fragments = [fragment(number) for number in range(count)]
    query = "How does the recorder survive kill -9?"
    return Program(query=query, fragments=fragments, settings=chosen)


def answer(ask: Ask, span: SpanRef) -> Answer:
    return Answer(text=f"The finding of {ask.key}. " * 8, cost_msat=120, span_refs=(span,))


def play(plan: Plan) -> tuple[float, int]:
    """Seconds spent in the plan, and attempts that it made: one for each sub-query or worker."""
    waiting: deque[Happened] = deque([Started()])
    spent = now = 0.0
    attempts = 0
    span = fragment(0).span
    while True:
        happened = waiting.popleft()
        now += 1e-3
        before = time.perf_counter()
        actions = plan.next(happened, now)
        spent += time.perf_counter() - before
        for action in actions:
            if isinstance(action, Ask):
                attempts += 1
                waiting.append(Answered(action.key, answer(action, span)))
            elif isinstance(action, Check):
                waiting.append(Checked(action.key, 0))
            elif isinstance(action, Finish):
                assert action.outcome.status == "completed"
                return spent, attempts


def measure(count: int, repeat: int) -> bool:
    reached = True
    print(f"{'plan alone, µs a sub-query':<38} median    least")
    for name, settings in VARIANTS.items():
        work = program(count, **settings)
        runs = [play(Plan(work, OFFERS)) for _ in range(repeat)]
        costs = [spent / made * 1e6 for spent, made in runs]
        median = statistics.median(costs)
        reached &= median <= REACH_US
        print(f"  {name:<36} {median:6.1f}   {min(costs):6.1f}")
    print(f"  reach: {REACH_US:.0f} µs")
    return reached


def measure_memory(count: int) -> bool:
    _, made = play(Plan(program(count, budget_msat=10**15), OFFERS))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    megabytes = peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    print(f"{made:,} sub-queries in one run: {megabytes:.0f} MB in all (reach: {REACH_MB} MB)")
    return megabytes <= REACH_MB


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sub-queries", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--memory", action="store_true", help="only the memory of 100,000")
    flags = parser.parse_args()
    if flags.memory:
        return 0 if measure_memory(100_000) else 1
    return 0 if measure(flags.sub_queries, flags.repeat) else 1


if __name__ == "__main__":
    raise SystemExit(main())
