"""From the lines of a trace to the picture of its run, in steps: what `show`, `watch` and a live
`run` draw is gathered here, by the one fold that the store uses too."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from heapq import nlargest
from itertools import pairwise

from ...money.units import msat, usd_nanos
from ...trace import RlmEnd, RlmStart, RunConfig, Stamped, TraceLine
from ...trace.summary import AttemptRow, Fold, RunSummary, SubQuery, attempt_rows, run_summary
from .run_picture import (
    BudgetPicture,
    Lane,
    LatencyPicture,
    ProviderLine,
    QuorumPicture,
    RunPicture,
)

HISTOGRAM_BARS = 12
MOST_CANDIDATES = 4_000
KEPT = 1_000
_UNITS = (None, "extractor", "sub")
_GATHER = ("root", "reducer", "verifier", "router")
_BAD = {"failed": 3, "timeout": 2, "cancelled": 1}

Required = Callable[[object, int], int | None]
"""How many of so many sub-queries a quorum asks for; None for as many as come."""


class Gathering:
    """Takes lines of one run and gives its picture. `required` reads the quorum of the config."""

    def __init__(
        self, run_id: str, query: str, config: RunConfig, required: Required, title: str = ""
    ) -> None:
        self._run_id = run_id
        self._query = query
        self._config = config
        self._required = required
        self._title = title
        self._fold = Fold()
        self._lanes: dict[str, tuple[Lane, ...]] = {}
        self._statuses: Counter[str] = Counter()
        self._candidates: dict[tuple[str, int], Lane] = {}
        self._durations_ms: list[float] = []
        self._providers: dict[str, _Provider] = {}
        self._units = Units()

    @property
    def providers(self) -> list[str]:
        return list(self._providers)

    @property
    def run(self) -> RunSummary:
        return run_summary(self._fold.state)

    def take(self, lines: Iterable[TraceLine]) -> None:
        taken = list(lines)
        self._fold.take(taken)
        for line in taken:
            if type(line) is Stamped and isinstance(line.event, RlmStart | RlmEnd):
                self._units.take_node(line.event)
        for query in self._fold.settle().sub_queries:
            self._retake(query)
        if len(self._candidates) > MOST_CANDIDATES:
            self._thin_out()

    def _thin_out(self) -> None:
        """Of many lanes those stay that a picture may choose; one that changes comes again."""
        kept: dict[tuple[str, int], Lane] = {}
        for live in (True, False):
            best = nlargest(KEPT, self._candidates.items(), key=lambda item: rank(item[1], live))
            kept.update(best)
        self._candidates = kept

    def picture(
        self,
        *,
        rows: int,
        now_ms: float | None = None,
        status: str | None = None,
        presumed: bool = False,
    ) -> RunPicture:
        """The run as it stands, with the `rows` lanes that say most."""
        shown_status = status or self.run.status
        run = self.run.as_of(shown_status)
        chosen = choose(list(self._candidates.values()), rows, live=shown_status == "running")
        hidden = self._statuses - Counter(lane.status for lane in chosen)
        return RunPicture(
            run_id=self._run_id,
            title=self._title or self._config.name or self._run_id,
            query=self._query or run.query or "",
            status=shown_status,
            is_live=shown_status == "running",
            presumed=presumed,
            now_ms=max(now_ms or 0.0, run.duration_ms or 0.0),
            run=run,
            lanes=tuple(chosen),
            hidden=dict(hidden),
            providers=tuple(one.line() for one in self._providers.values()),
            budgets=budgets_of(run, self._config),
            quorum=self._quorum(run),
            latency=latency_of(self._durations_ms),
        )

    def _retake(self, query: SubQuery) -> None:
        for lane in self._lanes.get(query.query_id, ()):
            self._put(lane, -1)
        rows = attempt_rows(query)
        lanes = tuple(_lane(query, row) for row in rows)
        self._lanes[query.query_id] = lanes
        for place, lane in enumerate(lanes):
            self._put(lane, 1)
            self._candidates[query.query_id, place] = lane
        self._units.take(query, any(row.status == "returned" for row in rows))

    def _put(self, lane: Lane, sign: int) -> None:
        self._statuses[lane.status] += sign
        if not lane.executed:
            return
        name = lane.provider or "unnamed"
        provider = self._providers.setdefault(name, _Provider(name))
        provider.put(lane, sign)
        if lane.status == "returned" and lane.duration_ms is not None:
            _put_sorted(self._durations_ms, lane.duration_ms, sign)

    def _quorum(self, run: RunSummary) -> QuorumPicture | None:
        total = run.selected or self._units.asked
        if not total:
            return None
        said = self._config.quorum
        return QuorumPicture(
            collected=self._units.collected,
            total=total,
            required=None if said is None else self._required(said, total),
            said="" if said is None else str(said),
        )


class Units:
    """What a quorum counts: the questions that the root asks of the input, each once. One that
    became an RLM of its own counts by how that ended."""

    def __init__(self) -> None:
        self._returned: dict[str, bool] = {}
        self._nodes: set[str] = set()

    @property
    def asked(self) -> int:
        return len(self._returned)

    @property
    def collected(self) -> int:
        return sum(self._returned.values())

    def take(self, query: SubQuery, returned: bool) -> None:
        told = query.submission
        if told is None or told.role not in _UNITS or told.parent_id in self._nodes:
            return
        self._returned[query.query_id] = returned

    def take_node(self, event: RlmStart | RlmEnd) -> None:
        if isinstance(event, RlmEnd):
            if event.node_id in self._returned:
                self._returned[event.node_id] = event.end_reason == "answer"
            return
        self._nodes.add(event.node_id)
        if event.parent_id is None and "fragment" in (event.config or {}):
            self._returned.setdefault(event.node_id, False)


class _Provider:
    """One provider's line, kept by difference."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._venue: str | None = None
        self._simulated = False
        self._counts: Counter[str] = Counter()
        self._durations_ms: list[float] = []
        self._sums = {"cost_msat": 0, "cost_usd_nanos": 0}
        self._known = {"cost_msat": 0, "cost_usd_nanos": 0}
        self._unknown = 0

    def put(self, lane: Lane, sign: int) -> None:
        self._venue = lane.venue or self._venue
        self._simulated = self._simulated or lane.simulated
        self._counts[lane.status] += sign
        if lane.status == "returned" and lane.duration_ms is not None:
            _put_sorted(self._durations_ms, lane.duration_ms, sign)
        if lane.status in ("running", "submitted"):
            return
        amounts = {"cost_msat": lane.cost_msat, "cost_usd_nanos": lane.cost_usd_nanos}
        for unit, amount in amounts.items():
            if amount is not None:
                self._sums[unit] += sign * amount
                self._known[unit] += sign
        self._unknown += sign * all(amount is None for amount in amounts.values())

    def line(self) -> ProviderLine:
        known = {unit: self._sums[unit] if n else None for unit, n in self._known.items()}
        return ProviderLine(
            name=self._name,
            venue=self._venue,
            simulated=self._simulated,
            counts={status: n for status, n in self._counts.items() if n},
            p50_ms=quantile(self._durations_ms, 0.5),
            cost_msat=known["cost_msat"],
            cost_usd_nanos=known["cost_usd_nanos"],
            unknown_cost=self._unknown,
        )


