"""For tests of programs that use rlmboard: a fake provider, captured events, a scripted server.

`FakeProvider` answers without a network. `capture_events()` gives something to hand in as `emit`.
`ScriptedServer` is a real OpenAI-compatible server on this machine that does what its script says,
faults included, and keeps a book of what it served.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from .providers import FakeProvider, simulated_swarm
from .trace import TraceEvent

__all__ = [
    "Captured",
    "FakeProvider",
    "Reply",
    "ScriptedServer",
    "Served",
    "capture_events",
    "simulated_swarm",
]

E = TypeVar("E")


class Captured:
    """Takes events where an `emit` is asked for, and keeps them in their order."""

    def __init__(self) -> None:
        self.events: list[TraceEvent] = []

    def __call__(self, event: TraceEvent) -> None:
        self.events.append(event)

    def of(self, kind: type[E]) -> list[E]:
        """The events of one type."""
        return [event for event in self.events if isinstance(event, kind)]


def capture_events() -> Captured:
    """An `emit` that remembers: `drive(…, emit=captured)`, then `captured.of(SubQueryReturn)`."""
    return Captured()


_USAGE = {"prompt_tokens": 10, "completion_tokens": 2}


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a scripted server, or one fault.

    `raw` is sent instead of a chat completion. `cut_after` closes the connection after so many
    bytes of the body. `hangs` never answers. `usage` is stated as it is, true or not; `None` leaves
    it out. `cost` is stated in `usage.cost`, in dollars.
    """

    text: str = "ok"
    status: int = 200
    headers: dict[str, str] = {}
    delay_s: float = 0.0
    hangs: bool = False
    raw: bytes | None = None
    cut_after: int | None = None
    usage: dict[str, Any] | None = msgspec.field(default_factory=lambda: dict(_USAGE))
    cost: float | None = None
    finish_reason: str = "stop"

    @classmethod
    def too_many_requests(cls, retry_after: str | None = None) -> Reply:
        """HTTP 429, with Retry-After where given: seconds or an HTTP date."""
        headers = {} if retry_after is None else {"Retry-After": retry_after}
        return cls(status=429, headers=headers, raw=b'{"error": {"message": "too many requests"}}')

    @classmethod
    def huge(cls, size_bytes: int = 10_000_000) -> Reply:
        """A good answer, far too long."""
        return cls(text="x" * size_bytes)

    @classmethod
    def invalid_json(cls) -> Reply:
        return cls(raw=b'{"choices": [{"message": ')

    @classmethod
    def cut_off(cls, after: int = 20) -> Reply:
        """An answer whose connection closes in the middle of it."""
        return cls(cut_after=after)

    def body(self, model: str) -> bytes:
        if self.raw is not None:
            return self.raw
        message = {"role": "assistant", "content": self.text}
        said: dict[str, Any] = {
            "model": model,
            "choices": [{"message": message, "finish_reason": self.finish_reason}],
        }
        if self.usage is not None:
            said["usage"] = self.usage if self.cost is None else {**self.usage, "cost": self.cost}
        return msgspec.json.encode(said)


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """One request in the book. `key` is what the client showed of itself, as it was sent."""

    path: str
    body: dict[str, Any]
    key: str | None
    reply: Reply

    @property
    def prompt(self) -> str:
        messages = self.body.get("messages") or [{}]
        return str(messages[-1].get("content", ""))


Script = Callable[[dict[str, Any]], Reply]


class ScriptedServer:
    """A server of chat completions on a free port of this machine.

    Replies come from `script` in the order of the requests, then `then` for ever; or from a
    function of the request's body. As an async context manager it runs in the test's loop, as a
    plain one in a thread of its own. `sleep` is what `Reply.delay_s` waits by.
    """

    def __init__(
        self,
        script: Iterable[Reply] | Script = (),
        *,
        then: Reply | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.book: list[Served] = []
        self.url = ""
        self._by_request = script if callable(script) else None
        self._replies = iter(()) if callable(script) else iter(script)
        self._then = then or Reply()
        self._sleep = sleep
        self._runner: web.AppRunner | None = None
        self._closing: asyncio.Event | None = None
        self._thread: _LoopThread | None = None

    @property
    def tokens(self) -> int:
        """All tokens that good replies stated, where they are numbers."""
        counts = (
            count
            for served in self.book
            if served.reply.status == 200 and served.reply.usage
            for count in served.reply.usage.values()
        )
        return sum(count for count in counts if isinstance(count, int) and count > 0)

    @property
    def cost_usd(self) -> float:
        """What good replies said that they cost."""
        good = [served.reply for served in self.book if served.reply.status == 200]
        return sum(reply.cost or 0.0 for reply in good)

    async def start(self) -> ScriptedServer:
        self._closing = asyncio.Event()
        app = web.Application(client_max_size=64 << 20)
        app.router.add_post("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/v1"
        return self

    async def stop(self) -> None:
        if self._closing is not None:
            self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> ScriptedServer:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def __enter__(self) -> ScriptedServer:
        self._thread = _LoopThread()
        self._thread.run(self.start())
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._thread.run(self.stop())
            self._thread.end()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        body = msgspec.json.decode(await request.read(), type=dict[str, Any])
        reply = self._by_request(body) if self._by_request else next(self._replies, self._then)
        key = request.headers.get("Authorization")
        self.book.append(Served(path=request.path, body=body, key=key, reply=reply))
        if reply.hangs and self._closing is not None:
            await self._closing.wait()
        if reply.delay_s:
            await self._sleep(reply.delay_s)
        answer = reply.body(str(body.get("model")))
        if reply.cut_after is not None:
            return await _cut(request, answer, reply.cut_after)
        return web.Response(
            body=answer,
            status=reply.status,
            headers={"Content-Type": "application/json", **reply.headers},
        )


async def _cut(request: web.Request, answer: bytes, after: int) -> web.StreamResponse:
    """Promises the whole body, sends its beginning, and hangs up."""
    response = web.StreamResponse(headers={"Content-Length": str(len(answer))})
    await response.prepare(request)
    await response.write(answer[:after])
    if request.transport is not None:
        request.transport.close()
    return response


class _LoopThread:
    """An event loop in a thread, for programs that have none."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, doing: Awaitable[object]) -> None:
        async def done() -> None:
            await doing

        asyncio.run_coroutine_threadsafe(done(), self._loop).result()

    def end(self) -> None:
        self.run(self._give_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _give_up(self) -> None:
        """What still answers somebody who has gone is ended, not left to be destroyed."""
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
