"""A real server on this machine that follows its script and keeps a book of what it served."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeAlias

import msgspec
from aiohttp import web

from .answers import frames, models, protocol_of
from .book import Book, Served
from .loop_thread import LoopThread
from .reply import Reply

Script: TypeAlias = Callable[[dict[str, Any]], Reply]
_NOT_KEPT = {"authorization", "x-api-key", "cookie"}


class ScriptedServer:
    """A server of language models on a free port of this machine; `url` ends in `/v1`.

    It speaks chat completions, responses, embeddings and models as OpenAI does, messages as
    Anthropic does, and `/api/chat`, `generate` and `embed` as Ollama does, beside `/v1`; streamed
    where that is asked for. Replies come from `script` in the order of
    the requests, then `then` for ever; or from a function of the request's body. As an async
    context manager it runs in the test's loop, as a plain one in a thread of its own. `sleep` is
    what delays wait by. What it served stands in `book`.
    """

    def __init__(
        self,
        script: Iterable[Reply] | Script = (),
        *,
        then: Reply | None = None,
        models: Iterable[str] = ("scripted",),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.book = Book()
        self.url = ""
        self._by_request = script if callable(script) else None
        self._replies = iter(()) if callable(script) else iter(script)
        self._then = then or Reply()
        self._models = tuple(models)
        self._sleep = sleep
        self._runner: web.AppRunner | None = None
        self._closing: asyncio.Event | None = None
        self._thread: LoopThread | None = None

    @property
    def tokens(self) -> int:
        """All tokens that clients were told of."""
        told = self.book.totals
        return (told.input or 0) + (told.output or 0)

    @property
    def cost_usd(self) -> float:
        """What clients were told that it costs."""
        return (self.book.totals.cost_usd_nanos or 0) / 1e9

    async def start(self) -> ScriptedServer:
        self._closing = asyncio.Event()
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/{path:.*}", self._serve)
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
        self._thread = LoopThread()
        self._thread.run(self.start())
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._thread.run(self.stop())
            self._thread.end()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        arrived_ns = time.monotonic_ns()
        body = msgspec.json.decode(await request.read() or b"{}", type=dict[str, Any])
        served = self._entered(request, body, arrived_ns)
        try:
            return await self._answer(request, served)
        except ConnectionResetError:  # its reader has gone
            served.whole = False
            return web.Response()
        except BaseException:
            served.whole = False
            raise
        finally:
            served.ended_ns = time.monotonic_ns()

    def _entered(self, request: web.Request, body: dict[str, Any], arrived_ns: int) -> Served:
        """The request in the book, with the reply that it will get."""
        protocol = protocol_of(request.method, request.path)
        shown = request.headers.get("Authorization") or request.headers.get("X-Api-Key")
        headers = {name.lower(): said for name, said in request.headers.items()}
        served = Served(
            number=len(self.book) + 1,
            path=request.path,
            protocol=protocol,
            body=body,
            key=shown,
            reply=Reply(usage=None) if protocol == "models" else self._reply(body),
            headers={name: said for name, said in headers.items() if name not in _NOT_KEPT},
            arrived_ns=arrived_ns,
        )
        self.book.append(served)
        return served

    def _reply(self, body: dict[str, Any]) -> Reply:
        return self._by_request(body) if self._by_request else next(self._replies, self._then)

    async def _answer(self, request: web.Request, served: Served) -> web.StreamResponse:
        reply = served.reply
        if reply.hangs and self._closing is not None:
            await self._closing.wait()
        if reply.delay_s:
            await self._sleep(reply.delay_s)
        is_list = served.protocol == "models"
        pieces = [models(served.path, self._models)] if is_list else frames(served)
        if reply.cut_after is not None:
            return await self._cut(request, served, b"".join(pieces))
        if len(pieces) > 1:
            return await self._stream(request, served, pieces)
        headers = {"Content-Type": "application/json", **reply.headers}
        response = web.Response(body=pieces[0], status=reply.status, headers=headers)
        served.status = reply.status
        _is_whole(served)
        await response.prepare(request)
        await response.write_eof()
        return response

    async def _stream(
        self, request: web.Request, served: Served, pieces: list[bytes]
    ) -> web.StreamResponse:
        reply = served.reply
        headers = {"Content-Type": _kind(served), **reply.headers}
        response = web.StreamResponse(status=reply.status, headers=headers)
        served.status = reply.status
        await response.prepare(request)
        for piece in pieces[:-1]:
            await response.write(piece)
            if reply.piece_delay_s:
                await self._sleep(reply.piece_delay_s)
        _is_whole(served)
        await response.write(pieces[-1])
        await response.write_eof()
        return response

    async def _cut(self, request: web.Request, served: Served, answer: bytes) -> web.StreamResponse:
        """Promises the whole body, sends its beginning, and hangs up."""
        headers = {"Content-Length": str(len(answer)), "Content-Type": _kind(served)}
        response = web.StreamResponse(headers=headers)
        served.status = 200
        await response.prepare(request)
        await response.write(answer[: served.reply.cut_after])
        if request.transport is not None:
            request.transport.close()
        return response


def _kind(served: Served) -> str:
    if not served.streams:
        return "application/json"
    return "application/x-ndjson" if served.protocol.startswith("ollama") else "text/event-stream"


def _is_whole(served: Served) -> None:
    """Said before the last piece is sent: whoever has it may look into the book at once."""
    served.answered_ns = time.monotonic_ns()
    served.whole = not served.reply.hangs
