"""The end of one trace, read as it grows: straight from the folder, never through the index."""

from __future__ import annotations

import os

from ...folder import Cursor, RunFolder, batches
from ...trace import TraceLine


class Replaced(Exception):
    """The trace is another file than before, or gone: what was read of it means nothing now."""


class Tail:
    """Reads what comes after `cursor`. Raises Replaced where the file is not the one it was."""

    def __init__(self, folder: RunFolder, cursor: Cursor) -> None:
        self.cursor = cursor
        self._folder = folder
        self._inode: int | None = None

    def has_more(self) -> bool:
        """Whether the file is longer than what was read; as cheap as can be."""
        status = self._status()
        return status is not None and status.st_size > self.cursor.offset

    def read(self, most: int) -> list[TraceLine]:
        """Whole lines that are there now, about `most` of them."""
        self._status()
        for lines, cursor in batches(self._folder.trace, self.cursor, most):
            self.cursor = cursor
            return lines
        return []

    def _status(self) -> os.stat_result | None:
        try:
            status = self._folder.trace.stat()
        except OSError:
            if self.cursor.seq or self._inode is not None or not self._folder.exists():
                raise Replaced from None
            return None  # a run that has not said anything yet
        if self._inode is None:
            self._inode = status.st_ino
        if status.st_ino != self._inode or status.st_size < self.cursor.offset:
            raise Replaced
        return status
