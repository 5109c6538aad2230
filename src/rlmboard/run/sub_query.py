"""One sub-query as its asker holds it: submitted when made, ended by one word."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextvars import Token
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

from ..money.units import Amount, msat, usd_nanos
from ..trace import (
    CostSource,
    Role,
    SpanRef,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    Usage,
    UsageQuality,
)
from .current import leave, sub_query_here
from .recorder import failure

if TYPE_CHECKING:
    from .run import Run

Prompt: TypeAlias = str | Sequence[dict[str, Any]]
Tokens: TypeAlias = Usage | tuple[int | None, int | None]


class SubQuery:
    """A question under way, made by `Run.subquery`. Asking again after a failure is `retry`.

    Use it in a `with`, or end it by a word: `returned`, `failed`, `timed_out`, `cancelled`.
    """

    def __init__(self, run: Run, submit: SubQuerySubmit, asked: SubQueryExecute) -> None:
        self.id = submit.query_id
        self.attempt = 0
        self.depth = submit.depth or 1
        self.ended = False
        self.run = run
        self._asked = asked
        self._outer: Token[SubQuery | None] | None = None
        run.emit(submit)
        self._execute(asked)

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
        spans: Iterable[SpanRef] = (),
        model: str | None = None,
        finish_reason: str | None = None,
        cache_hit: bool | None = None,
    ) -> None:
        """It was answered. `tokens`: (input, output) or a `Usage`. Leave out what is not known."""
        self._end()
        with self.run.counting():
            sats = None if cost_sats is None else msat(cost_sats)
            usd = None if cost_usd is None else usd_nanos(cost_usd)
            usage = _usage(tokens)
            self.run.emit(
                SubQueryReturn(
                    query_id=self.id,
                    attempt=self.attempt,
                    result_preview=text if isinstance(text, str) else str(text),
                    duration_ms=self._elapsed_ms(),
                    success=True,
                    provider_id=self._asked.provider_id,
                    model_id=model or self._asked.model_id,
                    usage=usage,
                    usage_quality=usage_quality or ("exact" if usage else "none"),
                    cost_sats=None if sats is None else -(-sats // 1000),
                    cost_msat=sats,
                    cost_usd_nanos=usd,
                    cost_source=cost_source or _source(sats, usd),
                    span_refs=tuple(spans),
                    finish_reason=finish_reason,
                    cache_hit=cache_hit,
                )
            )

    def failed(self, error: BaseException | str) -> None:
        """The provider failed, or its answer is of no use."""
        self._end()
        told = error if isinstance(error, BaseException) else RuntimeError(error)
        self.run.emit(
            SubQueryReturn(
                query_id=self.id,
                attempt=self.attempt,
                duration_ms=self._elapsed_ms(),
                success=False,
                provider_id=self._asked.provider_id,
                error=failure(told),
            )
        )

    def timed_out(self, elapsed_ms: float | None = None) -> None:
        """No answer came in time. `elapsed_ms`: since it was asked, measured here when left out."""
        self._end()
        elapsed_ms = self._elapsed_ms() if elapsed_ms is None else elapsed_ms
        self.run.emit(
            SubQueryTimeout(query_id=self.id, attempt=self.attempt, elapsed_ms=elapsed_ms)
        )

    def cancelled(self, reason: str = "user") -> None:
        self._end()
        self.run.emit(SubQueryCancel(query_id=self.id, attempt=self.attempt, reason=reason))

    def retry(
        self, *, provider: str | None = None, model: str | None = None, venue: str | None = None
    ) -> None:
        """It is asked again, of the same provider unless another is named."""
        self.attempt += 1
        self._execute(
            SubQueryExecute(
                query_id=self.id,
                attempt=self.attempt,
                provider_id=provider or self._asked.provider_id,
                model_id=model or self._asked.model_id,
                venue=venue or self._asked.venue,
            )
        )

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

    def _end(self) -> None:
        self.ended = True

    def _elapsed_ms(self) -> float:
        return round((time.monotonic() - self._started) * 1000, 3)


def submitted(
    prompt: Prompt, refs: list[str] | None, query_id: str, parent: SubQuery | None, **said: Any
) -> SubQuerySubmit:
    """The submit event; a prompt of messages shows its last one and names each by hash."""
    text = prompt if isinstance(prompt, str) else _last_text(prompt)
    role: Role = said.pop("role", "sub")
    depth = said.pop("depth", None)
    parent_id = said.pop("parent_id", None) or (parent.id if parent else None)
    return SubQuerySubmit(
        query_id=query_id,
        prompt_preview=text,
        prompt_ref=refs,
        parent_id=parent_id,
        depth=depth if depth is not None else (parent.depth + 1 if parent else 1),
        role=role,
        **said,
    )


def _last_text(messages: Sequence[dict[str, Any]]) -> str:
    content = messages[-1].get("content") if messages else ""
    return content if isinstance(content, str) else str(content)


def _usage(tokens: Tokens | None) -> Usage | None:
    if tokens is None or isinstance(tokens, Usage):
        return tokens
    return Usage(input=tokens[0], output=tokens[1])


def _source(sats: int | None, usd: int | None) -> CostSource:
    return "none" if sats is None and usd is None else "provider"
