"""Logs of adk_rlm, which comes with rlm-code 0.1: those of rlms with agents of every depth in them.

A line is written when its turn has ended, and a child's before its parent's. Calls that are no RLM
have lines of their own; what they used stands in the turn that made them. Times name no zone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

import msgspec

from ...trace import (
    CellEnd,
    CellStart,
    Failure,
    IterationEnd,
    IterationStart,
    RlmEnd,
    RlmStart,
    RunDone,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    TraceEvent,
    Usage,
)
from ..foreign import ForeignRun, Said, Told, Unread, us_between, utc
from ..loose import count, decoded, json_text, mapping, name, number, rows, text
from ..secrets import masked_tree

PRODUCER = "adk-rlm"
_KINDS = ("metadata", "iteration", "simple_llm_call")


def recognises(line: Mapping[str, Any]) -> bool:
    """Whether a line is one that only such a log has."""
    kind = line.get("type")
    return "agent_name" in line and (
        (kind == "iteration" and "code_blocks" in line) or kind == "simple_llm_call"
    )


class AdkRlm:
    """Takes the lines of a log, which is one run. `zone`: that of its times."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._run: ForeignRun | None = None
        self._turns: dict[str, int] = {}
        self._calls = 0
        self._unmatched: dict[tuple[str, str], list[str]] = {}
        self._answer: tuple[int, str] | None = None

    def feed(self, record: bytes) -> Iterable[Told]:
        line = mapping(decoded(record))
        at = self._moment(line.get("timestamp"))
        if text(line.get("type")) not in _KINDS or at is None:
            return [Unread("", "it is no line of adk_rlm", self._run.key if self._run else None)]
        return list(self._line(line, at, record))

    def finish(self) -> Iterable[Told]:
        if self._run is None or self._answer is None:
            return []
        at_us, said = self._answer
        turns = self._turns.get("root")
        return [
            Said(self._run.key, at_us, RunDone(output=said, iterations=turns, end_reason="answer"))
        ]

    def _line(self, line: Mapping[str, Any], at: datetime, record: bytes) -> Iterator[Told]:
        kind = line["type"]
        if self._run is None:
            yield from self._begun(line, at, record)
        assert self._run is not None
        at_us = us_between(self._run.started_at, at)
        if kind == "iteration":
            yield from self._turn(line, at_us)
        elif kind == "simple_llm_call":
            yield from self._simple(line, at_us)

    def _begun(self, line: Mapping[str, Any], at: datetime, record: bytes) -> Iterator[Told]:
        kwargs = masked_tree(mapping(line.get("backend_kwargs")))
        settings = {
            "method": PRODUCER,
            "model": name(line.get("root_model")),
            "max_depth": count(line.get("max_depth")),
            "max_iterations": count(line.get("max_iterations")),
            "backend": name(line.get("backend")),
            "backend_kwargs": kwargs or None,
        }
        seconds = number(line.get("iteration_time")) or 0
        self._run = ForeignRun(
            key=hashlib.sha256(record.strip()).hexdigest()[:32],
            producer=PRODUCER,
            started_at=at - timedelta(seconds=min(max(seconds, 0), 1e6)),
            config={key: value for key, value in settings.items() if value is not None},
        )
        yield self._run

    # -------------------------------------------------------------- turns

    def _turn(self, line: Mapping[str, Any], at_us: int) -> Iterator[Told]:
        assert self._run is not None
        node, depth = self._node(line), count(line.get("depth")) or 0
        took = round((number(line.get("iteration_time")) or 0) * 1e6)
        began = at_us - took if 0 <= took < 1e12 else at_us
        n = self._turns[node] = self._turns.get(node, 0) + 1
        if node == "root" and not self._run.query and (question := _last(line.get("prompt"))):
            self._run = msgspec.structs.replace(self._run, query=question)
            yield self._run
        if node != "root" and n == 1:
            yield self._said(
                began,
                RlmStart(
                    node_id=node,
                    parent_id=self._parent(line),
                    name=name(line.get("agent_name")),
                    depth=depth,
                    query=_last(line.get("prompt")) or None,
                    inferred=True,
                ),
            )
        yield self._said(began, IterationStart(n=n, node_id=node))
        yield from self._asked(line, node, depth, began, n)
        for index, block in enumerate(map(mapping, rows(line.get("code_blocks")))):
            yield from self._cell(block, node, f"{node}-{n}-cell-{index}", depth, at_us)
        yield self._said(at_us, IterationEnd(n=n, node_id=node))
        final = name(line.get("final_answer"))
        if final is not None and node == "root":
            self._answer = (at_us, final)
        elif final is not None:
            yield self._said(at_us, RlmEnd(node_id=node, answer=final, end_reason="answer"))

    def _asked(
        self, line: Mapping[str, Any], node: str, depth: int, began: int, n: int
    ) -> Iterator[Told]:
        """The turn's own call; what it used is not written down."""
        id, parent = f"{node}-turn-{n}", None if node == "root" else node
        submit = SubQuerySubmit(
            query_id=id,
            prompt_preview=_last(line.get("prompt")),
            parent_id=parent,
            depth=depth,
            role="root",
        )
        yield self._said(began, submit)
        yield self._said(began, SubQueryExecute(query_id=id))
        returned = SubQueryReturn(
            query_id=id,
            result_preview=text(line.get("response")),
            usage_quality="none",
            cost_source="none",
            inferred=True,
        )
        yield self._said(began, returned)

    def _cell(
        self, block: Mapping[str, Any], node: str, cell: str, depth: int, at_us: int
    ) -> Iterator[Told]:
        result = mapping(block.get("result"))
        took = round((number(result.get("execution_time")) or 0) * 1e6)
        began = at_us - took if 0 <= took < 1e12 else at_us
        start = CellStart(
            cell_id=cell, node_id=node, code_preview=text(block.get("code")), inferred=True
        )
        yield self._said(began, start)
        for call in map(mapping, rows(result.get("rlm_calls"))):
            yield from self._used(call, cell, depth, began)
        error = text(result.get("stderr"))
        end = CellEnd(
            cell_id=cell,
            stdout_preview=text(result.get("stdout")),
            stderr_preview=error,
            duration_ms=took / 1000,
            error=Failure(type="Error", message=error[-500:]) if "Error" in error else None,
            inferred=True,
        )
        yield self._said(at_us, end)

    # -------------------------------------------------------------- calls of the code

    def _simple(self, line: Mapping[str, Any], at_us: int) -> Iterator[Told]:
        """A call with a line of its own, which lacks what it used."""
        prompt = text(line.get("prompt_full")) or text(line.get("prompt"))
        response = text(line.get("response_full")) or text(line.get("response"))
        took = round((number(line.get("execution_time_ms")) or 0) * 1000)
        began = at_us - took if 0 <= took < 1e12 else at_us
        error = name(line.get("error"))
        depth = (count(line.get("depth")) or 0) + 1
        id = yield from self._call(prompt, self._parent(line), depth, began, line)
        returned = SubQueryReturn(
            query_id=id,
            result_preview=response,
            success=error is None,
            model_id=name(line.get("model")),
            usage_quality="none",
            cost_source="none",
            error=Failure(type="CallFailed", message=error) if error else None,
        )
        yield self._said(at_us, returned)
        self._unmatched.setdefault((prompt, response), []).append(id)

    def _used(self, call: Mapping[str, Any], cell: str, depth: int, began: int) -> Iterator[Told]:
        """What a call used, told with its turn: it belongs to a line before, or is told here."""
        prompt, response = json_text(call.get("prompt")), text(call.get("response"))
        known = self._unmatched.get((prompt, response))
        took = round((number(call.get("execution_time")) or 0) * 1e6)
        ended = began + took if 0 <= took < 1e12 else began
        id = known.pop(0) if known else ""
        if not id:
            id = yield from self._call(prompt, cell, depth + 1, began, {}, inferred=True)
        usage = _usage(mapping(call.get("usage_summary")))
        returned = SubQueryReturn(
            query_id=id,
            result_preview=response,
            model_id=name(call.get("root_model")),
            usage=usage,
            usage_quality="exact" if usage else "none",
            cost_source="none",
            inferred=True,
        )
        yield self._said(ended, returned)

    def _call(
        self, prompt: str, parent: str | None, depth: int, began: int, line: Mapping[str, Any],
        inferred: bool | None = None,
    ) -> Generator[Told, None, str]:  # fmt: skip
        """The question of a call; gives its id."""
        self._calls += 1
        id = f"call-{self._calls}"
        submit = SubQuerySubmit(
            query_id=id,
            prompt_preview=prompt,
            parent_id=parent,
            depth=depth,
            role="sub",
            batch_index=count(line.get("batch_index")),
            batch_size=count(line.get("batch_size")),
            inferred=inferred,
        )
        yield self._said(began, submit)
        model = name(line.get("model"))
        execute = SubQueryExecute(query_id=id, model_id=model, inferred=inferred)
        yield self._said(began, execute)
        return id

    def _node(self, line: Mapping[str, Any]) -> str:
        if not count(line.get("depth")):
            return "root"
        parts = [text(line.get("agent_name")) or "agent", text(line.get("parallel_batch_id"))[:8]]
        place = (
            line.get("parent_iteration"),
            line.get("parent_block_index"),
            line.get("batch_index"),
        )
        return "-".join(filter(None, [*parts, *(str(n) for n in place if isinstance(n, int))]))

    def _parent(self, line: Mapping[str, Any]) -> str | None:
        """The cell that made the call or the child; the agent, where its turn is not named."""
        turn, block = count(line.get("parent_iteration")), count(line.get("parent_block_index"))
        above = name(line.get("parent_agent")) if (count(line.get("depth")) or 0) > 1 else None
        return above if turn is None else f"{above or 'root'}-{turn}-cell-{block or 0}"

    def _said(self, at_us: int, event: TraceEvent) -> Said:
        assert self._run is not None
        return Said(self._run.key, at_us, event)

    def _moment(self, said: Any) -> datetime | None:
        try:
            at = datetime.fromisoformat(text(said))
            return utc(at.replace(tzinfo=self._zone) if at.tzinfo is None else at)
        except (ValueError, OverflowError, OSError):
            return None


def _last(prompt: Any) -> str:
    """The last message of a prompt, or the prompt itself where it is a text."""
    if isinstance(prompt, list) and prompt:
        content = mapping(prompt[-1]).get("content")
        return json_text(content) if content is not None else ""
    return text(prompt)


def _usage(summary: Mapping[str, Any]) -> Usage | None:
    models = list(map(mapping, mapping(summary.get("model_usage_summaries")).values()))
    read = [count(model.get("total_input_tokens")) for model in models]
    wrote = [count(model.get("total_output_tokens")) for model in models]
    if not models or None in read or None in wrote:
        return None
    return Usage(input=sum(filter(None, read)), output=sum(filter(None, wrote)))
