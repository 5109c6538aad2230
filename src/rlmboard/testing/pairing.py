"""Which recorded attempt is which call of the book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from typing import NamedTuple

from ..trace import TEXTS, SubQueryReturn, SubQuerySubmit, Usage, preview
from ..trace.summary import AttemptRow, Summary
from .book import Served

_PROMPT_BYTES = TEXTS[SubQuerySubmit][0].limit
_ANSWER_BYTES = TEXTS[SubQueryReturn][0].limit


class Attempt(NamedTuple):
    """A recorded attempt with the prompt of its sub-query."""

    row: AttemptRow
    prompt: str

    @property
    def query_id(self) -> str:
        return self.row.query_id

    @property
    def ok(self) -> bool:
        return self.row.status == "returned"

    @property
    def usage(self) -> Usage | None:
        row = self.row
        if row.input_tokens is None and row.output_tokens is None:
            return None
        return Usage(
            input=row.input_tokens,
            output=row.output_tokens,
            cached=row.cached_tokens,
            reasoning=row.reasoning_tokens,
        )


class Pair(NamedTuple):
    """A call of the book and the attempt that records it."""

    call: Served
    attempt: Attempt


class _Signs(NamedTuple):
    """What a call, and the record of it, can be known by."""

    query_id: str | None
    prompt: str
    answer: str
    model: str | None
    tokens: tuple[int | None, int | None] | None
    ok: bool


_LIKENESS: tuple[Callable[[_Signs], Hashable], ...] = (
    lambda one: (one.query_id, one.ok, one.tokens) if one.query_id else None,
    lambda one: one.query_id,
    lambda one: (one.prompt, one.answer, one.ok, one.model, one.tokens),
    lambda one: (one.prompt, one.answer, one.ok, one.model),
    lambda one: (one.prompt, one.ok, one.model),
    lambda one: (one.answer, one.ok, one.model),
    lambda one: (one.prompt, one.ok),
    lambda one: ("prompt", one.prompt),
    lambda one: (one.ok, one.model, one.tokens),
    lambda one: (one.ok,),
)
"""From the surest likeness to the weakest; None takes no part."""


def attempts_of(summary: Summary) -> list[Attempt]:
    """The attempts that asked somebody, in the order in which they began."""
    prompts = {row.query_id: row.prompt_preview for row in summary.sub_queries}
    asked = [row for row in summary.attempts if row.executed and not row.cache_hit]
    ordered = sorted(asked, key=lambda row: (row.started_ms or 0.0, row.number, row.attempt))
    return [Attempt(row, prompts.get(row.query_id, "")) for row in ordered]


def pair(
    calls: list[Served], attempts: list[Attempt]
) -> tuple[list[Pair], list[Served], list[Attempt]]:
    """The pairs, the calls that were not recorded, and the records of no call."""
    known = {attempt.query_id for attempt in attempts}
    of_calls = {id(call): _signs_of_call(call, known) for call in calls}
    of_attempts = {id(attempt): _signs_of_attempt(attempt) for attempt in attempts}
    pairs: list[Pair] = []
    for likeness in _LIKENESS:
        waiting: dict[Hashable, list[Attempt]] = defaultdict(list)
        for attempt in attempts:
            waiting[likeness(of_attempts[id(attempt)])].append(attempt)
        for call in calls:
            sign = likeness(of_calls[id(call)])
            if sign is not None and waiting[sign]:
                pairs.append(Pair(call, waiting[sign].pop(0)))
        paired = {id(one) for found in pairs for one in found}
        calls = [call for call in calls if id(call) not in paired]
        attempts = [attempt for attempt in attempts if id(attempt) not in paired]
    return sorted(pairs, key=lambda found: found.call.number), calls, attempts


def _signs_of_call(call: Served, known: set[str]) -> _Signs:
    return _Signs(
        query_id=call.query_id if call.query_id in known else None,
        prompt=preview(call.prompt, _PROMPT_BYTES),
        answer=preview(call.reply.text, _ANSWER_BYTES) if call.ok else "",
        model=call.model,
        tokens=_tokens(call.usage),
        ok=call.ok,
    )


def _signs_of_attempt(attempt: Attempt) -> _Signs:
    return _Signs(
        query_id=attempt.query_id,
        prompt=attempt.prompt,
        answer=attempt.row.result_preview if attempt.ok else "",
        model=attempt.row.model,
        tokens=_tokens(attempt.usage),
        ok=attempt.ok,
    )


def _tokens(usage: Usage | None) -> tuple[int | None, int | None] | None:
    return None if usage is None else (usage.input, usage.output)
