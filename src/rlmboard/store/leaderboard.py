"""The leaderboard: what each provider's attempts of a window of time add up to.

Full hours come from the hourly rollups, full slots of five minutes before and after them from
theirs, and the minutes that are left at both ends from the attempts themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from ..errors import BadInput
from ..trace import msgpack_decoder
from .filter import Term
from .index import Index
from .keys import NUMBER_BITS
from .rollup import HOUR_MS, SLOT_MS, Cell, CellKey, Fact, percentile_ms
from .rows import ProviderRow

_NAMED = "AND (? IS NULL OR model = ?) AND (? IS NULL OR venue = ?) AND (? IS NULL OR provider = ?)"
_HOURS = (
    "SELECT hour, provider, model, venue, simulated, cell FROM rollups "  # noqa: S608
    f"WHERE hour >= ? AND hour < ? {_NAMED}"
)
_SLOTS = (
    f"SELECT slot / {HOUR_MS // SLOT_MS}, provider, model, venue, simulated, cell FROM slots "  # noqa: S608
    f"WHERE slot >= ? AND slot < ? {_NAMED}"
)
_ATTEMPTS = (
    "SELECT provider, ifnull(model, ''), ifnull(venue, ''), simulated, "  # noqa: S608
    f"key >> {NUMBER_BITS}, status, ended_at_ms, duration_ms, "
    "CASE WHEN input_tokens IS NULL THEN output_tokens "
    "ELSE input_tokens + ifnull(output_tokens, 0) END, cost_msat, cost_usd_nanos "
    f"FROM attempts WHERE ended_at_ms >= ? AND ended_at_ms < ? AND provider IS NOT NULL {_NAMED}"
)
_decode_cell = msgpack_decoder(Cell).decode


class Window(NamedTuple):
    """From `since_ms` until before `until_ms`, of one model, venue or provider if named."""

    since_ms: int
    until_ms: int
    model: str | None = None
    venue: str | None = None
    provider: str | None = None

    @property
    def named(self) -> tuple[str | None, ...]:
        """What is named, twice each: whether it is, and what."""
        return tuple(name for name in self[2:] for _ in range(2))


class Standing(msgspec.Struct):
    """A provider's sum over the window, and under which models and venues it answered."""

    cell: Cell
    models: set[str]
    venues: set[str]


def leaderboard(index: Index, window: Window, order: str = "latency") -> list[ProviderRow]:
    """A row for each provider that ended an attempt in the window. Raises BadInput."""
    if order not in _ORDERS:
        raise BadInput(f"providers cannot be sorted by '{order}': use {', '.join(_ORDERS)}")
    standings: dict[tuple[str, bool], Standing] = {}
    for key, cell in cells(index, window):
        standing(standings, key).cell.merge(cell)
    rows = [row_of(key, one) for key, one in standings.items() if one.cell.attempts]
    return sorted(rows, key=_ORDERS[order])


class Split(NamedTuple):
    """A window in parts: full hours, full slots, and stretches of time in ms, each half-open."""

    hours: tuple[int, int]
    slots: list[tuple[int, int]]
    rest_ms: list[tuple[int, int]]


