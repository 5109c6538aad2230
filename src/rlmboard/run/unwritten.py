"""Writers of runs that are not recorded: because nobody wants it, or because it cannot be."""

from __future__ import annotations

from pathlib import Path

from ..folder import Writer


class Silent(Writer):
    """Writes nothing and loses nothing: recording is switched off."""

    writes = False

    def append(self, event: object, at_us: int | None = None) -> bool:
        return True

    def append_both(self, first: object, second: object) -> bool:
        return all([self.append(first), self.append(second)])

    def lose(self, why: str, count: int = 1) -> None:
        """Nothing was to be kept."""

    def _open(self) -> None:
        """There is nothing to open."""


class Nowhere(Silent):
    """Writes nothing and counts it all as lost, for the one reason that says what to do."""

    def __init__(self, trace: Path, run_id: str, base_ns: int, why: str) -> None:
        super().__init__(trace, run_id, base_ns)
        self.problem = why

    def append(self, event: object, at_us: int | None = None) -> bool:
        self.lose("")
        return False

    def lose(self, why: str, count: int = 1) -> None:
        with self._counting:
            self.lost += count
