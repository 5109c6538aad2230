"""What a run's trace says of before: what was spent, and what a kill left open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from ..folder import RunFolder, read_trace
from ..formats.cache_writes import from_attributes
from ..money.prices import NOT_WRITTEN, Cost, Price, Written, cost
from ..trace import (
    BudgetSettle,
    Note,
    Stamped,
    SubQueryCancel,
    SubQueryReturn,
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


def past_of(
    folder: RunFolder, price_of: PriceOf, counted: Mapping[str, Cost] | None = None
) -> Past:
    """The past of a run on disk. An answer without its cost counts by its tokens and price.

    `counted`: as what a gateway counted calls that another program records, by sub-query; the
    larger of what both say holds.
    """
    return past_in(read_trace(folder.trace), price_of, counted)


def past_in(
    lines: Iterable[TraceLine], price_of: PriceOf, counted: Mapping[str, Cost] | None = None
) -> Past:
    fold, written = Fold(), _CacheWrites(lines)
    fold.take(written)
    fold.settle()
    spent = dict(counted or {})
    ends: list[TraceEvent] = []
    for query in fold.queries.values():
        told = [_spent(one, price_of, written.of(query.query_id, one)) for one in query.attempts]
        spent[query.query_id] = _larger(_sum(told), spent.get(query.query_id, Cost()))
        ends += [end for one in query.attempts for end in _ends(query.query_id, one)]
    if held := [_amount(end) for end in ends if isinstance(end, BudgetSettle)]:
        ends.append(held_back(held))
    return Past(_sum(spent.values()), tuple(ends))


class _CacheWrites:
    """Passes lines on, and remembers what answers say of tokens that went into a cache."""

    def __init__(self, lines: Iterable[TraceLine]) -> None:
        self._lines = lines
        self._found: dict[tuple[str, int, int], Written] = {}

    def __iter__(self) -> Iterator[TraceLine]:
        for line in self._lines:
            event = line.event if isinstance(line, Stamped) else None
            if isinstance(event, SubQueryReturn):
                self._note(event)
            yield line

    def of(self, query_id: str, one: Attempt) -> Written:
        return self._found.get((query_id, one.replica, one.attempt), NOT_WRITTEN)

    def _note(self, event: SubQueryReturn) -> None:
        written = Written(*from_attributes(event.attributes))
        key = (event.query_id, event.replica, event.attempt)
        if written != NOT_WRITTEN:
            self._found[key] = written
        else:
            self._found.pop(key, None)


def _sum(costs: Iterable[Cost]) -> Cost:
    """What is unknown adds nothing."""
    costs = list(costs)
    return Cost(sum(one.usd_nanos or 0 for one in costs), sum(one.msat or 0 for one in costs))


def _larger(one: Cost, other: Cost) -> Cost:
    return Cost(max(one.usd_nanos or 0, other.usd_nanos or 0), max(one.msat or 0, other.msat or 0))


def _amount(settled: BudgetSettle) -> Cost:
    return Cost(settled.actual_usd_nanos, settled.actual_msat)


def _spent(one: Attempt, price_of: PriceOf, written: Written) -> Cost:
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
    return cost(usage, price_of(model), written)


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


def held_back(held: list[Cost]) -> Note:
    """That a budget counts what nobody knows, and how much of it."""
    usd_nanos, msat = _sum(held)
    usd, sats = (usd_nanos or 0) / 1e9, (msat or 0) / 1e3
    amounts = [f"${usd:.6f}"] * (usd > 0) + [f"{sats:g} sats"] * (sats > 0)
    return Note(
        level="warning",
        message=f"{len(held)} calls were under way when the gateway was killed, and nobody "
        f"knows what they cost; the budget counts all that was reserved for them: "
        f"{' and '.join(amounts) or 'nothing'}",
    )
