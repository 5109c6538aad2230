"""Trajectories of rlm-code 0.1 (`TrajectoryLogger`): an event on each line, with its time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ...trace import (
    CellEnd,
    CellStart,
    Failure,
    IterationStart,
    Note,
    RlmEnd,
    RlmStart,
    RunDone,
    RunFailed,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    TraceEvent,
    Usage,
)
from ..foreign import ForeignRun, Said, Told, Unread, moment, us_between
from ..loose import count, decoded, mapping, name, number, text

PRODUCER = "rlm-code"
KINDS = frozenset(
    {
        "child_result", "child_spawn", "context_load", "context_update", "error",
        "final_detected", "iteration_code", "iteration_end", "iteration_output",
        "iteration_reasoning", "iteration_start", "llm_request", "llm_response",
        "memory_compact", "run_end", "run_start", "sub_llm_request", "sub_llm_response",
    }
)  # fmt: skip


class RlmCode:
    """Takes the lines of a trajectory; several runs may stand in one file."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}

    def feed(self, record: bytes) -> Iterable[Told]:
        line = mapping(decoded(record))
        run_id, at = name(line.get("run_id")), moment(line.get("timestamp"))
        if run_id is None or at is None or text(line.get("event_type")) not in KINDS:
            return [Unread("", "it is no event of rlm-code", next(iter(self._runs), None))]
        run = self._runs.get(run_id)
        if run is None:
            run = self._runs[run_id] = _Run(
                ForeignRun(
                    key=f"{run_id} {at.isoformat()}",
                    producer=PRODUCER,
                    started_at=at,
                    config={"method": PRODUCER},
                )
            )
        return list(run.event(line, us_between(run.facts.started_at, at)))

    def finish(self) -> Iterable[Told]:
        return []


class _Run:
    def __init__(self, facts: ForeignRun) -> None:
        self.facts = facts
        self._is_told = False
        self._asked: dict[bool, list[tuple[str, int | None]]] = {False: [], True: []}
        self._calls = 0
        self._cells: dict[str, int] = {}
        self._us = 0

    def event(self, line: Mapping[str, Any], at_us: int) -> Iterator[Told]:
        kind, data = text(line.get("event_type")), mapping(line.get("data"))
        self._us = at_us
        if kind == "run_start" or not self._is_told:
            yield from self._begun(data)
        node = name(line.get("parent_id"))
        take = getattr(self, f"_{kind}", None)
        if take is not None:
            for event in take(line, data, node):
                yield Said(self.facts.key, self._us, event)

    def _begun(self, data: Mapping[str, Any]) -> Iterator[Told]:
        if self._is_told and not data.get("task"):
            return
        self._is_told = True
        config = self.facts.config | {
            key: value
            for key, value in {
                "model": name(data.get("model")),
                "metadata": dict(mapping(data.get("metadata"))) or None,
            }.items()
            if value
        }
        chars = count(data.get("context_length"))
        self.facts = msgspec.structs.replace(
            self.facts,
            query=text(data.get("task")),
            config=config,
            context={"chars": chars} if chars is not None else None,
        )
        yield self.facts

    # ------------------------------------------------------ each kind: what it says as events

    def _iteration_start(self, line: Any, data: Any, node: str | None) -> Iterator[TraceEvent]:
        n = count(line.get("iteration"))
        if n:
            yield IterationStart(n=n, node_id=node or "root")

    def _llm_request(self, line: Any, data: Any, node: str | None) -> Iterator[TraceEvent]:
        return self._asks(line, data, node, is_sub=False)

    def _sub_llm_request(self, line: Any, data: Any, node: str | None) -> Iterator[TraceEvent]:
        return self._asks(line, data, node, is_sub=True)

    def _llm_response(self, line: Any, data: Any, node: str | None) -> Iterator[TraceEvent]:
        return self._answers(line, data, is_sub=False)

    def _sub_llm_response(self, line: Any, data: Any, node: str | None) -> Iterator[TraceEvent]:
        return self._answers(line, data, is_sub=True)

    def _asks(self, line: Any, data: Any, node: str | None, is_sub: bool) -> Iterator[TraceEvent]:
        self._calls += 1
        id = f"call-{self._calls}"
        self._asked[is_sub].append((id, count(line.get("tokens_in"))))
        yield SubQuerySubmit(
            query_id=id,
            prompt_preview=text(data.get("prompt")),
            parent_id=node,
            depth=count(line.get("depth")),
            role="sub" if is_sub else "root",
        )
        yield SubQueryExecute(query_id=id)

    def _answers(self, line: Any, data: Any, is_sub: bool) -> Iterator[TraceEvent]:
        if not self._asked[is_sub]:
            return
        id, read = self._asked[is_sub].pop(0)
        wrote = count(line.get("tokens_out"))
        known = read is not None and wrote is not None
        yield SubQueryReturn(
            query_id=id,
            result_preview=text(data.get("response")),
            duration_ms=number(line.get("duration_ms")),
            usage=Usage(input=read, output=wrote) if known else None,
            usage_quality="exact" if known else "none",
            cost_source="none",
        )

    def _iteration_code(self, line: Any, data: Any, node: str | None) -> Iterator[TraceEvent]:
        self._cells[node or ""] = self._cells.get(node or "", 0) + 1
        yield CellStart(
            cell_id=self._cell(node), node_id=node or "root",
            code_preview=text(data.get("code")), inferred=True,
        )  # fmt: skip

    def _iteration_output(self, line: Any, data: Any, node: str | None) -> Iterator[TraceEvent]:
        if node or "" in self._cells:
            yield CellEnd(
                cell_id=self._cell(node),
                stdout_preview=text(data.get("output")),
                duration_ms=number(line.get("duration_ms")),
            )

    def _child_spawn(self, line: Any, data: Any, node: str | None) -> Iterator[TraceEvent]:
        if child := name(data.get("child_id")):
            yield RlmStart(
                node_id=child, parent_id=node, depth=count(line.get("depth")),
                query=name(data.get("task")),
            )  # fmt: skip

    def _child_result(self, line: Any, data: Any, node: str | None) -> Iterator[TraceEvent]:
        if child := name(data.get("child_id")):
            failed = data.get("success") is False
            result = text(data.get("result"))
            yield RlmEnd(
                node_id=child,
                answer=result,
                end_reason="errors" if failed else "answer",
                error=Failure(type="ChildFailed", message=result[:500]) if failed else None,
            )

    def _error(self, line: Any, data: Any, node: str | None) -> Iterator[TraceEvent]:
        yield Note(message=text(data.get("error")) or "error", level="error")

    def _memory_compact(self, line: Any, data: Any, node: str | None) -> Iterator[TraceEvent]:
        yield Note(message="The memory was compacted.", title="compaction")

    def _run_end(self, line: Any, data: Any, node: str | None) -> Iterator[TraceEvent]:
        answer = text(data.get("answer"))
        if data.get("success") is False:
            error = Failure(type="RunFailed", message=answer[:500])
            yield RunFailed(error=error, end_reason="errors", output=answer or None)
        else:
            turns = count(data.get("total_iterations"))
            yield RunDone(output=answer, iterations=turns, end_reason="answer")

    def _cell(self, node: str | None) -> str:
        return f"{node or 'root'}-cell-{self._cells.get(node or '', 0)}"
