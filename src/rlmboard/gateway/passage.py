"""One request on its way to its upstream, and the answer on its way back, byte for byte."""

from __future__ import annotations

import asyncio
import os
from typing import Protocol

import aiohttp
import msgspec
from aiohttp import web
from yarl import URL

from ..formats.exchange import Api, Said, StreamedAnswer, read_answer, read_refusal
from ..trace import Failure
from .headers import SKIPPED, Unpacking, to_client, to_upstream
from .naming import RUN_HEADER
from .refusals import Refusal
from .upstream import Upstream

CONNECT_TIMEOUT_S = 15.0
HELD_BYTES = 8 << 20
"""A whole answer up to this size is recorded before its client has it."""
READ_BYTES = 64 << 20
STREAMED = ("text/event-stream", "application/x-ndjson")


class Gone(Exception):
    """Nobody waits for the answer any more, or it was broken off in its middle."""


class Told(Protocol):
    """Who hears how it went."""

    @property
    def where(self) -> str | None: ...

    def heard(self) -> None: ...

    def answered(self, said: Said) -> None: ...

    def broke_off(self, said: Said) -> None: ...

    def failed(self, kind: str, message: str, charged: bool) -> None: ...

    def timed_out(self) -> None: ...

    def cancelled(self, reason: str) -> None: ...


class Nobody:
    """For what asks no model: nothing of it is kept."""

    where: str | None = None

    def heard(self) -> None: ...

    def answered(self, said: Said) -> None: ...

    def broke_off(self, said: Said) -> None: ...

    def failed(self, kind: str, message: str, charged: bool) -> None: ...

    def timed_out(self) -> None: ...

    def cancelled(self, reason: str) -> None: ...


class Passage(msgspec.Struct, kw_only=True):
    """Asks the upstream at `place` and passes on what it says. Tells `told` how it went."""

    request: web.BaseRequest
    body: bytes
    upstream: Upstream
    place: str
    api: Api | None
    told: Told
    timeout_s: float
    out: web.StreamResponse | None = None

    async def made(self, session: aiohttp.ClientSession) -> web.StreamResponse:
        """From asking to the end. Raises Gone where there is nobody to answer."""
        try:
            async with asyncio.timeout(self.timeout_s), self._asked(session) as response:
                return await Answer(self, response).passed_on()
        except aiohttp.ConnectionTimeoutError:
            return self._unreached(f"no connection in {CONNECT_TIMEOUT_S:g} s")
        except TimeoutError:
            self.told.timed_out()
            message = f"{self.upstream.name} gave no whole answer in {self.timeout_s:g} s"
            return self.broken(Refusal("timeout", message))
        except (aiohttp.ClientConnectorError, ValueError) as error:
            return self._unreached(_reason(error))
        except (aiohttp.ClientError, OSError) as error:
            return self._unreached(_reason(error), charged=True)

    def broken(self, refusal: Refusal) -> web.StreamResponse:
        """What can be said no more by the upstream: in words, or, in mid-answer, by hanging up."""
        if self.out is None:
            return refusal.response(self.api)
        if self.request.transport is not None:
            self.request.transport.close()
        raise Gone

    def _asked(self, session: aiohttp.ClientSession) -> aiohttp.client._RequestContextManager:
        query = self.request.rel_url.raw_query_string
        url = f"{self.upstream.address(self.place)}{'?' if query else ''}{query}"
        given = self.request.headers
        return session.request(
            self.request.method,
            URL(url, encoded=True),
            data=self.body or None,
            headers=to_upstream(
                self.request.raw_headers,
                given.get("Connection", ""),
                given.get("Accept-Encoding", ""),
            ),
            skip_auto_headers=SKIPPED,
            allow_redirects=False,
        )

    def _unreached(self, reason: str, charged: bool = False) -> web.StreamResponse:
        """`charged`: it may have heard the question, and nobody knows what became of it."""
        what = "gave no answer" if charged else "cannot be asked"
        message = f"{self.upstream.url} {what}: {reason}"
        self.told.failed("connection", message, charged)
        return self.broken(Refusal("upstream", message))


