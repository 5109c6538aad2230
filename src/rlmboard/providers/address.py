"""Where providers are: addresses, checked before anything is sent to them."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..conductor.provider import Venue
from ..errors import BadInput

OPENAI_URL = "https://api.openai.com/v1"
OLLAMA_URL = "http://127.0.0.1:11434"


def usable_url(url: str) -> str:
    """The URL as it is. Raises BadInput for what is no http(s) address."""
    if host_of(url) is None:
        raise BadInput(f"{url!r} is no address; expected one such as http://127.0.0.1:8000/v1")
    return url


def host_of(url: str) -> str | None:
    """The host of an http(s) address; None for anything else."""
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        return None
    return parts.hostname if whole else None


def venue_of(url: str) -> Venue:
    """Local on this machine, else a datacenter."""
    host = host_of(url) or ""
    own = host in ("localhost", "::1") or host.startswith("127.")
    return "local" if own else "datacenter"
