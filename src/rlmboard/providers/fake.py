"""A provider that is not there: its answers are scripted or quoted, its times and prices drawn.

For tests, and for the simulated swarm. Everything that it does follows from its seed and the key of
the request, whatever is asked before or beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import Random
from typing import TypeAlias

import msgspec

from ..conductor.provider import Answer, Bound, ProviderError, Request, Venue
from ..money.prices import Price, bound, cost
from ..trace import Usage
from .extractive import ExtractiveProvider
from .latency import Constant, Latency, LongTail, Normal

Said: TypeAlias = "str | Answer | Exception"
Script: TypeAlias = "Mapping[str, Said] | Sequence[Said] | Callable[[Request], Said]"
"""What to answer: by query or key of the request, in the order of asking, or by a function."""
Sleep: TypeAlias = Callable[[float], Awaitable[object]]

_BYTES_PER_TOKEN = 4


class FakeProvider:
    """Answers from a script, or else in true quotes as the extractive provider does.

    `failure_rate` and `timeout_rate` are shares of the attempts: the first fail, retryably, after
    their latency; the others keep silent for `hang_s`, then fail too. Tokens are estimated, so that
    a `price` has something to count. `sleep` takes seconds; tests hand in a virtual one.
    """

    simulated = True

    def __init__(
        self,
        name: str = "fake",
        *,
        script: Script | None = None,
        latency: Latency | None = None,
        failure_rate: float = 0.0,
        timeout_rate: float = 0.0,
        hang_s: float = 30.0,
        price: Price | None = None,
        venue: Venue = "local",
        model: str | None = "fake",
        concurrency: int = 64,
        seed: int = 0,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.name = name
        self.venue: Venue = venue
        self.model = model
        self.concurrency = concurrency
        self.price = price
        self.asked: list[Request] = []
        """The requests that the script was asked for, in their order."""
        self._script = script
        self._latency = latency or Constant()
        self._failure_rate = failure_rate
        self._timeout_rate = timeout_rate
        self._hang_s = hang_s
        self._seed = seed
        self._sleep = sleep
        self._quoting = ExtractiveProvider()

    async def answer(self, request: Request) -> Answer:
        random = Random(f"{self._seed}/{self.name}/{request.key}")  # noqa: S311  nothing is secret
        said = self._said(request)
        fate = random.random()
        if fate < self._timeout_rate:
            await self._sleep(self._hang_s)
            raise ProviderError("timeout", f"{self.name} did not answer", retryable=True)
        await self._sleep(self._latency.draw_ms(random) / 1000)
        if fate < self._timeout_rate + self._failure_rate:
            raise ProviderError("simulated", f"{self.name} failed, as it does", retryable=True)
        return await self._answered(request, said)

    def bound(self, prompt_bytes: int, max_tokens: int) -> Bound:
        most = bound(prompt_bytes, max_tokens, self.price)
        return Bound(msat=most.msat, usd_nanos=most.usd_nanos)

    async def aclose(self) -> None:
        """There is nothing to close."""

    def _said(self, request: Request) -> Said | None:
        if self._script is None:
            return None
        self.asked.append(request)
        return _scripted(self._script, request, len(self.asked))

    async def _answered(self, request: Request, said: Said | None) -> Answer:
        if isinstance(said, Exception):
            raise said
        if isinstance(said, Answer):
            return said
        quoted = await self._quoting.answer(request) if said is None else Answer(text=said)
        return self._accounted(request, quoted)

    def _accounted(self, request: Request, answer: Answer) -> Answer:
        usage = Usage(
            input=_tokens(request.prompt), output=min(_tokens(answer.text), request.max_tokens)
        )
        charged = cost(usage, self.price)
        return msgspec.structs.replace(
            answer,
            usage=usage,
            usage_quality="estimated",
            cost_msat=charged.msat,
            cost_usd_nanos=charged.usd_nanos,
            cost_source="price_table" if self.price else "none",
            price_version=self.price.version if self.price else None,
            model_id=request.model or self.model,
            finish_reason="stop",
        )


def simulated_swarm(seed: int = 0, sleep: Sleep = asyncio.sleep) -> list[FakeProvider]:
    """Providers at three venues, unlike in all that a leaderboard shows; priced in sats.

    `swarm-moss` keeps silent now and then, `swarm-reed` fails now and then.
    """

    def provider(
        name: str, latency: Latency, input_sats: int, fails: float = 0.0, hangs: float = 0.0
    ) -> FakeProvider:
        return FakeProvider(
            name,
            latency=latency,
            failure_rate=fails,
            timeout_rate=hangs,
            hang_s=20.0,
            price=_price(input_sats),
            venue=_VENUES[name.partition("-")[0]],
            model="simulated",
            concurrency=4,
            seed=seed,
            sleep=sleep,
        )

    return [
        provider("swarm-fern", LongTail(180, 900), 180),
        provider("swarm-moss", LongTail(260, 1400), 135, hangs=0.15),
        provider("swarm-reed", Normal(320, 90), 120, fails=0.2),
        provider("datacenter-basalt", Constant(140), 480),
        provider("datacenter-slate", Normal(210, 40), 360),
        provider("local-birch", Normal(620, 160), 0),
    ]


_VENUES: dict[str, Venue] = {"swarm": "swarm", "datacenter": "datacenter", "local": "local"}


def _price(input_sats: int) -> Price:
    """A price for a million tokens; answers at three times what questions cost."""
    msat = input_sats * 1000
    return Price(unit="msat", input=msat, output=3 * msat, version="simulated")


def _scripted(script: Script, request: Request, number: int) -> Said:
    """What the script says, for the `number`th request that was made."""
    if callable(script):
        return script(request)
    if isinstance(script, Mapping):
        said = script.get(request.key, script.get(request.query))
        return said if said is not None else _unscripted(f"{request.query!r}")
    return script[number - 1] if number <= len(script) else _unscripted(f"request {number}")


def _unscripted(what: str) -> ProviderError:
    return ProviderError("unscripted", f"the script has no answer for {what}")


def _tokens(text: str) -> int:
    return -(-len(text.encode(errors="replace")) // _BYTES_PER_TOKEN)