def choose(lanes: Sequence[Lane], rows: int, live: bool) -> list[Lane]:
    """The lanes that say most, in order of time: what is under way and what went wrong, then what
    brings answers together, then the latest of a live run or the slowest of an ended one."""
    if len(lanes) > rows:
        lanes = sorted(lanes, key=lambda lane: rank(lane, live), reverse=True)[: max(rows, 0)]
    return sorted(lanes, key=lambda lane: lane.started_ms or 0.0)


def rank(lane: Lane, live: bool) -> tuple[float, ...]:
    """How much a lane says: the greatest first."""
    running = lane.status in ("running", "submitted")
    last = lane.ended_ms or math.inf if live else lane.duration_ms or 0.0
    return (running, _BAD.get(lane.status, 0), lane.gathers, last)


def budgets_of(run: RunSummary, config: RunConfig) -> tuple[BudgetPicture, ...]:
    """A line for each unit that has a limit or in which something was spent; sats where nothing
    was."""
    sats_limit = _limit(config.budget_sats, msat)
    usd_limit = _limit(config.budget_usd, usd_nanos)
    in_sats = BudgetPicture(
        unit="msat",
        limit=sats_limit,
        spent=run.cost_msat if run.settled_msat is None else run.settled_msat,
        reserved=run.reserved_msat or 0,
        overage=run.overage_msat or 0,
        unknown=run.unknown_cost,
    )
    in_usd = BudgetPicture(
        unit="usd_nanos",
        limit=usd_limit,
        spent=run.cost_usd_nanos if run.settled_usd_nanos is None else run.settled_usd_nanos,
        reserved=run.reserved_usd_nanos or 0,
        overage=run.overage_usd_nanos or 0,
        unknown=run.unknown_cost,
    )
    said = [one for one in (in_sats, in_usd) if one.limit is not None or one.spent or one.reserved]
    return tuple(said) or (in_sats,)


def latency_of(sorted_ms: Sequence[float]) -> LatencyPicture:
    return LatencyPicture(
        answered=len(sorted_ms),
        p50_ms=quantile(sorted_ms, 0.5),
        p99_ms=quantile(sorted_ms, 0.99),
        histogram=histogram(sorted_ms, HISTOGRAM_BARS),
    )


def quantile(sorted_values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of all do not exceed."""
    if not sorted_values:
        return None
    return sorted_values[max(math.ceil(share * len(sorted_values)) - 1, 0)]


def histogram(sorted_values: Sequence[float], bars: int) -> tuple[int, ...]:
    """How many values fall into each of `bars` equal parts between the least and the greatest."""
    if not sorted_values:
        return ()
    least, greatest = sorted_values[0], sorted_values[-1]
    if greatest <= least:
        return (len(sorted_values),)
    edges = [least + (greatest - least) * n / bars for n in range(1, bars)]
    places = [0, *(bisect_left(sorted_values, edge) for edge in edges), len(sorted_values)]
    return tuple(after - before for before, after in pairwise(places))


def _lane(query: SubQuery, row: AttemptRow) -> Lane:
    remark = row.error_type or row.reason or ""
    in_batch = query.submission is not None and query.submission.batch_id is not None
    return Lane(
        label=row.fragment_id or row.role or query.query_id,
        gathers=row.role in _GATHER and not in_batch,
        status=row.status,
        provider=row.provider,
        venue=row.venue,
        simulated=row.simulated,
        executed=row.executed,
        started_ms=row.started_ms,
        ended_ms=row.ended_ms,
        duration_ms=row.duration_ms,
        cost_msat=row.cost_msat,
        cost_usd_nanos=row.cost_usd_nanos,
        remark=f"hedge {remark}".rstrip() if row.hedge else remark,
    )


def _put_sorted(values: list[float], value: float, sign: int) -> None:
    if sign > 0:
        insort(values, value)
    else:
        del values[bisect_left(values, value)]


def _limit(amount: float | int | None, scaled: Callable[[float], int]) -> int | None:
    try:
        return None if amount is None else scaled(amount)
    except ValueError:
        return None  # a config of another producer: infinite, or no number
