"""The leaderboard: who answered how fast, how often, and for how much."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from . import amounts
from .glyphs import Glyphs, one_line
from .timeline import SIMULATED

if TYPE_CHECKING:
    from ...store import ProviderRow

BAR = 5


def leaderboard(
    rows: Sequence[ProviderRow], window: str, now: datetime, width: int, glyphs: Glyphs
) -> Panel:
    """A line for each provider, in the order given; the bar is its p50 beside the slowest."""
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("Provider", no_wrap=True, overflow="ellipsis", ratio=1)
    for title in ("Latency", "p99", "Success", "Cost/1k", "Attempts", "Runs", "Seen"):
        left = title == "Latency"
        table.add_column(title, no_wrap=True, justify="left" if left else "right")
    slowest = max((row.p50_ms or 0.0 for row in rows), default=0.0)
    for row in rows:
        table.add_row(
            name_text(row),
            latency_text(row, slowest, glyphs),
            amounts.duration(row.p99_ms) if row.p99_ms is not None else glyphs.dash,
            amounts.percent(row.success_rate) if row.success_rate is not None else glyphs.dash,
            price_text(row),
            f"{row.attempts:,}",
            f"{row.runs:,}",
            amounts.ago(amounts.at_ms(row.last_seen_ms), now),
        )
    return Panel(
        table,
        title=f"PROVIDER LEADERBOARD ({window})",
        title_align="left",
        width=width,
        box=glyphs.box,
        border_style="dim",
    )


def name_text(row: ProviderRow) -> Text:
    """Who, whether it exists, where, and with which models."""
    text = Text(one_line(row.provider), "bold")
    if row.simulated:
        text.append(f" {SIMULATED}", "yellow")
    details = ", ".join(word for word in (*row.venues, *row.models) if word != SIMULATED)
    if details:
        text.append(f" {one_line(details)}", "dim")
    return text


def latency_text(row: ProviderRow, slowest_ms: float, glyphs: Glyphs) -> Text:
    if row.p50_ms is None:
        return Text(f"{glyphs.empty * BAR} {glyphs.dash}", "dim")
    cells = min(max(round(BAR * row.p50_ms / max(slowest_ms, 1e-9)), 1), BAR)
    text = Text(glyphs.full * cells, "cyan")
    text.append(glyphs.empty * (BAR - cells), "dim")
    text.append(f" {amounts.duration(row.p50_ms)}")
    return text


def price_text(row: ProviderRow) -> str:
    """Of 1,000 tokens, where tokens and cost are known."""
    msat, nanos = row.msat_per_1k_tokens, row.usd_nanos_per_1k_tokens
    return amounts.cost(
        None if msat is None else round(msat), None if nanos is None else round(nanos)
    )
