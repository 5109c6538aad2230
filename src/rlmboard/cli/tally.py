"""The sums of a run while it runs: small, whatever its length. What has ended counts as the fold
counts it, so that the last line of `run` says what `show` says later."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..trace import (
    EnvLoadFragment,
    Note,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    TraceEvent,
    VerifyCitations,
)


class Tally:
    """Takes every event of a run as it is emitted."""

    def __init__(self) -> None:
        self.fragments = 0
        self.attempts = 0
        self.cost_msat: int | None = None
        self.cost_usd_nanos: int | None = None
        self.unknown_cost = 0
        self.citations_checked: int | None = None
        self.citations_missing: int | None = None
        self.simulated = False
        self.warnings: list[str] = []
        self._statuses: dict[str, str] = {}
        self._open: set[tuple[str, int, int]] = set()

    def take(self, event: TraceEvent) -> None:
        match event:
            case EnvLoadFragment():
                self.fragments += 1
            case SubQuerySubmit():
                self._statuses.setdefault(event.query_id, "submitted")
            case SubQueryExecute():
                self._executed(event)
            case SubQueryReturn():
                self._ended(event, "returned" if event.success else "failed")
                self._cost(event.cost_msat, event.cost_usd_nanos)
            case SubQueryTimeout() | SubQueryCancel():
                timed_out = isinstance(event, SubQueryTimeout)
                if self._ended(event, "timeout" if timed_out else "cancelled"):
                    self._cost(None, None)
            case VerifyCitations(query_id=None):
                self.citations_checked, self.citations_missing = event.checked, event.missing
            case Note(level="warning"):
                self.warnings.append(event.message)

    def counts(self) -> dict[str, int]:
        """Sub-queries by how they stand, and what there is of the rest."""
        by_status = Counter(self._statuses.values())
        return {
            "fragments": self.fragments,
            "sub_queries": len(self._statuses),
            "returned": by_status["returned"],
            "failed": by_status["failed"],
            "timed_out": by_status["timeout"],
            "cancelled": by_status["cancelled"],
            "attempts": self.attempts,
        }

    def cost(self) -> dict[str, Any]:
        """What is known to have been spent, and how many costs are not known."""
        return {
            "msat": self.cost_msat,
            "usd_nanos": self.cost_usd_nanos,
            "unknown": self.unknown_cost,
        }

    def _executed(self, event: SubQueryExecute) -> None:
        self.attempts += 1
        self.simulated = self.simulated or bool(event.simulated)
        self._open.add((event.query_id, event.replica, event.attempt))
        if self._statuses.get(event.query_id) != "returned":
            self._statuses[event.query_id] = "running"

    def _ended(self, event: SubQueryReturn | SubQueryTimeout | SubQueryCancel, status: str) -> bool:
        """Whether a provider had been asked."""
        if self._statuses.get(event.query_id) != "returned":
            self._statuses[event.query_id] = status
        key = (event.query_id, event.replica, event.attempt)
        asked = key in self._open
        self._open.discard(key)
        return asked

    def _cost(self, msat: int | None, usd_nanos: int | None) -> None:
        if msat is not None:
            self.cost_msat = (self.cost_msat or 0) + msat
        if usd_nanos is not None:
            self.cost_usd_nanos = (self.cost_usd_nanos or 0) + usd_nanos
        if msat is None and usd_nanos is None:
            self.unknown_cost += 1
