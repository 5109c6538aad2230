"""Attempts: asked, answered, failed, timed out, given up; each told, and paid for once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from ...trace import (
    Failure,
    Note,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQueryTimeout,
)
from ..prompts import prompt_bytes
from ..provider import Answer
from ..route import Lane, Pool
from ..settings import Settings
from .actions import Abort, Action, Ask
from .happenings import Failed
from .ledger import Ledger, sats
from .state import Attempt, Replica, SubQuery

Asked: TypeAlias = Literal["asked", "busy", "broke"]
"""busy: not now, something under way has to end first; broke: the budget allows it never."""


class Attempts:
    """All attempts under way, the oldest first."""

    def __init__(self, pool: Pool, ledger: Ledger, settings: Settings, out: list[Action]) -> None:
        self.flying: dict[str, Attempt] = {}
        self._pool = pool
        self._ledger = ledger
        self._settings = settings
        self._out = out

    # -------------------------------------------------------------- asking

    def ask(self, query: SubQuery, replica: Replica, now: float, *, hedge: bool = False) -> Asked:
        """Asks the provider that the policy prefers, of those with a place and a fitting price."""
        lanes = self._pool.candidates(now, query.tried)
        for lane in lanes:
            attempt = Attempt(
                f"{query.id}/{replica.number}/{replica.attempts}",
                query, replica, replica.attempts, lane, now, hedge,
            )  # fmt: skip
            if self._affordable(attempt):
                self._launch(attempt)
                return "asked"
        return "busy" if self._may_change(lanes) else "broke"

    def _affordable(self, attempt: Attempt) -> bool:
        if not self._ledger.limited:
            return True
        size = prompt_bytes(attempt.query.question)
        bound = attempt.lane.offer.bound(size, self._settings.max_tokens)
        return self._ledger.reserve(attempt, bound)

    def _may_change(self, lanes: list[Lane]) -> bool:
        if self._ledger.budget.overdrawn:
            return False
        return len(lanes) < len(self._pool.lanes) or self._ledger.budget.may_free

    def _launch(self, attempt: Attempt) -> None:
        query, replica, lane = attempt.query, attempt.replica, attempt.lane
        self._pool.take(lane)
        self.flying[attempt.key] = attempt
        replica.attempts += 1
        replica.flying.append(attempt)
        query.tried.append(lane.index)
        submit, query.submit = query.submit, None
        offer = lane.offer
        self._out.append(Ask(attempt.key, offer.name, query.question, replica.number, submit))
        self._out.append(
            SubQueryExecute(
                query_id=query.id,
                attempt=attempt.number,
                replica=replica.number,
                provider_id=offer.name,
                venue=offer.venue,
                model_id=offer.model,
                simulated=offer.simulated or None,
            )
        )

    # -------------------------------------------------------------- ending

    def returned(
        self, attempt: Attempt, answer: Answer, now: float, error: Failure | None = None
    ) -> None:
        """It came back with an answer; one that is an `error` is paid for all the same."""
        self._land(attempt)
        if error is None:
            attempt.lane.returned(now - attempt.started)
        else:
            attempt.lane.failed()
        self._out.append(
            SubQueryReturn(
                query_id=attempt.query.id,
                attempt=attempt.number,
                replica=attempt.replica.number,
                result_preview=answer.text,
                duration_ms=elapsed_ms(attempt, now),
                cost_sats=sats(answer.cost_msat),
                success=error is None,
                provider_id=attempt.lane.offer.name,
                model_id=answer.model_id or attempt.lane.offer.model,
                usage=answer.usage,
                usage_quality=answer.usage_quality,
                cost_msat=answer.cost_msat,
                cost_usd_nanos=answer.cost_usd_nanos,
                cost_source=answer.cost_source,
                price_version=answer.price_version,
                span_refs=answer.span_refs,
                finish_reason=answer.finish_reason,
                cache_hit=answer.cache_hit,
                error=error,
            )
        )
        if self._ledger.settle(attempt, answer):
            self._warn_of_overage(attempt)

    def failed(self, attempt: Attempt, failure: Failed, now: float) -> None:
        self._land(attempt)
        attempt.lane.failed()
        if failure.retry_after_s is not None:
            attempt.lane.rests_until = now + failure.retry_after_s
        self._out.append(
            SubQueryReturn(
                query_id=attempt.query.id,
                attempt=attempt.number,
                replica=attempt.replica.number,
                duration_ms=elapsed_ms(attempt, now),
                success=False,
                provider_id=attempt.lane.offer.name,
                error=Failure(type=failure.kind, message=failure.message),
            )
        )
        self._ledger.release(attempt)

    def overdue(self, now: float) -> Iterator[Attempt]:
        """Ends the attempts whose time is up, and gives each."""
        while (due := self.next_timeout()) is not None and due <= now:
            attempt = next(iter(self.flying.values()))
            self._land(attempt)
            attempt.lane.failed()
            self._out.append(Abort(attempt.key))
            self._out.append(
                SubQueryTimeout(
                    query_id=attempt.query.id,
                    attempt=attempt.number,
                    replica=attempt.replica.number,
                    elapsed_ms=elapsed_ms(attempt, now),
                )
            )
            self._ledger.release(attempt)
            yield attempt

    def give_up(self, attempt: Attempt, reason: str) -> None:
        """Nothing is known of what it cost: its reservation is released, its cost stays unknown."""
        self._land(attempt)
        self._out.append(Abort(attempt.key))
        self._out.append(
            SubQueryCancel(
                query_id=attempt.query.id,
                attempt=attempt.number,
                replica=attempt.replica.number,
                reason=reason,
            )
        )
        self._ledger.release(attempt)

    def next_timeout(self) -> float | None:
        """When the oldest attempt is overdue: all have the same time, so it is the first to be."""
        limit = self._settings.per_query_timeout_s
        if limit is None or not self.flying:
            return None
        return next(iter(self.flying.values())).started + limit

    def _land(self, attempt: Attempt) -> None:
        del self.flying[attempt.key]
        attempt.replica.flying.remove(attempt)
        attempt.lane.busy -= 1

    def _warn_of_overage(self, attempt: Attempt) -> None:
        name = attempt.lane.offer.name
        message = f"{name} charged more than the most it can cost; the budget is closed"
        self._out.append(Note(message=message, level="warning"))


def elapsed_ms(attempt: Attempt, now: float) -> float:
    return round((now - attempt.started) * 1000, 3)
