"""What a run's trace says of before: what was spent, and what a kill left open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ..folder import RunFolder, read_trace
from ..money.prices import Cost, Price, cost
from ..trace import (
    BudgetSettle,
    Note,
    SubQueryCancel,
    TraceEvent,
    TraceLine,
    Usage,
)
from ..trace.summary import Fold
from ..trace.summary.state import Attempt

PriceOf = Callable[[str | None], Price | None]


class Past(NamedTuple):
    """`spent` in each unit; `ends` are the events that end what nobody ended, and say so."""

    spent: Cost
    ends: tuple[TraceEvent, ...]


def past_of(folder: RunFolder, price_of: PriceOf) -> Past:
    """The past of a run on disk. An answer without its cost counts by its tokens and price."""
    return past_in(read_trace(folder.trace), price_of)


def past_in(lines: Iterable[TraceLine], price_of: PriceOf) -> Past:
    fold = Fold()
    fold.take(lines)
    fold.settle()
    msat = usd_nanos = 0
    ends: list[TraceEvent] = []
    for query in fold.queries.values():
        for one in query.attempts:
            spent = _spent(one, price_of)
            msat += spent.msat or 0
            usd_nanos += spent.usd_nanos or 0
            ends += _ends(query.query_id, one)
    if held := [end for end in ends if isinstance(end, BudgetSettle)]:
        ends.append(_held_back(held))
    return Past(Cost(usd_nanos=usd_nanos, msat=msat), tuple(ends))


def _spent(one: Attempt, price_of: PriceOf) -> Cost:
    """As it was settled; else as it was told; of one that nobody ended, all that was reserved."""
    settled, reserved, said = one.settlement, one.reservation, one.outcome
    if settled is not None and (settled.msat is not None or settled.usd_nanos is not None):
        return Cost(usd_nanos=settled.usd_nanos, msat=settled.msat)
    if reserved is not None and settled is None:
        return Cost(usd_nanos=reserved.usd_nanos, msat=reserved.msat)
    if said is None or said.status != "returned":
        return Cost()
    if said.cost_usd_nanos is not None or said.cost_msat is not None:
        return Cost(usd_nanos=said.cost_usd_nanos, msat=said.cost_msat)
    model = one.asking.model if one.asking is not None else said.model
    usage = Usage(input=said.input_tokens, output=said.output_tokens, cached=said.cached_tokens)
    return cost(usage, price_of(model))


def _ends(query_id: str, one: Attempt) -> list[TraceEvent]:
    ends: list[TraceEvent] = []
    if one.asking is not None and one.outcome is None:
        ends.append(
            SubQueryCancel(
                query_id=query_id, attempt=one.attempt, replica=one.replica, reason="interrupted"
            )
        )
    held = one.reservation
    if held is not None and one.settlement is None:
        ends.append(
            BudgetSettle(
                query_id=query_id,
                attempt=one.attempt,
                replica=one.replica,
                actual_msat=held.msat,
                actual_usd_nanos=held.usd_nanos,
                released_msat=None if held.msat is None else 0,
                released_usd_nanos=None if held.usd_nanos is None else 0,
            )
        )
    return ends


def _held_back(settled: list[BudgetSettle]) -> Note:
    """That a budget counts what nobody knows, and how much of it."""
    usd = sum(one.actual_usd_nanos or 0 for one in settled) / 1e9
    sats = sum(one.actual_msat or 0 for one in settled) / 1e3
    amounts = [f"${usd:.6f}"] * (usd > 0) + [f"{sats:g} sats"] * (sats > 0)
    return Note(
        level="warning",
        message=f"{len(settled)} calls were under way when the gateway was killed, and nobody "
        f"knows what they cost; the budget counts all that was reserved for them: "
        f"{' and '.join(amounts) or 'nothing'}",
    )
