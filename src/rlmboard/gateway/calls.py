"""Calls are admitted and recorded here: each is a sub-query of a live run, ended by one word."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

import msgspec

from ..formats.cache_writes import as_attributes
from ..formats.exchange import Api, Asked, Said
from ..money import Amounts, Settled, Settlement
from ..money.prices import Cost, Price
from ..trace import (
    BudgetReserve,
    BudgetSettle,
    Failure,
    Note,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    TraceEvent,
)
from .conversations import chain_of
from .naming import long_secrets, without
from .pricing import UNKNOWN, Priced, most, priced
from .refusals import Refusal
from .under_way import UnderWay
from .upstream import Upstream

LARGE_BYTES = 256_000
"""From here on a request is written down beside the loop, which others wait for."""
_OURS = ("unreadable", "no_answer", "cut_off")
"""Failures that the upstream did not word: it may have charged for what nobody could read."""
_REASONS = {"unknown_cost": "budget", "stopped": "user"}


class Request(msgspec.Struct, kw_only=True):
    """What came in, as far as recording needs it; the body is as it was before it was packed."""

    api: Api
    asked: Asked
    body: bytes
    query_id: str | None = None
    is_retry: bool = False
    secrets: tuple[str, ...] = ()


class Call:
    """One request on its way. `admit` it, then end it: answered, failed, timed out, cancelled."""

    def __init__(
        self, run: UnderWay, request: Request, upstream: Upstream, price: Price | None, assumed: int
    ) -> None:
        self.ended = False
        self._run = run
        self._records = run.records(request.query_id)
        self._request = request
        self._long_secrets = long_secrets(request.secrets)
        self._upstream = upstream
        self._price = price
        self._assumed = assumed
        self._model = request.asked.model and without(self._long_secrets, request.asked.model)
        self._key = run.next_key()
        self._chain = chain_of(request.asked.turns)
        self._counted = False
        self._asked_at = 0.0
        self._first_ms = 0.0
        earlier = run.failed.pop(hash(request.body), None) if request.is_retry else None
        self.query_id, self.attempt = earlier or run.named(request.query_id)

    async def admit(self) -> Refusal | None:
        """Why it is not passed on; None where it is, and everything that it needs is set aside."""
        if self._records and self.attempt == 0:
            if len(self._request.body) > LARGE_BYTES:
                await asyncio.to_thread(self._submit)
            else:
                self._submit()
        ledger = self._run.ledger
        refusal = ledger.refusal(self._request.asked.model)
        if refusal is None:
            self._counted = True
            ledger.under_way += 1
            refusal = await self._reserve() if ledger.limited else None
        if refusal is not None:
            self._refuse(refusal)
            return refusal
        self._asked_at = time.monotonic()
        self._tell(
            SubQueryExecute(
                query_id=self.query_id,
                attempt=self.attempt,
                provider_id=self._upstream.name,
                venue=self._upstream.venue,
                model_id=self._model,
            )
        )
        return None

    @property
    def where(self) -> str | None:
        """Run and sub-query, as a client may name them."""
        return f"{self._run.run_id}/{self.query_id}"

    def heard(self) -> None:
        """A piece of the answer has come."""
        if not self._first_ms:
            self._first_ms = self._elapsed_ms()

    def answered(self, said: Said) -> None:
        """What came back is whole: an answer, or a failure in the server's words."""
        cost = priced(said, self._price)
        charged = said.error is None or bool(said.usage or said.text) or said.error.type in _OURS
        self._returned(said, cost)
        self._end(cost.cost if charged else None)
        if said.error is None:
            self._run.conversations.answered(self.query_id, self._chain, said)
        else:
            self._may_be_retried()

    def failed(self, kind: str, message: str, charged: bool = False) -> None:
        """No answer, or not a whole one. `charged`: the upstream may have heard the question."""
        self.broke_off(Said(error=Failure(type=kind, message=message)), charged)

    def broke_off(self, said: Said, charged: bool = True) -> None:
        """What there was of an answer; nobody says what it costs."""
        self._returned(msgspec.structs.replace(said, usage=None, cost_usd=None))
        self._end(Cost() if charged else None)
        self._may_be_retried()

    def timed_out(self) -> None:
        """No whole answer in time."""
        elapsed_ms = self._elapsed_ms()
        self._tell(
            SubQueryTimeout(query_id=self.query_id, attempt=self.attempt, elapsed_ms=elapsed_ms)
        )
        self._end(Cost())
        self._may_be_retried()

    def cancelled(self, reason: str) -> None:
        """Nobody waits for it any more."""
        if self.ended:
            return
        self._tell(SubQueryCancel(query_id=self.query_id, attempt=self.attempt, reason=reason))
        self._end(Cost() if self._asked_at else None)
        self._may_be_retried()

    # ------------------------------------------------------------ what is recorded

    def _submit(self) -> None:
        asked, run = self._request.asked, self._run
        parent, inferred = run.conversations.parent_of(asked, self._chain)
        refs = [run.keep(self._shown(message)) for message in asked.messages]
        self._tell(
            SubQuerySubmit(
                query_id=self.query_id,
                prompt_preview=self._shown(asked.text),
                prompt_ref=[ref for ref in refs if ref is not None] or None,
                parent_id=parent,
                parent_inferred=True if inferred else None,
                depth=1,
                role="sub",
            )
        )

    def _returned(self, said: Said, priced: Priced = UNKNOWN) -> None:
        cost = priced.cost
        if not self._records:
            return
        self._tell(
            SubQueryReturn(
                query_id=self.query_id,
                attempt=self.attempt,
                result_preview=self._shown(said.text),
                duration_ms=self._elapsed_ms(),
                success=said.error is None,
                provider_id=self._upstream.name,
                model_id=said.model or self._model,
                usage=said.usage,
                usage_quality="exact" if said.usage is not None else "none",
                cost_sats=None if cost.msat is None else -(-cost.msat // 1000),
                cost_msat=cost.msat,
                cost_usd_nanos=cost.usd_nanos,
                cost_source=priced.source,
                price_version=priced.version,
                finish_reason=said.finish_reason,
                error=self._failure(said.error),
                attributes=self._attributes(said),
            )
        )

    def _refuse(self, refusal: Refusal) -> None:
        """Stands in the trace as submitted and cancelled; no upstream was asked."""
        reason = _REASONS.get(refusal.reason, refusal.reason)
        cancel = SubQueryCancel(query_id=self.query_id, attempt=self.attempt, reason=reason)
        if self._records or refusal.retry_after_s is None:
            self._run.emit(cancel)
        else:  # its program, which will ask again, says how that ends
            message = f"the gateway refused {self.query_id} for now: {refusal.message}"
            self._run.emit(Note(level="warning", message=message))
        self._end(None)
        if refusal.retry_after_s is not None:
            self._may_be_retried()

    # ------------------------------------------------------------ what is counted

    async def _reserve(self) -> Refusal | None:
        request = self._request
        bound = most(request.asked, request.body, self._price, self._assumed)
        held = await self._run.ledger.reserve(self._key, bound)
        if isinstance(held, Refusal):
            return held
        if not self._records and (refusal := self._kept(held)) is not None:
            return refusal
        purse = self._run.ledger.budget.msat
        self._tell(
            BudgetReserve(
                query_id=self.query_id,
                attempt=self.attempt,
                amount_sats=None if held.msat is None else -(-held.msat // 1000),
                remaining_sats=None if purse is None else purse.remaining // 1000,
                amount_msat=held.msat,
                amount_usd_nanos=held.usd_nanos,
            )
        )
        return None

    def _kept(self, held: Amounts) -> Refusal | None:
        """Beside the trace that another program writes; no call passes without that."""
        reservations = self._run.reservations
        if reservations is None:
            return None
        try:
            reservations.reserve(self._key, self.query_id, held)
        except OSError as error:
            why = error.strerror or error
            return Refusal("upstream", f"the gateway cannot keep what is reserved: {why}")
        return None

    def _end(self, cost: Cost | None) -> None:
        """`cost` None: it was not charged for; of unknown amounts: at its whole reservation."""
        self.ended = True
        ledger = self._run.ledger
        if self._counted:
            ledger.under_way -= 1
        if not ledger.limited:
            return
        assumed = self._request.asked.max_tokens is None
        settled = (
            ledger.release(self._key) if cost is None else ledger.settle(self._key, cost, assumed)
        )
        if settled is None:
            return
        self._tell(_settle(self.query_id, self.attempt, settled))
        if not self._records and self._run.reservations is not None:
            with suppress(OSError):  # it counts whole then, should the gateway be started again
                self._run.reservations.settle(self._key, settled)

    def _may_be_retried(self) -> None:
        if self._records:
            self._run.may_be_retried(hash(self._request.body), self.query_id, self.attempt + 1)

    # ------------------------------------------------------------ parts of it

    def _tell(self, event: TraceEvent) -> None:
        if self._records:
            self._run.emit(event)

    def _elapsed_ms(self) -> float:
        return round((time.monotonic() - self._asked_at) * 1000, 3) if self._asked_at else 0.0

    def _attributes(self, said: Said) -> dict[str, Any] | None:
        attributes = as_attributes(*said.written)
        if self._request.asked.streams and self._first_ms:
            attributes["first_piece_ms"] = self._first_ms
        return attributes or None

    def _shown(self, text: str) -> str:
        return without(self._long_secrets, text)

    def _failure(self, error: Failure | None) -> Failure | None:
        if error is None:
            return None
        return Failure(type=error.type, message=without(self._request.secrets, error.message))


_NOTHING = Settlement(None, 0, 0)


def _settle(query_id: str, attempt: int, settled: Settled) -> BudgetSettle:
    msat, usd = settled.msat or _NOTHING, settled.usd_nanos or _NOTHING
    return BudgetSettle(
        query_id=query_id,
        attempt=attempt,
        actual_sats=None if msat.actual is None else -(-msat.actual // 1000),
        refund_sats=msat.released // 1000 if settled.msat else None,
        actual_msat=msat.actual,
        released_msat=msat.released if settled.msat else None,
        overage_msat=msat.overage or None,
        actual_usd_nanos=usd.actual,
        released_usd_nanos=usd.released if settled.usd_nanos else None,
        overage_usd_nanos=usd.overage or None,
    )
