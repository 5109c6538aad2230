"""A window of time at one look: spend and success by hour or day, and what failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, and_, cast, func, select, text

from ...trace import msgpack_decoder
from ...trace.summary import SubQuery
from .. import listing
from .. import tables as t
from ..filter import Term
from ..index import Index
from .values import Bucket, FailureCount, Overview
from .within import of_runs, run_no_of

DAY_MS = 86_400_000
MOST_FAILURES = 50
_NOT_LOST = ("queued", "running", "completed")
_decode = msgpack_decoder(SubQuery).decode


class Span(NamedTuple):
    """From when until when, in steps of `width_ms`, which begin `offset_ms` earlier than UTC's."""

    since_ms: int
    until_ms: int
    width_ms: int = DAY_MS
    offset_ms: int = 0


class Part(NamedTuple):
    """Runs of one status that began in one step, summed."""

    place: int
    status: str
    runs: int
    cost_msat: int | None
    cost_usd_nanos: int | None
    apart_msat: int | None
    apart_usd_nanos: int | None
    unknown_cost: int | None
    sub_queries: int | None
    tokens: int | None
    unknown_usage: int | None
    citations: int | None
    citations_missing: int | None


def overview(index: Index, span: Span, terms: Sequence[Term]) -> Overview:
    """What began, ended well, cost and failed within the span."""
    parts = _parts(index, span, terms)
    by_place: dict[int, list[Part]] = {}
    for part in parts:
        by_place.setdefault(part.place, []).append(part)
    return Overview(
        since_ms=span.since_ms,
        until_ms=span.until_ms,
        buckets=[
            _bucket(place * span.width_ms - span.offset_ms, of_place)
            for place, of_place in sorted(by_place.items())
        ],
        total=_bucket(span.since_ms, parts),
        failures=failures(index, span, terms),
    )


def _parts(index: Index, span: Span, terms: Sequence[Term]) -> list[Part]:
    runs = t.runs.c
    place = cast((runs.created_at_ms + span.offset_ms) / span.width_ms, Integer).label("place")
    sums = [func.sum(runs[name]) for name in Part._fields[3:]]
    statement = (
        select(place, runs.status, func.count(), *sums)
        .where(_began_in(span), of_runs(terms, runs.run_no))
        .group_by(place, runs.status)
    )
    return [Part(*row) for row in index.select(statement)]


def _began_in(span: Span) -> ColumnElement[bool]:
    began = t.runs.c.created_at_ms
    return and_(began >= span.since_ms, began < span.until_ms)


def _bucket(at_ms: int, parts: Iterable[Part]) -> Bucket:
    parts = list(parts)
    lost = [part for part in parts if part.status not in _NOT_LOST]
    statuses: dict[str, int] = {}
    for part in parts:
        statuses[part.status] = statuses.get(part.status, 0) + part.runs
    return Bucket(
        at_ms=at_ms,
        runs=sum(statuses.values()),
        statuses=statuses,
        cost_msat=_sum(part.cost_msat for part in parts),
        cost_usd_nanos=_sum(part.cost_usd_nanos for part in parts),
        apart_msat=_sum(part.apart_msat for part in parts) or 0,
        apart_usd_nanos=_sum(part.apart_usd_nanos for part in parts) or 0,
        unknown_cost=_sum(part.unknown_cost for part in parts) or 0,
        lost_msat=_sum(part.cost_msat for part in lost),
        lost_usd_nanos=_sum(part.cost_usd_nanos for part in lost),
        lost_apart_msat=_sum(part.apart_msat for part in lost) or 0,
        lost_apart_usd_nanos=_sum(part.apart_usd_nanos for part in lost) or 0,
        sub_queries=_sum(part.sub_queries for part in parts) or 0,
        tokens=_sum(part.tokens for part in parts),
        unknown_usage=_sum(part.unknown_usage for part in parts) or 0,
        citations=_sum(part.citations for part in parts) or 0,
        citations_missing=_sum(part.citations_missing for part in parts) or 0,
    )


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


# ---------------------------------------------------------------- what failed


def failures(index: Index, span: Span, terms: Sequence[Term]) -> list[FailureCount]:
    """Ways of failing of attempts and of runs, the most frequent first."""
    found = [*_failed_attempts(index, span, terms), *_failed_runs(index, span, terms)]
    found.sort(key=lambda failure: (-(failure.attempts or failure.runs), failure.error))
    return found[:MOST_FAILURES]


def _failed_attempts(index: Index, span: Span, terms: Sequence[Term]) -> list[FailureCount]:
    table = t.attempts.c
    error = func.coalesce(table.error_type, table.status).label("error")
    run_no = run_no_of(table.key)
    statement = (
        select(
            error, table.status, func.count(), func.count(run_no.distinct()),
            func.group_concat(table.provider.distinct()), func.max(table.ended_at_ms), table.key,
        )
        .where(
            table.ended_at_ms >= span.since_ms, table.ended_at_ms < span.until_ms,
            text(t.FAILED), of_runs(terms, run_no),
        )
        .group_by(error, table.status)
        .order_by(func.count().desc())
        .limit(MOST_FAILURES)
    )  # fmt: skip
    return [_of_attempts(index, *row) for row in index.select(statement)]


def _of_attempts(
    index: Index, error: str, status: Any, attempts: int, runs: int, providers: str | None,
    last_at_ms: int, key: int,
) -> FailureCount:  # fmt: skip
    ((run_id, state),) = index.rows(
        "SELECT runs.run_id, q.state FROM sub_queries AS q JOIN runs USING (run_no) "
        "WHERE q.key = ?",
        (key,),
    )
    query = _decode(state)
    messages = [one.outcome.error_message for one in query.attempts if one.outcome is not None]
    return FailureCount(
        error=error,
        status=status,
        attempts=attempts,
        runs=runs,
        message=next((message for message in reversed(messages) if message), None),
        providers=sorted(providers.split(",")) if providers else [],
        last_at_ms=last_at_ms,
        last_run=run_id,
        last_query=query.query_id,
    )


def _failed_runs(index: Index, span: Span, terms: Sequence[Term]) -> list[FailureCount]:
    runs = t.runs.c
    error = func.coalesce(runs.error_type, runs.end_reason, runs.status).label("error")
    statement = (
        select(error, func.count(), func.max(runs.created_at_ms), runs.run_id)
        .where(
            _began_in(span),
            runs.status.in_(("failed", "interrupted")),
            of_runs(terms, runs.run_no),
        )
        .group_by(error)
        .order_by(func.count().desc())
        .limit(MOST_FAILURES)
    )
    return [
        FailureCount(
            error=said, status="run", attempts=0, runs=count,
            message=listing.row(index, run_id).summary.error_message,
            providers=[], last_at_ms=last, last_run=run_id, last_query=None,
        )
        for said, count, last, run_id in index.select(statement)
    ]  # fmt: skip
