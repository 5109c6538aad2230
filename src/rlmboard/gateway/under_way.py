"""A run while calls of it pass: where they are recorded, and what the run may still do."""

from __future__ import annotations

import itertools
from typing import TypeVar

from ..run import ReportedRun
from ..trace import RunCancelled, RunDone, TraceEvent
from .conversations import Conversations
from .ledger import Ledger
from .reservations import Reservations

K = TypeVar("K")
V = TypeVar("V")
MOST_REMEMBERED = 1000


class UnderWay:
    """One run. `record` is where its calls are written to, if that can be.

    `owned`: this gateway ends it. `of_another`: another program records it, so that a call which
    names its sub-query stands there already; what is set aside for it stands in `reservations`.
    """

    def __init__(
        self,
        run_id: str,
        ledger: Ledger,
        record: ReportedRun | None,
        *,
        owned: bool,
        of_another: bool = False,
        reservations: Reservations | None = None,
    ) -> None:
        self.run_id = run_id
        self.ledger = ledger
        self.of_another = of_another
        self.reservations = reservations
        self.conversations = Conversations()
        self.failed: dict[int, tuple[str, int]] = {}
        self.calls = 0
        self.last_s = 0.0
        self.ended = False
        self.owned = owned
        self._record = record
        self._keys = map(str, itertools.count(1))
        self._attempts: dict[str, int] = {}

    def records(self, query_id: str | None) -> bool:
        """Whether a call is written down here; one that its own program records only counts."""
        return self._record is not None and not (self.of_another and query_id is not None)

    def next_key(self) -> str:
        """A name for a reservation."""
        return next(self._keys)

    def named(self, query_id: str | None) -> tuple[str, int]:
        """The sub-query and the number of its attempt; a name that comes again is tried again."""
        if query_id is None:
            return (self._record.next_id() if self._record is not None else "q"), 0
        if self.of_another:
            return query_id, 0
        attempt = self._attempts.get(query_id, -1) + 1
        _remember(self._attempts, query_id, attempt)
        return query_id, attempt

    def may_be_retried(self, body_hash: int, query_id: str, attempt: int) -> None:
        """The same request, sent again by its client, is one more attempt."""
        _remember(self.failed, body_hash, (query_id, attempt))

    def emit(self, event: TraceEvent) -> bool:
        """Whether it stands in the trace now."""
        return self._record is not None and self._record.emit(event)

    def keep(self, text: str) -> str | None:
        return self._record.keep(text) if self._record is not None else None

    def end(self, reason: str) -> None:
        """Its files are closed; a run that is ours has ended."""
        self.ended = True
        if self.reservations is not None:
            self.reservations.close()
        if self._record is None:
            return
        if self.owned and self.ledger.stopped:
            self._record.end(RunCancelled(end_reason="user"))
        elif self.owned:
            self._record.end(RunDone(end_reason=reason))
        else:
            self._record.let_go()


def _remember(held: dict[K, V], key: K, value: V) -> None:
    if len(held) >= MOST_REMEMBERED:
        del held[next(iter(held))]
    held[key] = value
