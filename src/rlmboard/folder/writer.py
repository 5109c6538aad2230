"""The recorder's hot path: one event, one line, one write. It never raises, prints or waits.

There is no lock: a line, or those of one moment, are appended by a single `os.write` to an O_APPEND
descriptor, which the kernel keeps whole between threads and processes. Order of recording is the
order of lines.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..trace import TraceEvent, encode_line
from .beat import Beating, keep_beating
from .descriptor import Descriptor
from .lines import datasync, open_append
from .pulse import Owner

UNSAYABLE = (TypeError, ValueError, RecursionError)
"""What goes wrong with an event that JSON has no room for."""


class Writer(Beating):
    """Appends the events of one run. `base_ns` is the run's zero on `clock`, in nanoseconds.

    `mark` asks readers to look at the run again; without an `owner` it may be over to them.
    `lost` counts what could not be written; `problem` says why the last one could not.
    """

    writes = True

    def __init__(
        self,
        trace: Path,
        run_id: str,
        base_ns: int,
        owner: Owner | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
        mark: Callable[[], None] | None = None,
    ) -> None:
        self.run_id = run_id
        self.lost = 0
        self.problem: str | None = None
        self.owner = owner
        self._trace = trace
        self._base_ns = base_ns
        self._clock = clock
        self._mark = mark
        self._is_guest = owner is None
        self._descriptor: Descriptor | None = None
        self._file = -1  # its number: what the hot path needs of it
        self._gathered: list[bytes] | None = None
        self._torn = False
        self._dirty = False
        self._closed = False
        self._counting = threading.Lock()
        try:
            self._open()
        except OSError as error:
            self.problem = self._why(error)

    def append(self, event: TraceEvent, at_us: int | None = None) -> bool:
        """Whether the event is in the file. `at_us`: microseconds since the start of the run."""
        if at_us is None:
            at_us = (self._clock() - self._base_ns) // 1000
        try:
            line = encode_line(self.run_id, at_us, event)
        except UNSAYABLE as error:
            self.lose(f"an event could not be encoded: {error}")
            return False
        return self._write(line)

    def append_both(self, first: TraceEvent, second: TraceEvent) -> bool:
        """Whether both are in the file: two events of one moment, in one write."""
        at_us = self.now_us()
        try:
            lines = encode_line(self.run_id, at_us, first) + encode_line(self.run_id, at_us, second)
        except UNSAYABLE:  # of one of them: the other is written
            return all([self.append(first, at_us), self.append(second, at_us)])
        return self._write(lines)

    def gather(self) -> None:
        """From here on events wait for `flush`: for a single thread that has many at once."""
        self._gathered = []

    def flush(self) -> bool:
        """Whether all that was gathered is in the file; what comes now does not wait."""
        lines, self._gathered = self._gathered, None
        return self._write(b"".join(lines)) if lines else True

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
        file = self._descriptor
        if not self._dirty or file is None or not file.is_ours():
            return
        self._dirty = False
        try:
            datasync(file.number)
        except OSError as error:
            if not self._closed:
                self.problem = f"the disk did not confirm: {error.strerror or error}"

    def beat(self) -> None:
        """Called each second by the background thread; nothing depends on its ever coming."""
        if self._descriptor is not None and not self._descriptor.is_ours():
            self._file = -1  # the next append opens it again
        self._confirm()
        if self.owner is None:
            return
        if self.owner.pulse.lost != self.lost:
            self.owner.pulse.lost = self.lost
            self.owner.say()
        self.owner.beat()

    def close(self) -> None:
        """What comes later is still recorded, each with a descriptor of its own."""
        self.stop_beating()
        self._confirm()
        self._closed = True
        self._let_go()

    def forked(self) -> None:
        """In a fork's child: this process joins; it does not own, nor hold its parent's lock."""
        self._counting = threading.Lock()
        if self.owner is not None:
            self.owner.drop()
            self.owner = None
        self._is_guest = True

    def _confirm(self) -> None:
        is_news = self._dirty and self._is_guest
        self.sync()
        if is_news:
            self._tell()

    def _tell(self) -> None:
        """After it was written, or a reader could miss it; a run that was thrown away stays so."""
        if self._mark is not None and self._trace.exists():
            with suppress(OSError):
                self._mark()

    def _open(self) -> None:
        self._descriptor = open_append(self._trace)
        self._file = self._descriptor.number
        if not self._closed:
            keep_beating(self)

    def _let_go(self) -> None:
        self._file = -1
        if self._descriptor is not None:
            self._descriptor.close()

    def _write(self, lines: bytes) -> bool:
        """One line, or several, in one write; where events are gathered, they wait for it."""
        if self._gathered is not None:
            self._gathered.append(lines)
            return True
        if self._torn:
            lines = b"\n" + lines
        try:
            written = os.write(self._file, lines)
        except OSError as error:
            return self._write_anew(lines, error)
        return self._is_whole(lines, written)

    def _write_anew(self, lines: bytes, error: OSError) -> bool:
        """Once more with a fresh descriptor, where somebody closed ours or the run is over."""
        if error.errno != errno.EBADF:
            return self._lose_all(lines, error)
        try:
            self._open()
            written = os.write(self._file, lines)
        except OSError as again:
            return self._lose_all(lines, again)
        finally:
            if self._closed:
                self._let_go()
                self._tell()
        return self._is_whole(lines, written)

    def _is_whole(self, lines: bytes, written: int) -> bool:
        self._dirty = True
        self._torn = written != len(lines)
        if self._torn:
            self.lose("the disk took only a part of a line", lines.count(b"\n", written))
        return not self._torn

    def _lose_all(self, lines: bytes, error: OSError) -> bool:
        self.lose(self._why(error), lines.count(b"\n", 1 if self._torn else 0))
        return False

    def _why(self, error: OSError) -> str:
        return f"{self._trace} cannot be written: {error.strerror or error}"
