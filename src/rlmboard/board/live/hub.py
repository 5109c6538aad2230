"""All live runs that somebody looks at: a feed for each, begun with its first reader.

Lines come from the folder, looked at each 50 ms while somebody is there. What the index knows
(statuses, rows of the list) is asked beside it in a thread of its own: no line waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import NamedTuple, TypeVar

from ...folder import Liveness, RunFolder
from ...trace import TraceLine
from ..reading import Reading
from .backlog import Backlog, Backlogs
from .feed import Batch, Ring, frame
from .tail import Replaced, Tail
from .watch import RunsWatch

T = TypeVar("T")
LOOK_EVERY_S = 0.05
STATUS_EVERY_S = 1.0
BATCH_LINES = 5_000
MOST_SEQ = 1 << 53
"""What the numbers of a page can count."""


class Feed(NamedTuple):
    """A run that is followed, by how many readers, and the tasks that keep it up."""

    ring: Ring
    readers: list[object]
    tasks: list[asyncio.Task[None]]


class Hub:
    """Hands each reader of a run the same ring. Lives on one event loop."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.runs = RunsWatch(reading, self._beside)
        self._lines = ThreadPoolExecutor(1, "rlmboard-lines")
        self._rows = ThreadPoolExecutor(1, "rlmboard-rows")
        self._feeds: dict[str, Feed] = {}
        self._backlogs = Backlogs()

    async def close(self) -> None:
        """Nothing is followed any more."""
        for feed in self._feeds.values():
            for task in feed.tasks:
                task.cancel()
        self.runs.stop()
        self._lines.shutdown(wait=False, cancel_futures=True)
        self._rows.shutdown(wait=False, cancel_futures=True)

    async def missed(self, run_id: str, after: int) -> Backlog:
        """What lies on disk after line `after`. Raises UnknownRun."""

        def read() -> Backlog:
            folder = self.reading.folder_to_follow(run_id)
            near, known = (self.reading.store.cursor(run_id, seq) for seq in (after, MOST_SEQ))
            return self._backlogs.after(folder, after, near, known)

        return await asyncio.get_running_loop().run_in_executor(None, read)

    @asynccontextmanager
    async def following(self, run_id: str, missed: Backlog) -> AsyncIterator[Ring]:
        """The ring of a run while the block runs, from the end of the backlog on or before."""
        feed = self._feeds.get(run_id)
        if feed is None or feed.ring.ended is not None:
            feed = self._feeds[run_id] = self._begin(run_id, missed)
        reader = object()
        feed.readers.append(reader)
        try:
            yield feed.ring
        finally:
            feed.readers.remove(reader)
            if not feed.readers:
                self._stop(run_id, feed)

    def _begin(self, run_id: str, missed: Backlog) -> Feed:
        folder = self.reading.store.home.run(run_id)
        ring = Ring(missed.head.seq)
        works = (
            self._keep_up(folder, Tail(folder, missed.head), ring),
            self._keep_status(folder, ring),
        )
        return Feed(ring, [], [asyncio.create_task(work) for work in works])

    def _stop(self, run_id: str, feed: Feed) -> None:
        for task in feed.tasks:
            task.cancel()
        if self._feeds.get(run_id) is feed:
            del self._feeds[run_id]
            self._backlogs.forget(run_id)

    async def _keep_up(self, folder: RunFolder, tail: Tail, ring: Ring) -> None:
        try:
            while True:
                while tail.has_more() and (lines := await self._read(tail)):
                    ring.put(Batch(folder.run_id, ring.seq, lines))
                await asyncio.sleep(LOOK_EVERY_S)
        except Replaced:
            ring.end("replaced" if folder.exists() else "gone")

    async def _read(self, tail: Tail) -> list[TraceLine]:
        return await _in(self._lines, lambda: tail.read(BATCH_LINES))

    async def _keep_status(self, folder: RunFolder, ring: Ring) -> None:
        """Say how the run stands at first, and when its owner dies or comes back."""
        known: Liveness | None = None
        while ring.ended is None:
            alive = await self._beside(folder.liveness)
            if alive != known:
                known = alive
                said = await self._beside(lambda: self._status_frame(folder.run_id))
                if said is not None:
                    ring.say(said)
            await asyncio.sleep(STATUS_EVERY_S)

    def _status_frame(self, run_id: str) -> str | None:
        said = self.reading.status(run_id)
        if said is None:
            return None
        return frame("status", run_id=run_id, status=said[0], presumed=said[1])

    async def _beside(self, question: Callable[[], T]) -> T:
        return await _in(self._rows, question)


async def _in(executor: Executor, question: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(executor, question)
