"""Providers over time: the leaderboard with its small pictures, and a provider's own page.

Hours come from the rollups, the edges of a window from the attempts themselves; see
`leaderboard.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import ColumnElement, and_, func, select, text

from ...errors import BadInput
from .. import leaderboard as board
from .. import tables as t
from ..costs import CURRENCIES
from ..filter import Term
from ..index import Index
from ..leaderboard import Standing, Window
from ..rollup import HOUR_MS, Cell, percentile_ms
from ..rows import ProviderRow
from .latency import histogram
from .values import (
    ErrorCount,
    Hours,
    ProviderAttempt,
    ProviderItem,
    ProviderPage,
    ProviderWhole,
)
from .within import of_runs, run_no_of

FAR_MS = 1 << 50
LONGEST_HOURLY_H = 14 * 24
Places: TypeAlias = dict[tuple[str, bool], dict[int, Cell]]
"""By provider and whether it is simulated: what ended in each hour."""


def provider_page(
    index: Index,
    window: Window,
    sort: str,
    usd_per_btc: float | None = None,
    terms: Sequence[Term] = (),
) -> ProviderPage:
    """Every provider that ended an attempt in the window. Raises BadInput."""
    items = provider_items(index, window, terms)
    return ProviderPage(
        since_ms=window.since_ms or None,
        until_ms=window.until_ms if window.until_ms < FAR_MS else None,
        providers=_in_order(items, sort, usd_per_btc),
        models=sorted({model for item in items for model in item.models}),
        venues=sorted({venue for item in items for venue in item.venues}),
    )


def provider_whole(
    index: Index, window: Window, provider: str, limit: int, terms: Sequence[Term] = ()
) -> ProviderWhole:
    """One provider: what went wrong, what was slowest, what failed last."""
    table = t.attempts
    window = window._replace(provider=provider)
    fits = and_(_fits(window), of_runs(terms, run_no_of(table.c.key)))
    failed = and_(fits, text(t.FAILED))
    returned = and_(fits, table.c.status == "returned", table.c.duration_ms.is_not(None))
    return ProviderWhole(
        since_ms=window.since_ms or None,
        until_ms=window.until_ms if window.until_ms < FAR_MS else None,
        items=provider_items(index, window, terms),
        errors=_errors(index, failed),
        slowest=_attempts(index, returned, "duration_ms", limit),
        failures=_attempts(index, failed, "ended_at_ms", limit),
    )


def provider_items(index: Index, window: Window, terms: Sequence[Term] = ()) -> list[ProviderItem]:
    """A value for each provider, its hours in it."""
    places: Places = defaultdict(lambda: defaultdict(Cell))
    standings: dict[tuple[str, bool], Standing] = {}
    for key, cell in board.cells(index, window, terms):
        board.standing(standings, key)
        places[key[1], key[4]][key[0]].merge(cell)
    items = []
    for who, hours in places.items():
        standing = standings[who]
        for cell in hours.values():
            standing.cell.merge(cell)
        if standing.cell.attempts:
            items.append(_item(board.row_of(who, standing), standing.cell, hours))
    return items


def _item(row: ProviderRow, cell: Cell, hours: dict[int, Cell]) -> ProviderItem:
    from_ms, counts = histogram(cell.bins)
    return ProviderItem(
        **msgspec.structs.asdict(row),
        p95_ms=percentile_ms(cell.bins, 0.95),
        from_ms=from_ms,
        counts=counts,
        hours=_hours(hours),
    )


def _hours(cells: dict[int, Cell]) -> Hours:
    """By hour; by day (of UTC) where they span more than two weeks."""
    span = max(cells) - min(cells)
    width = 24 if span > LONGEST_HOURLY_H else 1
    merged: dict[int, Cell] = defaultdict(Cell)
    for hour, cell in cells.items():
        merged[hour // width].merge(cell)
    told = sorted((place, cell) for place, cell in merged.items() if cell.attempts)
    cells_in_order = [cell for _, cell in told]
    return Hours(
        at_ms=[place * width * HOUR_MS for place, _ in told],
        returned=[cell.returned for cell in cells_in_order],
        failed=[cell.failed for cell in cells_in_order],
        timed_out=[cell.timed_out for cell in cells_in_order],
        cancelled=[cell.cancelled for cell in cells_in_order],
        p50_ms=[percentile_ms(cell.bins, 0.50) for cell in cells_in_order],
        p99_ms=[percentile_ms(cell.bins, 0.99) for cell in cells_in_order],
    )


def _fits(window: Window) -> ColumnElement[bool]:
    table = t.attempts
    conditions = [
        table.c.provider == window.provider,
        table.c.ended_at_ms >= window.since_ms,
        table.c.ended_at_ms < window.until_ms,
    ]
    if window.model is not None:
        conditions.append(table.c.model == window.model)
    if window.venue is not None:
        conditions.append(table.c.venue == window.venue)
    return and_(*conditions)


def _errors(index: Index, failed: ColumnElement[bool]) -> list[ErrorCount]:
    table = t.attempts
    error = func.coalesce(table.c.error_type, table.c.status).label("error")
    count = func.count().label("attempts")
    statement = (
        select(error, table.c.status, count, func.max(table.c.ended_at_ms))
        .where(failed)
        .group_by(error, table.c.status)
        .order_by(count.desc(), error)
        .limit(100)
    )
    return [
        ErrorCount(error=said, status=status, attempts=attempts, last_at_ms=last)
        for said, status, attempts, last in index.select(statement)
    ]


def _attempts(
    index: Index, fits: ColumnElement[bool], by: str, limit: int
) -> list[ProviderAttempt]:
    """Those with the greatest value of a column, the greatest first."""
    table = t.attempts
    most = select(table).where(fits).order_by(table.c[by].desc(), table.c.key).limit(limit)
    chosen = most.subquery()
    statement = (
        select(
            t.runs.c.run_id, t.runs.c.name, t.sub_queries.c.query_id,
            chosen.c.replica, chosen.c.attempt, chosen.c.status, chosen.c.model,
            chosen.c.error_type, chosen.c.duration_ms, chosen.c.ended_at_ms,
        )
        .join_from(chosen, t.sub_queries, t.sub_queries.c.key == chosen.c.key)
        .join(t.runs, t.runs.c.run_no == t.sub_queries.c.run_no)
        .order_by(chosen.c[by].desc(), chosen.c.key)
    )  # fmt: skip
    names = ProviderAttempt.__struct_fields__
    rows = index.select(statement)
    return [ProviderAttempt(**dict(zip(names, row, strict=True))) for row in rows]


_VALUES: dict[str, Callable[[ProviderItem, float | None], Any]] = {
    "name": lambda item, _: item.provider,
    "latency": lambda item, _: item.p50_ms,
    "p99": lambda item, _: item.p99_ms,
    "success": lambda item, _: item.success_rate,
    "timeouts": lambda item, _: item.timed_out / item.attempts if item.attempts else None,
    "failed": lambda item, _: item.failed / item.attempts if item.attempts else None,
    "cost": lambda item, rate: _price(item, rate),
    "attempts": lambda item, _: item.attempts,
    "runs": lambda item, _: item.runs,
    "last_seen": lambda item, _: item.last_seen_ms,
}
"""What providers are sorted by."""


def _price(item: ProviderItem, usd_per_btc: float | None) -> tuple[int, float] | None:
    """In sats. Without a rate they do not compare: prices in sats stand before those in dollars."""
    msat, usd_nanos = item.msat_per_1k_tokens, item.usd_nanos_per_1k_tokens
    if msat is not None:
        return (0, msat)
    if usd_nanos is None:
        return None
    if usd_per_btc is None:
        return (1, usd_nanos)
    return (0, usd_nanos * CURRENCIES["cost"].of_other(usd_per_btc))


def _in_order(
    items: list[ProviderItem], sort: str, usd_per_btc: float | None
) -> list[ProviderItem]:
    """The least first, with `-` the greatest; those without the value last, either way."""
    name = sort.removeprefix("-")
    if name not in _VALUES:
        raise BadInput(f"providers cannot be sorted by '{name}': use {', '.join(_VALUES)}")
    said = _VALUES[name]

    def value(item: ProviderItem) -> Any:
        return said(item, usd_per_btc)

    by_name = sorted(items, key=lambda item: item.provider)
    known = [item for item in by_name if value(item) is not None]
    unknown = [item for item in by_name if value(item) is None]
    return sorted(known, key=value, reverse=sort.startswith("-")) + unknown
