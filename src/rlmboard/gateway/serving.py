"""The gateway on an address of this machine, until it is stopped."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from ..address import is_loopback, listen, url_of
from ..folder import Home, home_secret
from ..money.prices import Price, PriceTable, packaged_prices
from .guard import Guard
from .naming import Naming
from .passage import CONNECT_TIMEOUT_S
from .proxy import Mounted, Proxy
from .runs import Runs
from .settings import Settings
from .upstream import Upstreams

PORT = 8422
PORTS = (*range(PORT, PORT + 20), 0)
IDLE_CONNECTION_S = 75.0
"""A client that says nothing for so long, or that does not end its headers, is hung up on."""
LINGER_S = 1.0
"""How long the rest of a request is waited for that was answered before it had come whole."""
EVERY_S = 1.0

Told = Callable[[str], None]


class Gateway:
    """Serves while it is held open as an async context manager: `url` ends in `/v1`.

    `prices` are those of `prices.toml`; without them the packaged ones. Raises BadInput where it
    cannot listen, HomeUnusable where it cannot record.
    """

    def __init__(
        self,
        home: Home,
        settings: Settings,
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        allowed_hosts: Sequence[str] = (),
        prices: PriceTable | None = None,
        mounts: Mapping[tuple[str, str], Mounted] | None = None,
    ) -> None:
        self.url = ""
        self.upstreams = Upstreams(settings.upstreams)
        self.is_loopback = is_loopback(host)
        self._prices = prices or packaged_prices()
        self._naming = Naming(home_secret(home))
        self.runs = Runs(home, settings, self._price_of)
        self._settings = settings
        self._host = host
        self._port = port
        self._guard = Guard((host, *allowed_hosts))
        self._mounts = mounts
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Gateway:
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(_session())
            proxy = Proxy(
                self._settings,
                self.upstreams,
                self.runs,
                self._naming,
                self._prices,
                session,
                self._guard,
                self._mounts,
            )
            stack.push_async_callback(self.runs.close)
            ports = PORTS if self._port is None else (self._port,)
            listening = stack.enter_context(listen(self._host, ports))
            await stack.enter_async_context(_served(proxy, listening))
            stack.enter_context(_Sweeping(self.runs))
            self.url = f"{url_of(self._host, listening.getsockname()[1])}/v1"
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def _price_of(self, model: str | None) -> Price | None:
        upstream = self.upstreams.of(model)
        return None if upstream is None else upstream.price(model, self._prices)


def serve(gateway: Gateway, answers: Callable[[Gateway], None]) -> None:
    """Serve until SIGINT or SIGTERM; `answers` is called once it does."""
    asyncio.run(_until_stopped(gateway, answers))


async def _until_stopped(gateway: Gateway, answers: Callable[[Gateway], None]) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with gateway:
        answers(gateway)
        await stopped.wait()


class _Sweeping:
    """Ends idle runs while it is held."""

    def __init__(self, runs: Runs) -> None:
        self._task = asyncio.get_running_loop().create_task(self._sweep(runs))

    def __enter__(self) -> _Sweeping:
        return self

    def __exit__(self, *_: object) -> None:
        self._task.cancel()

    async def _sweep(self, runs: Runs) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await runs.end_idle()


def _is_ours(record: logging.LogRecord) -> bool:
    """Who hangs up is no fault; nor is a request that is no HTTP, and it may hold a key."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | ConnectionError)


_FAULTS = logging.getLogger("rlmboard.gateway")
_FAULTS.addFilter(_is_ours)


@asynccontextmanager
async def _served(proxy: Proxy, listening: socket.socket) -> AsyncIterator[None]:
    server = web.Server(
        proxy.handle,
        handler_cancellation=True,
        auto_decompress=False,
        access_log=None,
        logger=_FAULTS,
        keepalive_timeout=IDLE_CONNECTION_S,
        lingering_time=LINGER_S,
        max_field_size=64 << 10,
        max_line_size=16 << 10,
    )
    runner = web.ServerRunner(server, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        yield
    finally:
        proxy.stopping = True
        await runner.cleanup()


def _session() -> aiohttp.ClientSession:
    """Keeps nothing between requests, follows nothing, and lets bodies be what they are."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        max_field_size=64 << 10,
        max_line_size=16 << 10,
    )
