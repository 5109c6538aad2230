"""Runs as the page gets them: a row of the list, a whole run, its latencies."""

from __future__ import annotations

from typing import Any

import msgspec

from ...store import Hit, RunStatus
from ...trace import SpanRef


class RunItem(msgspec.Struct, frozen=True, kw_only=True):
    """The design document's `Run`, and finer facts beside it.

    `query` and `output` are previews, `config` is on one level, `trace` is the address of the raw
    trace.
    """

    id: str
    created_at: str
    created_at_ms: int
    ended_at: str | None
    status: RunStatus
    presumed: bool
    name: str | None
    tags: tuple[str, ...]
    note: str | None
    star: bool
    archived: bool
    experiment: str | None
    query: str
    output: str | None
    config: dict[str, Any]
    dataset: str | None
    metrics: dict[str, float | None]
    git_sha: str | None
    git_branch: str | None
    git_dirty: bool | None
    user: str | None
    host: str | None
    producer: str | None
    parent_run_id: str | None
    parent_id: str | None
    trace: str
    end_reason: str | None
    error_type: str | None
    error_message: str | None
    duration_ms: float | None
    cost_sats: float | None
    cost_msat: int | None
    cost_usd_nanos: int | None
    apart_msat: int
    apart_usd_nanos: int
    unknown_cost: int
    tokens_used: int | None
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    unknown_usage: int
    estimated_usage: int
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
    max_depth: int | None
    nodes: int
    iterations: int
    cells: int
    tools: int
    citations: int | None
    citations_checked: int | None
    citations_missing: int | None
    checks_passed: int
    checks_failed: int
    artifacts: int
    scores: int
    notes: dict[str, int]
    reserved_msat: int | None
    settled_msat: int | None
    overage_msat: int | None
    reserved_usd_nanos: int | None
    settled_usd_nanos: int | None
    overage_usd_nanos: int | None
    simulated: bool
    partial: bool
    lost: int
    lines: int
    holes: dict[str, int]
    foreign: int


class RunPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some runs of a list. `count` fit the filter, `total` there are."""

    runs: list[RunItem]
    next: str | None
    count: int | None
    total: int | None


class RunWhole(msgspec.Struct, frozen=True, kw_only=True):
    """A run with what the list leaves out. `alive` is the owner's lock as of now.

    `can_stop`: somebody is there who looks whether the run is asked to stop.
    """

    run: RunItem
    span_refs: tuple[SpanRef, ...]
    environment: dict[str, Any]
    argv: tuple[str, ...]
    cwd: str | None
    root: str | None
    pid: int | None
    python: str | None
    platform: str | None
    rlmboard: str | None
    packages: dict[str, str] | None
    payloads: str
    pruned_at: str | None
    payload_bytes: int
    alive: str
    can_stop: bool
    children: list[RunItem]
    providers: list[str]


class SearchPage(msgspec.Struct, frozen=True, kw_only=True):
    """What a search over all runs found. `cut`: there is more."""

    hits: list[Hit]
    cut: bool
