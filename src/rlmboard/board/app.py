"""The application: routes, guard and live hub, put together over a store."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ControllerRouterHandler

from ..address import LOOPBACK
from ..store import Store
from ..trace import VERSION
from .api import actions, evidence, many, parts, run, runs, socket
from .guard import Guard
from .live import Hub
from .page import STATIC, Page, pages
from .pictures import Pictures
from .problems import answer_problem
from .reading import Reading
from .scope import EVERYTHING, Scope

MOST_BODY_BYTES = 1_000_000
THREADS = 4
_UNTOUCHED = [r"/(picture|trace|output)$", r"/(payloads|artifacts)/", r"^/assets/"]
"""Compressed by the route itself, or sent in ranges."""


def app(
    store: Store,
    scope: Scope = EVERYTHING,
    routes: Sequence[ControllerRouterHandler] = (),
    *,
    hosts: Iterable[str] = LOOPBACK,
    base_path: str = "",
    static: Path = STATIC,
    for_programs: Iterable[str] = (),
    sources: Iterable[str] = (),
) -> Litestar:
    """The board over a store, as an ASGI application.

    `routes` are mounted beside its own: what the board must not import. `hosts` are the names it
    is served under, `base_path` what stands before `/rlm` and `/api` (`/lab`, or empty).
    `for_programs` are paths of `routes` that programs post to: without the token of the page.
    `sources` are folders whose files are opened where any run cites them.
    """
    base, token = base_path.rstrip("/"), secrets.token_urlsafe(32)
    reading = Reading(store, scope, base, sources)
    made = Litestar(
        route_handlers=[*_routes(), *pages(Page(token, base, static)), *routes],
        lifespan=[_running],
        state=State({"reading": reading, "pictures": Pictures(), "version": VERSION}),
        exception_handlers={Exception: answer_problem},
        compression_config=CompressionConfig(
            "gzip", gzip_compress_level=4, minimum_size=1_000, exclude=_UNTOUCHED
        ),
        openapi_config=OpenAPIConfig(
            title="rlmboard",
            version=VERSION,
            path="/api/rlm/openapi.json",
            render_plugins=[JsonRenderPlugin(path="/")],
        ),
        request_max_body_size=MOST_BODY_BYTES,
        logging_config=None,
    )
    made.asgi_handler = Guard(made.asgi_handler, hosts, token, base, for_programs)
    return made


def _routes() -> Iterator[ControllerRouterHandler]:
    for part in (runs, run, parts, evidence, many, actions, socket):
        yield from part.ROUTES


@asynccontextmanager
async def _running(made: Litestar) -> AsyncIterator[None]:
    """Blocking calls run in a few threads; the live hub ends with the application."""
    loop = asyncio.get_running_loop()
    threads = ThreadPoolExecutor(THREADS, "rlmboard-ask")
    loop.set_default_executor(threads)
    hub = Hub(made.state.reading)
    made.state.hub = hub
    try:
        yield
    finally:
        await hub.close()
        threads.shutdown(wait=False, cancel_futures=True)
