"""A run as spans of the GenAI conventions: one trace, whose ids follow from the run's.

What the conventions have no name for stands under `rlm.`, so that a board that takes these spans
has the same sums and the same tree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...trace import (
    CellEnd,
    CellStart,
    Failure,
    IterationEnd,
    IterationStart,
    Note,
    RlmEnd,
    RlmStart,
    RunCancelled,
    RunDone,
    RunFailed,
    RunInit,
    RunResumed,
    Score,
    Stamped,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    ToolEnd,
    ToolStart,
    TraceEvent,
    TraceLine,
)
from ...trace.events import OfAttempt
from .attributes import as_json
from .facts import FACTS, FindText, citations, event_of
from .span import Attributes, Span, SpanEvent
from .telling import key_of
from .words_of_run import (
    asked_attributes,
    began_ns_of,
    exceptions,
    failure_of,
    message_of,
    outcome_attributes,
    status_of,
)

_RANK: dict[type[Any], int] = {SubQueryCancel: 0, SubQueryTimeout: 1, SubQueryReturn: 2}
_TOLD = (
    SubQuerySubmit, SubQueryExecute, SubQueryReturn, SubQueryTimeout, SubQueryCancel,
    RlmStart, RlmEnd, IterationStart, IterationEnd, CellStart, CellEnd, ToolStart, ToolEnd,
)  # fmt: skip
ROOT = "root"
EVENTS_AT_ONCE = 500
"""So many events of the run stand on its first span, and on each that follows for more."""


def trace_id_of(run_id: str) -> str:
    """The trace of a run, wherever and whenever it is sent from."""
    return hashlib.sha256(f"rlmboard run {run_id}".encode()).hexdigest()[:32]


def span_id_of(run_id: str, thing_id: str, attempt: int = 0, replica: int = 0) -> str:
    """The span of a thing of the run, or of one attempt."""
    said = f"rlmboard span {run_id}\0{thing_id}\0{attempt}\0{replica}"
    return hashlib.sha256(said.encode(errors="replace")).hexdigest()[:16]


def spans_of_run(
    lines: Iterable[TraceLine],
    run_id: str,
    began_ns: int,
    texts: FindText,
    name: str | None = None,
    *,
    config: Mapping[str, Any] | None = None,
    said_after: Iterable[tuple[int, Score | Note]] = (),
) -> list[Span]:
    """The spans of a run, the first of the trace at the beginning. Total, as the fold is.

    `began_ns`: the zero of the run's clock, since 1970. `said_after`: what people said of the run,
    and when.
    """
    told = _Told(run_id, began_ns, texts)
    for line in lines:
        if isinstance(line, Stamped):
            told.hear(line.event, began_ns + round(line.timestamp_ms * 1e6))
    for at_ns, event in said_after:
        told.take(event, at_ns)
    inside = [*told.nodes(), *told.calls()]
    return [told.root(name, config or {}), *told.more_events(), *inside]


class _Told:
    """The last statement about each thing, and what comes of it."""

    def __init__(self, run_id: str, began_ns: int, texts: FindText) -> None:
        self._run_id = run_id
        self._trace_id = trace_id_of(run_id)
        self._began_ns = began_ns
        self._texts = texts
        self._last_ns = began_ns
        self._said: dict[tuple[Any, ...], tuple[int, Any]] = {}
        self._scores: dict[str | None, dict[tuple[Any, ...], tuple[int, Score]]] = {}
        self._facts: dict[str | None, list[SpanEvent]] = {}
        self._replaced: set[tuple[Any, int]] = set()
        self._end: tuple[int, Any] | None = None
        self._first_attempt: dict[str, tuple[int, int]] = {}

    def hear(self, event: TraceEvent, at_ns: int) -> None:
        """One event of the run itself, in the order of the trace."""
        self._last_ns = max(self._last_ns, at_ns)
        self.take(event, at_ns)

    def take(self, event: TraceEvent, at_ns: int) -> None:
        """One statement, be it of the run or about it."""
        if isinstance(event, FACTS):
            if (fact := event_of(at_ns, event, self._texts)) is not None:
                self._facts.setdefault(getattr(event, "query_id", None), []).append(fact)
        elif isinstance(event, RunDone | RunFailed | RunCancelled):
            self._end = (at_ns, event)
        elif isinstance(event, RunResumed):
            self._end = None
        elif isinstance(event, Score):
            self._scores.setdefault(event.query_id, {})[key_of(event)] = (at_ns, event)
        elif isinstance(event, RunInit):
            self._said["run",] = (at_ns, event)
        elif isinstance(event, _TOLD) and self._counts(event, at_ns):
            self._said[key_of(event)] = (at_ns, event)
            if isinstance(event, OfAttempt):
                place = (event.attempt, event.replica)
                first = self._first_attempt.setdefault(event.query_id, place)
                self._first_attempt[event.query_id] = min(first, place)

    def _counts(self, event: TraceEvent, at_ns: int) -> bool:
        """An answer stands above a timeout, that above a cancel; what was replaced stays so."""
        key, rank = key_of(event), _RANK.get(type(event), 0)
        held = self._said.get(key)
        if (key, at_ns) in self._replaced or (held and rank < _RANK.get(type(held[1]), 0)):
            return False
        if held is not None and held[0] != at_ns:
            self._replaced.add((key, held[0]))
        return True

    # -------------------------------------------------------------- spans

    def root(self, name: str | None, config: Mapping[str, Any]) -> Span:
        """The run itself; told last, it has what hangs on no other span."""
        _, init = self._said.get(("run",), (0, RunInit()))
        at_ns, end = self._end or (None, None)
        attributes: Attributes = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": name or "rlm",
            "rlm.kind": "run",
            "rlm.producer": init.producer,
            "rlm.end_reason": getattr(end, "end_reason", None),
            "rlm.status": status_of(end),
            "rlm.partial": getattr(end, "partial", None),
            "rlm.iterations": getattr(end, "iterations", None),
            "rlm.config": as_json(config) if config else None,
            **citations(getattr(end, "span_refs", ())),
            **self._asked(self._texts(init.query or init.program, init.query_ref)),
        }
        if end is not None:
            attributes |= self._answered(self._texts(end.output or "", end.output_ref))
        error = end.error if isinstance(end, RunFailed) else None
        return self._span(ROOT, None, f"invoke_agent {name or 'rlm'}", self._began_ns, at_ns,
                          attributes, error, scored=None)  # fmt: skip

    def more_events(self) -> Iterator[Span]:
        """What happened in the run and found no room on its first span."""
        left = self._facts.get(None, [])
        for number, at in enumerate(range(0, len(left), EVENTS_AT_ONCE), 2):
            events, thing_id = left[at : at + EVENTS_AT_ONCE], f"{ROOT} events {number}"
            yield Span(
                trace_id=self._trace_id,
                span_id=span_id_of(self._run_id, thing_id),
                parent_id=self._parent(None),
                name=f"events {number}",
                start_ns=events[0].at_ns,
                end_ns=max(events[0].at_ns, self._last_ns),
                attributes={
                    "rlm.kind": "events", "rlm.run.id": self._run_id, "rlm.id": thing_id,
                    "rlm.parent.id": ROOT,
                },
                events=tuple(events),
                status=1,
            )  # fmt: skip

    def nodes(self) -> Iterator[Span]:
        for at_ns, start in list(self._said.values()):
            if isinstance(start, RlmStart):
                yield self._rlm(at_ns, start)
            elif isinstance(start, ToolStart):
                yield self._tool(at_ns, start)
            elif isinstance(start, CellStart):
                yield self._cell(at_ns, start)
            elif isinstance(start, IterationStart):
                yield self._turn(at_ns, start)

    def calls(self) -> Iterator[Span]:
        """A span for each attempt; one that says so where nobody was asked."""
        attempts: dict[str, set[tuple[int, int]]] = {}
        for _, event in self._said.values():
            if isinstance(event, OfAttempt):
                attempts.setdefault(event.query_id, set()).add((event.attempt, event.replica))
            elif isinstance(event, SubQuerySubmit):
                attempts.setdefault(event.query_id, set())
        for query_id, places in attempts.items():
            submitted = self._said.get(key_of(SubQuerySubmit(query_id=query_id)))
            for attempt, replica in sorted(places):
                yield self._call(query_id, attempt, replica, submitted)
            if not places and submitted is not None:
                yield self._unasked(query_id, *submitted)

    def _rlm(self, at_ns: int, start: RlmStart) -> Span:
        ended_ns, end = self._ending(RlmEnd(node_id=start.node_id))
        attributes: Attributes = {
            **(end.attributes or {} if end else {}),
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": start.name,
            "gen_ai.request.model": start.model,
            "rlm.kind": "rlm",
            "rlm.depth": start.depth,
            "rlm.end_reason": end.end_reason if end else None,
            **self._asked(self._texts(start.query or "", start.query_ref)),
        }
        if end is not None:
            attributes |= self._answered(self._texts(end.answer or "", end.answer_ref))
        name = f"invoke_agent {start.name}" if start.name else "invoke_agent"
        return self._span(start.node_id, start.parent_id, name, at_ns, ended_ns, attributes,
                          end.error if end else None)  # fmt: skip

    def _tool(self, at_ns: int, start: ToolStart) -> Span:
        ended_ns, end = self._ending(ToolEnd(tool_id=start.tool_id))
        attributes = {
            **(end.attributes or {} if end else {}),
            **self._tool_call(start.name, self._texts(start.args_preview, start.args_ref),
                              self._texts(end.result_preview, end.result_ref) if end else []),
            "rlm.kind": "tool",
        }  # fmt: skip
        return self._span(start.tool_id, start.parent_id, f"execute_tool {start.name}", at_ns,
                          ended_ns, attributes, end.error if end else None)  # fmt: skip

    def _cell(self, at_ns: int, start: CellStart) -> Span:
        ended_ns, end = self._ending(CellEnd(cell_id=start.cell_id))
        printed = self._texts(end.stdout_preview, end.stdout_ref) if end else []
        errors = self._texts(end.stderr_preview, end.stderr_ref) if end else []
        attributes = {
            **self._tool_call("python", self._texts(start.code_preview, start.code_ref), printed),
            "rlm.kind": "cell",
            "rlm.stderr": "".join(errors) or None,
        }
        return self._span(start.cell_id, start.node_id, "execute_tool python", at_ns, ended_ns,
                          attributes, end.error if end else None)  # fmt: skip

    def _turn(self, at_ns: int, start: IterationStart) -> Span:
        ended_ns, _ = self._ending(IterationEnd(node_id=start.node_id, n=start.n))
        attributes = {
            "openinference.span.kind": "CHAIN",
            "rlm.kind": "turn",
            "rlm.iteration": start.n,
            "rlm.iterations.max": start.max_n,
        }
        thing_id = f"{start.node_id} turn {start.n}"
        return self._span(thing_id, start.node_id, f"turn {start.n}", at_ns, ended_ns, attributes)

    def _call(
        self, query_id: str, attempt: int, replica: int, submitted: tuple[int, Any] | None
    ) -> Span:
        of = {"query_id": query_id, "attempt": attempt, "replica": replica}
        asked_ns, asked = self._ending(SubQueryExecute(**of))  # type: ignore[arg-type]
        ended_ns, outcome = self._ending(SubQueryReturn(**of))  # type: ignore[arg-type]
        is_answer = isinstance(outcome, SubQueryReturn)
        submit = submitted[1] if submitted else SubQuerySubmit(query_id=query_id)
        asked = asked or SubQueryExecute(query_id=query_id)
        began_ns = (
            asked_ns or began_ns_of(ended_ns, outcome) or (submitted[0] if submitted else None)
        )
        attributes = {
            **(getattr(outcome, "attributes", None) or {}),
            **self._submit(submit),
            **asked_attributes(asked, outcome),
            **outcome_attributes(outcome),
            "rlm.attempt": attempt,
            "rlm.replica": replica,
            "rlm.executed": False if asked_ns is None and not is_answer else None,
        }
        if isinstance(outcome, SubQueryReturn):
            attributes |= self._answered(self._texts(outcome.result_preview, outcome.result_ref))
            attributes |= citations(outcome.span_refs)
        is_first = self._first_attempt.get(query_id) == (attempt, replica)
        return self._span(
            query_id, submit.parent_id, f"chat {attributes.get('gen_ai.request.model') or ''}",
            began_ns or self._began_ns, ended_ns, attributes, failure_of(outcome),
            place=(attempt, replica), scored=query_id if is_first else ...,
        )  # fmt: skip

    def _unasked(self, query_id: str, at_ns: int, submit: SubQuerySubmit) -> Span:
        attributes = {**self._submit(submit), "rlm.executed": False}
        return self._span(query_id, submit.parent_id, "chat", at_ns, at_ns, attributes,
                          scored=query_id)  # fmt: skip

    # -------------------------------------------------------------- parts of spans

    def _submit(self, submit: SubQuerySubmit) -> Attributes:
        return {
            "gen_ai.operation.name": "chat",
            "rlm.kind": "call",
            "rlm.depth": submit.depth,
            "rlm.role": submit.role,
            "rlm.fragment.id": submit.fragment_id,
            "rlm.batch.id": submit.batch_id,
            "rlm.batch.index": submit.batch_index,
            "rlm.batch.size": submit.batch_size,
            **self._asked(self._texts(submit.prompt_preview, submit.prompt_ref)),
        }

    def _asked(self, texts: list[str]) -> Attributes:
        messages = [message_of(text, "user") for text in texts if text]
        return {"gen_ai.input.messages": as_json(messages)} if messages else {}

    def _answered(self, texts: list[str]) -> Attributes:
        messages = [message_of(text, "assistant") for text in texts if text]
        return {"gen_ai.output.messages": as_json(messages)} if messages else {}

    def _tool_call(self, name: str, arguments: list[str], result: list[str]) -> Attributes:
        return {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": name,
            "gen_ai.tool.call.arguments": "".join(arguments) or None,
            "gen_ai.tool.call.result": "".join(result) or None,
        }

    def _ending(self, like: TraceEvent) -> tuple[int | None, Any]:
        """What was said last of the thing that this event is about."""
        return self._said.get(key_of(like), (None, None))

    def _span(
        self, thing_id: str, parent_id: str | None, name: str, start_ns: int, end_ns: int | None,
        attributes: Attributes, error: Failure | None = None, *, place: tuple[int, int] = (0, 0),
        scored: Any = ...,
    ) -> Span:  # fmt: skip
        said = {
            **attributes,
            "rlm.run.id": self._run_id,
            "rlm.id": thing_id,
            "rlm.parent.id": parent_id or (ROOT if thing_id != ROOT else None),
            "rlm.pending": True if end_ns is None else None,
            "error.type": error.type if error else None,
        }
        events = [*exceptions(error, end_ns), *self._judged(scored), *self._happened(scored)]
        return Span(
            trace_id=self._trace_id,
            span_id=span_id_of(self._run_id, thing_id, *place),
            parent_id=None if thing_id == ROOT else self._parent(parent_id),
            name=name.strip(),
            start_ns=start_ns,
            end_ns=max(start_ns, end_ns if end_ns is not None else self._last_ns),
            attributes={key: value for key, value in said.items() if value is not None},
            events=tuple(events),
            status=2 if error else 1 if end_ns is not None else 0,
            status_message=error.message if error else "",
        )

    def _parent(self, parent_id: str | None) -> str:
        attempt = self._first_attempt.get(parent_id or ROOT, (0, 0))
        return span_id_of(self._run_id, parent_id or ROOT, *attempt)

    def _judged(self, scored: Any) -> Iterator[SpanEvent]:
        for at_ns, score in self._scores.get(scored, {}).values() if scored is not ... else ():
            said = {
                "gen_ai.evaluation.name": score.name,
                "gen_ai.evaluation.score.value": score.value,
                "rlm.score.scorer": score.scorer,
                "rlm.score.scorer_version": score.scorer_version,
                "rlm.score.task_id": score.task_id,
                "rlm.score.by": score.by,
            }
            said = {key: value for key, value in said.items() if value is not None}
            yield SpanEvent("gen_ai.evaluation.result", at_ns, said)

    def _happened(self, scored: Any) -> Sequence[SpanEvent]:
        """The facts of a sub-query; on the first span as many of the run as have room there.

        Those of sub-queries that have no span are the run's.
        """
        if scored is not None:
            return self._facts.pop(scored, ()) if scored is not ... else ()
        facts = [fact for key in list(self._facts) for fact in self._facts.pop(key)]
        self._facts[None] = facts[EVENTS_AT_ONCE:]
        return facts[:EVENTS_AT_ONCE]
