"""Pictures of runs, folded once and then carried on: the fold of a run is kept as long as there is
room, the least lately used goes first."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from itertools import takewhile

import msgspec

from ..folder import Cursor, RunFolder, batches
from ..trace.picture import PictureFold, encode_picture

ROOM_BYTES = 256 << 20
BYTES_A_LINE = 600
"""About what a line adds to a fold."""
STEP_LINES = 1_000
NUMBERS_LEVEL = 4
"""Numbers alone are few: packing them closer costs little. Texts are not worth the time."""


class Kept:
    """The fold of one run, up to `cursor`, and the pictures last sent, with and without texts."""

    def __init__(self, inode: int) -> None:
        self.inode = inode
        self.lock = threading.Lock()
        self.fold = PictureFold()
        self.cursor = Cursor()
        self.sent: dict[bool, tuple[int, bytes]] = {}

    @property
    def size_bytes(self) -> int:
        return self.cursor.seq * BYTES_A_LINE + sum(len(raw) for _, raw in self.sent.values())

    def packed(self, texts: bool) -> bytes:
        """What was sent last, where nothing came since."""
        seq, raw = self.sent.get(texts, (-1, b""))
        if seq != self.fold.picture.seq:
            raw = _packed(self.fold, texts)
            self.sent[texts] = self.fold.picture.seq, raw
        return raw


class Pictures:
    """Answers with the picture of a run at a line, gzipped JSON."""

    def __init__(self, room_bytes: int = ROOM_BYTES) -> None:
        self._room_bytes = room_bytes
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, folder: RunFolder, seq: int | None = None, texts: bool = True) -> bytes:
        """The picture up to line `seq`, or up to what lies on disk now."""
        kept = self._of(folder)
        with kept.lock:
            if seq is not None and seq < kept.fold.picture.seq:
                return _packed(_folded(folder, seq), texts)  # a look back: not worth keeping
            _carry_on(kept, folder, seq)
            sent = kept.packed(texts)
        self._make_room()
        return sent

    def _of(self, folder: RunFolder) -> Kept:
        inode = _inode(folder)
        with self._lock:
            kept = self._kept.get(folder.run_id)
            if kept is None or kept.inode != inode:
                kept = self._kept[folder.run_id] = Kept(inode)
            self._kept.move_to_end(folder.run_id)
            return kept

    def _make_room(self) -> None:
        with self._lock:
            while len(self._kept) > 1 and self._bytes() > self._room_bytes:
                self._kept.popitem(last=False)

    def _bytes(self) -> int:
        return sum(kept.size_bytes for kept in self._kept.values())


def _carry_on(kept: Kept, folder: RunFolder, seq: int | None) -> None:
    for lines, cursor in batches(folder.trace, kept.cursor, STEP_LINES):
        if seq is not None and cursor.seq > seq:
            kept.fold.take(line for line in lines if line.seq <= seq)
            return  # the cursor stays: the fold passes over what it has
        kept.fold.take(lines)
        kept.cursor = cursor


def _folded(folder: RunFolder, seq: int) -> PictureFold:
    fold = PictureFold()
    for lines, _ in batches(folder.trace, size=STEP_LINES):
        fold.take(takewhile(lambda line: line.seq <= seq, lines))
        if lines[-1].seq >= seq:
            break
    return fold


def _packed(fold: PictureFold, texts: bool) -> bytes:
    told = msgspec.json.encode(encode_picture(fold.picture, texts))
    return gzip.compress(told, 1 if texts else NUMBERS_LEVEL, mtime=0)


def _inode(folder: RunFolder) -> int:
    try:
        return folder.trace.stat().st_ino
    except OSError:
        return 0
