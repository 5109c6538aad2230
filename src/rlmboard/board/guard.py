"""Who may ask, checked before anything else: Host, Origin and token; and what each answer carries.

A page of another site can reach a board on this machine through the reader's browser. It can
neither read an answer (no CORS), nor use a name of its own for this address (Host), nor act
(Origin, and a token that only the served page has). Where programs may post without the token, no
page may post at all.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import msgspec
from litestar.types import ASGIApp, Message, Receive, Send

from .problems import MEDIA_TYPE, refused
from .shapes import Problem

Scope: TypeAlias = Any
"""An ASGI scope of http or websocket."""
TOKEN_HEADER = b"x-rlmboard-token"
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\s:@/?#\[\]]+))(?::[0-9]{0,5})?")
_SAFE = ("GET", "HEAD", "OPTIONS")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


class Guard:
    """Stands before the whole application, served under one of `hosts`.

    `token` is what actions need. `base_path` is cut off here: `/lab`, or empty. `for_programs` are
    paths, below it, that are posted to without the token, and never by a browser.
    """

    def __init__(
        self,
        within: ASGIApp,
        hosts: Iterable[str],
        token: str,
        base_path: str = "",
        for_programs: Iterable[str] = (),
    ) -> None:
        self._token = token.encode()
        self._within = within
        self._hosts = frozenset(host.lower().strip("[]") for host in hosts)
        self._base = base_path
        self._for_programs = frozenset(for_programs)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._within(scope, receive, send)
            return
        scope = self._below_base(scope)
        problem = self._refusal(scope)
        if problem is not None:
            await _refuse(scope, receive, _guarded(send), problem)
            return
        await self._within(scope, receive, _guarded(send))

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        if not self._is_ours(host):
            return refused(
                f"The board is not served under the name {host!r}; "
                "open it by the address it printed, or allow the name with --allow-host."
            )
        is_action = scope["type"] == "websocket" or scope["method"] not in _SAFE
        if not is_action:
            return None
        origin = headers.get(b"origin")
        if scope["type"] == "http" and scope["path"] in self._for_programs:
            return None if origin is None else refused("Only programs may do this, no page.")
        if origin is not None and not _is_origin_of(origin.decode("latin-1"), host):
            return refused("A page of another site may not do this.")
        if scope["type"] == "http" and not self._is_token(headers.get(TOKEN_HEADER, b"")):
            return refused(
                "The X-Rlmboard-Token of this board is missing or old: load the page again."
            )
        return None

    def _is_ours(self, host: str) -> bool:
        return _hostname(host) in self._hosts

    def _is_token(self, shown: bytes) -> bool:
        return hmac.compare_digest(shown, self._token)

    def _below_base(self, scope: Scope) -> Scope:
        path = scope["path"]
        if not self._base or not (path == self._base or path.startswith(self._base + "/")):
            return scope  # a proxy before us has cut it off already
        below = dict(scope)
        below["path"] = path[len(self._base) :] or "/"
        raw = scope["raw_path"]
        # As it was sent: names that stand escaped in it are read from it.
        below["raw_path"] = raw[len(self._base) :] or b"/"
        return below


def _hostname(host: str) -> str | None:
    """The name alone, of a Host header that is a name or address and perhaps a port."""
    found = _HOST.fullmatch(host.lower())
    return found[1] or found[2] if found else None


def _is_origin_of(origin: str, host: str) -> bool:
    """Whether a page of this origin was served under this host, port included."""
    try:
        return urlsplit(origin).netloc.lower() == host.lower() != ""
    except ValueError:
        return False


def _guarded(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            given = {name.lower() for name, _ in message.get("headers", ())}
            more = [header for header in _HEADERS if header[0] not in given]
            message["headers"] = [*message.get("headers", ()), *more]
        await send(message)

    return with_headers


async def _refuse(scope: Scope, receive: Receive, send: Send, problem: Problem) -> None:
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    if scope["type"] == "websocket":
        await receive()
    body = msgspec.json.encode(problem)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    start: Any = {"type": f"{kind}.start", "status": problem.status, "headers": headers}
    await send(start)
    end: Any = {"type": f"{kind}.body", "body": body, "more_body": False}
    await send(end)
