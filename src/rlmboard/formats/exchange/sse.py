"""Server-sent events, as they pass: bytes in as they come, the data of whole events out. Pure."""

from __future__ import annotations

LONGEST_EVENT_BYTES = 16 << 20


class EventStream:
    """Reads one stream. An event longer than the limit is passed over; `overlong` counts those."""

    def __init__(self, limit_bytes: int = LONGEST_EVENT_BYTES) -> None:
        self.overlong = 0
        self._limit = limit_bytes
        self._begun: list[bytes] = []
        self._begun_bytes = 0
        self._data: list[bytes] = []
        self._data_bytes = 0

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of each event that this piece ended; lines of one event are joined by `\\n`."""
        first, *more = piece.split(b"\n")
        self._hold(first)
        if not more:
            return []
        found = self._end_line()
        for line in more[:-1]:
            found += self._take(line, len(line))
        self._hold(more[-1])
        return found

    def end(self) -> list[bytes]:
        """What the stream ended in, where its last event lacks the empty line after it."""
        return [*self._end_line(), *self._event()]

    def _hold(self, part: bytes) -> None:
        """Keeps the beginning of a line; of one that is too long, enough to know its kind."""
        self._begun_bytes += len(part)
        if part and (self._begun_bytes <= self._limit or not self._begun):
            self._begun.append(part)

    def _end_line(self) -> list[bytes]:
        line, size = b"".join(self._begun), self._begun_bytes
        self._begun, self._begun_bytes = [], 0
        return self._take(line, size)

    def _take(self, line: bytes, size: int) -> list[bytes]:
        line = line.removesuffix(b"\r")
        if not line:
            return self._event()
        if line.startswith(b"data:"):
            self._data_bytes += size
            if self._data_bytes <= self._limit or not self._data:
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
        return []

    def _event(self) -> list[bytes]:
        data, size = self._data, self._data_bytes
        self._data, self._data_bytes = [], 0
        if not data:
            return []
        if size > self._limit:
            self.overlong += 1
            return []
        return [data[0] if len(data) == 1 else b"\n".join(data)]
