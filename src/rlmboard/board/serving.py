"""The board on an address of this machine, until Ctrl-C."""

from __future__ import annotations

import errno
import ipaddress
import logging
import socket
from collections.abc import Callable, Sequence
from urllib.parse import quote

import uvicorn
from litestar import Litestar
from litestar.types import ControllerRouterHandler

from ..errors import BadInput
from ..store import Store
from .app import app
from .guard import LOOPBACK
from .scope import EVERYTHING, Scope

PORT = 8421
PORTS_TRIED = 20
MESSAGE_BYTES = 64_000
EVERY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104  recognised, to be warned of

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
    answers: Told = lambda address: None,
    warn: Told = lambda line: None,
) -> None:
    """Serve the board until it is interrupted.

    Without `port` the first free one from 8421 on is taken. `answers` hears the address once the
    board answers there. Raises BadInput when it cannot listen.
    """
    base = checked_base(base_path)
    listening = listen(host, port)
    address = address_of(host, listening.getsockname()[1], base)
    hosts = {*LOOPBACK, *allowed_hosts, host}
    board = app(store, scope, routes, hosts=hosts, base_path=base, for_programs=for_programs)
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


def listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens there. Raises BadInput when that is not to be had."""
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
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def address_of(host: str, port: int, base: str) -> str:
    """What to type into a browser on this machine."""
    name = "127.0.0.1" if host in EVERY_ADDRESS else host
    return f"http://{f'[{name}]' if ':' in name else name}:{port}{base}/rlm"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked_base(base_path: str) -> str:
    """`/lab` of `lab`, `/lab/` or `/lab`; empty of `/`. Raises BadInput."""
    parts = [part for part in base_path.split("/") if part]
    if any(part in (".", "..") or quote(part) != part for part in parts):
        raise BadInput(f"'{base_path}' is no base path: use letters, digits, '-', '_' and '/'")
    return "".join(f"/{part}" for part in parts)
