"""Events of sub-queries and their attempts, into a picture.

The rules are those of the summary: the last statement stands, a return above a timeout above a
cancel, and a sub-query is what its attempts make of it. That last part is made up for the sub-query
once for all the lines that are taken together: it is `stale` until then.
"""

from __future__ import annotations

from .. import events as e
from .columns import NAN
from .picture import Picture, known
from .tables import (
    ASKED,
    CACHE_HIT,
    CANCELLED,
    ESTIMATED_USAGE,
    FAILED,
    HEDGE,
    INFERRED,
    NAMED_MODEL,
    NAMED_PROVIDER,
    PARENT_INFERRED,
    RETURNED,
    ROLES,
    RUNNING,
    SIMULATED,
    SUBMITTED,
    TIMEOUT,
    UNKNOWN_COST,
    Attempts,
)
from .times import microseconds

_RANK = {SUBMITTED: 0, RUNNING: 0, CANCELLED: 1, TIMEOUT: 2, FAILED: 3, RETURNED: 3}
_FURTHEST = 1 << 43


def submit(p: Picture, event: e.SubQuerySubmit, at_us: float, seq: int) -> None:
    queries, row = p.queries, p.query(event.query_id)
    if not p.takes_place("submission", row, queries.submitted_us[row], at_us):
        return
    queries.submitted_us[row] = at_us
    queries.parent[row] = 0 if event.parent_id is None else p.thing(event.parent_id)
    queries.depth[row] = known(event.depth)
    queries.role[row] = -1 if event.role is None else ROLES.index(event.role)
    queries.fragment[row] = p.fragment(event.fragment_id)
    queries.flags[row] = (INFERRED if event.inferred else 0) | (
        PARENT_INFERRED if event.parent_inferred else 0
    )
    queries.prompt[row], queries.prompt_ref[row] = event.prompt_preview, event.prompt_ref
    p.stale.add(row)


def execute(p: Picture, event: e.SubQueryExecute, at_us: float, seq: int) -> None:
    attempts, row = p.attempts, _attempt(p, event, seq)
    if row < 0:
        return
    asked_us = attempts.started_us[row] if attempts.flags[row] & ASKED else None
    if not p.takes_place("asking", row, asked_us, at_us):
        return
    attempts.started_us[row] = at_us
    if attempts.state[row] == SUBMITTED:
        attempts.state[row] = RUNNING
    _ask(p, row, event)
    p.stale.add(attempts.query[row])


def returned(p: Picture, event: e.SubQueryReturn, at_us: float, seq: int) -> None:
    attempts, row = p.attempts, _attempt(p, event, seq)
    state = RETURNED if event.success else FAILED
    if row < 0 or not _conclude(p, row, state, at_us, seq, event.duration_ms):
        return
    _spend(attempts, row, event)
    error, flags = event.error, attempts.flags[row]
    attempts.span_refs[row] = len(event.span_refs)
    attempts.result[row], attempts.result_ref[row] = event.result_preview, event.result_ref
    if error is not None:
        attempts.reason[row] = p.names["reason"].index(error.type)
        attempts.error[row] = error.message
    if not flags & NAMED_PROVIDER:
        attempts.provider[row] = p.names["provider"].index(event.provider_id)
    if not flags & NAMED_MODEL:
        attempts.model[row] = p.names["model"].index(event.model_id)
    if event.cache_hit:
        attempts.flags[row] |= CACHE_HIT
    p.stale.add(attempts.query[row])


def timeout(p: Picture, event: e.SubQueryTimeout, at_us: float, seq: int) -> None:
    row = _attempt(p, event, seq)
    if row >= 0 and _conclude(p, row, TIMEOUT, at_us, seq, event.elapsed_ms):
        p.stale.add(p.attempts.query[row])


def cancel(p: Picture, event: e.SubQueryCancel, at_us: float, seq: int) -> None:
    row = _attempt(p, event, seq)
    if row >= 0 and _conclude(p, row, CANCELLED, at_us, seq, None):
        p.attempts.reason[row] = p.names["reason"].index(event.reason or None)
        p.stale.add(p.attempts.query[row])


