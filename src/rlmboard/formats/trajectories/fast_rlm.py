"""Logs of fast-rlm 0.5: lines of pino, a step of an agent on each, with times and tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ...trace import (
    CellEnd,
    CellStart,
    Failure,
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
from ..loose import count, decoded, json_text, mapping, name, nanos, text

PRODUCER = "fast-rlm"
KINDS = ("agent_start", "agent_end", "code_generated", "execution_result", "final_result")
_PARTS = ("prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens")


class FastRlm:
    """Takes the lines of a log; agents without a parent are runs, the others are child RLMs."""

    def __init__(self) -> None:
        self._runs: dict[str, ForeignRun] = {}
        self._root_of: dict[str, str] = {}
        self._ended: set[str] = set()
        self._steps: dict[str, int] = {}

    def feed(self, record: bytes) -> Iterable[Told]:
        line = decoded(record)
        agent = name(mapping(line).get("run_id"))
        if agent is None or text(mapping(line).get("event_type")) not in KINDS:
            key = next(iter(self._runs), None)
            return [Unread("", "it is no event of fast-rlm", key)]
        return list(self._line(line, agent))

    def finish(self) -> Iterable[Told]:
        return []

    def _line(self, line: Mapping[str, Any], agent: str) -> Iterator[Told]:
        kind, parent = text(line.get("event_type")), name(line.get("parent_run_id"))
        at = moment(line.get("time")) or _began(agent)
        if at is None:
            yield Unread("", "it has no time")
            return
        if agent not in self._root_of:
            yield from self._meets(agent, parent, at, count(line.get("depth")))
        run = self._runs[self._root_of[agent]]
        at_us = us_between(run.started_at, at)
        if kind in ("code_generated", "execution_result"):
            yield from self._step(run, agent, line, at_us)
        elif kind == "final_result":
            self._ended.add(agent)
            yield Said(run.key, at_us, self._answer(agent, json_text(line.get("result"))))
        elif kind == "agent_end" and agent not in self._ended:
            self._ended.add(agent)
            yield Said(run.key, at_us, self._failed(agent))

    def _meets(
        self, agent: str, parent: str | None, at: datetime, depth: int | None
    ) -> Iterator[Told]:
        root = self._root_of.get(parent or "")
        if root is None:
            self._root_of[agent] = agent
            began = min(at, _began(agent) or at)
            config = {"method": PRODUCER}
            run = ForeignRun(key=agent, producer=PRODUCER, started_at=began, config=config)
            self._runs[agent] = run
            yield run
            return
        self._root_of[agent] = root
        start = RlmStart(node_id=agent, parent_id=self._node(parent), depth=depth)
        yield Said(root, us_between(self._runs[root].started_at, at), start)

    def _step(
        self, run: ForeignRun, agent: str, line: Mapping[str, Any], at_us: int
    ) -> Iterator[Told]:
        times = mapping(line.get("timestamps"))
        code, step = text(line.get("code")), count(line.get("step"))
        self._steps[agent] = self._steps.get(agent, 0) + 1
        id = f"{agent}-{self._steps[agent]}"

        def us_at(what: str, otherwise: int) -> tuple[int, bool | None]:
            said = moment(times.get(what))
            known = us_between(run.started_at, said) if said is not None else otherwise
            return known, said is None or None

        if step != 0 or "llm_call_end" in times:
            began, guessed = us_at("llm_call_start", at_us)
            came, _ = us_at("llm_call_end", at_us)
            yield from self._call(run.key, agent, f"{id}-call", line, began, guessed, came)
        if "output" in line or "execution_end" in times:
            began, guessed = us_at("execution_start", at_us)
            ended, guessed_end = us_at("execution_end", at_us)
            output, failed = text(line.get("output")), line.get("hasError") is True
            cell = CellStart(
                cell_id=f"{id}-cell",
                node_id=self._node(agent) or "root",
                code_preview=code,
                inferred=guessed,
            )
            yield Said(run.key, began, cell)
            end = CellEnd(
                cell_id=f"{id}-cell",
                stdout_preview=output,
                error=Failure(type="ExecutionError", message=output[-500:]) if failed else None,
                inferred=guessed_end,
            )
            yield Said(run.key, ended, end)

    def _call(
        self, key: str, agent: str, id: str, line: Mapping[str, Any], began: int,
        guessed: bool | None, came: int,
    ) -> Iterator[Told]:  # fmt: skip
        node, depth = self._node(agent), count(line.get("depth"))
        yield Said(
            key,
            began,
            SubQuerySubmit(query_id=id, parent_id=node, depth=depth, role="root", inferred=guessed),
        )
        yield Said(key, began, SubQueryExecute(query_id=id, inferred=guessed))
        usage = _usage(mapping(line.get("usage")))
        cost = nanos(mapping(line.get("usage")).get("cost"))
        returned = SubQueryReturn(
            query_id=id,
            result_preview=text(line.get("code")),
            usage=usage,
            usage_quality="exact" if usage else "none",
            cost_usd_nanos=cost,
            cost_source="none" if cost is None else "provider",
        )
        thought = text(line.get("reasoning"))
        shown = f"<thinking>\n{thought}\n</thinking>\n\n{text(line.get('code'))}"
        yield Said(key, came, returned, {"result_ref": shown} if thought else {})

    def _answer(self, agent: str, result: str) -> TraceEvent:
        if self._node(agent) is None:
            return RunDone(output=result, end_reason="answer")
        return RlmEnd(node_id=agent, answer=result, end_reason="answer")

    def _failed(self, agent: str) -> TraceEvent:
        error = Failure(type="NoAnswer", message="the agent ended without a result")
        if self._node(agent) is None:
            return RunFailed(error=error, end_reason="errors")
        return RlmEnd(node_id=agent, end_reason="errors", error=error)

    def _node(self, agent: str | None) -> str | None:
        return None if agent is None or self._root_of.get(agent) == agent else agent


def _began(agent: str) -> datetime | None:
    """The id of an agent begins with the milliseconds of its beginning."""
    ms = agent.partition("-")[0]
    return datetime.fromtimestamp(int(ms) / 1000, UTC) if ms.isdigit() and len(ms) == 13 else None


def _usage(said: Mapping[str, Any]) -> Usage | None:
    """Some backends count nothing, and write zeros."""
    read, wrote, cached, thought = (count(said.get(part)) for part in _PARTS)
    if not read or wrote is None:
        return None
    return Usage(input=read, output=wrote, cached=cached, reasoning=thought)
