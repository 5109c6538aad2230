"""The fan-out timeline: a line for each attempt, its bar where it lay in time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from . import amounts
from .glyphs import Glyphs, fit, fit_end, one_line
from .run_picture import Lane

SIMULATED = "simulated"
TIME = 9
LEAST_BAR = 10


class Columns(NamedTuple):
    """Cells of each column; the bar has what is left over."""

    start: int
    bar: int
    label: int
    place: int
    time: int
    remark: int


def timeline_lines(
    lanes: Sequence[Lane], until_ms: float, width: int, glyphs: Glyphs
) -> list[Text]:
    """A line for each lane and the scale below, each of exactly `width` cells."""
    columns = columns_for(lanes, width, glyphs)
    lines = [lane_line(lane, until_ms, columns, glyphs) for lane in lanes]
    return [*lines, scale_line(until_ms, columns, glyphs)]


def lane_line(lane: Lane, until_ms: float, columns: Columns, glyphs: Glyphs) -> Text:
    """`t=0ms ███ chunk-001 → provider-a (local) ✓ 234ms 12 sats`."""
    state, more = glyphs.state(lane.status), glyphs.more
    line = Text(no_wrap=True)
    line.append(fit(_start(lane), columns.start, more) + " ", "dim")
    line.append(bar(lane, until_ms, columns.bar, glyphs), state.style)
    line.append(" " + fit_end(one_line(lane.label), columns.label, more))
    line.append(f" {glyphs.arrow} ", "dim")
    line.append(fit(place(lane, columns.place, glyphs), columns.place, more))
    line.append(" " + fit(f"{state.sign} {_time(lane, until_ms)}", columns.time), state.style)
    remark, style = _remark(lane)
    line.append(" " + fit(remark, columns.remark, more, right=True), style)
    return line


def bar(lane: Lane, until_ms: float, width: int, glyphs: Glyphs) -> str:
    """The attempt on the axis from 0 to `until_ms`; at least one cell, whatever its length."""
    if width <= 0:
        return ""
    if lane.started_ms is None:
        return " " * width
    ended_ms = until_ms if lane.ended_ms is None else lane.ended_ms
    scale = width / max(until_ms, 1.0)
    begin = min(max(int(lane.started_ms * scale), 0), width - 1)
    end = min(max(round(ended_ms * scale), begin + 1), width)
    return " " * begin + glyphs.state(lane.status).bar * (end - begin) + " " * (width - end)


def place(lane: Lane, width: int, glyphs: Glyphs) -> str:
    """Who answers and where. Where room is short the name gives way, never `simulated`."""
    name = one_line(lane.provider or "unnamed")
    words = [word for word in (lane.venue, SIMULATED if lane.simulated else None) if word]
    whole = f"{name} ({', '.join(words)})" if words else name
    if cell_len(whole) <= width or not lane.simulated:
        return whole
    return fit(name, max(width - len(SIMULATED) - 1, 0), glyphs.more).rstrip() + f" {SIMULATED}"


def scale_line(until_ms: float, columns: Columns, glyphs: Glyphs) -> Text:
    """Below the bars: where the axis begins and ends."""
    axis = "0" + amounts.duration(until_ms).rjust(max(columns.bar - 1, 0))
    return Text(
        " " * (columns.start + 1) + fit(axis, columns.bar, glyphs.more), "dim", no_wrap=True
    )


def hidden_line(hidden: dict[str, int], glyphs: Glyphs) -> Text:
    """How many lanes found no room, by how they stand."""
    line = Text(f"{glyphs.more} and {sum(hidden.values()):,} more:", "dim", no_wrap=True)
    for status in ("running", "submitted", "returned", "timeout", "failed", "cancelled"):
        if number := hidden.get(status):
            state = glyphs.state(status)
            line.append(f"  {state.sign} {number:,}", state.style)
    return line


def columns_for(lanes: Sequence[Lane], width: int, glyphs: Glyphs) -> Columns:
    """As wide as what stands in them, as far as the bars keep a third of the room or so."""
    start = _widest((_start(lane) for lane in lanes), 7)
    remark = min(_widest((_remark(lane)[0] for lane in lanes), 7), 14)
    time = TIME - 1 + max(len(glyphs.state("returned").sign), 1)
    spare = width - start - time - remark - len(glyphs.arrow) - 6
    label = min(_widest((one_line(lane.label) for lane in lanes), 4), max(spare * 3 // 10, 8))
    most = max(spare - label - max(LEAST_BAR, spare // 3), 8)
    wanted = _widest((place(lane, most, glyphs) for lane in lanes), 8)
    placed = min(wanted, most)
    return Columns(start, max(spare - label - placed, 0), label, placed, time, remark)


def _widest(texts: Iterable[str], least: int) -> int:
    return max([least, *map(cell_len, texts)])


def _start(lane: Lane) -> str:
    return "t=?" if lane.started_ms is None else f"t={amounts.duration(lane.started_ms)}"


def _time(lane: Lane, until_ms: float) -> str:
    if lane.status in ("running", "submitted"):
        began_ms = until_ms if lane.started_ms is None else lane.started_ms
        return amounts.duration(max(until_ms - began_ms, 0.0))
    return amounts.duration(lane.duration_ms)


def _remark(lane: Lane) -> tuple[str, str]:
    """What the last column says: the cost of an answer, else why there is none."""
    if lane.status in ("running", "submitted"):
        return "", ""
    if lane.status == "returned":
        return amounts.cost(lane.cost_msat, lane.cost_usd_nanos), ""
    if lane.status == "timeout":
        return "timeout", "yellow"
    return one_line(lane.remark) or lane.status, "dim"