def split(window: Window) -> Split:
    """The largest parts that lie wholly in the window."""
    since_ms, until_ms = window.since_ms, max(window.since_ms, window.until_ms)
    hours = _whole(since_ms, until_ms, HOUR_MS)
    slots = _around(_whole(since_ms, until_ms, SLOT_MS), hours, HOUR_MS // SLOT_MS)
    rest_ms = _around((since_ms, until_ms), _whole(since_ms, until_ms, SLOT_MS), SLOT_MS)
    return Split(hours, slots, rest_ms)


def cells(
    index: Index, window: Window, terms: Sequence[Term] = ()
) -> Iterator[tuple[CellKey, Cell]]:
    """All that ended in the window, by the hour in which it did; of the runs that fit, if named.

    Sums are kept of all runs together: of some of them each attempt is looked at.
    """
    if terms:
        yield from _cells_of(_facts_of(index, window, terms))
        return
    parts = split(window)
    yield from _stored(index, _HOURS, window, parts.hours)
    for slots in parts.slots:
        yield from _stored(index, _SLOTS, window, slots)
    yield from _cells_of(
        fact
        for begin_ms, end_ms in parts.rest_ms
        for fact in _facts(index, window, begin_ms, end_ms)
    )


def _cells_of(facts: Iterable[Fact]) -> Iterable[tuple[CellKey, Cell]]:
    rest: dict[CellKey, Cell] = {}
    for fact in facts:
        rest.setdefault(fact.key, Cell()).put(fact)
    return rest.items()


def _whole(since_ms: int, until_ms: int, width_ms: int) -> tuple[int, int]:
    first = -(-since_ms // width_ms)
    return first, max(first, until_ms // width_ms)


def _around(outer: tuple[int, int], inner: tuple[int, int], width: int) -> list[tuple[int, int]]:
    """What of the outer stretch the inner one leaves, which is counted in steps of `width`."""
    if inner[0] == inner[1]:
        return [outer] if outer[0] < outer[1] else []
    ends = ((outer[0], inner[0] * width), (inner[1] * width, outer[1]))
    return [(begin, end) for begin, end in ends if begin < end]


def _stored(
    index: Index, sql: str, window: Window, within: tuple[int, int]
) -> Iterator[tuple[CellKey, Cell]]:
    for *key, cell in index.rows(sql, (*within, *window.named)):
        hour, provider, model_of, venue_of, simulated = key
        yield (hour, provider, model_of, venue_of, bool(simulated)), _decode_cell(cell)


def _facts_of(index: Index, window: Window, terms: Sequence[Term]) -> Iterator[Fact]:
    from .queries import run_nos  # SQLAlchemy, for the few who may not see all

    fitting = run_nos(index, terms)
    facts = _facts(index, window, window.since_ms, window.until_ms)
    return (fact for fact in facts if fact.run_no in fitting)


def _facts(index: Index, window: Window, since_ms: int, until_ms: int) -> Iterator[Fact]:
    values = (since_ms, until_ms, *window.named)
    for provider, of_model, of_venue, simulated, run_no, *rest in index.rows(_ATTEMPTS, values):
        key = (rest[1] // HOUR_MS, provider, of_model, of_venue, bool(simulated))
        yield Fact(key, run_no, *rest)


def standing(standings: dict[tuple[str, bool], Standing], key: CellKey) -> Standing:
    _, provider, model, venue, simulated = key
    found = standings.get((provider, simulated))
    if found is None:
        found = standings[provider, simulated] = Standing(Cell(), set(), set())
    found.models.add(model)
    found.venues.add(venue)
    return found


def row_of(key: tuple[str, bool], standing: Standing) -> ProviderRow:
    cell = standing.cell
    judged = cell.returned + cell.failed + cell.timed_out
    return ProviderRow(
        provider=key[0],
        venues=tuple(sorted(filter(None, standing.venues))),
        models=tuple(sorted(filter(None, standing.models))),
        simulated=key[1],
        attempts=cell.attempts,
        returned=cell.returned,
        failed=cell.failed,
        timed_out=cell.timed_out,
        cancelled=cell.cancelled,
        success_rate=cell.returned / judged if judged else None,
        p50_ms=percentile_ms(cell.bins, 0.50),
        p99_ms=percentile_ms(cell.bins, 0.99),
        tokens=cell.tokens if cell.known_tokens else None,
        cost_msat=cell.cost_msat if cell.known_msat else None,
        cost_usd_nanos=cell.cost_usd_nanos if cell.known_usd_nanos else None,
        msat_per_1k_tokens=_per_1k(cell.priced_msat, cell.priced_tokens_msat),
        usd_nanos_per_1k_tokens=_per_1k(cell.priced_usd_nanos, cell.priced_tokens_usd_nanos),
        apart_msat=cell.apart_msat,
        apart_usd_nanos=cell.apart_usd_nanos,
        unknown_cost=cell.unknown_cost,
        runs=cell.runs,
        last_seen_ms=cell.last_ms,
    )


def _per_1k(cost: int, tokens: int) -> float | None:
    return cost * 1000 / tokens if tokens > 0 else None


def _last(value: float | None) -> float:
    return float("inf") if value is None else value


_ORDERS: dict[str, Callable[[ProviderRow], Any]] = {
    "latency": lambda row: (_last(row.p50_ms), row.provider),
    "p99": lambda row: (_last(row.p99_ms), row.provider),
    "success": lambda row: (-(row.success_rate or 0.0), row.provider),
    "cost": lambda row: (
        _last(row.msat_per_1k_tokens), _last(row.usd_nanos_per_1k_tokens), row.provider
    ),
    "attempts": lambda row: (-row.attempts, row.provider),
    "runs": lambda row: (-row.runs, row.provider),
    "last_seen": lambda row: (-row.last_seen_ms, row.provider),
    "name": lambda row: row.provider,
}  # fmt: skip
