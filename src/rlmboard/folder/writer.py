"""The recorder's hot path: one event, one line, one write. It never raises, prints or waits.

There is no lock: a line is appended by a single `os.write` to an O_APPEND descriptor, which the
kernel keeps whole between threads and processes. Order of recording is the order of lines.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from ..trace import TraceEvent, encode_line
from .beat import Beating, keep_beating
from .lines import open_append
from .pulse import Owner

_UNENCODABLE = (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError)


class Writer(Beating):
    """Appends the events of one run. `base_ns` is the run's zero on `clock`, in nanoseconds.

    `lost` counts what could not be written; `problem` says why the last one could not.
    """

    def __init__(
        self,
        trace: Path,
        run_id: str,
        base_ns: int,
        owner: Owner | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.run_id = run_id
        self.lost = 0
        self.problem: str | None = None
        self.owner = owner
        self._trace = trace
        self._base_ns = base_ns
        self._clock = clock
        self._file = -1
        self._torn = False
        self._dirty = False
        self._counting = threading.Lock()
        self._open()
        keep_beating(self)

    def append(self, event: TraceEvent, at_us: int | None = None) -> bool:
        """Whether the event is in the file. `at_us`: microseconds since the start of the run."""
        if at_us is None:
            at_us = (self._clock() - self._base_ns) // 1000
        try:
            line = encode_line(self.run_id, at_us, event)
        except _UNENCODABLE as error:
            self.lose(f"an event could not be encoded: {error}")
            return False
        if self._torn:
            line = b"\n" + line
        try:
            written = os.write(self._file, line)
        except OSError as error:
            return self._retry(line, error)
        self._dirty = True
        self._torn = written != len(line)
        if self._torn:
            self.lose("the disk took only a part of a line")
        return not self._torn

    def rebase(self, base_ns: int) -> None:
        """Time goes on from here: the run was taken up again."""
        self._base_ns = base_ns
        if self.owner is not None:
            self.owner.pulse.base_ns = base_ns
            self.owner.say()

    def now_us(self) -> int:
        """Microseconds since the start of the run."""
        return (self._clock() - self._base_ns) // 1000

    def lose(self, why: str, count: int = 1) -> None:
        with self._counting:
            self.lost += count
            self.problem = why

    def sync(self) -> None:
        """Down to the disk, as far as the system can say. Never raises."""
        if not self._dirty or self._file < 0:
            return
        self._dirty = False
        try:
            _datasync(self._file)
        except OSError as error:
            self.problem = f"the disk did not confirm: {error.strerror or error}"

    def beat(self) -> None:
        """Called each second by the background thread; nothing depends on its ever coming."""
        self.sync()
        if self.owner is None:
            return
        if self.owner.pulse.lost != self.lost:
            self.owner.pulse.lost = self.lost
            self.owner.say()
        self.owner.beat()

    def close(self) -> None:
        self.stop_beating()
        self.sync()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def forked(self) -> None:
        """In a fork's child: this process joins; it does not own, nor hold its parent's lock."""
        self._counting = threading.Lock()
        if self.owner is not None:
            self.owner.drop()
            self.owner = None
        if self._file >= 0:
            keep_beating(self)

    def _open(self) -> None:
        try:
            self._file = open_append(self._trace)
        except OSError as error:
            self.problem = f"{self._trace} cannot be written: {error.strerror or error}"

    def _retry(self, line: bytes, error: OSError) -> bool:
        """Once more with a fresh descriptor: a daemon may have closed all that it did not know."""
        if self._file >= 0 and error.errno != 9:
            self.lose(f"{self._trace} cannot be written: {error.strerror or error}")
            return False
        try:
            self._file = open_append(self._trace)
            written = os.write(self._file, line)
        except OSError as again:
            self.lose(f"{self._trace} cannot be written: {again.strerror or again}")
            return False
        self._dirty = True
        self._torn = written != len(line)
        if self._torn:
            self.lose("the disk took only a part of a line")
        return not self._torn


_datasync = getattr(os, "fdatasync", os.fsync)
