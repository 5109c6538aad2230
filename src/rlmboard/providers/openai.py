"""Any server that speaks chat completions: OpenAI, OpenRouter, vLLM, llama.cpp and many more."""

from __future__ import annotations

from typing import Any

from ..conductor.provider import Answer, Bound, ProviderError, Request, Venue
from ..formats.chat import (
    ChatAnswer,
    ChatError,
    ChatMessage,
    ChatRequest,
    TokensField,
    decode_answer,
    encode_request,
    json_schema_format,
)
from ..money.prices import Price, Written, bound, cost
from ..money.units import usd_nanos
from .address import OPENAI_URL
from .wire import BODY_LIMIT_BYTES, Wire


class OpenAiProvider:
    """Asks a model by one HTTP request.

    Usage is what the server states. Cost is what the server states (`usage.cost`, as OpenRouter
    does), else usage times `price`, else unknown. `body` are fields that only this server knows;
    `tokens_field` is where it takes the bound of the answer.
    """

    simulated = False

    def __init__(
        self,
        model: str,
        *,
        name: str | None = None,
        base_url: str = OPENAI_URL,
        api_key: str | None = None,
        price: Price | None = None,
        venue: Venue = "datacenter",
        concurrency: int = 32,
        tokens_field: TokensField = "max_tokens",
        body: dict[str, Any] | None = None,
        body_limit_bytes: int = BODY_LIMIT_BYTES,
    ) -> None:
        self.name = name or f"openai:{model}"
        self.model: str | None = model
        self.venue = venue
        self.concurrency = concurrency
        self.price = price
        self._model = model
        self._tokens_field = tokens_field
        self._body = body
        self._wire = Wire(
            base_url.rstrip("/") + "/chat/completions",
            concurrency=concurrency,
            secret=api_key,
            body_limit_bytes=body_limit_bytes,
        )

    async def answer(self, request: Request) -> Answer:
        said = await self._wire.post(self._encoded(request))
        try:
            return priced(decode_answer(said), self.price)
        except ChatError as error:
            raise as_provider_error(error) from error

    def bound(self, prompt_bytes: int, max_tokens: int) -> Bound:
        most = bound(prompt_bytes, max_tokens, self.price)
        return Bound(msat=most.msat, usd_nanos=most.usd_nanos)

    async def aclose(self) -> None:
        await self._wire.aclose()

    def _encoded(self, request: Request) -> bytes:
        limit = request.max_tokens
        at_end = self._tokens_field == "max_completion_tokens"
        chat = ChatRequest(
            model=request.model or self._model,
            messages=(ChatMessage("user", request.prompt),),
            max_tokens=None if at_end else limit,
            max_completion_tokens=limit if at_end else None,
            seed=request.seed,
            response_format=json_schema_format(request.schema) if request.schema else None,
        )
        try:
            return encode_request(chat, self._body)
        except UnicodeEncodeError as error:
            raise ProviderError("bad_request", f"the prompt is no valid text: {error}") from error


def priced(said: ChatAnswer, price: Price | None) -> Answer:
    """The answer with its cost: the server's own statement, else by the price table, else unknown.

    A price in sats is always used: it is what the answer is paid by, whatever a server says.
    """
    by_table = cost(said.usage, price, Written(*said.written), said.only_tokens)
    stated = said.cost_usd is not None and by_table.msat is None
    usd = usd_nanos(said.cost_usd) if stated and said.cost_usd is not None else by_table.usd_nanos
    computed = not stated and (by_table.msat is not None or by_table.usd_nanos is not None)
    return Answer(
        text=said.text,
        usage=said.usage,
        usage_quality="exact" if said.usage else "none",
        cost_msat=by_table.msat,
        cost_usd_nanos=usd,
        cost_source="provider" if stated else "price_table" if computed else "none",
        price_version=price.version if computed and price else None,
        model_id=said.model,
        finish_reason=said.finish_reason,
    )


def as_provider_error(error: ChatError) -> ProviderError:
    """What stands in a body instead of an answer; an error that the server names keeps its code."""
    retryable = error.code in (408, 409, 429) or (isinstance(error.code, int) and error.code >= 500)
    return ProviderError("bad_answer", str(error), retryable=retryable)
