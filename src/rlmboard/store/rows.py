"""What a reader gets: a run in a row, a hit of a search, a line of the leaderboard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from ..trace import RunConfig
from ..trace.summary import RunSummary

RunStatus: TypeAlias = Literal[
    "queued", "running", "completed", "failed", "cancelled", "interrupted"
]


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A run: what was asked, what came of it, and what people say of it.

    `presumed`: that it was interrupted is judged by the age of its heartbeat alone. `metrics` holds
    the summary values: logged ones, scores, and what a person said, which stands above both.
    """

    run_id: str
    created_at_ms: int
    status: RunStatus
    presumed: bool
    name: str | None
    tags: tuple[str, ...]
    note: str | None
    star: bool
    archived: bool
    experiment: str | None
    config: RunConfig
    query: str
    git_sha: str | None
    git_branch: str | None
    git_dirty: bool | None
    user: str | None
    host: str | None
    producer: str | None
    parent_run_id: str | None
    parent_id: str | None
    metrics: dict[str, float | None]
    summary: RunSummary

    @property
    def created_at(self) -> str:
        """UTC, as ISO 8601 with milliseconds."""
        return iso(self.created_at_ms)

    @property
    def ended_at(self) -> str | None:
        ended_ms = self.summary.ended_ms
        return iso(self.created_at_ms + round(ended_ms)) if ended_ms is not None else None

    @property
    def cost_sats(self) -> float | None:
        """Sats; None while no cost is known."""
        msat = self.summary.cost_msat
        return None if msat is None else msat / 1000

    @property
    def tokens_used(self) -> int | None:
        """Input and output together; None while neither is known."""
        known = [
            n for n in (self.summary.input_tokens, self.summary.output_tokens) if n is not None
        ]
        return sum(known) if known else None

    def to_dict(self) -> dict[str, Any]:
        """The design document's `Run`, and the finer fields beside them, as plain JSON values."""
        plain = msgspec.json.decode(msgspec.json.encode(self), type=dict[str, Any])
        summary = plain.pop("summary")
        first: dict[str, Any] = {
            "id": plain.pop("run_id"),
            "created_at": self.created_at,
            "status": plain.pop("status"),
            "config": flat_config(self.config),
            "git_sha": plain.pop("git_sha"),
            "dataset": self.config.dataset,
            "metrics": plain.pop("metrics"),
            "output": summary.pop("output_preview"),
            "span_refs": summary.pop("span_refs"),
            "trace": f"runs/{self.run_id}/trace.jsonl",
            "cost_sats": self.cost_sats,
            "tokens_used": self.tokens_used,
            "ended_at": self.ended_at,
        }
        for taken in ("config", "created_at_ms", "producer"):
            plain.pop(taken)
        for taken in ("status", "query"):
            summary.pop(taken)
        return {**first, **plain, **summary, "producer": self.producer}


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """Where a text was found. `field`: name, query, output, prompt, result."""

    run_id: str
    query_id: str | None
    field: str
    snippet: str


class ProviderRow(msgspec.Struct, frozen=True, kw_only=True):
    """A provider on the leaderboard: its attempts that ended in the window.

    `success_rate` leaves cancelled attempts out: they tell nothing of the provider. Latencies are
    of attempts that returned. A cost per 1,000 tokens is None unless known.
    """

    provider: str
    venues: tuple[str, ...]
    models: tuple[str, ...]
    simulated: bool
    attempts: int
    returned: int
    failed: int
    timed_out: int
    cancelled: int
    success_rate: float | None
    p50_ms: float | None
    p99_ms: float | None
    tokens: int | None
    cost_msat: int | None
    cost_usd_nanos: int | None
    apart_msat: int
    apart_usd_nanos: int
    msat_per_1k_tokens: float | None
    usd_nanos_per_1k_tokens: float | None
    unknown_cost: int
    runs: int
    last_seen_ms: int


class ExperimentRow(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment: how many runs it has, and when the last began."""

    name: str
    description: str | None
    baseline: str | None
    runs: int
    last_run_ms: int | None


class Point(NamedTuple):
    """One value of a metric. `at_ms`: since the start of the run."""

    step: int | None
    value: float | None
    at_ms: float


def tokens_of(summary: RunSummary) -> int | None:
    """Input and output tokens together; None while neither is known."""
    if summary.input_tokens is None and summary.output_tokens is None:
        return None
    return (summary.input_tokens or 0) + (summary.output_tokens or 0)


def flat_config(config: RunConfig) -> dict[str, Any]:
    """The settings on one level, as plain JSON values."""
    return msgspec.json.decode(msgspec.json.encode(config.flat()), type=dict[str, Any])


def to_dicts(rows: Iterable[msgspec.Struct]) -> list[dict[str, Any]]:
    """Runs, sub-queries, attempts, providers or experiments: each as plain JSON values."""
    return [row.to_dict() if isinstance(row, RunRow) else msgspec.to_builtins(row) for row in rows]


def iso(at_ms: int) -> str:
    """UTC, as ISO 8601 with milliseconds."""
    try:
        at = datetime.fromtimestamp(at_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        at = datetime.fromtimestamp(0, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
