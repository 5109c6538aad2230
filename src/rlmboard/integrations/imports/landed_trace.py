"""Appending to a trace what it does not hold already."""

from __future__ import annotations

import os
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

from ...folder import PayloadWriter, Writer, datasync
from ...trace import END_EVENTS, RunResumed, TraceEvent, encode_line

FLUSH_BYTES = 256 * 1024
_ENDINGS = (*END_EVENTS, RunResumed)
_ENDING = re.compile(
    rb'\{"run_id":"[^"]*","timestamp_ms":([-+.\deE]+),'
    rb'"event":\{"type":"(RunDone|RunFailed|RunCancelled|RunResumed)"'
)


class LandedTrace(Writer):
    """Takes every event of a run in order, and writes those that the file does not hold.

    An event that is told twice is written twice, so that a repetition changes nothing. Lines are
    gathered and written by `flush`. With `dry` nothing is written, and all is counted.
    `ended_at_us`: when the run ended, where it has and was not resumed.
    """

    def __init__(self, trace: Path, run_id: str, dry: bool = False) -> None:
        self.added = 0
        self.ended_at_us: int | None = None
        self._dry = dry
        self._is_synced = True
        self._held: Counter[int] = Counter()
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        super().__init__(trace, run_id, 0)
        self._read()

    def append(self, event: TraceEvent, at_us: int | None = None) -> bool:
        try:
            line = encode_line(self.run_id, at_us or 0, event)
        except (TypeError, ValueError, RecursionError) as error:
            self.lose(f"an event could not be encoded: {error}")
            return False
        if self._held and self._is_held(line):
            return True
        self.added += 1
        if isinstance(event, _ENDINGS):
            self.ended_at_us = None if isinstance(event, RunResumed) else at_us or 0
        self._pending.append(line)
        self._pending_bytes += len(line)
        return True

    def insert(self, event: TraceEvent, at_us: int) -> None:
        """Right before what was appended last."""
        self._pending.insert(-1, encode_line(self.run_id, at_us, event))

    def has_news(self) -> bool:
        """Whether something waits for a `flush`."""
        return bool(self._pending)

    def is_full(self) -> bool:
        """Whether enough is gathered to be worth a `flush`."""
        return self._pending_bytes >= FLUSH_BYTES

    def moved(self, trace: Path) -> None:
        """The file has another place."""
        self._trace = trace

    def flush(self) -> bool:
        """What was gathered is in the file. Raises OSError."""
        lines = bytearray(b"".join(self._pending))
        self._pending, self._pending_bytes = [], 0
        if self._dry or not lines:
            return True
        file = os.open(self._trace, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            size = os.fstat(file).st_size
            if size and os.pread(file, 1, size - 1) != b"\n":
                lines[:0] = b"\n"
            while lines:
                del lines[: os.write(file, lines)]
        finally:
            os.close(file)
        self._is_synced = False
        return True

    def sync(self) -> None:
        """What was written is down on the disk, as far as the system can say. Never raises."""
        if self._is_synced:
            return
        self._is_synced = True
        with suppress(OSError):
            file = os.open(self._trace, os.O_RDONLY | os.O_CLOEXEC)
            try:
                datasync(file)
            finally:
                os.close(file)

    def _is_held(self, line: bytes) -> bool:
        """Whether the file has this line once more than it was told so far."""
        name = hash(line[:-1])
        count = self._held.get(name, 0)
        if count == 1:
            del self._held[name]
        elif count > 1:
            self._held[name] = count - 1
        return count > 0

    def _open(self) -> None:
        """The file is opened when there is something to write."""

    def _read(self) -> None:
        try:
            file = self._trace.open("rb")
        except OSError:
            return
        with file:
            for line in file:
                whole = line.rstrip(b"\n")
                self._held[hash(whole)] += 1
                self._note_end(whole)

    def _note_end(self, line: bytes) -> None:
        found = _ENDING.match(line)
        if found is None:
            return
        self.ended_at_us = None if found[2] == b"RunResumed" else round(float(found[1]) * 1000)


class LandedPayloads(PayloadWriter):
    """Keeps texts once their event turns out to be new: what was pruned does not come back."""

    def __init__(self, artifacts: Path) -> None:
        super().__init__(artifacts, remembered=5_000_000)
        self._waiting: dict[bytes, bytes] = {}
        self._know(artifacts)
        self.gather()

    def keep(self, text: str) -> str:
        """The name of the text, which waits for `settle`."""
        key, content = self._named(text)
        if key not in self._known:
            self._waiting[key] = content
        return key.hex()

    def settle(self, write: bool) -> None:
        """The event that names what waits is new, or is not. Raises OSError."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        if write:
            for key, content in waiting.items():
                self._put(key, content)

    def is_full(self) -> bool:
        """Whether enough is gathered to be worth a `flush`."""
        return self._gathered is not None and len(self._gathered) >= FLUSH_BYTES

    def flush(self) -> None:
        """What was gathered is in the file. Raises OSError."""
        super().flush()
        self.gather()

    def _know(self, artifacts: Path) -> None:
        begins = b'{"sha256":"'
        try:
            with (artifacts / "payloads.jsonl").open("rb") as lines:
                names = [line[11:75] for line in lines if line.startswith(begins)]
        except OSError:
            return
        for name in names:
            try:
                self._known.add(bytes.fromhex(name.decode()))
            except ValueError:
                continue
