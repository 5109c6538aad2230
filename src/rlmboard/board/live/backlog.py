"""What new readers of a run have missed, up to what lies on disk now: read and encoded once for all
of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from ...folder import Cursor, RunFolder, batches
from .feed import Batch

LONGEST = 20_000
"""Lines: beyond this a picture is the better way to catch up."""
FRAME_LINES = 2_000
ROOM_BYTES = 16 << 20
Key: TypeAlias = tuple[str, int, int]


class Backlog(NamedTuple):
    """The lines after the reader's, in batches; none of them where there are too many.

    `head` is the end of what lies on disk.
    """

    batches: list[Batch]
    too_long: bool
    head: Cursor


class Piece(NamedTuple):
    """Lines of a trace from one place to another; `is_full`: no more will come to it."""

    batch: Batch
    end: Cursor
    is_full: bool


class Backlogs:
    """The pieces of traces that readers were sent last; used from several threads."""

    def __init__(self, room_bytes: int = ROOM_BYTES) -> None:
        self._room_bytes = room_bytes
        self._bytes = 0
        self._kept: OrderedDict[Key, Piece] = OrderedDict()
        self._lock = threading.Lock()

    def after(self, folder: RunFolder, seq: int, near: Cursor, known: Cursor) -> Backlog:
        """What lies after line `seq`, read from `near`, a place at or before the end of it.

        `known` is the last place that is known: what lies before it need not be read to be counted.
        """
        if known.seq - seq > LONGEST:
            return Backlog([], True, _end(folder, known))
        found: list[Batch] = []
        head = near
        for piece in self._pieces(folder, near):
            head = piece.end
            if head.seq - seq > LONGEST:
                return Backlog([], True, _end(folder, head))
            if head.seq > seq:
                found.append(piece.batch.beyond(seq))
        return Backlog(found, False, head)

    def forget(self, run_id: str) -> None:
        """Nobody follows this run any more."""
        with self._lock:
            for key in [key for key in self._kept if key[0] == run_id]:
                self._drop(key)

    def _pieces(self, folder: RunFolder, at: Cursor) -> Iterator[Piece]:
        while (piece := self._piece(folder, at)) is not None:
            yield piece
            at = piece.end

    def _piece(self, folder: RunFolder, at: Cursor) -> Piece | None:
        """The lines from there to the next multiple of FRAME_LINES; None at the end."""
        inode, size = _file(folder)
        key = (folder.run_id, inode, at.seq)
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and (kept.is_full or kept.end.offset == size):
            return kept
        most = FRAME_LINES - at.seq % FRAME_LINES
        for lines, end in batches(folder.trace, at, most):
            piece = Piece(Batch(folder.run_id, at.seq, lines), end, len(lines) >= most)
            self._keep(key, piece)
            return piece
        return None

    def _keep(self, key: Key, piece: Piece) -> None:
        size = len(piece.batch.frame)  # encoded here, beside the loop that sends it
        with self._lock:
            self._drop(key)
            self._kept[key] = piece
            self._bytes += size
            while self._bytes > self._room_bytes:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        piece = self._kept.pop(key, None)
        if piece is not None:
            self._bytes -= len(piece.batch.frame)


def _end(folder: RunFolder, at: Cursor) -> Cursor:
    return max((end for _, end in batches(folder.trace, at)), default=at)


def _file(folder: RunFolder) -> tuple[int, int]:
    """Which file the trace is, and its size in bytes."""
    try:
        found = folder.trace.stat()
    except OSError:
        return (0, 0)
    return (found.st_ino, found.st_size)
