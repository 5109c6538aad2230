"""Requests in: who asks, which run it is, and who is to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import aiohttp
from aiohttp import web

from ..formats.exchange import Api, read_request
from ..money.prices import PriceTable
from .calls import Call, Request
from .guard import Guard
from .headers import Unpacking
from .naming import Naming, long_secrets, secrets_of, without
from .passage import Gone, Nobody, Passage
from .refusals import Refused, refused
from .routes import Route, route_of
from .runs import Runs
from .settings import Settings
from .upstream import Upstream, Upstreams

BODY_TIMEOUT_S = 60.0
LARGE_BYTES = 256_000
"""From here on a body is read beside the loop, which others wait for."""

Reply: TypeAlias = tuple[int, str, bytes, dict[str, str]]
"""Status, content type, body, further headers."""
Mounted: TypeAlias = Callable[[str, Mapping[str, str], bytes], Awaitable[Reply]]
"""What else is served: path, headers by their names in lower case, and body in; a reply out."""


class Proxy:
    """Answers every request. `mounts` are handlers of other paths, by method and path."""

    def __init__(
        self,
        settings: Settings,
        upstreams: Upstreams,
        runs: Runs,
        naming: Naming,
        prices: PriceTable,
        session: aiohttp.ClientSession,
        guard: Guard,
        mounts: Mapping[tuple[str, str], Mounted] | None = None,
    ) -> None:
        self.stopping = False
        self._settings = settings
        self._upstreams = upstreams
        self._runs = runs
        self._naming = naming
        self._prices = prices
        self._session = session
        self._guard = guard
        self._mounts = dict(mounts or {})

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """An answer, whatever is asked. Raises ConnectionError when nobody waits for it."""
        api: Api | None = None
        try:
            if (refusal := self._guard.refusal(request.headers)) is not None:
                return refusal.response()
            path = request.rel_url.raw_path
            if (mounted := self._mounts.get((request.method, path))) is not None:
                return await self._mounted(request, mounted)
            route = route_of(request.method, path)
            api = route.api
            body = await self._body(request)
            if api is None:
                return await self._beside(request, route, body)
            return await self._call(request, route, api, body)
        except Refused as error:
            return error.refusal.response(api)
        except Gone as error:
            raise ConnectionResetError from error

    async def _mounted(self, request: web.BaseRequest, mounted: Mounted) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await self._body(request)
        status, kind, said, more = await mounted(request.rel_url.raw_path, headers, body)
        return web.Response(status=status, body=said, headers={"Content-Type": kind, **more})

    async def _beside(
        self, request: web.BaseRequest, route: Route, body: bytes
    ) -> web.StreamResponse:
        """What asks no model passes, and is not recorded."""
        passage = self._passage(request, route, body, self._upstream(None, route), Nobody())
        return await passage.made(self._session)

    async def _call(
        self, request: web.BaseRequest, route: Route, api: Api, body: bytes
    ) -> web.StreamResponse:
        """One call from its admission to its end, which is recorded whatever happens."""
        name = self._naming.of(route.run, request.headers)
        given = (request, api, body, name.query_id)
        is_large = len(body) > LARGE_BYTES
        read = await asyncio.to_thread(self._read, *given) if is_large else self._read(*given)
        upstream = self._upstream(read.asked.model, route)
        question = without(long_secrets(read.secrets), read.asked.text)
        run = await self._runs.enter(name, question)
        price = upstream.price(read.asked.model, self._prices)
        call = Call(run, read, upstream, price, self._settings.assumed_max_tokens)
        try:
            refusal = await call.admit()
            if refusal is not None:
                return refusal.response(api)
            passage = self._passage(request, route, body, upstream, call)
            return await passage.made(self._session)
        finally:
            call.cancelled("interrupted" if self.stopping else "disconnected")
            self._runs.leave(run)

    # ------------------------------------------------------------ parts of it

    def _passage(
        self,
        request: web.BaseRequest,
        route: Route,
        body: bytes,
        upstream: Upstream,
        told: Call | Nobody,
    ) -> Passage:
        return Passage(
            request=request,
            body=body,
            upstream=upstream,
            place=route.place,
            api=route.api,
            told=told,
            timeout_s=self._settings.timeout_s,
        )

    async def _body(self, request: web.BaseRequest) -> bytes:
        """The whole body: never more than the limit of it is held, and its time is bounded."""
        limit = self._settings.body_limit_bytes
        if (request.content_length or 0) > limit:
            raise _too_large(limit)
        if not request.body_exists:
            return b""
        if request.headers.get("Expect", "").lower() == "100-continue":
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.writer.output_size = 0
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_TIMEOUT_S):
                async for part in request.content.iter_any():
                    size += len(part)
                    if size > limit:
                        raise _too_large(limit)
                    parts.append(part)
        except TimeoutError as error:
            raise refused("bad_request", "the body of the request did not come in time") from error
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _read(
        self, request: web.BaseRequest, api: Api, body: bytes, query_id: str | None
    ) -> Request:
        unpacking = Unpacking(request.headers, self._settings.body_limit_bytes)
        plain = unpacking.unpack(body)
        if unpacking.problem == "it is too long":
            raise _too_large(self._settings.body_limit_bytes)
        return Request(
            api=api,
            asked=read_request(api, plain),
            body=plain,
            query_id=query_id,
            is_retry=request.headers.get("X-Stainless-Retry-Count", "0") != "0",
            secrets=secrets_of(request.headers),
        )

    def _upstream(self, model: str | None, route: Route) -> Upstream:
        upstream = self._upstreams.of(model, route)
        if upstream is not None:
            return upstream
        if route.is_ollamas:
            message = "no upstream of this gateway speaks as Ollama does; start it with --upstream"
            raise refused("not_found", f"{message} ollama, or an address of one")
        raise refused("not_found", f"no upstream of this gateway serves the model {model!r}")


def _too_large(limit: int) -> Refused:
    return refused("too_large", f"the body of the request is longer than {limit:,} bytes")
