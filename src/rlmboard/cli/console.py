"""What draws on a terminal: the styles are ours, and no text of others gives it orders."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from .pictures.glyphs import disarmed


class HarmlessConsole(Console):
    """Whatever is printed, live or once, goes through `render`; its texts leave that disarmed."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            said = segment.text if segment.control else disarmed(segment.text)
            yield segment if said == segment.text else Segment(said, segment.style)
