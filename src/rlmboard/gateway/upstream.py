"""Where requests go: addresses that the operator set, and nothing else."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

import msgspec

from ..errors import BadInput
from ..money.prices import Price, PriceTable
from .routes import Route

OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com/v1"
OLLAMA_URL = "http://127.0.0.1:11434/v1"
_NAMED = {"openai": OPENAI_URL, "anthropic": ANTHROPIC_URL, "ollama": OLLAMA_URL}
_FREE = Price(unit="usd_nanos", input=0, output=0, version="local")


class Upstream(msgspec.Struct, frozen=True, kw_only=True):
    """A server of models. `models` are patterns of the models that it is asked for."""

    name: str
    url: str
    models: tuple[str, ...] = ()

    def address(self, place: str) -> str:
        """Where it has a place below `v1/`, which is its own address, or Ollama's `api/` beside."""
        if place.startswith("v1/"):
            return f"{self.url}/{place.removeprefix('v1/')}"
        return f"{self.url.removesuffix('/v1')}/{place}"

    @property
    def may_be_ollama(self) -> bool:
        return self.url not in (OPENAI_URL, ANTHROPIC_URL)

    @property
    def venue(self) -> str:
        """Local on this machine, else a datacenter."""
        return _venue_of(self.url)

    def price(self, model: str | None, prices: PriceTable) -> Price | None:
        """By the table; the packaged one knows the prices of OpenAI's own address alone.

        Ollama's models on this machine are free.
        """
        if self.url == OLLAMA_URL:
            return _FREE
        if model is None or (prices.packaged and self.url != OPENAI_URL):
            return None
        return prices.price(model)

    def serves(self, model: str | None) -> bool:
        return model is not None and any(fnmatchcase(model, one) for one in self.models)


class Upstreams:
    """All of them: the first whose patterns fit a model, else the one without patterns."""

    def __init__(self, upstreams: Sequence[Upstream]) -> None:
        self.all = tuple(upstreams) or (
            Upstream(name="anthropic", url=ANTHROPIC_URL, models=("claude-*",)),
            Upstream(name="openai", url=OPENAI_URL),
        )
        general = [one for one in self.all if not one.models]
        if len(general) > 1:
            names = " and ".join(one.name for one in general)
            raise BadInput(f"{names} are both asked for every model; say models for one of them")
        self._general = general[0] if general else None

    def of(self, model: str | None, route: Route | None = None) -> Upstream | None:
        """Who is asked for this model, by this route."""
        if route is not None and route.is_ollamas:
            return self._ollama(model)
        fitting = (one for one in self.all if one.serves(model))
        by_route = self._named("anthropic") if route and route.api == "messages" else None
        return next(fitting, None) or by_route or self._general

    def _ollama(self, model: str | None) -> Upstream | None:
        """Its own words are nobody else's: a prompt in them goes to no other known address."""
        able = [one for one in self.all if one.may_be_ollama]
        fitting = (one for one in able if one.serves(model))
        general = (one for one in able if not one.models)
        return next(fitting, None) or self._named("ollama") or next(general, None)

    def _named(self, name: str) -> Upstream | None:
        return next((one for one in self.all if one.name == name), None)


def upstream_of(said: str, models: tuple[str, ...] = (), name: str | None = None) -> Upstream:
    """One by its address or by `openai`, `anthropic`, `ollama`; `PATTERN=ADDRESS` names models.

    Raises BadInput for what is no address.
    """
    pattern, equals, rest = said.partition("=")
    if equals and "://" not in pattern:
        return upstream_of(rest, (*models, pattern), name)
    url = _NAMED.get(said, said).rstrip("/")
    host = _host(url)
    if host is None:
        known = ", ".join(_NAMED)
        raise BadInput(
            f"{said!r} is no address of an upstream; expected one such as "
            f"http://127.0.0.1:8000/v1, or {known}"
        )
    return Upstream(name=name or (said if said in _NAMED else host), url=url, models=models)


@functools.cache
def _venue_of(url: str) -> str:
    host = urlsplit(url).hostname or ""
    own = host in ("localhost", "::1") or host.startswith("127.")
    return "local" if own else "datacenter"


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and parts.port != 0
        whole = whole and not (parts.query or parts.fragment or parts.username)
    except ValueError:
        return None
    return parts.hostname if whole else None
