"""The columns of a progress bar: what, how far, how fast, how long yet."""

from __future__ import annotations

from rich.progress import (
    BarColumn,
    DownloadColumn,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from .glyphs import ASCII, Glyphs


class RateColumn(ProgressColumn):
    """How many things a second."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        total = f"/{task.total:,.0f}" if task.total is not None else ""
        rate = f"  {speed:,.0f}/s" if speed else ""
        return Text(f"{task.completed:,.0f}{total} {self._unit}{rate}", "dim")


def columns_for(unit: str, glyphs: Glyphs) -> list[ProgressColumn]:
    """`unit`: bytes, or a word for what is counted."""
    amount: list[ProgressColumn] = (
        [DownloadColumn(), TransferSpeedColumn()] if unit == "bytes" else [RateColumn(unit)]
    )
    bar = [] if glyphs is ASCII else [BarColumn(bar_width=24)]
    return [TextColumn("{task.description}"), *bar, *amount, TimeRemainingColumn()]
