"""Lines of JSON, as they pass: bytes in as they come, whole lines out. Pure."""

from __future__ import annotations

LONGEST_LINE_BYTES = 16 << 20


class LineStream:
    """Reads one stream. A line longer than the limit is passed over; `overlong` counts those."""

    def __init__(self, limit_bytes: int = LONGEST_LINE_BYTES) -> None:
        self.overlong = 0
        self._limit = limit_bytes
        self._begun: list[bytes] = []
        self._begun_bytes = 0

    def feed(self, piece: bytes) -> list[bytes]:
        """Each line that this piece ended, without its end."""
        *ended, begun = piece.split(b"\n")
        found: list[bytes] = []
        for part in ended:
            self._hold(part)
            found += self.end()
        self._hold(begun)
        return found

    def end(self) -> list[bytes]:
        """The line that has begun, where there is one."""
        line, size = b"".join(self._begun), self._begun_bytes
        self._begun, self._begun_bytes = [], 0
        if size > self._limit:
            self.overlong += 1
            return []
        return [line] if line.strip() else []

    def _hold(self, part: bytes) -> None:
        self._begun_bytes += len(part)
        if part and self._begun_bytes <= self._limit:
            self._begun.append(part)