class Answer:
    """The answer of an upstream, passed on piece by piece and read beside."""

    def __init__(self, passage: Passage, response: aiohttp.ClientResponse) -> None:
        self._passage = passage
        self._response = response
        self._unpacking = Unpacking(response.headers, READ_BYTES)
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._plain: list[bytes] = []
        self._passes_at_once = response.content_type in STREAMED
        is_stream = self._passes_at_once and response.status == 200
        self._stream = StreamedAnswer(passage.api) if is_stream and passage.api else None

    async def passed_on(self) -> web.StreamResponse:
        passage = self._passage
        try:
            async for piece in self._response.content.iter_any():
                passage.told.heard()
                await self._pass(piece)
                self._read(piece)
        except aiohttp.ClientPayloadError:
            passage.told.broke_off(self._cut_off())
            message = f"{passage.upstream.name} hung up in the middle of its answer"
            return passage.broken(Refusal("upstream", message))
        passage.told.answered(self._said())
        if passage.out is None:
            return self._whole()
        await self._write(passage.out, None)
        return passage.out

    async def _pass(self, piece: bytes) -> None:
        """At once where it is a stream; what is short is held until it is whole."""
        passage = self._passage
        if passage.out is not None:
            await self._write(passage.out, piece)
            return
        self._held.append(piece)
        self._held_bytes += len(piece)
        if self._passes_at_once or self._held_bytes > HELD_BYTES:
            passage.out = await self._begun()
            for held in self._held:
                await self._write(passage.out, held)
            self._held = []

    async def _write(self, out: web.StreamResponse, piece: bytes | None) -> None:
        """To the client; None is the end."""
        try:
            await (out.write_eof() if piece is None else out.write(piece))
        except ConnectionError as error:
            raise Gone from error

    def _read(self, piece: bytes) -> None:
        plain = self._unpacking.unpack(piece)
        if self._stream is not None:
            self._stream.feed(plain)
        elif plain and self._passage.api is not None:
            self._plain.append(plain)

    async def _begun(self) -> web.StreamResponse:
        out = web.StreamResponse(status=self._response.status, reason=self._response.reason)
        out.headers.update(self._headers(is_whole=False))
        self._passage.out = out
        await out.prepare(self._passage.request)
        return out

    def _whole(self) -> web.Response:
        return web.Response(
            body=b"".join(self._held),
            status=self._response.status,
            reason=self._response.reason,
            headers=self._headers(is_whole=True),
        )

    def _headers(self, is_whole: bool) -> dict[str, str]:
        said = self._response.headers
        passing = to_client(self._response.raw_headers, said.get("Connection", ""), is_whole)
        if self._passage.told.where is not None:
            passing[RUN_HEADER] = self._passage.told.where
        return passing  # type: ignore[return-value]

    def _said(self) -> Said:
        api = self._passage.api
        if api is None:
            return Said()
        if self._unpacking.problem is not None:
            message = f"the answer was passed on, and could not be read: {self._unpacking.problem}"
            return Said(text=f"[{message}]")
        if self._stream is not None:
            return self._stream.said()
        body = b"".join(self._plain)
        status = self._response.status
        return read_answer(api, body) if 200 <= status < 300 else read_refusal(status, body)

    def _cut_off(self) -> Said:
        said = self._stream.said() if self._stream is not None else Said()
        lost = Failure(type="cut_off", message="the connection closed in the middle of the answer")
        return msgspec.structs.replace(said, error=lost)


def _reason(error: Exception) -> str:
    """What went wrong; of a refused connection, without the words of the library about it."""
    number = error.os_error.errno if type(error) is aiohttp.ClientConnectorError else None
    return os.strerror(number) if number and number > 0 else str(error) or type(error).__name__
