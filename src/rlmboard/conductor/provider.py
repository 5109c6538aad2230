"""Who answers a sub-query: the one small contract that every provider keeps."""

from __future__ import annotations

from typing import Any, Literal, Protocol, TypeAlias

import msgspec

from ..sources import Passage
from ..trace import CostSource, Role, SpanRef, Usage, UsageQuality

Venue: TypeAlias = Literal["local", "swarm", "datacenter"]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A question, ready to be sent.

    `prompt` is the whole text that a language model gets; `query` and `passages` are the same
    question in parts, for a provider that is no language model. `max_tokens` bounds the answer
    and is sent. `key` is `query_id/replica/attempt`, unique in the run.
    """

    key: str
    prompt: str
    query: str
    passages: tuple[Passage, ...] = ()
    role: Role = "extractor"
    model: str | None = None
    max_tokens: int = 1024
    schema: dict[str, Any] | None = None
    seed: int | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back. Usage and cost are what the provider said; what it did not say is absent."""

    text: str
    usage: Usage | None = None
    usage_quality: UsageQuality = "none"
    cost_msat: int | None = None
    cost_usd_nanos: int | None = None
    cost_source: CostSource = "none"
    price_version: str | None = None
    model_id: str | None = None
    finish_reason: str | None = None
    cache_hit: bool | None = None
    span_refs: tuple[SpanRef, ...] = ()


class ProviderError(Exception):
    """A provider did not answer. `retry_after_s` is what it asked for, where it did."""

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        retryable: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class Bound(msgspec.Struct, frozen=True):
    """The most that an attempt can cost; what has no known price in a unit is absent there.

    A free provider says 0; a provider without a price says None.
    """

    msat: int | None = None
    usd_nanos: int | None = None


class Provider(Protocol):
    """Answers sub-queries. `answer` is called in one event loop; any await may be cancelled."""

    name: str
    venue: Venue
    simulated: bool
    concurrency: int
    """How many attempts may be under way at once."""
    model: str | None
    """The model that answers when a request names none."""

    async def answer(self, request: Request) -> Answer:
        """The answer. Raises ProviderError; everything else is a bug of the provider."""
        ...

    def bound(self, prompt_bytes: int, max_tokens: int) -> Bound:
        """Upper bound of the cost of one attempt; `prompt_bytes` of UTF-8 are no more tokens."""
        ...

    async def aclose(self) -> None: ...
