"""Models that Ollama serves, by its own interface: it counts tokens exactly."""

from __future__ import annotations

from typing import Any

from ..conductor.provider import Answer, Bound, ProviderError, Request, Venue
from ..formats.chat import ChatError, ChatMessage
from ..formats.ollama import OllamaRequest, decode_answer, encode_request
from ..money.prices import Price, bound
from .address import OLLAMA_URL
from .openai import as_provider_error, priced
from .wire import BODY_LIMIT_BYTES, Wire


class OllamaProvider:
    """Asks a model of one Ollama. `options` are its own (`num_ctx`, `temperature` …).

    Its cost is by `price`, else unknown: that a machine is one's own is for its owner to say.
    """

    simulated = False

    def __init__(
        self,
        model: str,
        *,
        name: str | None = None,
        base_url: str = OLLAMA_URL,
        api_key: str | None = None,
        price: Price | None = None,
        venue: Venue = "local",
        concurrency: int = 4,
        options: dict[str, Any] | None = None,
        body_limit_bytes: int = BODY_LIMIT_BYTES,
    ) -> None:
        self.name = name or f"ollama:{model}"
        self.model: str | None = model
        self.venue = venue
        self.concurrency = concurrency
        self.price = price
        self._model = model
        self._options = options or {}
        self._wire = Wire(
            base_url.rstrip("/") + "/api/chat",
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
        options = self._options | {"num_predict": request.max_tokens}
        if request.seed is not None:
            options["seed"] = request.seed
        chat = OllamaRequest(
            model=request.model or self._model,
            messages=(ChatMessage("user", request.prompt),),
            stream=False,
            format=request.schema,
            options=options,
        )
        try:
            return encode_request(chat)
        except UnicodeEncodeError as error:
            raise ProviderError("bad_request", f"the prompt is no valid text: {error}") from error
