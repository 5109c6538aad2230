"""An address of this machine: listening there, what to type for it, and who can reach it."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Iterable

from .errors import BadInput

LOOPBACK = ("localhost", "127.0.0.1", "::1")
EVERY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104  recognised, to be warned of
WAITING = 1024
"""Connections that may wait to be taken."""


def listen(host: str, ports: Iterable[int]) -> socket.socket:
    """A socket on the first of these ports that is free; 0 is any. Raises BadInput."""
    tried = list(ports)
    for port in tried:
        try:
            return _bound(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or port == tried[-1]:
                reason = error.strerror or str(error)
                raise BadInput(f"cannot listen on {host} port {port}: {reason}") from error
    raise ValueError("no port to listen on")


def url_of(host: str, port: int) -> str:
    """What a program on this machine is given to reach it."""
    name = "127.0.0.1" if host in EVERY_ADDRESS else host
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bound(host: str, port: int) -> socket.socket:
    (family, kind, proto, _, place), *_ = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    listening = socket.socket(family, kind, proto)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(WAITING)
    except OSError:
        listening.close()
        raise
    return listening
