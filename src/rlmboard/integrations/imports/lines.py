"""Lines of a file that may be huge, torn or still growing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

CHUNK_BYTES = 1 << 20
LONGEST_BYTES = 64 << 20


class LineFile:
    """Reads whole lines from where it stopped last. `seq` is the number of the last, from 1.

    A line longer than 64 MiB is None. What has no newline yet is left for the next look.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seq = 0
        self.offset = 0
        self._skipping = False

    def new(self) -> Iterator[bytes | None]:
        """Whole lines that were not read yet. Raises OSError."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            begun: list[bytes] = []
            begun_bytes = 0
            while chunk := file.read(CHUNK_BYTES):
                *whole, rest = chunk.split(b"\n")
                if whole:
                    whole[0] = b"".join((*begun, whole[0]))
                    begun, begun_bytes = [], 0
                for line in whole:
                    self.offset += len(line) + 1
                    self.seq += 1
                    yield None if self._skipping or len(line) > LONGEST_BYTES else line
                    self._skipping = False
                begun.append(rest)
                begun_bytes += len(rest)
                if begun_bytes > LONGEST_BYTES:
                    self.offset += begun_bytes
                    self._skipping = True
                    begun, begun_bytes = [], 0

    def rest(self) -> bytes:
        """What stands behind the last newline. Raises OSError."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            return b"" if self._skipping else file.read(LONGEST_BYTES)
