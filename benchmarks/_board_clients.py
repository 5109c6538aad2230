"""Readers of one live run beside the page: `python _board_clients.py URL RUN COUNT`.

Says `ready` when each of them is up to date; a line on stdin ends them, and it says which line each
came to, how often each was told of a gap, and how much all were sent.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys

import aiohttp

LINES = re.compile(r'^\{"type":"lines","run_id":"[^"]+","after":\d+,"to":(\d+)')
GAP = re.compile(r'^\{"type":"gap".*"to":(\d+)\}')


class Reader:
    """Follows a run, and keeps of each frame only how far it went."""

    def __init__(self) -> None:
        self.seq = self.gaps = self.bytes = 0
        self.is_live = asyncio.Event()

    async def follow(self, session: aiohttp.ClientSession, url: str, run_id: str) -> None:
        async with session.ws_connect(url, compress=0, max_msg_size=0) as socket:
            await socket.send_json({"sub": "run", "run": run_id, "after": 0})
            async for message in socket:
                self._hear(message.data)

    def _hear(self, frame: str) -> None:
        self.bytes += len(frame)
        if went := LINES.match(frame):
            self.seq = int(went[1])
        elif gap := GAP.match(frame):
            self.seq, self.gaps = int(gap[1]), self.gaps + 1
        elif frame.startswith('{"type":"live"'):
            self.is_live.set()


async def main(url: str, run_id: str, count: int) -> None:
    readers = [Reader() for _ in range(count)]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        tasks = [asyncio.create_task(one.follow(session, url, run_id)) for one in readers]
        await asyncio.gather(*(one.is_live.wait() for one in readers))
        print(json.dumps({"ready": count}), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        print(
            json.dumps(
                {
                    "seqs": sorted({one.seq for one in readers}),
                    "gaps": sum(one.gaps for one in readers),
                    "bytes": sum(one.bytes for one in readers),
                }
            ),
            flush=True,
        )
        for task in tasks:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
