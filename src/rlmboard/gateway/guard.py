"""Who may ask: no page of another site, and nobody under a name that is not ours."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from ..address import LOOPBACK
from .refusals import Refusal


class Guard:
    """Served under these host names alone."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self._hosts = frozenset(host.lower().strip("[]") for host in (*LOOPBACK, *hosts))

    def refusal(self, headers: Mapping[str, str]) -> Refusal | None:
        """A page that a browser shows may neither borrow a name (Host) nor send (Origin)."""
        host = headers.get("Host", "")
        if _name_of(f"//{host}") not in self._hosts:
            return Refusal(
                "forbidden",
                f"the gateway is not served under the name {host[:100]!r}; use the address that "
                "it printed, or allow the name with --allow-host",
            )
        origin = headers.get("Origin")
        if origin is not None and _netloc_of(origin) != host.lower():
            return Refusal("forbidden", "a page of another site may not ask here")
        return None


@functools.lru_cache(256)
def _name_of(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _netloc_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
