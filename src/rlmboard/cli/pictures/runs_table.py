"""Runs as a table, and the comparison of the runs of an experiment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.table import Table
from rich.text import Text

from . import amounts
from .glyphs import Glyphs, one_line

if TYPE_CHECKING:
    from ...store import RunRow

LOWER_IS_BETTER = ("cost", "latency", "loss", "error", "duration", "tokens", "time", "missing")
Short = Callable[[str], str]


def runs_table(
    rows: Sequence[RunRow], short: Short, now: datetime, width: int, glyphs: Glyphs
) -> Table:
    """A line for each run. `short` gives the shortest prefix by which a run can be named."""
    columns = [column for column in _COLUMNS if width >= column.least_width]
    table = _table(width)
    for column in columns:
        table.add_column(column.title, no_wrap=True, overflow="ellipsis", **column.settings)
    for row in rows:
        cells = _cells(row, short, now, glyphs, narrow=width < WIDE)
        table.add_row(*(cells[column.title] for column in columns))
    return table


class _Column(NamedTuple):
    title: str
    settings: Mapping[str, Any] = MappingProxyType({})
    least_width: int = 0


WIDE = 100
_RIGHT = {"justify": "right"}
_COLUMNS = (
    _Column("RUN"),
    _Column("STATUS"),
    _Column("QUERY", {"ratio": 1}),
    _Column("METHOD", {"max_width": 14}, 120),
    _Column("ANSWERED", _RIGHT, WIDE),
    _Column("COST", _RIGHT),
    _Column("TIME", _RIGHT),
    _Column("BEGUN", _RIGHT),
)


def _cells(
    row: RunRow, short: Short, now: datetime, glyphs: Glyphs, narrow: bool
) -> dict[str, Text | str]:
    run = row.summary
    took = amounts.duration(run.duration_ms) if run.duration_ms is not None else glyphs.dash
    return {
        "RUN": run_text(row, short, glyphs),
        "STATUS": status_text(row, glyphs, narrow),
        "QUERY": title_text(row, glyphs),
        "METHOD": one_line(row.config.method or glyphs.dash),
        "ANSWERED": f"{run.returned:,}/{run.sub_queries:,}",
        "COST": short_cost(row, glyphs),
        "TIME": took,
        "BEGUN": amounts.ago(amounts.moment(row.created_at), now),
    }


def comparison_table(
    rows: Sequence[RunRow], metrics: Sequence[str], short: Short, width: int, glyphs: Glyphs
) -> Table:
    """Runs beside each other by their metrics, time, cost and tokens; the best of each is bold."""
    table = _table(width)
    table.add_column("RUN", no_wrap=True)
    table.add_column("METHOD", no_wrap=True, overflow="ellipsis", ratio=1)
    best = {name: best_of(rows, name) for name in metrics}
    for name in metrics:
        table.add_column(one_line(name).upper(), no_wrap=True, justify="right", max_width=14)
    for title in ("TIME", "COST", "TOKENS"):
        table.add_column(title, no_wrap=True, justify="right")
    for row in rows:
        run = row.summary
        values = [metric_text(row.metrics.get(n), best[n], glyphs) for n in metrics]
        spent = amounts.tokens([run.input_tokens, run.output_tokens], run.unknown_usage, glyphs)
        table.add_row(
            run_text(row, short, glyphs),
            one_line(row.name or row.config.method or glyphs.dash),
            *values,
            amounts.duration(run.duration_ms) if run.duration_ms is not None else glyphs.dash,
            short_cost(row, glyphs),
            spent,
        )
    return table


def best_of(rows: Sequence[RunRow], name: str) -> float | None:
    """The best known value of a metric: the least where less is better by its name."""
    known = [value for row in rows if (value := row.metrics.get(name)) is not None]
    if len(known) < 2:
        return None
    return min(known) if is_lower_better(name) else max(known)


def is_lower_better(name: str) -> bool:
    return any(word in name.lower() for word in LOWER_IS_BETTER)


def metric_text(value: float | None, best: float | None, glyphs: Glyphs) -> Text:
    if value is None:
        return Text(glyphs.dash, "dim")
    return Text(f"{value:,.4g}", "bold green" if value == best else "")


def run_text(row: RunRow, short: Short, glyphs: Glyphs) -> Text:
    return Text(f"{glyphs.star if row.star else ' '} {short(row.run_id)}")


def status_text(row: RunRow, glyphs: Glyphs, narrow: bool = False) -> Text:
    """The sign and the word; the sign alone where there is little room."""
    state = glyphs.state(row.status)
    sign = glyphs.live if row.status == "running" else state.sign
    word = "" if narrow else f" {row.status}"
    return Text(f"{sign}{word}{'?' if row.presumed else ''}", state.style)


def title_text(row: RunRow, glyphs: Glyphs) -> Text:
    """Its name, else what was asked; simulated runs say so, before there is no room to."""
    text = Text("simulated ", "yellow") if row.summary.simulated else Text("")
    text.append(one_line(row.name or row.query or row.summary.query or glyphs.dash))
    if row.tags:
        text.append(" " + " ".join(f"#{one_line(tag)}" for tag in row.tags), "dim")
    return text


def short_cost(row: RunRow, glyphs: Glyphs) -> str:
    run = row.summary
    said = amounts.money(run.cost_msat, run.cost_usd_nanos, 0, glyphs)
    if not run.unknown_cost:
        return said
    known = run.cost_msat is not None or run.cost_usd_nanos is not None
    return f"{glyphs.at_least} {said}" if known else amounts.UNKNOWN


def _table(width: int) -> Table:
    return Table(box=None, padding=(0, 2, 0, 0), width=width, header_style="dim", pad_edge=False)
