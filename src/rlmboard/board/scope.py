"""What a reader may see: every question that the board asks goes through it."""

from __future__ import annotations

from typing import Protocol

from ..store import RunRow


class Scope(Protocol):
    """What one reader may see, and whether that reader may act."""

    @property
    def filter(self) -> str:
        """In the filter language: what every list of runs is held to; empty for all of them."""

    def shows(self, row: RunRow) -> bool:
        """Whether this run is among what may be seen."""

    @property
    def acts(self) -> bool:
        """Whether labels, trash and the like are allowed."""


class Everything:
    """All runs of the home, and all that can be done to them: its owner, on their own machine."""

    filter = ""
    acts = True

    def shows(self, row: RunRow) -> bool:
        return True


EVERYTHING = Everything()
