"""What is served: the paths of the APIs, and what they are."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from ..formats.exchange import Api
from .refusals import refused

_PATH = re.compile(r"(?:/r/(?P<run>[^/]+))?/(?P<place>(?:v1|api)/.+)")
_RECORDED: dict[str, Api] = {
    "v1/chat/completions": "chat",
    "v1/completions": "completions",
    "v1/responses": "responses",
    "v1/embeddings": "embeddings",
    "v1/messages": "messages",
    "api/chat": "ollama_chat",
    "api/generate": "ollama_generate",
    "api/embed": "ollama_embed",
    "api/embeddings": "ollama_embed",
}
_BESIDE = re.compile(
    r"GET v1/models(?:/.+)?|POST v1/messages/count_tokens|POST v1/responses/input_tokens"
    r"|(?:GET|DELETE) v1/responses/[^/]+|GET v1/responses/[^/]+/input_items"
    r"|POST v1/responses/[^/]+/cancel|POST api/show|GET api/(?:tags|ps|version)"
)
_SAFE = re.compile(r"(?:[\w.:@~/+-]|%[0-9A-Fa-f]{2})+")
SERVED = ", ".join(f"/{place}" for place in (*_RECORDED, "v1/models"))


class Route(NamedTuple):
    """Where a request goes: a place at its upstream, below `v1/` or `api/`, and the API there.

    Without an API it passes unrecorded: it asks no model.
    """

    run: str | None
    place: str
    api: Api | None

    @property
    def is_ollamas(self) -> bool:
        """Whether only Ollama has such a place."""
        return self.place.startswith("api/")


def route_of(method: str, raw_path: str) -> Route:
    """Raises Refused for what is not served."""
    found = _PATH.fullmatch(raw_path)
    place = found["place"] if found else ""
    is_safe = _SAFE.fullmatch(place) and not {"..", "."} & set(unquote(place).split("/"))
    if found is not None and is_safe:
        run = unquote(found["run"]) if found["run"] else None
        if method == "POST" and place in _RECORDED:
            return Route(run, place, _RECORDED[place])
        if _BESIDE.fullmatch(f"{method} {place}"):
            return Route(run, place, None)
    raise refused(
        "not_found",
        f"the gateway does not serve {method} {raw_path[:100]!r}; it serves {SERVED}, "
        "each also below /r/RUN",
    )
