"""What a page is told about many attempts at once."""

from __future__ import annotations

from typing import Literal

import msgspec

from ...trace.summary import AttemptRow, SubQueryRow


class SubQueryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some sub-queries of a run; `count` fit what was asked."""

    sub_queries: list[SubQueryRow]
    next: str | None
    count: int


class AttemptPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some attempts of a run; `count` fit what was asked."""

    attempts: list[AttemptRow]
    next: str | None
    count: int


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """How long the attempts of a run took that returned.

    `counts[i]` of them took at least `from_ms[i]` and less than the next.
    """

    run_id: str
    attempts: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    from_ms: list[float]
    counts: list[int]


class RunCurves(msgspec.Struct, frozen=True, kw_only=True):
    """How the metrics of a run went that have more than one value: small enough for a row."""

    run_id: str
    metrics: dict[str, MetricCurve]


class MetricCurve(msgspec.Struct, frozen=True, kw_only=True):
    """A few of `count` values in the order in which they were logged, the first and last included.

    The others lie equally far from each other. None: no number was logged.
    """

    count: int
    points: list[float | None]


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """A provider over time, in columns: a place for each hour (or day) that had attempts."""

    at_ms: list[int]
    returned: list[int]
    failed: list[int]
    timed_out: list[int]
    cancelled: list[int]
    p50_ms: list[float | None]
    p99_ms: list[float | None]


class ProviderItem(msgspec.Struct, frozen=True, kw_only=True):
    """A provider in a window. Counts are attempts, latencies of those that returned."""

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
    p95_ms: float | None
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
    from_ms: list[float]
    counts: list[int]
    hours: Hours


class ProviderPage(msgspec.Struct, frozen=True, kw_only=True):
    """The leaderboard of a window, and the models and venues there are in it."""

    since_ms: int | None
    until_ms: int | None
    providers: list[ProviderItem]
    models: list[str]
    venues: list[str]


class ErrorCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many attempts failed in one way."""

    error: str
    status: Literal["failed", "timeout"]
    attempts: int
    last_at_ms: int


class ProviderAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt, and the run that it belongs to."""

    run_id: str
    run_name: str | None
    query_id: str
    replica: int
    attempt: int
    status: str
    model: str | None
    error: str | None
    duration_ms: float | None
    ended_at_ms: int


class ProviderWhole(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's own page."""

    since_ms: int | None
    until_ms: int | None
    items: list[ProviderItem]
    errors: list[ErrorCount]
    slowest: list[ProviderAttempt]
    failures: list[ProviderAttempt]


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """Runs that began within an hour or a day. `lost_*` was spent on runs that did not complete.

    `apart_*` is how much was said in this currency alone.
    """

    at_ms: int
    runs: int
    statuses: dict[str, int]
    cost_msat: int | None
    cost_usd_nanos: int | None
    apart_msat: int
    apart_usd_nanos: int
    unknown_cost: int
    lost_msat: int | None
    lost_usd_nanos: int | None
    lost_apart_msat: int
    lost_apart_usd_nanos: int
    sub_queries: int
    tokens: int | None
    unknown_usage: int
    citations: int
    citations_missing: int


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """A number over the runs of a group that have ended; `std` is that of a sample.

    Left out, and counted, are those of which it is `unknown`, wholly or in part; `converted` are
    those in which some was said in another currency.
    """

    n: int
    mean: float
    std: float | None
    lowest: float
    highest: float
    unknown: int
    converted: int


class RunGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Runs that share a value, which is None where they have none. `cells` by key of a number."""

    value: str | float | None
    said: str | None
    runs: int
    statuses: dict[str, int]
    newest_at_ms: int
    cells: dict[str, Spread]


class GroupPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the groups, of which there are `count`. `order`: what they are sorted by."""

    groups: list[RunGroup]
    next: str | None
    count: int
    order: Literal["newest", "value", "mean"]


class FailureCount(msgspec.Struct, frozen=True, kw_only=True):
    """One way of failing: of attempts, or (`run`) of whole runs. `message` is that of the last."""

    error: str
    status: Literal["failed", "timeout", "run"]
    attempts: int
    runs: int
    message: str | None
    providers: list[str]
    last_at_ms: int
    last_run: str
    last_query: str | None


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """A window in buckets, all of it together, and what failed in it, the most frequent first."""

    since_ms: int
    until_ms: int
    buckets: list[Bucket]
    total: Bucket
    failures: list[FailureCount]


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """Something to filter and sort by. `from` is `run`, `config` or `metric`."""

    key: str
    kind: Literal["text", "number", "time", "flag"]
    about: str
    from_: Literal["run", "config", "metric"] = msgspec.field(name="from")


class FacetValue(msgspec.Struct, frozen=True, kw_only=True):
    """A value that runs have, and how many have it."""

    value: str
    runs: int


class MetricTrend(msgspec.Struct, frozen=True, kw_only=True):
    """A metric over the runs of an experiment; `trend` holds the last values, oldest first."""

    name: str
    runs: int
    lowest: float | None
    highest: float | None
    lowest_run: str | None
    highest_run: str | None
    trend: list[float]


class ExperimentItem(msgspec.Struct, frozen=True, kw_only=True):
    """Runs to be compared. `baseline` is a run id."""

    name: str
    slug: str
    description: str | None
    baseline: str | None
    runs: int
    statuses: dict[str, int]
    first_run_at_ms: int | None
    last_run_at_ms: int | None
    metrics: list[MetricTrend]
