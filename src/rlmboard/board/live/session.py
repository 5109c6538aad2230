"""One socket: what it asked to follow, and the frames that it gets."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from litestar.exceptions import WebSocketException

from ...errors import BadInput, RlmboardError
from ...folder import valid_run_id
from ...trace import json_decoder
from ..problems import problem_of
from .feed import Batch, Ring, frame
from .hub import MOST_SEQ, Hub

Send: TypeAlias = Callable[[str], Awaitable[None]]
Work: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
HEARTBEAT_S = 5.0
MOST_RUNS = 64
RUNS = "runs"
_log = logging.getLogger(__name__)


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client says: `sub` or `unsub`, of one run or of the list."""

    sub: Literal["run", "runs"] | None = None
    unsub: Literal["run", "runs"] | None = None
    run: str | None = None
    after: Annotated[int, msgspec.Meta(ge=0, le=MOST_SEQ)] = 0
    mode: Literal["batches", "plain"] = "batches"


_decode = json_decoder(Message).decode


class Session:
    """Follows what its client asks for until `close`. Each thing is followed by a task of its own,
    which sends a frame when the one before it has left: a slow client holds up nobody."""

    def __init__(self, hub: Hub, send: Send) -> None:
        self._hub = hub
        self._send = send
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._heart = asyncio.create_task(self._beat())

    async def hear(self, said: str | bytes) -> None:
        """One message of the client. One that makes no sense is answered with a problem."""
        try:
            self._do(_message(said))
        except RlmboardError as error:
            await self._tell(error)

    async def close(self) -> None:
        tasks = [self._heart, *self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _do(self, message: Message) -> None:
        if message.sub == "runs":
            self._begin(RUNS, self._follow_runs)
        elif message.sub == "run":
            self._begin(_run_of(message), lambda: self._follow(message))
        elif message.unsub is not None:
            self._end(RUNS if message.unsub == "runs" else _run_of(message))
        else:
            raise BadInput('say {"sub": "run", "run": ID, "after": SEQ} or {"sub": "runs"}')

    def _begin(self, name: str, work: Work) -> None:
        self._end(name)
        self._tasks = {key: task for key, task in self._tasks.items() if not task.done()}
        if len(self._tasks) >= MOST_RUNS:
            raise BadInput(f"a socket may follow {MOST_RUNS} runs; unsub one first")
        self._tasks[name] = asyncio.create_task(self._watched(work))

    async def _watched(self, work: Work) -> None:
        """A client that has gone is no trouble; a fault of ours is told, and logged."""
        try:
            await work()
        except (OSError, WebSocketException):
            pass
        except Exception as error:
            _log.exception("following failed")
            await self._tell(error)

    def _end(self, name: str) -> None:
        task = self._tasks.pop(name, None)
        if task is not None:
            task.cancel()

    async def _follow(self, message: Message) -> None:
        run_id, after = _run_of(message), message.after
        try:
            missed = await self._hub.missed(run_id, after)
        except RlmboardError as error:
            await self._tell(error, run_id)
            return
        seq = missed.head.seq
        if seq < after:
            await self._send(frame("reset", run_id=run_id, reason="replaced"))
            return
        async with self._hub.following(run_id, missed) as ring:
            if missed.too_long:
                await self._send(frame("gap", run_id=run_id, after=after, to=seq))
            for batch in missed.batches:
                await self._send_batch(batch, message.mode)
            await self._send(frame("live", run_id=run_id, seq=seq))
            await self._go_on(run_id, ring, seq, message.mode)

    async def _go_on(self, run_id: str, ring: Ring, seq: int, mode: str) -> None:
        status: str | None = None
        while True:
            if ring.status is not None and ring.status != status:
                status = ring.status
                await self._send(status)
            elif ring.seq > seq:
                seq = await self._send_next(run_id, ring, seq, mode)
            elif ring.ended is not None:
                await self._send(frame("reset", run_id=run_id, reason=ring.ended))
                return
            else:
                await ring.news()

    async def _send_next(self, run_id: str, ring: Ring, seq: int, mode: str) -> int:
        """The next batch, or a gap up to the latest line where it is too late for that."""
        batch = ring.after(seq)
        if batch is not None:
            await self._send_batch(batch, mode)
            return batch.to
        latest = ring.seq
        await self._send(frame("gap", run_id=run_id, after=seq, to=latest))
        return latest

    async def _send_batch(self, batch: Batch, mode: str) -> None:
        for text in batch.plain_frames if mode == "plain" else (batch.frame,):
            await self._send(text)

    async def _follow_runs(self) -> None:
        watch = self._hub.runs
        version = watch.join()
        try:
            while True:
                if watch.version > version:
                    version, told = watch.version, watch.since(version)
                    await self._send(told)
                else:
                    await watch.news()
        finally:
            watch.leave()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            await self._send(frame("heartbeat", at_ms=time.time_ns() // 1_000_000))

    async def _tell(self, error: Exception, run_id: str | None = None) -> None:
        told = msgspec.structs.asdict(problem_of(error))
        name = told.pop("type")
        whose = {} if run_id is None else {"run_id": run_id}
        await self._send(frame("problem", problem=name, **whose, **told))


def _message(said: str | bytes) -> Message:
    try:
        return _decode(said)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"this message makes no sense: {error}") from error


def _run_of(message: Message) -> str:
    if not message.run:
        raise BadInput('name the run: {"sub": "run", "run": ID}')
    return valid_run_id(message.run)
