"""The rows of a sub-query and its attempts, from the statements in force about them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from .rows import AttemptRow, SubQueryRow
from .state import Attempt, AttemptStatus, Outcome, SubQuery
from .sums import is_hedge, status_of

_NO_OUTCOME = Outcome("running", 0.0)


def sub_query_row(query: SubQuery) -> SubQueryRow:
    """The sub-query as one row."""
    status, told = status_of(query), query.submission
    decisive = _decisive(query, status)
    outcome = decisive.outcome if decisive is not None else None
    said = outcome or _NO_OUTCOME
    ended = [one.outcome for one in query.attempts if one.outcome is not None and one.was_executed]
    fact = attempt_fact(query, decisive) if decisive is not None else None
    starts = [started_ms(query, one) for one in query.attempts]
    return SubQueryRow(
        number=query.number,
        query_id=query.query_id,
        status=status,
        role=told.role if told else None,
        parent_id=told.parent_id if told else None,
        depth=told.depth if told else None,
        fragment_id=told.fragment_id if told else None,
        batch_id=told.batch_id if told else None,
        batch_index=told.batch_index if told else None,
        batch_size=told.batch_size if told else None,
        submitted_ms=told.at_ms if told else None,
        started_ms=min((at for at in starts if at is not None), default=None),
        ended_ms=None if status == "running" or outcome is None else outcome.at_ms,
        attempts=sum(one.was_executed for one in query.attempts),
        provider=fact.provider if fact else None,
        model=fact.model if fact else None,
        venue=fact.venue if fact else None,
        cost_msat=_sum(one.cost_msat for one in ended),
        cost_usd_nanos=_sum(one.cost_usd_nanos for one in ended),
        unknown_cost=sum(one.cost_msat is None and one.cost_usd_nanos is None for one in ended),
        input_tokens=_sum(one.input_tokens for one in ended),
        output_tokens=_sum(one.output_tokens for one in ended),
        prompt_preview=told.prompt_preview if told else "",
        result_preview=said.result_preview,
        error_type=said.error_type,
        error_message=said.error_message,
        span_refs=said.span_refs,
        inferred=bool(told and told.inferred) or any(one.inferred for one in query.attempts),
    )


class AttemptFact(msgspec.Struct, frozen=True, gc=False):
    """An attempt with what is derived from its statements."""

    one: Attempt
    outcome: Outcome
    provider: str | None
    venue: str | None
    model: str | None
    simulated: bool
    started_ms: float | None
    ended_ms: float | None
    duration_ms: float | None


def attempt_fact(query: SubQuery, one: Attempt) -> AttemptFact:
    """What is derived from an attempt; `outcome` is empty while it has none."""
    asking, said = one.asking, one.outcome or _NO_OUTCOME
    began_ms = started_ms(query, one)
    ended_ms = said.at_ms if one.outcome is not None else None
    lasted_ms = _lasted_ms(began_ms, ended_ms, said)
    if asking is None:
        return AttemptFact(
            one, said, said.provider, None, said.model, False, began_ms, ended_ms, lasted_ms
        )
    provider = asking.provider if asking.provider is not None else said.provider
    model = asking.model if asking.model is not None else said.model
    simulated = asking.simulated is True
    return AttemptFact(
        one, said, provider, asking.venue, model, simulated, began_ms, ended_ms, lasted_ms
    )


def attempt_row(query: SubQuery, one: Attempt) -> AttemptRow:
    """One attempt of the sub-query as a row."""
    told, fact = query.submission, attempt_fact(query, one)
    said = fact.outcome
    return AttemptRow(
        number=query.number,
        query_id=query.query_id,
        replica=one.replica,
        attempt=one.attempt,
        status=one.status,
        executed=one.was_executed,
        hedge=one.attempt > 0 and is_hedge(query, one),
        role=told.role if told else None,
        fragment_id=told.fragment_id if told else None,
        provider=fact.provider,
        venue=fact.venue,
        model=fact.model,
        simulated=fact.simulated,
        started_ms=fact.started_ms,
        ended_ms=fact.ended_ms,
        duration_ms=fact.duration_ms,
        input_tokens=said.input_tokens,
        output_tokens=said.output_tokens,
        cached_tokens=said.cached_tokens,
        reasoning_tokens=said.reasoning_tokens,
        usage_quality=said.usage_quality,
        cost_msat=said.cost_msat,
        cost_usd_nanos=said.cost_usd_nanos,
        cost_source=said.cost_source,
        result_preview=said.result_preview,
        finish_reason=said.finish_reason,
        cache_hit=said.cache_hit,
        error_type=said.error_type,
        error_message=said.error_message,
        reason=said.reason,
        span_refs=said.span_refs,
        inferred=one.inferred,
        offset=one.offset,
        length=one.until - one.offset,
    )


def attempt_rows(query: SubQuery) -> list[AttemptRow]:
    """All attempts of the sub-query, in the order of replica and attempt."""
    ordered = sorted(query.attempts, key=lambda one: (one.replica, one.attempt))
    return [attempt_row(query, one) for one in ordered]


def started_ms(query: SubQuery, one: Attempt) -> float | None:
    """When the provider was asked; without a word of that, the submit, or what the return says."""
    if one.asking is not None:
        return one.asking.at_ms
    submitted = query.submission.at_ms if query.submission else None
    if one.outcome is None or one.outcome.duration_ms is None:
        return submitted
    said = one.outcome.at_ms - one.outcome.duration_ms
    return said if submitted is None else min(said, submitted)


def _lasted_ms(began_ms: float | None, ended_ms: float | None, said: Outcome) -> float | None:
    if began_ms is None or ended_ms is None:
        return said.duration_ms
    return max(0.0, ended_ms - began_ms)


def _decisive(query: SubQuery, status: AttemptStatus) -> Attempt | None:
    """The attempt that decided the status: of several, the first to return or the last to end."""
    same = [one for one in query.attempts if one.status == status]
    if not same:
        return None
    ended = [one for one in same if one.outcome is not None]
    if not ended:
        return same[-1]
    choose = min if status == "returned" else max
    return choose(ended, key=lambda one: (one.outcome.at_ms, one.outcome_seq))  # type: ignore[union-attr]


def _sum(parts: Iterable[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if known else None
