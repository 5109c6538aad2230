"""What is set aside for calls that another program records: a file of its own beside their trace.

The trace of such a run says what its program says. What the gateway reserved for a call, and as
what it counted in the end, stands here, so that no restart frees what may have been spent.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator

import msgspec

from ..folder import Descriptor, RunFolder, append_line, open_append, read_own
from ..money import Amounts, Settled
from ..money.prices import Cost

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_NONE = Cost(0, 0)


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """With a sub-query: this is reserved. Without: the reservation of this key ends as this."""

    key: str
    query_id: str | None = None
    msat: int = 0
    usd_nanos: int = 0


_lines = msgspec.json.Decoder(_Line)


class Reservations:
    """Those of one run, held by one gateway at a time. Raises OSError where it cannot be kept.

    `counted`: what each sub-query counts as, by what stood there. `left_open`: how many of the
    reservations no gateway ended, and what they are in sum; from here on they have ended, and count
    whole. Raises BlockingIOError where another gateway holds it.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._file: Descriptor = open_append(folder.reservations)
        try:
            fcntl.flock(self._file.number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.counted: dict[str, Cost] = {}
            self.left_open = self._take_in(read_own(folder.reservations))
        except BaseException:
            self._file.close()
            raise

    def reserve(self, key: str, query_id: str, held: Amounts) -> None:
        """Before the call is passed on. Raises OSError."""
        self._say(_Line(key, query_id, held.msat or 0, held.usd_nanos or 0))

    def settle(self, key: str, settled: Settled) -> None:
        """It has ended. Raises OSError: after a restart it counts whole then."""
        msat, usd = settled.msat, settled.usd_nanos
        actual = Cost((usd and usd.actual) or 0, (msat and msat.actual) or 0)
        self._say(_Line(key, msat=actual.msat or 0, usd_nanos=actual.usd_nanos or 0))

    def close(self) -> None:
        self._file.close()

    def _say(self, line: _Line) -> None:
        append_line(self._file.number, msgspec.json.encode(line))

    def _take_in(self, raw: bytes) -> list[Cost]:
        opened: dict[str, _Line] = {}
        for line in _read(raw):
            if line.query_id is not None:
                opened[line.key] = line
            elif (begun := opened.pop(line.key, None)) is not None:
                self._count(begun.query_id or "", line)
        for line in opened.values():
            self._count(line.query_id or "", line)
            self._say(msgspec.structs.replace(line, query_id=None))
        return [Cost(line.usd_nanos, line.msat) for line in opened.values()]

    def _count(self, query_id: str, line: _Line) -> None:
        before = self.counted.get(query_id, _NONE)
        self.counted[query_id] = Cost(
            (before.usd_nanos or 0) + line.usd_nanos, (before.msat or 0) + line.msat
        )


def _read(raw: bytes) -> Iterator[_Line]:
    """A line that a kill tore says nothing: its call was never passed on."""
    for line in raw.splitlines():
        try:
            yield _lines.decode(line)
        except _UNREADABLE:
            continue
