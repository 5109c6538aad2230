"""Something to hand in as `emit`."""

from __future__ import annotations

from typing import TypeVar

from ..trace import TraceEvent

E = TypeVar("E")


class Captured:
    """Takes events where an `emit` is asked for, and keeps them in their order."""

    def __init__(self) -> None:
        self.events: list[TraceEvent] = []

    def __call__(self, event: TraceEvent) -> None:
        self.events.append(event)

    def of(self, kind: type[E]) -> list[E]:
        """The events of one type."""
        return [event for event in self.events if isinstance(event, kind)]


def capture_events() -> Captured:
    """An `emit` that remembers: `drive(…, emit=captured)`, then `captured.of(SubQueryReturn)`."""
    return Captured()
