"""The turns of one RLM, told as events: of the root, or of a child with its own children."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ...trace import (
    CellEnd,
    CellStart,
    IterationEnd,
    IterationStart,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
)
from ..foreign import Said, moment, us_between
from .calls import Asked, child_ends, failed_child, groups, microseconds, of_failed_child, of_model
from .names import ReplNames
from .prompts import Prompts
from .stderr import raised
from .words import Block, Call, Iteration, Metadata

DEEPEST = 50
"""Children below that are not followed: no RLM goes there, and a hostile log might."""


class Telling:
    """One RLM. Times are microseconds since `start`; `node_id` is `root` or that of the child."""

    def __init__(
        self, key: str, start: datetime, made: Metadata, node_id: str = "root", depth: int = 0
    ) -> None:
        self.prompts = Prompts()
        self.names = ReplNames()
        self.turns = 0
        self._key = key
        self._start = start
        self._made = made
        self._node_id = node_id
        self._depth = depth
        self._prefix = "" if node_id == "root" else f"{node_id}."
        self._backend = made.backend or "rlms"
        self._compactions = 0
        self._last_us: int | None = None

    def turn(self, said: Iteration, zone: Any) -> Iterator[Said]:
        """All that happened in a turn. Raises ValueError where its time is none."""
        end_us = self._us(said.timestamp, zone)
        lasted_us = microseconds(said.iteration_time)
        start_us = end_us - lasted_us if lasted_us is not None else self._last_us
        start_us = min(end_us, end_us if start_us is None else start_us)
        self._last_us = end_us
        self.prompts.take(said.prompt)
        yield from self._compaction(start_us)
        is_turn = said.iteration_time is not None or bool(said.code_blocks)
        if is_turn:
            self.turns += 1
            yield self._say(start_us, IterationStart(**self._turn(said)))
        cells_us = [_lasted_us(block) for block in said.code_blocks]
        asked_until_us = max(start_us, end_us - sum(cells_us))
        yield from self._root_call(said, start_us, asked_until_us)
        at_us = asked_until_us
        for number, (block, cell_us) in enumerate(zip(said.code_blocks, cells_us, strict=True), 1):
            until_us = min(end_us, at_us + cell_us)
            name = f"{self._prefix}t{said.iteration}c{number}"
            yield from self._cell(name, block, at_us, until_us, zone)
            at_us = until_us
        if is_turn:
            yield self._say(end_us, IterationEnd(**self._turn(said)))

    def _turn(self, said: Iteration) -> dict[str, Any]:
        return {
            "n": said.iteration,
            "node_id": self._node_id,
            "max_n": self._made.max_iterations,
            "inferred": True,
        }

    # ------------------------------------------------------------ what the RLM itself asks

    def _root_call(self, said: Iteration, start_us: int, end_us: int) -> Iterator[Said]:
        query_id = f"{self._prefix}t{said.iteration}"
        answer = said.response or ""
        yield from self._asked(
            query_id, self.prompts.texts, self.prompts.last, answer, start_us, end_us
        )

    def _compaction(self, before_us: int) -> Iterator[Said]:
        """The call that summed the history up is not in the log, but what it answered is."""
        count, summary = self.prompts.compactions
        if count > self._compactions:
            self._compactions = count
            query_id = f"{self._prefix}compaction{count}"
            asked = "Summarize your progress so far."
            yield from self._asked(query_id, [], asked, summary, before_us, before_us)

    def _asked(
        self, query_id: str, texts: list[str], last: str, answer: str, start_us: int, end_us: int
    ) -> Iterator[Said]:
        """Tokens and cost of these calls are in no log."""
        model, provider = self._made.root_model, f"{self._backend}:{self._made.root_model}"
        submit = SubQuerySubmit(
            inferred=True,
            query_id=query_id,
            prompt_preview=last,
            parent_id=None if self._node_id == "root" else self._node_id,
            depth=self._depth,
            role="root",
        )
        yield self._say(start_us, submit, {"prompt_ref": texts} if texts else {})
        execute = SubQueryExecute(
            inferred=True, query_id=query_id, provider_id=provider, model_id=model
        )
        yield self._say(start_us, execute)
        returned = SubQueryReturn(
            inferred=True,
            query_id=query_id,
            result_preview=answer,
            provider_id=provider,
            model_id=model,
            usage_quality="none",
            cost_source="none",
        )
        yield self._say(end_us, returned)

    # ------------------------------------------------------------ what its code does

    def _cell(
        self, cell_id: str, block: Block, start_us: int, end_us: int, zone: Any
    ) -> Iterator[Said]:
        result = block.result
        start = CellStart(
            inferred=True, cell_id=cell_id, node_id=self._node_id, code_preview=block.code
        )
        yield self._say(start_us, start)
        if result is not None:
            yield from self._calls(cell_id, result.rlm_calls, start_us, end_us, zone)
        end = CellEnd(
            inferred=True,
            cell_id=cell_id,
            stdout_preview=(result.stdout if result else None) or "",
            stderr_preview=(result.stderr if result else None) or "",
            error=raised(result.stderr if result else None),
            duration_ms=_ms(result.execution_time if result else None),
            variables=self.names.take(result.locals if result else None),
        )
        yield self._say(end_us, end)

    def _calls(
        self, cell_id: str, calls: list[Call], at_us: int, end_us: int, zone: Any
    ) -> Iterator[Said]:
        """One after the other, as the log has them; those of a batch at once."""
        number = 0
        for group in groups(calls):
            lasted_us = (microseconds(group[0].execution_time) or 0) * len(group)
            until_us = min(end_us, at_us + lasted_us)
            batch_id = f"{cell_id}b{number + 1}" if len(group) > 1 else None
            for index, call in enumerate(group):
                number += 1
                asked = Asked(
                    f"{cell_id}q{number}",
                    cell_id,
                    self._depth + 1,
                    self._backend,
                    at_us,
                    until_us,
                    None if batch_id is None else (batch_id, index, len(group)),
                )
                yield from self._call(call, asked, zone)
            at_us = until_us

    def _call(self, call: Call, asked: Asked, zone: Any) -> Iterator[Said]:
        if call.metadata is not None and self._depth < DEEPEST:
            yield from self._child(call, asked, zone)
            return
        told = of_failed_child if failed_child(call) or call.metadata else of_model
        for at_us, event in told(call, asked):
            yield self._say(at_us, event)

    def _child(self, call: Call, asked: Asked, zone: Any) -> Iterator[Said]:
        assert call.metadata is not None
        made = call.metadata.run_metadata or Metadata(root_model=call.root_model)
        start, end = child_ends(call, asked)
        yield self._say(asked.start_us, start)
        child = Telling(self._key, self._start, made, asked.query_id, asked.depth)
        for turn in call.metadata.iterations:
            yield from child.turn(turn, zone)
        yield self._say(asked.end_us, end)

    def _say(self, at_us: int, event: Any, whole: Any = None) -> Said:
        return Said(self._key, at_us, event, whole or {})

    def _us(self, timestamp: str, zone: Any) -> int:
        return us_between(self._start, as_moment(timestamp, zone))


def as_moment(timestamp: str | None, zone: Any) -> datetime:
    """A time of a log, which names no zone. Raises ValueError where it is none."""
    try:
        naive = datetime.fromisoformat(timestamp or "")
    except ValueError:
        raise ValueError(f"{timestamp!r} is no time") from None
    found = moment((naive if naive.tzinfo else naive.replace(tzinfo=zone)).isoformat())
    if found is None or not 2000 <= found.year < 2200:
        raise ValueError(f"{timestamp!r} is no time of such a log")
    return found


def _lasted_us(block: Block) -> int:
    return microseconds(block.result.execution_time if block.result else None) or 0


def _ms(seconds: float | None) -> float | None:
    lasted_us = microseconds(seconds)
    return None if lasted_us is None else lasted_us / 1000
