"""The leaderboard: what each provider's attempts of a window of time add up to.

Full hours come from the hourly rollups. The rest of the hour in which the window begins or ends
comes from the attempts themselves: those within, or, when fewer, those without, taken out again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from ..errors import BadInput
from .index import Index
from .rollup import HOUR_MS, Cell, CellKey, Fact, percentile_ms
from .rows import ProviderRow
from .tables import NUMBER_BITS

_CELLS = (
    "SELECT hour, provider, model, venue, simulated, cell FROM rollups "
    "WHERE hour >= ? AND hour < ? AND (? IS NULL OR model = ?) AND (? IS NULL OR venue = ?)"
)
_ATTEMPTS = (
    "SELECT provider, ifnull(model, ''), ifnull(venue, ''), simulated, "  # noqa: S608
    f"key >> {NUMBER_BITS}, status, ended_at_ms, duration_ms, "
    "CASE WHEN input_tokens IS NULL THEN output_tokens "
    "ELSE input_tokens + ifnull(output_tokens, 0) END, cost_msat, cost_usd_nanos "
    "FROM attempts WHERE ended_at_ms >= ? AND ended_at_ms < ? AND provider IS NOT NULL "
    "AND (? IS NULL OR model = ?) AND (? IS NULL OR venue = ?)"
)
_decode_cell = msgspec.msgpack.Decoder(Cell).decode


class Window(NamedTuple):
    """From `since_ms` until before `until_ms`, of one model or venue if they are named."""

    since_ms: int
    until_ms: int
    model: str | None = None
    venue: str | None = None


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
    for key, cell in full_hours(index, window):
        standing(standings, key).cell.merge(cell)
    for sign, since_ms, until_ms in edges(window):
        for fact in facts(index, window, since_ms, until_ms):
            standing(standings, fact.key).cell.put(fact, sign)
    rows = [row_of(key, one) for key, one in standings.items() if one.cell.attempts]
    return sorted(rows, key=_ORDERS[order])


def hours_of(window: Window) -> tuple[int, int]:
    """First hour and hour after the last that are taken from the rollups.

    An hour that lies half or more in the window is taken whole, and its rest taken out.
    """
    first = (window.since_ms + HOUR_MS // 2) // HOUR_MS
    return first, max(first, (window.until_ms + HOUR_MS // 2) // HOUR_MS)


def edges(window: Window) -> Iterator[tuple[int, int, int]]:
    """What to put in (1) or take out (-1), from when, until when."""
    first, after = hours_of(window)
    if first == after:
        yield (1, window.since_ms, window.until_ms)
        return
    begin_ms, end_ms = first * HOUR_MS, after * HOUR_MS
    if window.since_ms < begin_ms:
        yield (1, window.since_ms, begin_ms)
    else:
        yield (-1, begin_ms, window.since_ms)
    if window.until_ms > end_ms:
        yield (1, end_ms, window.until_ms)
    else:
        yield (-1, window.until_ms, end_ms)


def full_hours(index: Index, window: Window) -> Iterator[tuple[CellKey, Cell]]:
    model, venue = window.model, window.venue
    for *key, cell in index.rows(_CELLS, (*hours_of(window), model, model, venue, venue)):
        hour, provider, model_of, venue_of, simulated = key
        yield (hour, provider, model_of, venue_of, bool(simulated)), _decode_cell(cell)


def facts(index: Index, window: Window, since_ms: int, until_ms: int) -> Iterator[Fact]:
    if since_ms >= until_ms:
        return
    model, venue = window.model, window.venue
    values = (since_ms, until_ms, model, model, venue, venue)
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
    known_cost = max(cell.known_msat, cell.known_usd_nanos)
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
        msat_per_1k_tokens=_per_1k(cell.cost_msat, cell.priced_tokens_msat),
        usd_nanos_per_1k_tokens=_per_1k(cell.cost_usd_nanos, cell.priced_tokens_usd_nanos),
        unknown_cost=cell.attempts - known_cost,
        runs=len(cell.runs),
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
