"""The terminal that a command writes to: how wide it is, what it can show, whether it is one."""

from __future__ import annotations

import sys
import time
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from .pictures.glyphs import Glyphs, clean, glyphs_for

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress, TaskID

PLAIN_WIDTH = 100


def mend_streams() -> None:
    """What a stream cannot encode is shown as `?`; nothing that is printed can raise for it."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and stream.errors == "strict":
            reconfigure(errors="replace")


class Terminal:
    """One stream. What is not a terminal gets no colour, no cursor and a width of its own.

    Whatever is shown may quote models, files and other machines: nothing in it steers a terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    @property
    def is_terminal(self) -> bool:
        return self.console.is_terminal

    @property
    def width(self) -> int:
        return self.console.width

    @property
    def height(self) -> int:
        return self.console.height

    @cached_property
    def glyphs(self) -> Glyphs:
        return glyphs_for(self.stream.encoding)

    @cached_property
    def console(self) -> Console:
        from .console import HarmlessConsole

        console = HarmlessConsole(file=self.stream, highlight=False, markup=False, emoji=False)
        if not console.is_terminal and "COLUMNS" not in console._environ:
            console.width = PLAIN_WIDTH
        return console

    def show(self, *parts: RenderableType) -> None:
        self.console.print(*parts, soft_wrap=False)

    def line(self, text: str = "") -> None:
        """One line as it is, however long; above a live picture, where there is one."""
        if self.is_terminal:
            self.console.print(clean(text), soft_wrap=True)
            return
        self.stream.write(clean(text) + "\n")
        self.stream.flush()

    def data(self, piece: str) -> None:
        """A piece of a file, as it is; in a terminal, where somebody only looks at it, clean."""
        self.stream.write(clean(piece) if self.stream.isatty() else piece)


class Progressing:
    """A bar for long work, with rate and time left; nothing where nobody looks or it is short.

    Called with what is done and what there is to do, None where that is not known. `unit`: bytes,
    or a word for what is counted.
    """

    def __init__(self, terminal: Terminal, title: str, unit: str, after_s: float = 0.5) -> None:
        self._terminal = terminal
        self._title = title
        self._unit = unit
        self._after_s = after_s
        self._shows_at = time.monotonic() + after_s
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __call__(self, done: float, total: float | None = None) -> None:
        if self._progress is None:
            if time.monotonic() < self._shows_at or not self._terminal.is_terminal:
                return
            self._start()
        assert self._progress is not None and self._task is not None
        self._progress.update(self._task, completed=done, total=total)

    def __enter__(self) -> Progressing:
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
        self._shows_at = time.monotonic() + self._after_s

    def _start(self) -> None:
        from rich.progress import Progress

        from .pictures.progress import columns_for

        columns = columns_for(self._unit, self._terminal.glyphs)
        self._progress = Progress(*columns, console=self._terminal.console, transient=True)
        self._task = self._progress.add_task(self._title, total=None)
        self._progress.start()
