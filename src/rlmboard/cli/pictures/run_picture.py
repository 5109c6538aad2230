"""What the picture of a run shows: plain values, from which the boxes are drawn."""

from __future__ import annotations

import msgspec

from ...trace.summary import RunSummary


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt as a bar. Times in milliseconds since the start of the run.

    `gathers`: it brings all answers together, and is one of few.
    """

    label: str
    gathers: bool
    status: str
    provider: str | None
    venue: str | None
    simulated: bool
    executed: bool
    started_ms: float | None
    ended_ms: float | None
    duration_ms: float | None
    cost_msat: int | None
    cost_usd_nanos: int | None
    remark: str


class ProviderLine(msgspec.Struct, frozen=True, kw_only=True):
    """What one provider did in this run; counts are attempts."""

    name: str
    venue: str | None
    simulated: bool
    counts: dict[str, int]
    p50_ms: float | None
    cost_msat: int | None
    cost_usd_nanos: int | None
    unknown_cost: int


class BudgetPicture(msgspec.Struct, frozen=True, kw_only=True):
    """Money in one unit: `limit` None where there is none. `unit`: msat or usd_nanos."""

    unit: str
    limit: int | None
    spent: int | None
    reserved: int
    overage: int
    unknown: int


class QuorumPicture(msgspec.Struct, frozen=True, kw_only=True):
    """`required` None: as many as come. `said` is how it was asked for."""

    collected: int
    total: int
    required: int | None
    said: str


class LatencyPicture(msgspec.Struct, frozen=True, kw_only=True):
    """Of answered attempts. `histogram` counts them from the fastest to the slowest."""

    answered: int
    p50_ms: float | None
    p99_ms: float | None
    histogram: tuple[int, ...]


class RunPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A run as its boxes show it. `hidden` counts by status the lanes that found no room."""

    run_id: str
    title: str
    query: str
    status: str
    is_live: bool
    presumed: bool
    now_ms: float
    run: RunSummary
    lanes: tuple[Lane, ...]
    hidden: dict[str, int]
    providers: tuple[ProviderLine, ...]
    budgets: tuple[BudgetPicture, ...]
    quorum: QuorumPicture | None
    latency: LatencyPicture
