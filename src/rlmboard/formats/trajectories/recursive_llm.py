"""Records of recursive-llm 0.5 (`CompletionResult.write_jsonl`): a run is one line.

A record says how long after its beginning everything happened, and not when that was: the time at
which the file was changed last stands for it, marked inferred. Tokens and cost are known in sum.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ...trace import (
    CellEnd,
    CellStart,
    Failure,
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
from ..foreign import ForeignRun, Over, Said, Told, Unread
from ..loose import count, decoded, json_text, mapping, name, nanos, number, rows, text
from ..secrets import masked_tree

PRODUCER = "recursive-llm"
_REASONS = {"budget": "budget", "iteration": "max_iterations", "timeout": "timeout"}


class RecursiveLlm:
    """Takes lines, each a whole run. `modified`: when the file was changed last."""

    def __init__(self, modified: datetime) -> None:
        self._modified = modified

    def feed(self, record: bytes) -> Iterable[Told]:
        line = decoded(record)
        if not isinstance(line, dict) or not rows(line.get("trajectory")):
            return [Unread("", "it is no record of recursive-llm with a trajectory")]
        key = hashlib.sha256(record.strip()).hexdigest()[:32]
        return list(_Run(key, line).told(self._modified))

    def finish(self) -> Iterable[Told]:
        return []


class _Run:
    def __init__(self, key: str, record: Mapping[str, Any]) -> None:
        self._key = key
        self._record = record
        self._root = ""
        self._at_us = 0
        self._cells: dict[str, int] = {}
        self._open_cell: dict[str, str] = {}
        self._ids: dict[str, tuple[str, int]] = {}
        self._retried: dict[str, str] = {}
        self._spoke_us: dict[str, int] = {}

    def told(self, modified: datetime) -> Iterator[Told]:
        events = [mapping(event) for event in rows(self._record.get("trajectory"))]
        first = mapping(events[0].get("data"))
        self._root = text(events[0].get("node_id"))
        config = dict(mapping(self._record.get("config")))
        recursive = name(config.pop("recursive_model", None))
        context = name(first.get("context"))
        yield ForeignRun(
            key=self._key,
            producer=PRODUCER,
            started_at=modified,
            started_inferred=True,
            query=text(first.get("query")),
            context={"type": "str", "chars": len(context)} if context else None,
            config={"method": PRODUCER, "sub_model": recursive} | masked_tree(config),
        )
        for event in events:
            seconds = number(event.get("elapsed_seconds"))
            self._at_us = self._at_us if seconds is None else round(seconds * 1e6)
            yield from self._event(event, mapping(event.get("data")))
        yield Over(self._key)

    def _event(self, event: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[Told]:
        kind, node = text(event.get("kind")), text(event.get("node_id"))
        parent = text(event.get("parent_id"))
        if kind == "model_call_start":
            yield from self._asks(node, parent, event, data)
        elif kind in ("model_call_end", "model_call_error"):
            yield from self._answers(node, parent, kind, data)
        elif kind == "repl_step":
            yield from self._step(node, data)
        elif kind in ("rlm_start", "rlm_end", "rlm_error") and node != self._root:
            yield from self._child(kind, node, parent, event, data)
        elif kind in ("run_end", "run_error"):
            yield self._said(self._end(kind, data))
        elif kind == "final_answer_rejected":
            yield self._said(Note(message=json_text(dict(data)), title="answer rejected"))

    def _asks(
        self, node: str, parent: str, event: Mapping[str, Any], data: Mapping[str, Any]
    ) -> Iterator[Told]:
        attempt = max(0, (count(data.get("attempt")) or 1) - 1)
        query_id = self._retried.pop(parent, node) if attempt else node
        self._ids[node] = (query_id, attempt)
        messages = [json_text(mapping(one)) for one in map(dict, _dicts(data.get("messages")))]
        is_leaf = data.get("is_leaf") is True
        if is_leaf:
            yield from self._cell(parent)
        if not attempt:
            last = mapping(rows(data.get("messages"))[-1]) if messages else {}
            submit = SubQuerySubmit(
                query_id=query_id,
                prompt_preview=text(last.get("content")),
                parent_id=self._open_cell.get(parent) if is_leaf else self._node(parent),
                depth=count(event.get("depth")),
                role="sub" if is_leaf else "root",
            )
            yield self._said(submit, {"prompt_ref": messages} if messages else {})
        model = name(data.get("model"))
        yield self._said(SubQueryExecute(query_id=query_id, attempt=attempt, model_id=model))

    def _answers(
        self, node: str, parent: str, kind: str, data: Mapping[str, Any]
    ) -> Iterator[Told]:
        query_id, attempt = self._ids.get(node, (node, 0))
        error = _failure(data) if kind == "model_call_error" else None
        if error and data.get("retrying") is True:
            self._retried[parent] = query_id
        if data.get("is_leaf") is not True:
            self._spoke_us[parent] = self._at_us
        yield self._said(
            SubQueryReturn(
                query_id=query_id,
                attempt=attempt,
                result_preview=text(data.get("response")),
                success=error is None,
                model_id=name(data.get("model")),
                usage_quality="none",
                cost_source="none",
                error=error,
            )
        )

    def _cell(self, node: str, code: str = "") -> Iterator[Told]:
        """A piece of code begins when the model that wrote it has spoken."""
        if node in self._open_cell and not code:
            return
        if node not in self._open_cell:
            self._cells[node] = self._cells.get(node, 0) + 1
            self._open_cell[node] = f"{node}-cell-{self._cells[node]}"
        start = CellStart(
            cell_id=self._open_cell[node],
            node_id=self._node(node) or "root",
            code_preview=code,
            inferred=True,
        )
        yield Said(self._key, self._spoke_us.get(node, self._at_us), start)

    def _step(self, node: str, data: Mapping[str, Any]) -> Iterator[Told]:
        code, output = text(data.get("code")), text(data.get("output"))
        yield from self._cell(node, code or " ")
        failed = data.get("status") == "error"
        end = CellEnd(
            cell_id=self._open_cell.pop(node),
            stdout_preview="" if failed else output,
            stderr_preview=output if failed else "",
            error=Failure(type="ExecutionError", message=output[:500]) if failed else None,
        )
        yield self._said(end)

    def _child(
        self, kind: str, node: str, parent: str, event: Mapping[str, Any], data: Mapping[str, Any]
    ) -> Iterator[Told]:
        if kind == "rlm_start":
            yield from self._cell(parent)
            start = RlmStart(
                node_id=node,
                parent_id=self._open_cell.get(parent, self._node(parent)),
                depth=count(event.get("depth")),
                query=name(data.get("query")),
            )
            yield self._said(start)
            return
        error = _failure(data) if kind == "rlm_error" else None
        end = RlmEnd(
            node_id=node,
            answer=name(data.get("answer")),
            end_reason="errors" if error else "answer",
            error=error,
        )
        yield self._said(end)

    def _end(self, kind: str, data: Mapping[str, Any]) -> TraceEvent:
        if kind == "run_error":
            error = _failure(data)
            lower = error.type.lower()
            reason = next((why for word, why in _REASONS.items() if word in lower), "errors")
            return RunFailed(error=error, end_reason=reason)
        stats = mapping(self._record.get("stats"))
        tokens = [count(stats.get(f"{kind}_tokens")) for kind in ("prompt", "completion", "cached")]
        known = count(stats.get("usage_calls")) == count(stats.get("llm_calls"))
        priced = count(stats.get("priced_calls")) == count(stats.get("llm_calls"))
        return RunDone(
            output=text(data.get("answer")) or text(self._record.get("answer")),
            iterations=count(stats.get("iterations")),
            end_reason="answer",
            usage=Usage(input=tokens[0], output=tokens[1], cached=tokens[2]) if known else None,
            cost_usd_nanos=nanos(stats.get("estimated_cost_usd")) if priced else None,
        )

    def _node(self, node: str) -> str | None:
        return None if node in (self._root, "") else node

    def _said(self, event: TraceEvent, whole: dict[str, Any] | None = None) -> Said:
        return Said(self._key, self._at_us, event, whole or {})


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in rows(value) if isinstance(one, dict)]


def _failure(data: Mapping[str, Any]) -> Failure:
    return Failure(type=text(data.get("error_type")) or "Error", message=text(data.get("error")))
