"""The fold: lines of a trace become the state of a run, whatever they are and however they come.

Total over any input: lines in any order, twice, foreign or damaged. The law that tests hold: folded
in any number of steps, a trace gives the same as folded at once, and a line replayed changes no
count and no sum.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, Protocol

import msgspec

from .. import events as e
from ..stamp import Foreign, Hole, Stamped, TraceLine
from .state import (
    Asking,
    Attempt,
    Curve,
    End,
    MetricValue,
    Outcome,
    Reservation,
    RunState,
    Settlement,
    Submission,
    SubQuery,
)
from .statements import (
    MOST,
    announced,
    as_json,
    checksum,
    conclude,
    copy,
    done,
    fingerprint,
    replaces,
    returned,
    sane,
    unfinished,
)
from .sums import put


class Earlier(Protocol):
    """What earlier steps left, brought back when a later line touches it."""

    def sub_queries(self, query_ids: Collection[str]) -> Iterable[SubQuery]: ...

    def seen(self, kind: str, keys: Collection[str]) -> Iterable[str]: ...


class Nothing:
    """Earlier steps left nothing."""

    def sub_queries(self, query_ids: Collection[str]) -> Iterable[SubQuery]:
        return ()

    def seen(self, kind: str, keys: Collection[str]) -> Iterable[str]:
        return ()


class Changes(msgspec.Struct, frozen=True):
    """What a step changed. `before`: sub-queries as they were that existed and were touched.

    `marks`: by kind and key, the values of what is counted once by its id.
    """

    sub_queries: list[SubQuery]
    before: list[SubQuery]
    marks: dict[str, dict[str, str | None]]
    metrics: set[str]


class Fold:
    """Takes lines, and settles them into the state and what changed.

    `state.sums` is whole after `settle` only: what is touched is taken out of it until then.
    """

    def __init__(self, state: RunState | None = None, earlier: Earlier | None = None) -> None:
        self.state = state or RunState()
        self.queries: dict[str, SubQuery] = {}
        self.marks: dict[str, dict[str, str | None]] = {}
        self._earlier: Earlier = earlier or Nothing()
        self._forgets = earlier is not None and self.state.lines > 0
        self._known_queries = self.state.sums.all_sub_queries
        self._touched: dict[str, SubQuery] = {}
        self._before: list[SubQuery] = []
        self._new_marks: dict[str, dict[str, str | None]] = {}
        self._metrics: set[str] = set()
        self._takers = _takers(self)

    @property
    def size(self) -> int:
        """How many things are held in memory."""
        return len(self.queries) + sum(map(len, self.marks.values()))

    def take(self, lines: Iterable[TraceLine]) -> None:
        """Fold some more lines of the trace."""
        if self._forgets:
            lines = list(lines)
            self._bring_back(lines)
        state, takers = self.state, self._takers
        last_ms = float("-inf") if state.last_ms is None else state.last_ms
        for line in lines:
            state.lines += 1
            if type(line) is Stamped:
                at_ms = line.timestamp_ms
                if at_ms > last_ms:
                    last_ms = state.last_ms = at_ms
                if taker := takers.get(type(line.event)):
                    taker(line.event, at_ms, line)
            elif isinstance(line, Foreign):
                state.foreign += 1
                if line.timestamp_ms > last_ms:
                    last_ms = state.last_ms = line.timestamp_ms
            elif isinstance(line, Hole):
                state.holes[line.reason] = state.holes.get(line.reason, 0) + 1

    def settle(self) -> Changes:
        """Make the sums whole, and say what changed since the last time."""
        sums = self.state.sums
        for query in self._touched.values():
            put(sums, query, 1)
        changes = Changes(
            list(self._touched.values()), self._before, self._settle_marks(), self._metrics
        )
        self._touched, self._before, self._metrics = {}, [], set()
        return changes

    # -------------------------------------------------------------- what is held

    def _bring_back(self, lines: list[TraceLine]) -> None:
        asked = {
            line.event.query_id
            for line in lines
            if isinstance(line, Stamped) and isinstance(line.event, e.OfQuery)
        }
        if missing := asked - self.queries.keys():
            for query in self._earlier.sub_queries(missing):
                self.queries[query.query_id] = query

    def _query(self, query_id: str) -> SubQuery:
        touched = self._touched.get(query_id)
        if touched is not None:
            return touched
        query = self.queries.get(query_id)
        if query is None:
            self._known_queries += 1
            query = self.queries[query_id] = SubQuery(self._known_queries, query_id)
        else:
            put(self.state.sums, query, -1)
            self._before.append(copy(query))
        self._touched[query_id] = query
        return query

    def _attempt(self, event: e.OfAttempt, line: Stamped) -> Attempt | None:
        replica, number = event.replica, event.attempt
        if (replica or number) and not (-MOST < replica < MOST and -MOST < number < MOST):
            return None
        query, end = self._query(event.query_id), line.offset + line.length
        for one in query.attempts:
            if one.attempt == number and one.replica == replica:
                if end > one.until:
                    one.until = end
                break
        else:
            one = Attempt(replica, number, line.offset, end)
            query.attempts += (one,)
        if event.inferred:
            one.inferred = True
        return one

    def _mark(self, kind: str, key: str, value: str | None = None) -> None:
        self._new_marks.setdefault(kind, {})[key] = value

    def _settle_marks(self) -> dict[str, dict[str, str | None]]:
        changed: dict[str, dict[str, str | None]] = {}
        for kind, marks in self._new_marks.items():
            held = self.marks.setdefault(kind, {})
            new = marks.keys() - held.keys()
            if self._forgets and new:
                new -= set(self._earlier.seen(kind, new))
            if new:
                self.state.counts[kind] = self.state.counts.get(kind, 0) + len(new)
            changed[kind] = {key: marks[key] for key in marks if key in new or marks[key]}
            held |= marks
        self._new_marks = {}
        return changed

    # -------------------------------------------------------------- the run

    def _run_init(self, event: e.RunInit, at_ms: float, line: Stamped) -> None:
        state = self.state
        later = state.announced_ms is None or at_ms >= state.announced_ms
        state.announced_ms = at_ms if later else state.announced_ms
        state.started_at = announced(event.started_at, state.started_at, later)
        state.query = announced(event.query or event.program, state.query, later)
        state.producer = announced(event.producer, state.producer, later)
        count = sane(event.fragment_count)
        state.fragment_count = announced(count, state.fragment_count, later)

    def _run_done(self, event: e.RunDone, at_ms: float, line: Stamped) -> None:
        self._end(done(event, at_ms))

    def _run_failed(self, event: e.RunFailed, at_ms: float, line: Stamped) -> None:
        self._end(unfinished("failed", event, at_ms, event.error))

    def _run_cancelled(self, event: e.RunCancelled, at_ms: float, line: Stamped) -> None:
        self._end(unfinished("cancelled", event, at_ms, None))

    def _end(self, end: End) -> None:
        if replaces(end, self.state.end, self.state):
            self.state.end = end

    def _run_resumed(self, event: e.RunResumed, at_ms: float, line: Stamped) -> None:
        state = self.state
        if state.resumed_ms is not None and at_ms <= state.resumed_ms:
            return  # replayed: the clock of a run never goes backwards
        state.resumed_ms = at_ms
        if state.end is not None:
            state.replaced += (fingerprint(state.end),)
            state.end = None

    def _environment(self, event: e.Environment, at_ms: float, line: Stamped) -> None:
        said = msgspec.to_builtins(event)
        self.state.environment |= {
            name: said[name] for name in ("git", "python", "host") if name in said
        }  # not the packages: there are hundreds, and they stand in config.json

    # -------------------------------------------------------------- the input

    def _fragment(self, event: e.EnvLoadFragment, at_ms: float, line: Stamped) -> None:
        self._mark("fragment", event.fragment_id)

    def _selected(self, event: e.EnvSelectFragments, at_ms: float, line: Stamped) -> None:
        for fragment_id in event.fragment_ids:
            self._mark("selected", fragment_id)

    # -------------------------------------------------------------- sub-queries and attempts

    def _submit(self, event: e.SubQuerySubmit, at_ms: float, line: Stamped) -> None:
        query, depth = self._query(event.query_id), sane(event.depth)
        told = Submission(
            at_ms, event.prompt_preview, event.fragment_id, event.parent_id, depth, event.role,
            event.batch_id, sane(event.batch_index), sane(event.batch_size),
            event.inferred is True,
        )  # fmt: skip
        if replaces(told, query.submission, query):
            query.submission = told
        self._depth(depth)

    def _execute(self, event: e.SubQueryExecute, at_ms: float, line: Stamped) -> None:
        if one := self._attempt(event, line):
            asking = Asking(at_ms, event.provider_id, event.venue, event.model_id, event.simulated)
            if replaces(asking, one.asking, one):
                one.asking = asking

    def _return(self, event: e.SubQueryReturn, at_ms: float, line: Stamped) -> None:
        if one := self._attempt(event, line):
            conclude(one, returned(event, at_ms), line.seq)

    def _timeout(self, event: e.SubQueryTimeout, at_ms: float, line: Stamped) -> None:
        if one := self._attempt(event, line):
            conclude(one, Outcome("timeout", at_ms, event.elapsed_ms), line.seq)

    def _cancel(self, event: e.SubQueryCancel, at_ms: float, line: Stamped) -> None:
        if one := self._attempt(event, line):
            conclude(one, Outcome("cancelled", at_ms, reason=event.reason or None), line.seq)

    def _reserve(self, event: e.BudgetReserve, at_ms: float, line: Stamped) -> None:
        if one := self._attempt(event, line):
            new = Reservation(sane(event.amount_msat), sane(event.amount_usd_nanos))
            if replaces(new, one.reservation, one):
                one.reservation = new

    def _settle(self, event: e.BudgetSettle, at_ms: float, line: Stamped) -> None:
        if one := self._attempt(event, line):
            new = Settlement(
                sane(event.actual_msat), sane(event.overage_msat),
                sane(event.actual_usd_nanos), sane(event.overage_usd_nanos),
            )  # fmt: skip
            if replaces(new, one.settlement, one):
                one.settlement = new

    # -------------------------------------------------------------- checks, nodes, turns, tools

    def _check(self, event: Any, at_ms: float, line: Stamped) -> None:
        said = f"{type(event).__name__} {event.query_id or ''} {at_ms}"
        self._mark("passed" if event.passed else "failed", said)

    def _citations(self, event: e.VerifyCitations, at_ms: float, line: Stamped) -> None:
        self._check(event, at_ms, line)
        if event.query_id is None:
            self.state.citations_checked = sane(event.checked)
            self.state.citations_missing = sane(event.missing)

    def _node_start(self, event: e.RlmStart, at_ms: float, line: Stamped) -> None:
        self._mark("node", event.node_id)
        self._depth(sane(event.depth))

    def _node_end(self, event: e.RlmEnd, at_ms: float, line: Stamped) -> None:
        self._mark("node", event.node_id)

    def _iteration(self, event: Any, at_ms: float, line: Stamped) -> None:
        self._mark("iteration", f"{event.node_id} {event.n}")

    def _cell(self, event: Any, at_ms: float, line: Stamped) -> None:
        self._mark("cell", event.cell_id)

    def _tool(self, event: Any, at_ms: float, line: Stamped) -> None:
        self._mark("tool", event.tool_id)

    def _depth(self, depth: int | None) -> None:
        if depth is not None and depth > (self.state.max_depth or 0) - (
            self.state.max_depth is None
        ):
            self.state.max_depth = depth

    # -------------------------------------------------------------- what was measured and kept

    def _metric(self, event: e.Metric, at_ms: float, line: Stamped) -> None:
        before = self.state.metrics.get(event.name)
        is_summary = event.summary is True
        curve, last = (before.curve, before.last) if before is not None else (Curve(), None)
        if not is_summary:
            curve.take(event.value)
            last = event.value
        if before is not None and before.is_summary and not is_summary:
            before.last = last
            return
        self.state.metrics[event.name] = MetricValue(
            event.value, sane(event.step), event.special, is_summary, curve, last
        )
        self._metrics.add(event.name)

    def _score(self, event: e.Score, at_ms: float, line: Stamped) -> None:
        key = f"{event.name} {event.scorer} {event.task_id or ''} {event.query_id or ''}"
        self._mark("score", key, as_json(event))

    def _artifact(self, event: e.Artifact, at_ms: float, line: Stamped) -> None:
        self._mark("artifact", event.name, as_json(event))

    def _note(self, event: e.Note, at_ms: float, line: Stamped) -> None:
        self._mark(
            f"note.{event.level}",
            f"{at_ms} {checksum(event.message.encode(errors='replace'))}",
        )


Taker = Callable[[Any, float, Stamped], None]


def _takers(fold: Fold) -> dict[type[e.Event], Taker]:
    """Which events the fold takes, and how; of the others it counts the line and the time."""
    return {
        e.RunInit: fold._run_init,
        e.RunDone: fold._run_done,
        e.RunFailed: fold._run_failed,
        e.RunCancelled: fold._run_cancelled,
        e.RunResumed: fold._run_resumed,
        e.Environment: fold._environment,
        e.EnvLoadFragment: fold._fragment,
        e.EnvSelectFragments: fold._selected,
        e.SubQuerySubmit: fold._submit,
        e.SubQueryExecute: fold._execute,
        e.SubQueryReturn: fold._return,
        e.SubQueryTimeout: fold._timeout,
        e.SubQueryCancel: fold._cancel,
        e.VerifyRedundant: fold._check,
        e.VerifyObjective: fold._check,
        e.VerifyAttestation: fold._check,
        e.VerifyCitations: fold._citations,
        e.BudgetReserve: fold._reserve,
        e.BudgetSettle: fold._settle,
        e.RlmStart: fold._node_start,
        e.RlmEnd: fold._node_end,
        e.IterationStart: fold._iteration,
        e.IterationEnd: fold._iteration,
        e.CellStart: fold._cell,
        e.CellEnd: fold._cell,
        e.ToolStart: fold._tool,
        e.ToolEnd: fold._tool,
        e.Metric: fold._metric,
        e.Score: fold._score,
        e.Artifact: fold._artifact,
        e.Note: fold._note,
    }
