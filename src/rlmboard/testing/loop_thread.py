"""An event loop in a thread, for programs that have none."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable


class LoopThread:
    """Runs what is to be awaited in a loop of its own, and waits for it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, doing: Awaitable[object]) -> None:
        async def done() -> None:
            await doing

        asyncio.run_coroutine_threadsafe(done(), self.loop).result()

    def end(self) -> None:
        self.run(self._give_up())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    async def _give_up(self) -> None:
        """What still answers somebody who has gone is ended, not left to be destroyed."""
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
