"""What is served: the paths of the APIs, and what they are."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from ..formats.exchange import Api
from .refusals import refused

_PATH = re.compile(r"(?:/r/(?P<run>[^/]+))?/v1/(?P<rest>.+)")
_RECORDED: dict[str, Api] = {
    "chat/completions": "chat",
    "responses": "responses",
    "embeddings": "embeddings",
    "messages": "messages",
}
_BESIDE = re.compile(
    r"GET models(?:/.+)?|POST messages/count_tokens|POST responses/input_tokens"
    r"|GET responses/[^/]+(?:/input_items)?|DELETE responses/[^/]+|POST responses/[^/]+/cancel"
)
_SAFE = re.compile(r"(?:[\w.:@~/+-]|%[0-9A-Fa-f]{2})+")
SERVED = ", ".join(f"/v1/{path}" for path in (*_RECORDED, "models"))


class Route(NamedTuple):
    """Where a request goes: the path below the upstream's address, and the API that it speaks.

    Without an API it passes unrecorded: it asks no model.
    """

    run: str | None
    rest: str
    api: Api | None


def route_of(method: str, raw_path: str) -> Route:
    """Raises Refused for what is not served."""
    found = _PATH.fullmatch(raw_path)
    rest = found["rest"] if found else ""
    is_safe = _SAFE.fullmatch(rest) and not {"..", "."} & set(unquote(rest).split("/"))
    if found is not None and is_safe:
        run = unquote(found["run"]) if found["run"] else None
        if method == "POST" and rest in _RECORDED:
            return Route(run, rest, _RECORDED[rest])
        if _BESIDE.fullmatch(f"{method} {rest}"):
            return Route(run, rest, None)
    raise refused(
        "not_found",
        f"the gateway does not serve {method} {raw_path[:100]!r}; it serves {SERVED}, "
        "each also below /r/RUN",
    )
