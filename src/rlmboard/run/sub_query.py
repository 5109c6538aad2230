"""One sub-query as its asker holds it: submitted when made, ended by one word."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextvars import Token
from types import TracebackType
from typing import Any, Protocol, TypeAlias, TypeVar

import msgspec

from ..money.units import Amount
from ..trace import (
    CostSource,
    SpanRef,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    TraceEvent,
    Usage,
    UsageQuality,
    as_text,
    plain,
)
from . import said
from .current import leave, sub_query_here
from .recorder import failure
from .said import Tokens

T = TypeVar("T")
V = TypeVar("V")
Prompt: TypeAlias = str | Sequence[Any]
_MESSAGES = (list, tuple)


class Asker(Protocol):
    """What a sub-query needs of its run."""

    @property
    def id(self) -> str: ...

    def emit(self, event: TraceEvent) -> object: ...

    def emit_both(self, first: TraceEvent, second: TraceEvent) -> object: ...

    def taken(self, take: Callable[[T], V], value: T, otherwise: V) -> V: ...


class SubQuery:
    """A question under way, made by `Run.subquery`. Asking again after a failure is `retry`.

    Use it in a `with`, or end it by a word: `returned`, `failed`, `timed_out`, `cancelled`.
    """

    def __init__(self, run: Asker, submit: SubQuerySubmit, asked: SubQueryExecute) -> None:
        self.id = submit.query_id
        self.attempt = 0
        self.replica = 0
        self.depth = submit.depth or 1
        self.ended = False
        self.run = run
        self._asked = asked
        self._outer: Token[SubQuery | None] | None = None
        run.emit_both(submit, asked)
        self._started = time.monotonic()

    def __repr__(self) -> str:
        return f"SubQuery({self.id!r}, run={self.run.id!r})"

    def returned(
        self,
        text: object,
        *,
        tokens: Tokens | None = None,
        usage_quality: UsageQuality | None = None,
        cost_sats: Amount | None = None,
        cost_usd: Amount | None = None,
        cost_source: CostSource | None = None,
        price_version: str | None = None,
        spans: Iterable[SpanRef] = (),
        model: str | None = None,
        finish_reason: str | None = None,
        cache_hit: bool | None = None,
    ) -> None:
        """It was answered. `tokens`: (input, output) or a `Usage`. Leave out what is not known."""
        self.ended = True
        taken = self.run.taken
        msat = None if cost_sats is None else taken(said.sats, cost_sats, None)
        nanos = None if cost_usd is None else taken(said.dollars, cost_usd, None)
        usage = tokens if type(tokens) is Usage else taken(said.usage, tokens, None)
        quality = None if usage_quality is None else taken(said.quality, usage_quality, None)
        source = None if cost_source is None else taken(said.cost_source, cost_source, None)
        self.run.emit(
            SubQueryReturn(
                query_id=self.id,
                attempt=self.attempt,
                replica=self.replica,
                result_preview=text if type(text) is str else as_text(text),
                duration_ms=self._elapsed_ms(),
                success=True,
                provider_id=self._asked.provider_id,
                model_id=said.name(model) or self._asked.model_id,
                usage=usage,
                usage_quality=quality or ("exact" if usage else "none"),
                cost_sats=None if msat is None else -(-msat // 1000),
                cost_msat=msat,
                cost_usd_nanos=nanos,
                cost_source=source or ("none" if msat is None and nanos is None else "provider"),
                price_version=said.name(price_version),
                span_refs=() if spans == () else taken(said.spans, spans, ()),
                finish_reason=said.name(finish_reason),
                cache_hit=None if cache_hit is None else bool(cache_hit),
            )
        )

    def failed(self, error: BaseException | str) -> None:
        """The provider failed, or its answer is of no use."""
        self.ended = True
        told = error if isinstance(error, BaseException) else RuntimeError(error)
        self.run.emit(
            SubQueryReturn(
                query_id=self.id,
                attempt=self.attempt,
                replica=self.replica,
                duration_ms=self._elapsed_ms(),
                success=False,
                provider_id=self._asked.provider_id,
                error=failure(told),
            )
        )

    def timed_out(self, elapsed_ms: float | None = None) -> None:
        """No answer came in time. `elapsed_ms`: since it was asked, measured here when left out."""
        self.ended = True
        elapsed_ms = self._elapsed_ms() if elapsed_ms is None else float(elapsed_ms)
        self.run.emit(
            SubQueryTimeout(
                query_id=self.id, attempt=self.attempt, replica=self.replica, elapsed_ms=elapsed_ms
            )
        )

    def cancelled(self, reason: str = "user") -> None:
        self.ended = True
        self.run.emit(
            SubQueryCancel(
                query_id=self.id, attempt=self.attempt, replica=self.replica, reason=str(reason)
            )
        )

    def retry(
        self, *, provider: str | None = None, model: str | None = None, venue: str | None = None
    ) -> None:
        """It is asked again, of the same provider unless another is named."""
        self.attempt += 1
        self._execute(
            SubQueryExecute(
                query_id=self.id,
                attempt=self.attempt,
                replica=self.replica,
                provider_id=provider or self._asked.provider_id,
                model_id=model or self._asked.model_id,
                venue=venue or self._asked.venue,
            )
        )

    def replicate(self) -> None:
        """It is asked once more, of the same provider, for another answer beside the first."""
        self.replica += 1
        self.attempt = 0
        self._execute(msgspec.structs.replace(self._asked, attempt=0, replica=self.replica))

    def __enter__(self) -> SubQuery:
        self._outer = sub_query_here.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        leave(sub_query_here, self._outer)
        self.left(error)

    def left(self, error: BaseException | None) -> None:
        """Its asker has gone on, by an exception or not: it ends, unless it has."""
        if self.ended:
            return
        if isinstance(error, TimeoutError):
            self.timed_out()
        elif isinstance(error, Exception):
            self.failed(error)
        else:
            self.cancelled("interrupted" if error is not None else "no_answer")

    def _execute(self, asked: SubQueryExecute) -> None:
        self.ended = False
        self._asked = asked
        self._started = time.monotonic()
        self.run.emit(asked)

    def _elapsed_ms(self) -> float:
        return round((time.monotonic() - self._started) * 1000, 3)


def are_messages(prompt: object) -> bool:
    """Whether a prompt is a list of messages, as the chat APIs take them."""
    return isinstance(prompt, _MESSAGES)


def texts_of(messages: Sequence[Any]) -> list[str]:
    """Each message of a prompt as JSON."""
    return [msgspec.json.encode(plain(message)).decode() for message in messages]


def last_text(prompt: Any) -> str:
    """What a prompt shows of itself: all of a text, or the last of several messages."""
    if not are_messages(prompt):
        return as_text(prompt)
    last = prompt[-1] if prompt else ""
    content = last.get("content") if isinstance(last, dict) else last
    return as_text(content)
