"""The boxes of a run: fan-out timeline, budget, quorum, latency, providers. Pure: values in,
rich renderables of exactly the width asked for out."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from . import amounts
from .glyphs import Glyphs, clean, fit, one_line
from .run_picture import BudgetPicture, LatencyPicture, QuorumPicture, RunPicture
from .timeline import SIMULATED, hidden_line, timeline_lines

MAX_WIDTH = 140
_ENDED_WELL = ("completed",)


def run_boxes(picture: RunPicture, width: int, glyphs: Glyphs) -> RenderableType:
    """All boxes of a run below each other."""
    width = min(width, MAX_WIDTH)
    parts: list[RenderableType] = [header(picture, width, glyphs)]
    if picture.lanes:
        parts.append(timeline_box(picture, width, glyphs))
    if len(picture.providers) > 1:
        parts.append(providers_box(picture, width, glyphs))
    parts.append(gauges(picture, width, glyphs))
    return Group(*parts)


def header(picture: RunPicture, width: int, glyphs: Glyphs) -> RenderableType:
    """Which run, how it stands, what was asked."""
    state = glyphs.state(picture.status)
    sign = glyphs.live if picture.is_live else state.sign
    right = Text(f"{sign} {_status(picture)}", state.style)
    if picture.run.simulated:
        right.append(f"  {SIMULATED}", "yellow")
    room = width - right.cell_len - 2
    name = fit(one_line(f"RLM RUN: {picture.title}"), room, glyphs.more)
    query = fit(one_line(picture.query), width - 8, glyphs.more).rstrip()
    return Group(
        Text.assemble((name, "bold"), "  ", right), Text.assemble(("QUERY ", "dim"), query)
    )


def timeline_box(picture: RunPicture, width: int, glyphs: Glyphs) -> Panel:
    """A line for each lane, on one axis of time."""
    inner = width - 4
    lines = timeline_lines(picture.lanes, picture.now_ms, inner, glyphs)
    if picture.hidden:
        lines.append(hidden_line(picture.hidden, glyphs))
    return _box("FANOUT TIMELINE", Group(*lines), width, glyphs)


def providers_box(picture: RunPicture, width: int, glyphs: Glyphs) -> Panel:
    """A line for each provider: how its attempts went, its median, its cost."""
    table = Table.grid(padding=(0, 2), expand=True)
    for justify in ("left", "left", "left", "right", "right"):
        table.add_column(justify=justify, no_wrap=True, overflow="ellipsis")
    for line in sorted(picture.providers, key=lambda line: line.name):
        place = line.venue or "unknown venue"
        table.add_row(
            Text(one_line(line.name), "bold"),
            f"{place}, {SIMULATED}" if line.simulated else place,
            counts_text(line.counts, glyphs),
            f"p50 {amounts.duration(line.p50_ms)}",
            amounts.money(line.cost_msat, line.cost_usd_nanos, line.unknown_cost, glyphs),
        )
    return _box("PROVIDERS", table, width, glyphs)


def gauges(picture: RunPicture, width: int, glyphs: Glyphs) -> RenderableType:
    """Budget, quorum and latency beside each other."""
    first, second = width // 3, width // 4
    widths = (first, second, width - first - second)
    budget_lines = [line for one in picture.budgets for line in budget_lines_of(one, first, glyphs)]
    bodies = (
        ("BUDGET", budget_lines),
        ("QUORUM", quorum_lines(picture.quorum, second - 4, glyphs)),
        ("LATENCY", latency_lines(picture.latency, widths[2] - 4, glyphs)),
    )
    height = max(len(lines) for _, lines in bodies)
    row = Table.grid(padding=0)
    panels = []
    for (title, lines), panel_width in zip(bodies, widths, strict=True):
        row.add_column(width=panel_width)
        blank = [Text("")] * (height - len(lines))
        panels.append(_box(title, Group(*lines, *blank), panel_width, glyphs))
    row.add_row(*panels)
    return row


def budget_lines_of(budget: BudgetPicture, width: int, glyphs: Glyphs) -> list[Text]:
    """A bar of what is settled and reserved, and the amounts."""
    inner = width - 4
    said = amounts.sats if budget.unit == "msat" else amounts.usd
    spent = "unknown" if budget.spent is None else said(budget.spent)
    at_least = f"{glyphs.at_least} " if budget.unknown and budget.spent is not None else ""
    lines = []
    if budget.limit is None:
        lines.append(_cut(Text("no limit", "dim"), inner, glyphs))
        lines.append(_cut(Text(f"{at_least}{spent} spent"), inner, glyphs))
    else:
        lines.append(budget_bar(budget, inner, glyphs))
        spent_short = "unknown" if budget.spent is None else spent.removesuffix(" sats")
        lines.append(_cut(Text(f"{at_least}{spent_short}/{said(budget.limit)}"), inner, glyphs))
    if budget.reserved:
        lines.append(_cut(Text(f"{said(budget.reserved)} reserved", "dim"), inner, glyphs))
    if budget.overage:
        lines.append(_cut(Text(f"{said(budget.overage)} over reserved", "red"), inner, glyphs))
    if budget.unknown:
        what = amounts.count(budget.unknown, "cost")
        lines.append(_cut(Text(f"{what} unknown", "yellow"), inner, glyphs))
    return lines


def budget_bar(budget: BudgetPicture, width: int, glyphs: Glyphs) -> Text:
    limit = max(budget.limit or 0, 1)
    spent_cells = min(round(width * (budget.spent or 0) / limit), width)
    reserved_cells = min(round(width * budget.reserved / limit), width - spent_cells)
    style = "red" if (budget.spent or 0) > limit else "green"
    return Text.assemble(
        (glyphs.full * spent_cells, style),
        (glyphs.reserved * reserved_cells, "yellow"),
        (glyphs.empty * (width - spent_cells - reserved_cells), "dim"),
    )


def quorum_lines(quorum: QuorumPicture | None, width: int, glyphs: Glyphs) -> list[Text]:
    if quorum is None:
        return [Text(glyphs.dash, "dim")]
    met = quorum.required is None or quorum.collected >= quorum.required
    collected = Text(f"{quorum.collected:,}/{quorum.total:,}", "green" if met else "yellow")
    if collected.cell_len + len(" collected") <= width:
        collected.append(" collected", "")
    if quorum.required is not None:
        threshold = f"{quorum.required:,} needed"
    else:
        threshold = "no threshold" if not quorum.said else "best effort"
    return [_cut(collected, width, glyphs), _cut(Text(threshold, "dim"), width, glyphs)]


def latency_lines(latency: LatencyPicture, width: int, glyphs: Glyphs) -> list[Text]:
    if not latency.answered:
        return [Text("no answers yet", "dim")]
    said = f"p50: {amounts.duration(latency.p50_ms)}  p99: {amounts.duration(latency.p99_ms)}"
    bars = Text(levels(latency.histogram, glyphs), "cyan", no_wrap=True)
    return [_cut(Text(said), width, glyphs), bars]


def levels(counts: tuple[int, ...], glyphs: Glyphs) -> str:
    """A column for each count, as high as its share of the highest; an empty one is blank."""
    top = max(counts, default=0)
    steps = len(glyphs.levels) - 1
    return "".join(glyphs.levels[-(-count * steps // top)] if count else " " for count in counts)


def counts_text(counts: dict[str, int], glyphs: Glyphs) -> Text:
    """How many ended how: `✓ 12  ⏱ 1`."""
    text = Text()
    for status in ("running", "returned", "timeout", "failed", "cancelled"):
        if number := counts.get(status):
            state = glyphs.state(status)
            text.append(f"{'  ' if text else ''}{state.sign} {number:,}", state.style)
    return text


def _status(picture: RunPicture) -> str:
    if picture.is_live:
        return "LIVE"
    presumed = "presumed " if picture.presumed else ""
    reason = clean(picture.run.end_reason or "")
    told = f" ({reason})" if reason and picture.status not in _ENDED_WELL else ""
    partial = " partial" if picture.run.partial and picture.status == "completed" else ""
    return f"{presumed}{picture.status}{told}{partial}"


def _cut(text: Text, width: int, glyphs: Glyphs) -> Text:
    if text.cell_len <= width:
        return text
    return Text(fit(text.plain, width, glyphs.more), text.style)


def _box(title: str, body: RenderableType, width: int, glyphs: Glyphs) -> Panel:
    return Panel(
        body, title=title, title_align="left", width=width, box=glyphs.box, border_style="dim"
    )