def reserve(p: Picture, event: e.BudgetReserve, at_us: float, seq: int) -> None:
    attempts, row = p.attempts, _attempt(p, event, seq)
    if row >= 0 and p.takes_place("reservation", row, attempts.reserved_us[row], at_us):
        attempts.reserved_us[row] = at_us
        attempts.reserved_msat[row] = known(event.amount_msat)
        attempts.reserved_usd_nanos[row] = known(event.amount_usd_nanos)


def settle(p: Picture, event: e.BudgetSettle, at_us: float, seq: int) -> None:
    attempts, row = p.attempts, _attempt(p, event, seq)
    if row >= 0 and p.takes_place("settlement", row, attempts.settled_us[row], at_us):
        attempts.settled_us[row] = at_us
        attempts.settled_msat[row] = known(event.actual_msat)
        attempts.settled_usd_nanos[row] = known(event.actual_usd_nanos)
        attempts.overage_msat[row] = known(event.overage_msat)
        attempts.overage_usd_nanos[row] = known(event.overage_usd_nanos)


def refresh_stale(p: Picture) -> None:
    """Everything that follows, of the sub-queries that something was said about."""
    for query in p.stale:
        refresh(p, query)
    p.stale.clear()


def refresh(p: Picture, query: int) -> None:
    """What follows from the statements about a sub-query: its state, and the marks of attempts."""
    queries, attempts = p.queries, p.attempts
    row, submitted_us = queries.first[query], queries.submitted_us[query]
    while row >= 0:
        _mark(attempts, row, submitted_us)
        if attempts.attempt[row] > 0:
            _mark_hedge(attempts, queries.first[query], row)
        row = attempts.next[row]
    row = queries.first[query]
    if row < 0:
        return
    decisive = row if attempts.next[row] < 0 else _decisive(attempts, row)
    queries.decisive[query] = decisive
    queries.state[query] = attempts.state[decisive]
    queries.ended_us[query] = attempts.ended_us[decisive]


def link(p: Picture, row: int) -> None:
    """Hang the attempt on its sub-query, behind those it has."""
    queries, attempts = p.queries, p.attempts
    query = attempts.query[row]
    if queries.first[query] < 0:
        queries.first[query] = row
    else:
        attempts.next[queries.last[query]] = row
    queries.last[query] = row


def _attempt(p: Picture, event: e.OfAttempt, seq: int) -> int:
    """The row of the attempt that the event is about; -1 where its number is damage."""
    number, replica = event.attempt, event.replica
    if (number or replica) and not (
        -_FURTHEST < number < _FURTHEST and -_FURTHEST < replica < _FURTHEST
    ):
        return -1
    attempts, query = p.attempts, p.query(event.query_id)
    row, numbers, replicas = p.queries.first[query], attempts.attempt, attempts.replica
    while row >= 0 and (numbers[row] != number or replicas[row] != replica):
        row = attempts.next[row]
    if row < 0:
        row = attempts.add()
        attempts.query[row], attempts.first_seq[row] = query, seq
        attempts.attempt[row], attempts.replica[row] = number, replica
        link(p, row)
        p.stale.add(query)
    attempts.last_seq[row] = seq
    if event.inferred:
        attempts.flags[row] |= INFERRED
    return row


def _ask(p: Picture, row: int, event: e.SubQueryExecute) -> None:
    attempts, flags = p.attempts, ASKED
    if event.provider_id is not None:
        attempts.provider[row] = p.names["provider"].index(event.provider_id)
        flags |= NAMED_PROVIDER
    if event.model_id is not None:
        attempts.model[row] = p.names["model"].index(event.model_id)
        flags |= NAMED_MODEL
    attempts.venue[row] = p.names["venue"].index(event.venue)
    if event.simulated:
        flags |= SIMULATED
        p.run.simulated = True
    attempts.flags[row] &= ~(NAMED_PROVIDER | NAMED_MODEL | SIMULATED)
    attempts.flags[row] |= flags
    attempts.took_us[row] = NAN


def _conclude(
    p: Picture, row: int, state: int, at_us: float, seq: int, took_ms: float | None
) -> bool:
    """Whether this outcome stands. If so the one before is wiped out."""
    attempts = p.attempts
    held, rank, ended_us = _RANK[attempts.state[row]], _RANK[state], attempts.ended_us[row]
    if held > rank or (held == rank and not p.takes_place("outcome", row, ended_us, at_us)):
        return False
    if held != rank or ended_us != at_us:
        attempts.outcome_seq[row] = seq
    attempts.state[row], attempts.ended_us[row] = state, at_us
    asked = attempts.flags[row] & ASKED
    attempts.took_us[row] = NAN if asked or took_ms is None else microseconds(took_ms)
    if held:
        _wipe(attempts, row)
    return True


