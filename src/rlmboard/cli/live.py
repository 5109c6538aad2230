"""A run before one's eyes while it runs: the boxes in a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from ..trace import TEXTS, RunInit, Stamped, TraceEvent, TraceLine
from .pictures import amounts
from .pictures.run_picture import RunPicture
from .tally import Tally
from .terminal import Terminal

if TYPE_CHECKING:
    from rich.live import Live

    from .pictures.gather import Gathering

FRAME_S = 0.125
PLAIN_EVERY_S = 5.0
BOXES_HEIGHT = 15
"""Lines that the boxes take beside the lanes, and a few that stay free."""


class Watcher(Protocol):
    """Sees every event, and shows what it makes of them while `show` runs."""

    def take(self, event: TraceEvent) -> None: ...

    async def show(self) -> None: ...


class Screen:
    """The boxes of a run, drawn again at most eight times a second. Use it in a `with`."""

    def __init__(self, terminal: Terminal, gathering: Gathering) -> None:
        self._terminal = terminal
        self._gathering = gathering
        self._live: Live | None = None

    def __enter__(self) -> Screen:
        from rich.live import Live

        self._live = Live(
            console=self._terminal.console,
            auto_refresh=False,
            vertical_overflow="crop",
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def draw(self, **facts: Any) -> RunPicture:
        """The run as the gathering has it now. `facts`: `now_ms`, `status`, `presumed`."""
        from .pictures.boxes import run_boxes

        picture = self._gathering.picture(rows=self._rows(), **facts)
        boxes = run_boxes(picture, self._terminal.width, self._terminal.glyphs)
        if self._live is not None:
            self._live.update(boxes, refresh=True)
        return picture

    def _rows(self) -> int:
        providers = len(self._gathering.providers)
        shown = providers + 2 if providers > 1 else 0
        return max(self._terminal.height - BOXES_HEIGHT - shown, 3)


class LivePicture:
    """A run of this process on a screen. `now_ms` tells how long it has run."""

    def __init__(self, screen: Screen, gathering: Gathering, now_ms: Callable[[], float]) -> None:
        self._screen = screen
        self._gathering = gathering
        self._now_ms = now_ms
        self._lines: list[TraceLine] = []
        self._seq = 0

    def take(self, event: TraceEvent) -> None:
        self._seq += 1
        self._lines.append(Stamped(self._seq, "", self._now_ms(), lightened(event)))

    async def show(self) -> None:
        while True:
            self.draw()
            await asyncio.sleep(FRAME_S)

    def draw(self, status: str | None = None) -> None:
        lines, self._lines = self._lines, []
        self._gathering.take(lines)
        self._screen.draw(now_ms=None if status else self._now_ms(), status=status)


class PlainLines:
    """A line every few seconds of a run that takes that long."""

    def __init__(self, terminal: Terminal, tally: Tally, every_s: float = PLAIN_EVERY_S) -> None:
        self._terminal = terminal
        self._tally = tally
        self._every_s = every_s
        self._start = time.monotonic()

    def take(self, event: TraceEvent) -> None:
        """The tally has it already."""

    async def show(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            self._terminal.line(self.line())

    def line(self) -> str:
        """`12.0s: 340 of 1,000 sub-queries answered, 3 failed, 47 sats`."""
        counts, tally = self._tally.counts(), self._tally
        elapsed = amounts.duration((time.monotonic() - self._start) * 1000)
        said = [f"{counts['returned']:,} of {counts['sub_queries']:,} sub-queries answered"]
        if bad := counts["failed"] + counts["timed_out"]:
            said.append(f"{bad:,} failed")
        if tally.cost_msat or tally.cost_usd_nanos or tally.unknown_cost:
            glyphs = self._terminal.glyphs
            said.append(
                amounts.money(tally.cost_msat, tally.cost_usd_nanos, tally.unknown_cost, glyphs)
            )
        return f"{elapsed}: {', '.join(said)}"


def lightened(event: TraceEvent) -> TraceEvent:
    """The event without the long texts in it, which no lane shows."""
    texts = TEXTS.get(type(event))
    if texts is None or isinstance(event, RunInit):
        return event
    empty = {text.field: "" for text in texts if getattr(event, text.field)}
    return msgspec.structs.replace(event, **empty) if empty else event
