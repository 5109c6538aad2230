"""What a plan asks for that is done on the spot: prompts, rankings, divisions and checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

import msgspec

from ..sources import Passage
from ..trace import SpanRef, SubQuerySubmit
from .citations import Cite, Resolved, resolve
from .plan import Ask, Check, Checked, Divide, Divided, Rank, Ranked
from .program import Program
from .prompts import render
from .provider import Answer, Request
from .question import Read
from .select import rank
from .split import divide

Holds: TypeAlias = Callable[[SpanRef], bool]
"""Whether a span's bytes stand where it says, as its hash says."""


class Material(NamedTuple):
    """A request, and the event that tells of it when it is the first of its sub-query."""

    request: Request
    submit: SubQuerySubmit | None


class Desk:
    """Reads, cites and checks by the functions it is given; all that a plan must not do itself."""

    def __init__(
        self, program: Program, read: Read, cite: Cite | None, check: Holds | None
    ) -> None:
        self._program = program
        self._read = read
        self._cite = cite
        self._holds = check

    def material(self, ask: Ask) -> Material:
        """The question in words. Raises OSError when its fragment cannot be read."""
        prompt, passages = render(ask.question, self._read)
        submit = ask.submit and msgspec.structs.replace(ask.submit, prompt_preview=prompt)
        settings = self._program.settings
        request = Request(
            key=ask.key,
            prompt=prompt,
            query=ask.question.query,
            passages=passages,
            role=ask.question.role,
            max_tokens=settings.max_tokens,
            schema=ask.question.schema,
            seed=settings.seed + ask.replica,
        )
        return Material(request, submit)

    def resolved(self, ask: Ask, passages: Iterable[Passage], answer: Answer) -> Resolved:
        """The spans that an answer cites, by itself or in its text."""
        known = (span for finding in ask.question.findings for span in finding.span_refs)
        read = () if ask.question.findings else passages
        return resolve(answer.text, answer.span_refs, known, read, self._cited)

    def _cited(self, path: str, first: int, last: int) -> SpanRef | None:
        if self._cite is None:
            return None
        try:
            span = self._cite(path, first, last)
        except (OSError, ValueError):
            return None
        return span if span is not None and span.content_hash else None

    def rank(self, asked: Rank) -> Ranked:
        program = self._program
        best = rank(program.fragments, self._read, program.query, asked.top_k)
        return Ranked(best.order, best.matched)

    def divide(self, asked: Divide) -> Divided:
        """No parts where the fragment cannot be read, or not byte for byte."""
        try:
            text = self._read(asked.fragment)
        except OSError:
            return Divided(asked.node_id, ())
        return Divided(asked.node_id, divide(asked.fragment, text, asked.most_chars))

    def check(self, asked: Check) -> Checked:
        holds = self._holds
        if holds is None:
            return Checked(asked.key, 0)
        return Checked(asked.key, sum(not holds(span) for span in asked.spans))
