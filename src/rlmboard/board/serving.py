"""The board on an address of this machine, until Ctrl-C."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Sequence
from urllib.parse import quote

import uvicorn
from litestar import Litestar
from litestar.types import ControllerRouterHandler

from ..address import LOOPBACK, is_loopback, listen, url_of
from ..errors import BadInput
from ..store import Store
from .app import app
from .scope import EVERYTHING, Scope

PORT = 8421
PORTS = (*range(PORT, PORT + 20), 0)
MESSAGE_BYTES = 64_000

Told = Callable[[str], None]


def serve(
    store: Store,
    host: str = "127.0.0.1",
    port: int | None = None,
    *,
    base_path: str = "",
    allowed_hosts: Sequence[str] = (),
    scope: Scope = EVERYTHING,
    routes: Sequence[ControllerRouterHandler] = (),
    for_programs: Sequence[str] = (),
    sources: Sequence[str] = (),
    answers: Told = lambda address: None,
    warn: Told = lambda line: None,
) -> None:
    """Serve the board until it is interrupted.

    Without `port` the first free one from 8421 on is taken. `answers` hears the address once the
    board answers there. Raises BadInput when it cannot listen.
    """
    base = checked_base(base_path)
    listening = listen(host, PORTS if port is None else (port,))
    address = address_of(host, listening.getsockname()[1], base)
    hosts = {*LOOPBACK, *allowed_hosts, host}
    board = app(
        store, scope, routes,
        hosts=hosts, base_path=base, for_programs=for_programs, sources=sources,
    )  # fmt: skip
    if not is_loopback(host):
        warn(f"warning: {address} can be reached from other machines, and asks for no password")
    server = Server(config_of(board), lambda: answers(address))
    with listening:
        try:
            server.run(sockets=[listening])
        except KeyboardInterrupt:
            pass  # that is how it is ended


def config_of(board: Litestar) -> uvicorn.Config:
    """How the board is served: small messages in, nothing compressed on the socket, no log."""
    logging.getLogger("uvicorn.error").addFilter(_is_no_refusal)
    return uvicorn.Config(
        board,
        http="h11",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=MESSAGE_BYTES,
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def _is_no_refusal(record: logging.LogRecord) -> bool:
    """uvicorn takes a socket that was refused with an answer for a fault, and would say so."""
    return "without completing handshake" not in record.getMessage()


class Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._said = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._said()


def address_of(host: str, port: int, base: str) -> str:
    """What to type into a browser on this machine."""
    return f"{url_of(host, port)}{base}/rlm"


def checked_base(base_path: str) -> str:
    """`/lab` of `lab`, `/lab/` or `/lab`; empty of `/`. Raises BadInput."""
    parts = [part for part in base_path.split("/") if part]
    if any(part in (".", "..") or quote(part) != part for part in parts):
        raise BadInput(f"'{base_path}' is no base path: use letters, digits, '-', '_' and '/'")
    return "".join(f"/{part}" for part in parts)
