"""Where the board takes spans of other programs: handed in, since the board only looks."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from ..gateway.otlp import MOST_BYTES, PATHS, Receiver, answer


def otlp_route(receiver: Receiver) -> HTTPRouteHandler:
    """`POST /v1/traces` and its neighbours."""

    @post(list(PATHS), status_code=200, request_max_body_size=MOST_BYTES)
    async def take_spans(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Spans of OpenTelemetry become runs."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.body()
        path = request.scope["path"]
        loop = asyncio.get_running_loop()
        said = await loop.run_in_executor(receiver.storing, answer, receiver, path, headers, body)
        return Response(
            said.body,
            status_code=said.status,
            media_type=said.media_type,
            headers=said.headers,
        )

    return take_spans
