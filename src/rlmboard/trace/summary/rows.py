"""The rows that a fold gives: one of the run, one of each sub-query, attempt and metric.

Times in `_ms` are milliseconds since the start of the run. A sum is None while none of its parts is
known; `unknown_*` says how many parts it lacks. `apart_*` is how much of a cost was said in this
currency alone: what both currencies come to together is one of them, and the other's `apart_*`.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from ..events import Role, UsageQuality
from ..spanref import SpanRef
from .state import AttemptStatus

FoldStatus: TypeAlias = Literal["queued", "running", "completed", "failed", "cancelled"]


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A run in one row. Whether one that has no end still lives, only its lock can say."""

    lines: int
    holes: dict[str, int]
    foreign: int
    status: FoldStatus
    end_reason: str | None
    error_type: str | None
    error_message: str | None
    started_at: str | None
    ended_ms: float | None
    duration_ms: float | None
    query: str | None
    producer: str | None
    output_preview: str | None
    span_refs: tuple[SpanRef, ...]
    citations: int | None
    citations_checked: int | None
    citations_missing: int | None
    partial: bool
    simulated: bool
    lost: int
    fragments: int | None
    selected: int | None
    sub_queries: int
    returned: int
    failed: int
    timed_out: int
    cancelled: int
    running: int
    attempts: int
    retries: int
    hedges: int
    open_attempts: int
    max_depth: int | None
    nodes: int
    iterations: int
    cells: int
    tools: int
    checks_passed: int
    checks_failed: int
    artifacts: int
    scores: int
    notes: dict[str, int]
    cost_msat: int | None
    cost_usd_nanos: int | None
    apart_msat: int
    apart_usd_nanos: int
    unknown_cost: int
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    unknown_usage: int
    estimated_usage: int
    reserved_msat: int | None
    settled_msat: int | None
    overage_msat: int | None
    reserved_usd_nanos: int | None
    settled_usd_nanos: int | None
    overage_usd_nanos: int | None
    environment: dict[str, Any]

    def as_of(self, status: str) -> RunSummary:
        """What it says where the run stands so: when it goes on no more, what an attempt that was
        left open has cost is not known either."""
        if status in ("running", "queued") or not self.open_attempts:
            return self
        return msgspec.structs.replace(
            self,
            unknown_cost=self.unknown_cost + self.open_attempts,
            unknown_usage=self.unknown_usage + self.open_attempts,
        )


class SubQueryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A sub-query. Result, provider and error are those of the attempt that decided its status."""

    number: int
    query_id: str
    status: AttemptStatus
    role: Role | None
    parent_id: str | None
    depth: int | None
    fragment_id: str | None
    batch_id: str | None
    batch_index: int | None
    batch_size: int | None
    submitted_ms: float | None
    started_ms: float | None
    ended_ms: float | None
    attempts: int
    provider: str | None
    model: str | None
    venue: str | None
    cost_msat: int | None
    cost_usd_nanos: int | None
    unknown_cost: int
    input_tokens: int | None
    output_tokens: int | None
    prompt_preview: str
    result_preview: str
    error_type: str | None
    error_message: str | None
    span_refs: int
    inferred: bool


class AttemptRow(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt. `duration_ms` is measured by the stamps, else as the return said."""

    number: int
    query_id: str
    replica: int
    attempt: int
    status: AttemptStatus
    executed: bool
    hedge: bool
    role: Role | None
    fragment_id: str | None
    provider: str | None
    venue: str | None
    model: str | None
    simulated: bool
    started_ms: float | None
    ended_ms: float | None
    duration_ms: float | None
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    usage_quality: UsageQuality | None
    cost_msat: int | None
    cost_usd_nanos: int | None
    cost_source: str | None
    result_preview: str
    finish_reason: str | None
    cache_hit: bool | None
    error_type: str | None
    error_message: str | None
    reason: str | None
    span_refs: int
    inferred: bool
    offset: int
    length: int


class MetricRow(msgspec.Struct, frozen=True, kw_only=True):
    """The value that stands for a metric. `special`: nan, inf, -inf."""

    name: str
    value: float | None
    step: int | None
    special: str | None
