"""A run's budget, and the events that tell of each reservation and its end."""

from __future__ import annotations

from ...money import Budget, Refusal, Settled, Settlement
from ...trace import BudgetReserve, BudgetSettle
from ..provider import Answer, Bound
from ..settings import Settings
from .actions import Action
from .state import Attempt


class Ledger:
    """Reserves before an attempt and settles after it; without a limit it does nothing."""

    def __init__(self, settings: Settings, out: list[Action]) -> None:
        self.budget = Budget(
            settings.budget_msat,
            settings.budget_usd_nanos,
            allow_unknown=settings.allow_unknown_cost,
        )
        self.limited = bool(self.budget.purses)
        self._out = out

    def admits(self, bound: Bound) -> bool:
        """Whether a provider with such a bound may be asked at all."""
        return self.budget.allow_unknown or self.budget.knows(bound.msat, bound.usd_nanos)

    def reserve(self, attempt: Attempt, bound: Bound) -> bool:
        held = self.budget.reserve(attempt.key, bound.msat, bound.usd_nanos)
        if isinstance(held, Refusal):
            return False
        purse = self.budget.msat
        self._out.append(
            BudgetReserve(
                query_id=attempt.query.id,
                attempt=attempt.number,
                replica=attempt.replica.number,
                amount_sats=sats(held.msat),
                remaining_sats=None if purse is None else purse.remaining // 1000,
                amount_msat=held.msat,
                amount_usd_nanos=held.usd_nanos,
            )
        )
        return True

    def settle(self, attempt: Attempt, answer: Answer) -> bool:
        """Whether the budget is closed from now on: it charged more than its bound."""
        if not self.limited:
            return False
        closed = self.budget.overdrawn
        settled = self.budget.settle(attempt.key, answer.cost_msat, answer.cost_usd_nanos)
        self._tell(attempt, settled)
        return self.budget.overdrawn and not closed

    def release(self, attempt: Attempt) -> None:
        if self.limited:
            self._tell(attempt, self.budget.release(attempt.key))

    def _tell(self, attempt: Attempt, settled: Settled | None) -> None:
        if settled is None:
            return
        msat, usd = settled.msat or _NOTHING, settled.usd_nanos or _NOTHING
        self._out.append(
            BudgetSettle(
                query_id=attempt.query.id,
                attempt=attempt.number,
                replica=attempt.replica.number,
                actual_sats=sats(msat.actual),
                refund_sats=msat.released // 1000 if settled.msat else None,
                actual_msat=msat.actual,
                released_msat=msat.released if settled.msat else None,
                overage_msat=msat.overage or None,
                actual_usd_nanos=usd.actual,
                released_usd_nanos=usd.released if settled.usd_nanos else None,
                overage_usd_nanos=usd.overage or None,
            )
        )


_NOTHING = Settlement(None, 0, 0)


def sats(msat: int | None) -> int | None:
    """Whole sats, rounded up: what the ancestor's readers know."""
    return None if msat is None else -(-msat // 1000)
