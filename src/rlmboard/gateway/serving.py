"""The gateway on an address of this machine, until it is stopped."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
from aiohttp import web

from ..errors import BadInput
from ..folder import Home
from ..money.prices import Price, PriceTable, packaged_prices
from .guard import Guard, is_loopback
from .naming import Naming, home_secret
from .passage import CONNECT_TIMEOUT_S
from .proxy import Mounted, Proxy
from .runs import Runs
from .settings import Settings
from .upstream import Upstreams

PORT = 8422
PORTS_TRIED = 20
IDLE_CONNECTION_S = 75.0
"""A client that says nothing for so long, or that does not end its headers, is hung up on."""
LINGER_S = 1.0
"""How long the rest of a request is waited for that was answered before it had come whole."""
EVERY_S = 1.0
EVERY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104  recognised, to be warned of

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
            listening = stack.enter_context(_listen(self._host, self._port))
            await stack.enter_async_context(_served(proxy, listening))
            stack.enter_context(_Sweeping(self.runs))
            self.url = f"{_address(self._host, listening.getsockname()[1])}/v1"
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


@asynccontextmanager
async def _served(proxy: Proxy, listening: socket.socket) -> AsyncIterator[None]:
    server = web.Server(
        proxy.handle,
        handler_cancellation=True,
        auto_decompress=False,
        access_log=None,
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


def _listen(host: str, port: int | None) -> socket.socket:
    """Without a port the first free one from 8422 on. Raises BadInput."""
    tried = [port] if port is not None else [*range(PORT, PORT + PORTS_TRIED), 0]
    for candidate in tried:
        try:
            return _bound(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or candidate == tried[-1]:
                reason = error.strerror or str(error)
                raise BadInput(f"cannot listen on {host} port {candidate}: {reason}") from error
    raise AssertionError("unreachable")


def _bound(host: str, port: int) -> socket.socket:
    (family, kind, proto, _, place), *_ = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    listening = socket.socket(family, kind, proto)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(1024)
    except OSError:
        listening.close()
        raise
    return listening


def _address(host: str, port: int) -> str:
    name = "127.0.0.1" if host in EVERY_ADDRESS else host
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"
