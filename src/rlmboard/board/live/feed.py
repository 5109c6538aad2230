"""One run for all its readers: new lines are read once, encoded once, and kept for a moment.

The ring bounds the memory: a reader that falls behind it gets a gap, and no queue grows.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from functools import cached_property

import msgspec

from ...trace import TraceLine
from ..lines import encode_lines, encode_plain

RING_BATCHES = 40
RING_BYTES = 16 << 20


class Batch:
    """Every line after `after` up to `to`, as one frame."""

    def __init__(self, run_id: str, after: int, lines: Sequence[TraceLine]) -> None:
        self.run_id = run_id
        self.after = after
        self.to = lines[-1].seq
        self._lines = lines

    @cached_property
    def frame(self) -> str:
        head = frame("lines", run_id=self.run_id, after=self.after, to=self.to)
        return f'{head[:-1]},"lines":{encode_lines(self._lines).decode()}}}'

    @cached_property
    def plain_frames(self) -> list[str]:
        """One frame an event; holes say nothing."""
        frames = (encode_plain(self.run_id, line) for line in self._lines)
        return [frame.decode() for frame in frames if frame is not None]

    def beyond(self, seq: int) -> Batch:
        """What of it comes after `seq`."""
        if seq <= self.after:
            return self
        return Batch(self.run_id, seq, [line for line in self._lines if line.seq > seq])


class Ring:
    """The last batches of a run.

    `seq` is the last line read, `status` the frame that tells the run's status, `ended` why no more
    will come.
    """

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.status: str | None = None
        self.ended: str | None = None
        self._batches: deque[Batch] = deque()
        self._bytes = 0
        self._news = asyncio.Event()

    def put(self, batch: Batch) -> None:
        self._batches.append(batch)
        self._bytes += len(batch.frame)
        while len(self._batches) > 1 and self._is_full():
            self._bytes -= len(self._batches.popleft().frame)
        self.seq = batch.to
        self._wake()

    def say(self, status: str) -> None:
        self.status = status
        self._wake()

    def end(self, reason: str) -> None:
        self.ended = reason
        self._wake()

    def after(self, seq: int) -> Batch | None:
        """The batch that goes on after line `seq`; None where the ring begins later."""
        for batch in self._batches:
            if batch.after <= seq < batch.to:
                return batch.beyond(seq)
        return None

    async def news(self) -> None:
        """Until something is put in or said after this call."""
        await self._news.wait()

    def _is_full(self) -> bool:
        return len(self._batches) > RING_BATCHES or self._bytes > RING_BYTES

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


def frame(kind: str, **said: object) -> str:
    """A frame of this type, as JSON."""
    return msgspec.json.encode({"type": kind, **said}).decode()
