"""What stories are told with: a trace whose times are short, costs round and ids plain."""

from __future__ import annotations

from rlmboard.trace import SpanRef, TraceEvent, Usage, content_hash, encode_line
from rlmboard.trace import events as e

MODEL = "llama-3"
SOURCE = "docs/architecture.md"


class Story:
    """Lines of a run, in the order in which they are told."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.lines: list[bytes] = []

    def at(self, ms: float, *events: TraceEvent) -> None:
        """These events happened at this time."""
        self.lines += [encode_line(self.run_id, round(ms * 1000), event) for event in events]

    def begin(self, query: str, fragments: int = 0, producer: str = "conductor") -> None:
        self.at(
            0,
            e.RunInit(
                program=query,
                query=query,
                fragment_count=fragments,
                format=e.FORMAT,
                started_at="2026-01-05T10:00:00Z",
                producer=producer,
            ),
        )
        for n in range(1, fragments + 1):
            span = cited(n)
            size = span.end_byte - span.start_byte
            self.at(n, e.EnvLoadFragment(fragment_id=piece(n), size_bytes=size, span_ref=span))

    def ask(
        self, ms: float, n: int, *, attempt: int = 0, replica: int = 0, provider: str = "ollama"
    ) -> None:
        """A provider is asked, with 20 sats set aside."""
        of = {"query_id": query(n), "attempt": attempt, "replica": replica}
        self.at(ms, e.BudgetReserve(**of, amount_msat=20_000))
        venue = "local" if provider == "ollama" else "swarm"
        asked = e.SubQueryExecute(**of, provider_id=provider, venue=venue, model_id=MODEL)
        self.at(ms + 1, asked)

    def submit(self, ms: float, n: int, **more: object) -> None:
        said = {"depth": 1, "role": "extractor", "fragment_id": piece(n)} | more
        prompt = f"What does {piece(n)} say?"
        self.at(ms, e.SubQuerySubmit(query_id=query(n), prompt_preview=prompt, **said))  # type: ignore[arg-type]

    def answer(self, ms: float, n: int, *, attempt: int = 0, replica: int = 0) -> None:
        """An answer of 12 sats, 300 and 40 tokens, with one citation."""
        of = {"query_id": query(n), "attempt": attempt, "replica": replica}
        self.at(
            ms,
            e.SubQueryReturn(
                **of,
                result_preview=f"{piece(n)} says so.",
                duration_ms=100,
                usage=Usage(input=300, output=40),
                usage_quality="exact",
                cost_msat=12_000,
                cost_source="price_table",
                span_refs=(cited(n),),
                finish_reason="stop",
            ),
        )
        self.at(ms + 1, e.BudgetSettle(**of, actual_msat=12_000, released_msat=8_000))

    def give_up(
        self, ms: float, n: int, reason: str, *, attempt: int = 0, replica: int = 0
    ) -> None:
        of = {"query_id": query(n), "attempt": attempt, "replica": replica}
        self.at(ms, e.SubQueryCancel(**of, reason=reason))
        self.at(ms + 1, e.BudgetSettle(**of, released_msat=20_000))

    def done(self, ms: float, *spans: SpanRef, end_reason: str = "answer") -> None:
        output = "It is an append of one line."
        self.at(ms, e.RunDone(output=output, end_reason=end_reason, span_refs=spans))


def query(n: int) -> str:
    return f"q-{n:03}"


def piece(n: int) -> str:
    return f"chunk-{n:03}"


def cited(n: int) -> SpanRef:
    """Ten lines of a hundred bytes each."""
    return SpanRef(
        id=f"span-{n:03}",
        path=SOURCE,
        start_line=10 * n - 9,
        end_line=10 * n,
        start_byte=1000 * (n - 1),
        end_byte=1000 * n,
        content_hash=content_hash(piece(n).encode()),
    )
