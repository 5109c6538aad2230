"""A plan carried out in no time: a heap for a clock, and recorded or drawn answers."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from typing import TypeAlias

from ..trace import Emit, SubQuerySubmit
from .desk import Desk
from .plan import (
    Abort,
    Action,
    Answered,
    Ask,
    Cancelled,
    Check,
    Divide,
    Failed,
    Finish,
    Happened,
    Plan,
    Rank,
    Started,
    Ticked,
    WakeAt,
)
from .program import Outcome, Program
from .provider import Answer, ProviderError
from .route import Offer

Reply: TypeAlias = tuple[float, Answer | ProviderError] | None
"""Seconds until it comes, and what comes; None for what never comes."""

Script: TypeAlias = Callable[[Ask], Reply]


class Simulation:
    """A run on a virtual clock, `now` seconds after its start. Prompts are not rendered."""

    def __init__(
        self, program: Program, offers: Sequence[Offer], script: Script, emit: Emit, desk: Desk
    ) -> None:
        self.now = 0.0
        self._plan = Plan(program, offers)
        self._script = script
        self._emit = emit
        self._desk = desk
        self._coming: list[tuple[float, int, Happened]] = []
        self._count = 0
        self._aborted: set[str] = set()
        self._outcome: Outcome | None = None

    def run(self, cancel_at: float | None = None) -> Outcome:
        """Raises RuntimeError when nothing is left to happen and the plan has not ended."""
        self._later(0.0, Started())
        if cancel_at is not None:
            self._later(cancel_at, Cancelled())
        while self._outcome is None:
            if not self._coming:
                raise RuntimeError("nothing is left to happen, and the plan has not ended")
            at, _, happened = heapq.heappop(self._coming)
            if isinstance(happened, Answered | Failed) and happened.key in self._aborted:
                continue
            self.now = max(self.now, at)
            for action in self._plan.next(happened, self.now):
                self._perform(action)
        return self._outcome

    def _later(self, at: float, happened: Happened) -> None:
        self._count += 1
        heapq.heappush(self._coming, (at, self._count, happened))

    def _perform(self, action: Action) -> None:
        match action:
            case Ask():
                self._ask(action)
            case Abort(key):
                self._aborted.add(key)
            case WakeAt(at):
                self._later(at, Ticked())
            case Check():
                self._later(self.now, self._desk.check(action))
            case Rank():
                self._later(self.now, self._desk.rank(action))
            case Divide():
                self._later(self.now, self._desk.divide(action))
            case Finish(outcome):
                self._outcome = outcome
            case _:
                self._emit(action)

    def _ask(self, ask: Ask) -> None:
        if isinstance(ask.submit, SubQuerySubmit):
            self._emit(ask.submit)
        reply = self._script(ask)
        if reply is None:
            return
        delay_s, said = reply
        if isinstance(said, ProviderError):
            failed = Failed(ask.key, said.kind, said.message, said.retryable, said.retry_after_s)
            self._later(self.now + delay_s, failed)
        else:
            self._later(self.now + delay_s, Answered(ask.key, said))
