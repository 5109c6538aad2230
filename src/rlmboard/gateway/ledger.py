"""What one run may still do: its money, its pace, its calls at once, its models."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from fnmatch import fnmatchcase

from ..money import Amounts, Budget, Settled
from ..money import Refusal as NotReserved
from ..money.prices import Cost
from .refusals import Refusal
from .settings import Limits

MINUTE_S = 60.0


class Ledger:
    """Admits calls of one run. Spent and reserved together never pass the budget."""

    def __init__(
        self,
        limits: Limits,
        *,
        allow_unknown: bool = False,
        spent: Cost | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits
        self.under_way = 0
        self.stopped = False
        self.budget = Budget(limits.msat, limits.usd_nanos, allow_unknown=allow_unknown)
        self._clock = clock
        self._times: deque[float] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._take_in(spent or Cost())

    @property
    def limited(self) -> bool:
        """Whether there is a budget."""
        return bool(self.budget.purses)

    def refusal(self, model: str | None) -> Refusal | None:
        """Why this call may not be made now; None where it may, and is counted."""
        limits, now = self.limits, self._clock()
        if self.stopped:
            message = "somebody asked this run to stop; it ends when it is left alone"
            return Refusal("stopped", message)
        if limits.models and not any(fnmatchcase(model or "", one) for one in limits.models):
            allowed = ", ".join(limits.models)
            return Refusal("model", f"the model {model} is not allowed; allowed are {allowed}")
        if limits.concurrency is not None and self.under_way >= limits.concurrency:
            message = f"{limits.concurrency} calls of this run are under way, as many as may be"
            return Refusal("concurrency", message, retry_after_s=1.0)
        if limits.requests_per_minute is not None:
            while self._times and self._times[0] <= now - MINUTE_S:
                self._times.popleft()
            if len(self._times) >= limits.requests_per_minute:
                message = f"this run may ask {limits.requests_per_minute} times in a minute"
                return Refusal("rate", message, retry_after_s=self._times[0] + MINUTE_S - now)
            self._times.append(now)
        return None

    async def reserve(self, key: str, bound: Cost) -> Amounts | Refusal:
        """Sets the most that a call can cost aside; waits while others may give enough back.

        What would not fit if they gave back everything is refused at once.
        """
        while True:
            held = self.budget.reserve(key, bound.msat, bound.usd_nanos)
            if not isinstance(held, NotReserved):
                return held
            may_fit = held.reason == "full" and self.budget.may_free and self._fits_alone(bound)
            if not may_fit:
                return self._why(held, bound)
            await self._next_end()

    def settle(self, key: str, cost: Cost, assumed: bool) -> Settled | None:
        """A call ended that may have been charged for; at its whole bound where it is unknown.

        `assumed`: the request did not bound its answer, so that more than the bound is no wonder.
        """
        settled = self.budget.settle(key, cost.msat, cost.usd_nanos, assumed)
        self._wake()
        return settled

    def release(self, key: str) -> Settled | None:
        """A call ended that was not charged for."""
        settled = self.budget.release(key)
        self._wake()
        return settled

    def _take_in(self, spent: Cost) -> None:
        """What was spent before this gateway knew the run."""
        if self.budget.msat is not None:
            self.budget.msat.spent = spent.msat or 0
        if self.budget.usd_nanos is not None:
            self.budget.usd_nanos.spent = spent.usd_nanos or 0

    def _fits_alone(self, bound: Cost) -> bool:
        """Whether it would fit if nothing else were reserved."""
        purses = ((self.budget.msat, bound.msat), (self.budget.usd_nanos, bound.usd_nanos))
        return all(
            purse is None or purse.spent + (amount or 0) <= purse.limit for purse, amount in purses
        )

    async def _next_end(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        finally:
            if turn in self._waiting:
                self._waiting.remove(turn)

    def _wake(self) -> None:
        """Everybody looks again, in the order of arrival."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)

    def _why(self, held: NotReserved, bound: Cost) -> Refusal:
        if held.reason == "unknown":
            return Refusal(
                "unknown_cost",
                "this run has a budget, and nobody knows the most that this call can cost: "
                "give the model a price in prices.toml, or start the gateway with "
                "--allow-unknown-cost",
            )
        if held.reason == "overdrawn":
            message = "a call cost more than it could by its price, so that this budget is closed"
            return Refusal("budget", message)
        return Refusal("budget", f"the budget of this run is used up: {self._state(bound)}")

    def _state(self, bound: Cost) -> str:
        """What is left, and what was wanted, in each unit that has a limit."""
        said = []
        if (purse := self.budget.usd_nanos) is not None:
            most = (bound.usd_nanos or 0) / 1e9
            left, limit = purse.remaining / 1e9, purse.limit / 1e9
            said.append(f"${left:.6f} of ${limit:g} are left, this call may cost ${most:.6f}")
        if (purse := self.budget.msat) is not None:
            most, left, limit = (n / 1e3 for n in (bound.msat or 0, purse.remaining, purse.limit))
            said.append(f"{left:g} of {limit:g} sats are left, this call may cost {most:g}")
        return f"{'; '.join(said)}; a smaller max_tokens asks for less"
