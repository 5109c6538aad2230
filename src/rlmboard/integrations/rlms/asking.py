"""One question to a model, from its submission to its answer, request by request."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeAlias

from ...formats.cache_writes import as_attributes
from ...formats.chat import error_message
from ...money.prices import Cost, Price, Written, cost
from ...run import Run, SubQuery
from ...trace import CostSource, Failure, SubQueryCancel, SubQueryReturn, SubQueryTimeout, as_text
from .facts import NOTHING, facts_of

PriceOf: TypeAlias = Callable[[str | None], Price | None]
asking_here: ContextVar[Asking | None] = ContextVar("rlmboard_rlms_asking", default=None)
"""What the requests of this thread or task are sent for."""


class Asking:
    """A sub-query under way. A client that tries again makes a further attempt of it."""

    def __init__(self, run: Run, query: SubQuery, provider: str, model: str, price_of: PriceOf):
        self.run = run
        self.link = f"{run.id}/{query.id}"
        self.ended = False
        self._query = query
        self._provider = provider
        self._model = model
        self._price_of = price_of
        self._facts = NOTHING
        self._sent = 0
        self._began = time.monotonic()

    def sends(self) -> None:
        """A request goes out. A further one means that the one before came to nothing."""
        self._sent += 1
        if self._sent == 1:
            return
        if not self.ended:
            self._fail(Failure(type="NoResponse", message="the connection failed, or timed out"))
        self._query.retry()
        self.ended = False
        self._began = time.monotonic()

    def is_sent_on(self) -> None:
        """The server named another place; the request that follows is the same one."""
        self._sent -= 1

    def is_refused(self, status: int, body: bytes) -> None:
        """The server answered with an error."""
        self._fail(Failure(type=f"HTTP {status}", message=error_message(body)))

    def hears(self, response: Any) -> None:
        """The answer as the SDK gives it, with what it says of itself."""
        self._facts = facts_of(response)

    def returned(self, text: Any) -> None:
        """It was answered."""
        facts, paid, source, version = self._facts, *self._cost()
        self._end(
            SubQueryReturn(
                query_id=self._query.id,
                attempt=self._query.attempt,
                result_preview=text if type(text) is str else as_text(text or ""),
                duration_ms=self._elapsed_ms(),
                provider_id=self._provider,
                model_id=facts.model or self._model,
                usage=facts.usage,
                usage_quality="exact" if facts.usage else "none",
                cost_sats=None if paid.msat is None else -(-paid.msat // 1000),
                cost_msat=paid.msat,
                cost_usd_nanos=paid.usd_nanos,
                cost_source=source,
                price_version=version,
                finish_reason=facts.finish_reason,
                attributes=as_attributes(*facts.written) or None,
            )
        )

    def failed(self, error: BaseException) -> None:
        """There is no answer; unless that was known already, when the server said so."""
        if self.ended:
            return
        if "Timeout" in type(error).__name__:
            self._end(
                SubQueryTimeout(
                    query_id=self._query.id,
                    attempt=self._query.attempt,
                    elapsed_ms=self._elapsed_ms(),
                )
            )
        elif isinstance(error, Exception):
            self._fail(Failure(type=type(error).__name__, message=as_text(error)[:4000]))
        else:
            self.given_up("interrupted")

    def given_up(self, reason: str) -> None:
        """Nobody waits for the answer any more."""
        if not self.ended:
            self._end(
                SubQueryCancel(query_id=self._query.id, attempt=self._query.attempt, reason=reason)
            )

    def _fail(self, failure: Failure) -> None:
        self._end(
            SubQueryReturn(
                query_id=self._query.id,
                attempt=self._query.attempt,
                duration_ms=self._elapsed_ms(),
                success=False,
                provider_id=self._provider,
                error=failure,
            )
        )

    def _end(self, event: SubQueryReturn | SubQueryTimeout | SubQueryCancel) -> None:
        self.ended = self._query.ended = True
        self.run.emit(event)

    def _cost(self) -> tuple[Cost, CostSource, str | None]:
        """As the provider says, else by the price table, else unknown."""
        facts = self._facts
        if facts.cost_usd_nanos is not None:
            return Cost(usd_nanos=facts.cost_usd_nanos), "provider", None
        price = self._price_of(facts.model) or self._price_of(self._model)
        paid = cost(facts.usage, price, Written(*facts.written), facts.only_tokens)
        if price is None or paid == Cost():
            return Cost(), "none", None
        return paid, "price_table", price.version

    def _elapsed_ms(self) -> float:
        return round((time.monotonic() - self._began) * 1000, 3)