def _wipe(attempts: Attempts, row: int) -> None:
    attempts.cost_msat[row] = attempts.cost_usd_nanos[row] = NAN
    attempts.input_tokens[row] = attempts.output_tokens[row] = NAN
    attempts.cached_tokens[row] = attempts.reasoning_tokens[row] = NAN
    attempts.span_refs[row] = NAN
    attempts.reason[row] = -1
    attempts.result[row] = attempts.result_ref[row] = attempts.error[row] = None
    attempts.flags[row] &= ~(CACHE_HIT | ESTIMATED_USAGE)


def _spend(attempts: Attempts, row: int, event: e.SubQueryReturn) -> None:
    """Into an attempt of which nothing else was said."""
    attempts.cost_msat[row] = known(event.cost_msat)
    if event.cost_usd_nanos is not None:
        attempts.cost_usd_nanos[row] = known(event.cost_usd_nanos)
    if (usage := event.usage) is not None:
        attempts.input_tokens[row] = known(usage.input)
        attempts.output_tokens[row] = known(usage.output)
        attempts.cached_tokens[row] = known(usage.cached)
        attempts.reasoning_tokens[row] = known(usage.reasoning)
    if event.usage_quality == "estimated" or event.usage_quality == "shared":
        attempts.flags[row] |= ESTIMATED_USAGE


def _mark(attempts: Attempts, row: int, submitted_us: float) -> None:
    """When the attempt began, where nobody said so; and whether its cost is not known."""
    state, flags = attempts.state[row], attempts.flags[row]
    if not flags & ASKED:
        told_us = attempts.ended_us[row] - attempts.took_us[row]
        attempts.started_us[row] = told_us if told_us < submitted_us else submitted_us
        if submitted_us != submitted_us:
            attempts.started_us[row] = told_us
    was_executed = flags & ASKED or state in (RETURNED, FAILED)
    costs_nothing_known = (
        attempts.cost_msat[row] != attempts.cost_msat[row]
        and attempts.cost_usd_nanos[row] != attempts.cost_usd_nanos[row]
    )
    if was_executed and state >= RETURNED and costs_nothing_known:
        attempts.flags[row] = flags | UNKNOWN_COST
    else:
        attempts.flags[row] = flags & ~UNKNOWN_COST


def _mark_hedge(attempts: Attempts, first: int, row: int) -> None:
    """A hedge began while an earlier attempt of the same replica was under way."""
    number, replica = attempts.attempt[row], attempts.replica[row]
    began_us, other, is_hedge = attempts.started_us[row], first, False
    while other >= 0:
        is_hedge = is_hedge or (
            attempts.replica[other] == replica
            and attempts.attempt[other] < number
            and attempts.flags[other] & ASKED != 0
            and not attempts.ended_us[other] <= began_us
        )
        other = attempts.next[other]
    if is_hedge and attempts.flags[row] & ASKED:
        attempts.flags[row] |= HEDGE
    else:
        attempts.flags[row] &= ~HEDGE


def _decisive(attempts: Attempts, row: int) -> int:
    """The first to return; else the last that is under way; else the last to end or be heard of."""
    best = row
    while row >= 0:
        if _decides(attempts, row, best):
            best = row
        row = attempts.next[row]
    return best


_WEIGHT = {SUBMITTED: 0, CANCELLED: 1, TIMEOUT: 1, FAILED: 1, RUNNING: 2, RETURNED: 3}


def _decides(attempts: Attempts, row: int, best: int) -> bool:
    """Whether the attempt outweighs the best so far."""
    state, weight = attempts.state[row], _WEIGHT[attempts.state[row]]
    if weight != _WEIGHT[attempts.state[best]]:
        return weight > _WEIGHT[attempts.state[best]]
    if state in (SUBMITTED, RUNNING):
        return True
    ended_us, best_us = attempts.ended_us[row], attempts.ended_us[best]
    if ended_us == best_us:
        later = attempts.outcome_seq[row] > attempts.outcome_seq[best]
    else:
        later = ended_us > best_us
    return later != (state == RETURNED)
