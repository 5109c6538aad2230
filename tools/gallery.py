"""Runs to be drawn: an experiment of four methods, told from one seed, with citations that hold.

`fill(home, root, now)` writes the same runs each time, but for the day on which they happen and the
files below `root` that their answers cite: those are the sources of today.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec

from rlmboard.folder import Home, RunRecord, write_whole
from rlmboard.trace import SpanRef, TraceEvent, Usage, content_hash, encode_line, run_config
from rlmboard.trace import events as e

EXPERIMENT = "doc-analysis"
QUERY = "Summarize the key architectural decisions in this codebase"
MODEL = "llama-3"
BOARD_RUN = "doc-analysis-25"
"""The run whose page is drawn: the last one, of the best method."""

ANSWER = " ".join(
    (
        "The trace is the truth: a recorded program appends one line to a file, and needs nothing"
        " else [1].",
        "What is read is computed from it: the index may be deleted at any time [2], and the page"
        " is a fold of the same events [3].",
        "A conductor without I/O decides what is asked next [4].",
        "Unknown is never zero [5], and imports run down only, which a machine holds [6].",
    )
)


class Provider(NamedTuple):
    """Who answers: how long it takes, what it costs, how often it fails or keeps silent."""

    name: str
    venue: str
    lanes: int
    median_ms: float
    spread: float
    msat: int
    fails: float
    hangs: float


class Method(NamedTuple):
    """How the question is attacked, and how well that goes."""

    name: str
    fragments: int
    accuracy: float
    chunk_size: int
    quorum: float


PROVIDERS = (
    Provider("provider-a", "datacenter", 9, 234, 0.25, 140, 0.004, 0.0),
    Provider("provider-b", "local", 7, 456, 0.35, 90, 0.02, 0.002),
    Provider("provider-c", "swarm", 8, 312, 0.45, 160, 0.01, 0.025),
    Provider("provider-d", "swarm", 5, 380, 0.3, 120, 0.0, 0.004),
)
METHODS = (
    Method("base", 24, 0.72, 2048, 1.0),
    Method("rlm-1", 150, 0.83, 1024, 0.8),
    Method("rlm-2", 240, 0.86, 512, 0.8),
    Method("rlm-2+", 300, 0.89, 512, 0.9),
)
PER_METHOD = 6
PATIENCE_MS = 900.0


def fill(home: Home, root: Path, now: datetime) -> None:
    """Twenty-five runs of the last twelve days below `home`; one of them failed."""
    home.make()
    spans = list(cited(root))
    for number in range(len(METHODS) * PER_METHOD + 1):
        method = METHODS[number % len(METHODS)] if number < 24 else METHODS[-1]
        begun = now - timedelta(hours=11.5 * (24 - number) + 0.4)
        _write(home, _Told(number + 1, method, begun, spans, root))


def cited(root: Path) -> Iterator[SpanRef]:
    """Lines of the docs of today; the last of them are said to be what they are not."""
    for number, (path, first, last) in enumerate(
        (
            ("docs/decisions/0001-the-trace-before-sqlite.md", 3, 7),
            ("docs/architecture.md", 8, 9),
            ("docs/architecture.md", 10, 11),
            ("docs/decisions/0003-a-conductor-without-io.md", 3, 8),
            ("docs/architecture.md", 56, 56),
            ("docs/architecture.md", 18, 18),
        ),
        start=1,
    ):
        lines = (root / path).read_bytes().splitlines(keepends=True)
        start = sum(map(len, lines[: first - 1]))
        body = b"".join(lines[first - 1 : last])
        yield SpanRef(
            id=f"span-{number:03}",
            path=path,
            start_line=first,
            end_line=last,
            start_byte=start,
            end_byte=start + len(body),
            content_hash=content_hash(body if number != 4 else body + b"."),
        )


class _Told:
    """One run as a story: events with their times, and what stands beside the trace."""

    def __init__(
        self, number: int, method: Method, begun: datetime, spans: list[SpanRef], root: Path
    ) -> None:
        self.run_id = f"{EXPERIMENT}-{number:02}"
        self.method = method
        self.begun = begun
        self.root = root
        self.draw = Random(f"gallery/{number}")
        self.fails = number == 18
        self.accuracy = min(0.97, method.accuracy + self.draw.uniform(-0.03, 0.03))
        self._spans = spans
        self._events: list[tuple[float, int, TraceEvent]] = []
        self._asked = 0
        self._tell()

    def lines(self) -> Iterator[bytes]:
        for at_ms, _, event in sorted(self._events, key=lambda one: one[:2]):
            yield encode_line(self.run_id, round(at_ms * 1000), event)

    def _at(self, ms: float, event: TraceEvent) -> None:
        self._events.append((ms, len(self._events), event))

    def _tell(self) -> None:
        pieces = [f"chunk-{n:03}" for n in range(1, self.method.fragments + 1)]
        started = self.begun.isoformat(timespec="milliseconds")
        self._at(
            0,
            e.RunInit(
                program=QUERY,
                query=QUERY,
                fragment_count=len(pieces),
                format=e.FORMAT,
                started_at=started,
                producer="conductor",
            ),
        )
        for piece in pieces:
            self._at(1, e.EnvLoadFragment(fragment_id=piece, size_bytes=self.method.chunk_size))
        self._at(4, e.EnvSelectFragments(query=QUERY, fragment_ids=tuple(pieces)))
        self._question(
            5, PROVIDERS[0], "router", "Which fragments are about decisions?", None, 1, 402
        )
        end_ms = self._fan_out(430, pieces)
        if self.fails:
            self._at(
                end_ms,
                e.RunFailed(
                    end_reason="quorum",
                    error=e.Failure(
                        type="NoQuorum",
                        message="61 % of the sub-queries were answered, 90 % were needed",
                    ),
                ),
            )
            return
        self._conclude(end_ms)

    def _fan_out(self, start_ms: float, pieces: list[str]) -> float:
        free = [
            (start_ms + self.draw.uniform(0, 60), n, who)
            for n, who in enumerate(p for p in PROVIDERS for _ in range(p.lanes))
        ]
        heapq.heapify(free)
        end_ms, todo = start_ms, [(piece, None, 1) for piece in reversed(pieces)]
        while todo:
            piece, parent, depth = todo.pop()
            at_ms, lane, who = heapq.heappop(free)
            over_ms = self._question(
                at_ms, who, "extractor", f"What does {piece} decide?", parent, depth, fragment=piece
            )
            heapq.heappush(free, (over_ms + self.draw.uniform(1, 12), lane, who))
            end_ms = max(end_ms, over_ms)
            if depth == 1 and self.draw.random() < 0.03 and self.method.name != "base":
                node = f"rlm-{piece[6:]}"
                self._at(
                    over_ms,
                    e.RlmStart(
                        node_id=node,
                        parent_id=f"sub-{self._asked:03}",
                        depth=2,
                        model=MODEL,
                        query=f"What is decided in {piece}?",
                    ),
                )
                todo += [(f"{piece}.{n}", node, 2) for n in range(1, 7)]
                self._at(over_ms + 1800, e.RlmEnd(node_id=node, end_reason="answer"))
        return end_ms

    def _question(
        self,
        at_ms: float,
        who: Provider,
        role: e.Role,
        prompt: str,
        parent: str | None,
        depth: int,
        took_ms: float | None = None,
        fragment: str | None = None,
    ) -> float:
        """One sub-query with all that happens to it. Returns when it is over."""
        self._asked += 1
        of: dict[str, Any] = {"query_id": f"sub-{self._asked:03}"}
        self._at(
            at_ms,
            e.SubQuerySubmit(
                **of,
                prompt_preview=prompt,
                fragment_id=fragment,
                parent_id=parent,
                depth=depth,
                role=role,
            ),
        )
        took = took_ms or self.draw.lognormvariate(0, who.spread) * who.median_ms
        fate = self.draw.random() if took_ms is None else 1.0
        if fate < who.fails + (0.3 if self.fails else 0):
            over = self._attempt(at_ms, who, of, took / 3, "http_429")
            return self._attempt(over + 5, PROVIDERS[0], of | {"attempt": 1}, 240)
        if fate > 1 - who.hangs and took_ms is None:
            return self._silence(at_ms, who, of)
        return self._attempt(at_ms, who, of, took)

    def _ask(self, at_ms: float, who: Provider, of: dict[str, Any]) -> None:
        self._at(at_ms, e.BudgetReserve(**of, amount_msat=2 * who.msat))
        self._at(
            at_ms, e.SubQueryExecute(**of, provider_id=who.name, venue=who.venue, model_id=MODEL)
        )

    def _silence(self, at_ms: float, who: Provider, of: dict[str, Any]) -> float:
        self._ask(at_ms, who, of)
        self._at(at_ms + PATIENCE_MS, e.SubQueryTimeout(**of, elapsed_ms=PATIENCE_MS))
        self._at(at_ms + PATIENCE_MS, e.BudgetSettle(**of, released_msat=2 * who.msat))
        return at_ms + PATIENCE_MS

    def _attempt(
        self,
        at_ms: float,
        who: Provider,
        of: dict[str, Any],
        took_ms: float,
        error: str | None = None,
    ) -> float:
        self._ask(at_ms, who, of)
        over = at_ms + took_ms
        if error is not None:
            wrong = e.Failure(type=error, message="too many requests")
            self._at(over, e.SubQueryReturn(**of, success=False, error=wrong, duration_ms=took_ms))
            self._at(over, e.BudgetSettle(**of, released_msat=2 * who.msat))
            return over
        usage = Usage(input=self.draw.randrange(120, 320), output=self.draw.randrange(18, 60))
        found = (self.draw.choice(self._spans),) if self.draw.random() < 0.12 else ()
        said = "It decides that the trace is the truth." if found else "No decision stands here."
        self._at(
            over,
            e.SubQueryReturn(
                **of,
                result_preview=said,
                duration_ms=took_ms,
                usage=usage,
                usage_quality="exact",
                cost_msat=who.msat,
                cost_source="price_table",
                span_refs=found,
                finish_reason="stop",
            ),
        )
        self._at(over, e.BudgetSettle(**of, actual_msat=who.msat, released_msat=who.msat))
        return over

    def _conclude(self, at_ms: float) -> None:
        """Findings come together, the answer is checked, the run is judged."""
        over = self._question(
            at_ms + 3, PROVIDERS[0], "reducer", "Bring the findings together.", None, 1, 620
        )
        asked = f"sub-{self._asked:03}"
        self._at(over, e.Aggregate(input_count=38, output_preview=ANSWER[:80], query_id=asked))
        over = self._question(
            over + 2, PROVIDERS[1], "verifier", "Does every sentence have evidence?", None, 1, 410
        )
        self._at(over, e.VerifyCitations(checked=len(self._spans), missing=0, passed=True))
        for step in range(1, 9):
            near = self.accuracy - 0.35 * 0.6**step + self.draw.uniform(-0.01, 0.01)
            self._at(over + step, e.Metric(name="accuracy", value=round(near, 4), step=step))
        for name, value in self.metrics().items():
            self._at(over + 9, e.Metric(name=name, value=value, step=9))
        self._at(
            over + 10, e.RunDone(output=ANSWER, end_reason="answer", span_refs=tuple(self._spans))
        )

    def metrics(self) -> dict[str, float]:
        if self.fails:
            return {}
        return {"accuracy": round(self.accuracy, 3), "f1": round(self.accuracy - 0.025, 3)}

    def record(self) -> RunRecord:
        method = self.method
        return RunRecord(
            format=e.FORMAT,
            run_id=self.run_id,
            query=QUERY,
            config=run_config(
                {
                    "method": method.name,
                    "model": MODEL,
                    "chunk_size": method.chunk_size,
                    "max_depth": 1 if method.name == "base" else 3,
                    "quorum": method.quorum,
                    "budget_sats": 100,
                    "experiment": EXPERIMENT,
                    "seed": self.draw.randrange(3),
                    "fanout": sum(who.lanes for who in PROVIDERS),
                    "tags": ("nightly",),
                }
            ),
            started_at=self.begun.isoformat(timespec="milliseconds"),
            root=str(self.root),
            git={"sha": "a87589d57173b71f", "branch": "main", "dirty": False},
            producer="conductor",
        )


def _write(home: Home, told: _Told) -> None:
    folder = home.run(told.run_id)
    folder.path.mkdir(parents=True)
    folder.write_record(told.record())
    folder.trace.write_bytes(b"".join(told.lines()))
    write_whole(folder.output, b"" if told.fails else ANSWER.encode())
    write_whole(folder.metrics, msgspec.json.encode(told.metrics()))
