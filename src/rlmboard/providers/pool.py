"""The providers of a run by their names: built in, with a model, or out of `providers.toml`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..conductor.provider import Provider
from ..errors import BadInput
from ..money.prices import Price, PriceTable, packaged_prices
from .address import OLLAMA_URL, OPENAI_URL, venue_of
from .entry import Entry, ProvidersFile
from .extractive import ExtractiveProvider
from .fake import FakeProvider, Sleep, simulated_swarm
from .latency import Constant, LongTail

OPENAI_KEY = "OPENAI_API_KEY"
OPENAI_PLACE = "OPENAI_BASE_URL"

BUILT_IN = ("extractive", "simulated", "openai:MODEL", "ollama:MODEL")
FREE = Price(unit="usd_nanos", input=0, output=0, version="local")
"""What a model on this machine costs: nothing, and that is known."""


class PoolMaker:
    """Builds providers from their names.

    `file` is what `providers.toml` says, `prices` the table for models without a price there,
    `environ` where keys are looked up; `seed` and `sleep` are for simulated providers.
    """

    def __init__(
        self,
        file: ProvidersFile | None = None,
        prices: PriceTable | None = None,
        *,
        environ: Mapping[str, str] = os.environ,
        seed: int = 0,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._file = file or ProvidersFile()
        self._prices = prices or packaged_prices()
        self._environ = environ
        self._seed = seed
        self._sleep = sleep

    def pool(self, names: Sequence[str] = ()) -> list[Provider]:
        """The providers of these names, each once; without names the default ones.

        Raises BadInput for a name that means nothing, or a key that is not in the environment.
        """
        wanted = names or self._file.default or ("extractive",)
        made = (provider for name in wanted for provider in self._made(name))
        return list({provider.name: provider for provider in made}.values())

    def room_chars(self, names: Sequence[str] = ()) -> int | None:
        """The longest prompt that all of these take, as far as `providers.toml` says."""
        wanted = {name.partition(":")[0] for name in names or self._file.default}
        rooms = [e.max_context_chars for name, e in self._file.entries.items() if name in wanted]
        return min((room for room in rooms if room is not None), default=None)

    def _made(self, name: str) -> Iterable[Provider]:
        listed, _, model = name.partition(":")
        if listed in self._file.entries:
            return [self._listed(name, self._file.entries[listed], model or None)]
        if name == "extractive":
            return [ExtractiveProvider()]
        if name == "simulated":
            return simulated_swarm(self._seed, self._sleep)
        if listed in ("openai", "ollama") and model:
            return [self._asked(listed, name, model)]
        known = ", ".join((*BUILT_IN, *sorted(self._file.entries)))
        raise BadInput(f"there is no provider {name!r}; known are {known}")

    def _asked(self, kind: str, name: str, model: str) -> Provider:
        """One that is named on the command line alone: OpenAI's own variables say where it is."""
        if kind == "ollama":
            return self._ollama(name, Entry(kind="ollama", model=model), model)
        base_url = self._environ.get(OPENAI_PLACE) or None
        return self._openai(name, Entry(kind="openai", model=model, base_url=base_url), model)

    def _listed(self, name: str, entry: Entry, model: str | None) -> Provider:
        makers: dict[str, Callable[[str, Entry, str], Provider]] = {
            "extractive": lambda name, entry, model: ExtractiveProvider(name),
            "openai": self._openai,
            "ollama": self._ollama,
            "simulated": self._simulated,
        }
        return makers[entry.kind](name, entry, model or entry.model or entry.kind)

    def _openai(self, name: str, entry: Entry, model: str) -> Provider:
        from .openai import OpenAiProvider  # loads aiohttp: only who asks over HTTP waits for that

        base_url = entry.base_url or OPENAI_URL
        return OpenAiProvider(
            model,
            name=name,
            base_url=base_url,
            api_key=self._key(name, entry, base_url),
            price=entry.price() or self._list_price(model, base_url),
            venue=entry.venue or venue_of(base_url),
            concurrency=entry.concurrency or 32,
            tokens_field=entry.tokens_field,
            body=entry.body,
        )

    def _ollama(self, name: str, entry: Entry, model: str) -> Provider:
        from .ollama import OllamaProvider

        base_url = entry.base_url or OLLAMA_URL
        venue = entry.venue or venue_of(base_url)
        return OllamaProvider(
            model,
            name=name,
            base_url=base_url,
            api_key=self._key(name, entry, base_url),
            price=entry.price() or (FREE if venue == "local" else None),
            venue=venue,
            concurrency=entry.concurrency or 4,
            options=entry.options,
        )

    def _simulated(self, name: str, entry: Entry, model: str) -> Provider:
        median_ms, p99_ms = entry.latency_ms, entry.p99_ms
        return FakeProvider(
            name,
            latency=LongTail(median_ms, p99_ms) if p99_ms else Constant(median_ms),
            failure_rate=entry.failure_rate,
            timeout_rate=entry.timeout_rate,
            price=entry.price(),
            venue=entry.venue or "swarm",
            model=model,
            concurrency=entry.concurrency or 4,
            seed=self._seed,
            sleep=self._sleep,
        )

    def _list_price(self, model: str, base_url: str) -> Price | None:
        """By the price table; the packaged one knows the prices of OpenAI's own address alone."""
        if self._prices.packaged and base_url.rstrip("/") != OPENAI_URL:
            return None
        return self._prices.price(model)

    def _key(self, name: str, entry: Entry, base_url: str) -> str | None:
        """The key from the environment; needed where the entry names one, and by OpenAI itself."""
        own = entry.kind == "openai" and base_url in (OPENAI_URL, self._environ.get(OPENAI_PLACE))
        variable = entry.api_key_env or (OPENAI_KEY if own else None)  # never OpenAI's to others
        key = self._environ.get(variable, "").strip() if variable else ""
        if not key and (entry.api_key_env or (own and base_url == OPENAI_URL)):
            raise BadInput(f"provider {name!r} needs its key in {variable}, which is not set")
        return key or None
