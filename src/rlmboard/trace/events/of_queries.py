"""Sub-queries: asked, answered, checked, paid for, and brought together."""

from __future__ import annotations

from typing import Any

from ..spanref import SpanRef
from .base import CostSource, Event, Failure, OfAttempt, OfQuery, Ref, Role, Usage, UsageQuality


class SubQuerySubmit(OfQuery, frozen=True, kw_only=True, omit_defaults=True):
    """A question is asked. `parent_id` is a sub-query, node, cell or tool; none means the root.

    `parent_inferred`: nobody stated the parent; what was asked goes on from its answer.
    """

    prompt_preview: str = ""
    prompt_ref: Ref | None = None
    fragment_id: str | None = None
    parent_id: str | None = None
    parent_inferred: bool | None = None
    depth: int | None = None
    role: Role | None = None
    batch_id: str | None = None
    batch_index: int | None = None
    batch_size: int | None = None


class SubQueryExecute(OfAttempt, frozen=True, kw_only=True, omit_defaults=True):
    """A provider was asked. `simulated`: it does not exist, its times and prices are drawn."""

    provider_id: str | None = None
    venue: str | None = None
    model_id: str | None = None
    simulated: bool | None = None


class SubQueryReturn(OfAttempt, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt answered, or failed with `success=False` and `error`. Stamped on arrival.

    `attributes`: what its producer said of it beyond this format.
    """

    result_preview: str = ""
    result_ref: Ref | None = None
    duration_ms: float | None = None
    cost_sats: int | None = None
    success: bool = True
    provider_id: str | None = None
    model_id: str | None = None
    usage: Usage | None = None
    usage_quality: UsageQuality | None = None
    cost_msat: int | None = None
    cost_usd_nanos: int | None = None
    cost_source: CostSource | None = None
    price_version: str | None = None
    span_refs: tuple[SpanRef, ...] = ()
    finish_reason: str | None = None
    cache_hit: bool | None = None
    error: Failure | None = None
    attributes: dict[str, Any] | None = None


class SubQueryTimeout(OfAttempt, frozen=True, kw_only=True, omit_defaults=True):
    """No answer came in time; `elapsed_ms` is measured, not configured."""

    elapsed_ms: float


class SubQueryCancel(OfAttempt, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt was given up: straggler, hedge, budget, user, interrupted, no_answer.

    A gateway gives up for disconnected (its client has gone), or refuses for budget, user, rate,
    concurrency, model.
    """

    reason: str = ""


# ------------------------------------------------------------------ checking


class VerifyRedundant(OfQuery, frozen=True, kw_only=True, omit_defaults=True):
    """Replicas were compared: n_of_m agreed; `replicas` names those that did."""

    agreement: float
    n_of_m: tuple[int, int]
    passed: bool
    replicas: tuple[int, ...] = ()


class VerifyObjective(OfQuery, frozen=True, kw_only=True, omit_defaults=True):
    """An answer was held against a rule: json_schema or hash."""

    check_type: str
    passed: bool
    detail: str | None = None


class VerifyAttestation(OfQuery, frozen=True, kw_only=True, omit_defaults=True):
    """A validator's signature over an answer was checked."""

    pubkey: str
    passed: bool


class VerifyCitations(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Citations were held against their sources; without `query_id` those of the run's answer."""

    checked: int
    missing: int
    passed: bool
    query_id: str | None = None


# ------------------------------------------------------------------ money


class BudgetReserve(OfAttempt, frozen=True, kw_only=True, omit_defaults=True):
    """The upper bound of what an attempt can cost was set aside."""

    amount_sats: int | None = None
    remaining_sats: int | None = None
    amount_msat: int | None = None
    amount_usd_nanos: int | None = None


class BudgetSettle(OfAttempt, frozen=True, kw_only=True, omit_defaults=True):
    """A reservation ended: what it cost, what was given back, what it cost beyond the reservation.

    An absent actual with a release is an attempt that was not charged for, as far as is known.
    """

    actual_sats: int | None = None
    refund_sats: int | None = None
    actual_msat: int | None = None
    released_msat: int | None = None
    overage_msat: int | None = None
    actual_usd_nanos: int | None = None
    released_usd_nanos: int | None = None
    overage_usd_nanos: int | None = None


# ------------------------------------------------------------------ answers come together


class Aggregate(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Findings became one text. `query_id`: the sub-query that did it, where a provider did."""

    input_count: int
    output_preview: str = ""
    output_ref: Ref | None = None
    query_id: str | None = None


class FallbackLocal(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The swarm was not to be had; the work goes on locally."""

    reason: str
