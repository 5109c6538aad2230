"""What the fold remembers of one run between two events: statements in force, and sums over them.

These values are saved between steps of catching up and read back, so they hold all that the fold
needs, and nothing that a reader of the trace could not say again.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from ..events import Role, UsageQuality
from ..spanref import SpanRef

AttemptStatus: TypeAlias = Literal[
    "submitted", "running", "returned", "failed", "timeout", "cancelled"
]
EndStatus: TypeAlias = Literal["completed", "failed", "cancelled"]


class Submission(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a SubQuerySubmit said."""

    at_ms: float
    prompt_preview: str
    fragment_id: str | None
    parent_id: str | None
    depth: int | None
    role: Role | None
    batch_id: str | None
    batch_index: int | None
    batch_size: int | None
    inferred: bool


class Asking(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a SubQueryExecute said."""

    at_ms: float
    provider: str | None
    venue: str | None
    model: str | None
    simulated: bool | None


class Outcome(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How an attempt ended: what a SubQueryReturn, SubQueryTimeout or SubQueryCancel said."""

    status: AttemptStatus
    at_ms: float
    duration_ms: float | None = None
    provider: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    usage_quality: UsageQuality | None = None
    cost_msat: int | None = None
    cost_usd_nanos: int | None = None
    cost_source: str | None = None
    result_preview: str = ""
    finish_reason: str | None = None
    cache_hit: bool | None = None
    error_type: str | None = None
    error_message: str | None = None
    reason: str | None = None
    span_refs: int = 0


class Reservation(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a BudgetReserve said."""

    msat: int | None
    usd_nanos: int | None


class Settlement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a BudgetSettle said."""

    msat: int | None
    overage_msat: int | None
    usd_nanos: int | None
    overage_usd_nanos: int | None


class Attempt(msgspec.Struct, array_like=True, gc=False):
    """One try. `offset` to `until` are the bytes of the trace in which its events lie.

    `replaced` holds fingerprints of statements that later ones took the place of.
    """

    replica: int
    attempt: int
    offset: int
    until: int
    inferred: bool = False
    asking: Asking | None = None
    outcome: Outcome | None = None
    outcome_seq: int = 0
    reservation: Reservation | None = None
    settlement: Settlement | None = None
    replaced: tuple[int, ...] = ()

    @property
    def status(self) -> AttemptStatus:
        if self.outcome is not None:
            return self.outcome.status
        return "submitted" if self.asking is None else "running"

    @property
    def was_executed(self) -> bool:
        """A provider was asked. One that returned was, also where nobody said so."""
        if self.asking is not None:
            return True
        return self.outcome is not None and self.outcome.status in ("returned", "failed")


class SubQuery(msgspec.Struct, array_like=True, gc=False):
    """One question. `number` counts from 1 within the run, in the order they were heard of."""

    number: int
    query_id: str
    submission: Submission | None = None
    attempts: tuple[Attempt, ...] = ()
    replaced: tuple[int, ...] = ()


MOST_POINTS = 16


class Curve(msgspec.Struct, array_like=True):
    """A few of the values of a metric, as far from each other as makes them few.

    `points` are every `every`-th of the `count` values, from the first on; None for no number.
    """

    count: int = 0
    every: int = 1
    points: list[float | None] = []

    def take(self, value: float | None) -> None:
        """One more; where they get too many, every second stays."""
        if self.count % self.every == 0:
            if len(self.points) == MOST_POINTS:
                self.points = self.points[::2]
                self.every *= 2
            if self.count % self.every == 0:
                self.points.append(value)
        self.count += 1


class MetricValue(msgspec.Struct, array_like=True):
    """The last value of a metric. `is_summary`: it was said to be the summary, and stays."""

    value: float | None
    step: int | None
    special: str | None
    is_summary: bool
    curve: Curve = msgspec.field(default_factory=Curve)
    last: float | None = None
    """The last that was logged, where the summary is another."""


class End(msgspec.Struct, frozen=True, array_like=True):
    """How the run ended."""

    status: EndStatus
    at_ms: float
    reason: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    output: str | None = None
    span_refs: tuple[SpanRef, ...] = ()
    iterations: int | None = None
    lost: int = 0
    partial: bool = False
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost_msat: int | None = None
    cost_usd_nanos: int | None = None


class Sums(msgspec.Struct, array_like=True):
    """Counts and sums over sub-queries and attempts. `known_*` count the attempts that said so.

    `apart_*` is what attempts cost that said it in this currency alone.
    """

    all_sub_queries: int = 0
    sub_queries: int = 0
    returned: int = 0
    failed: int = 0
    timed_out: int = 0
    cancelled: int = 0
    running: int = 0
    attempts: int = 0
    retries: int = 0
    hedges: int = 0
    simulated: int = 0
    cost_msat: int = 0
    known_cost_msat: int = 0
    cost_usd_nanos: int = 0
    known_cost_usd_nanos: int = 0
    unknown_cost: int = 0
    input_tokens: int = 0
    known_input: int = 0
    output_tokens: int = 0
    known_output: int = 0
    cached_tokens: int = 0
    known_cached: int = 0
    reasoning_tokens: int = 0
    known_reasoning: int = 0
    unknown_usage: int = 0
    estimated_usage: int = 0
    reservations_msat: int = 0
    reserved_msat: int = 0
    settled_msat: int = 0
    overage_msat: int = 0
    reservations_usd_nanos: int = 0
    reserved_usd_nanos: int = 0
    settled_usd_nanos: int = 0
    overage_usd_nanos: int = 0
    open_attempts: int = 0
    apart_msat: int = 0
    apart_usd_nanos: int = 0


class RunState(msgspec.Struct, array_like=True):
    """The run as a whole. `counts` counts by kind what is counted once by its id."""

    lines: int = 0
    holes: dict[str, int] = {}
    foreign: int = 0
    last_ms: float | None = None
    started_at: str | None = None
    query: str | None = None
    producer: str | None = None
    fragment_count: int | None = None
    max_depth: int | None = None
    resumed_ms: float | None = None
    end: End | None = None
    replaced: tuple[int, ...] = ()
    environment: dict[str, Any] = {}
    citations_checked: int | None = None
    citations_missing: int | None = None
    metrics: dict[str, MetricValue] = {}
    counts: dict[str, int] = {}
    sums: Sums = msgspec.field(default_factory=Sums)
    announced_ms: float | None = None
