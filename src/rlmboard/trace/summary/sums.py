"""Counts and sums of a run, kept by difference: a sub-query is taken out before it changes and put
back after."""

from __future__ import annotations

from .state import Attempt, AttemptStatus, Outcome, SubQuery, Sums

_COUNTER: dict[AttemptStatus, str] = {
    "returned": "returned",
    "failed": "failed",
    "timeout": "timed_out",
    "cancelled": "cancelled",
    "running": "running",
}


def status_of(query: SubQuery) -> AttemptStatus:
    """returned as soon as one attempt is; running while one is under way; else the last outcome."""
    last: Attempt | None = None
    running = False
    for attempt in query.attempts:
        outcome = attempt.outcome
        if outcome is None:
            running = running or attempt.asking is not None
        elif outcome.status == "returned":
            return "returned"
        elif last is None or _ended_later(attempt, last):
            last = attempt
    if running:
        return "running"
    return last.status if last is not None else "submitted"


def is_hedge(query: SubQuery, attempt: Attempt) -> bool:
    """A further attempt that began while an earlier one of the same replica was under way."""
    if attempt.asking is None or attempt.attempt == 0:
        return False
    began_ms = attempt.asking.at_ms
    return any(
        earlier.replica == attempt.replica
        and earlier.attempt < attempt.attempt
        and earlier.asking is not None
        and (earlier.outcome is None or earlier.outcome.at_ms > began_ms)
        for earlier in query.attempts
    )


def put(sums: Sums, query: SubQuery, sign: int) -> None:
    """Put the sub-query in (`sign` 1) or take it out (-1), as it is now."""
    sums.all_sub_queries += sign
    submission = query.submission
    if submission is None or submission.role != "root":
        sums.sub_queries += sign
        if counter := _COUNTER.get(status_of(query)):
            setattr(sums, counter, getattr(sums, counter) + sign)
    for attempt in query.attempts:
        if attempt.was_executed:
            _put_executed(sums, query, attempt, sign)
        if attempt.reservation is not None or attempt.settlement is not None:
            _put_budget(sums, attempt, sign)


def _ended_later(one: Attempt, other: Attempt) -> bool:
    assert one.outcome is not None and other.outcome is not None
    return (one.outcome.at_ms, one.outcome_seq) > (other.outcome.at_ms, other.outcome_seq)


def _put_executed(sums: Sums, query: SubQuery, attempt: Attempt, sign: int) -> None:
    sums.attempts += sign
    if attempt.attempt > 0:
        if is_hedge(query, attempt):
            sums.hedges += sign
        else:
            sums.retries += sign
    if attempt.asking is not None and attempt.asking.simulated:
        sums.simulated += sign
    if attempt.outcome is None:
        sums.open_attempts += sign
    else:
        _put_cost(sums, attempt.outcome, sign)
        _put_usage(sums, attempt.outcome, sign)


def _put_cost(sums: Sums, outcome: Outcome, sign: int) -> None:
    msat, usd_nanos = outcome.cost_msat, outcome.cost_usd_nanos
    if msat is not None:
        sums.cost_msat += sign * msat
        sums.known_cost_msat += sign
    if usd_nanos is not None:
        sums.cost_usd_nanos += sign * usd_nanos
        sums.known_cost_usd_nanos += sign
    if msat is None and usd_nanos is None:
        sums.unknown_cost += sign
    elif usd_nanos is None:
        sums.apart_msat += sign * (msat or 0)
    elif msat is None:
        sums.apart_usd_nanos += sign * usd_nanos


def _put_usage(sums: Sums, outcome: Outcome, sign: int) -> None:
    if outcome.input_tokens is None and outcome.output_tokens is None:
        sums.unknown_usage += sign
        return
    if outcome.usage_quality in ("estimated", "shared"):
        sums.estimated_usage += sign
    if outcome.input_tokens is not None:
        sums.input_tokens += sign * outcome.input_tokens
        sums.known_input += sign
    if outcome.output_tokens is not None:
        sums.output_tokens += sign * outcome.output_tokens
        sums.known_output += sign
    if outcome.cached_tokens is not None:
        sums.cached_tokens += sign * outcome.cached_tokens
        sums.known_cached += sign
    if outcome.reasoning_tokens is not None:
        sums.reasoning_tokens += sign * outcome.reasoning_tokens
        sums.known_reasoning += sign


def _put_budget(sums: Sums, attempt: Attempt, sign: int) -> None:
    reserved, settled = attempt.reservation, attempt.settlement
    if reserved is not None and reserved.msat is not None:
        sums.reservations_msat += sign
        sums.reserved_msat += sign * reserved.msat if settled is None else 0
    if reserved is not None and reserved.usd_nanos is not None:
        sums.reservations_usd_nanos += sign
        sums.reserved_usd_nanos += sign * reserved.usd_nanos if settled is None else 0
    if settled is not None:
        sums.settled_msat += sign * (settled.msat or 0)
        sums.overage_msat += sign * (settled.overage_msat or 0)
        sums.settled_usd_nanos += sign * (settled.usd_nanos or 0)
        sums.overage_usd_nanos += sign * (settled.overage_usd_nanos or 0)
