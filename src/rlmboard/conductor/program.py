"""What is to be done, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

from ..errors import BadInput
from ..sources import Fragment
from ..trace import EndEvent, Failure, RunCancelled, RunDone, RunFailed, SpanRef
from .route import Record
from .settings import Settings

Status: TypeAlias = Literal["completed", "failed", "cancelled"]


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """A question over fragments. `records`: what is known of providers from earlier runs, by name.

    Raises BadInput when there is nothing to ask or to read, or more than may be read.
    """

    query: str
    fragments: Sequence[Fragment]
    settings: Settings = Settings()
    records: Mapping[str, Record] = {}

    def __post_init__(self) -> None:
        if not self.query.strip():
            raise BadInput("the query is empty: say what is to be found out")
        if not self.fragments:
            raise BadInput("nothing to read: no fragment was given")
        if len(self.fragments) > self.settings.max_fragments:
            raise BadInput(
                f"{len(self.fragments):,} fragments are more than"
                f" max_fragments {self.settings.max_fragments:,}: name fewer files,"
                " raise chunk_size or raise max_fragments"
            )
        if len(self.query) > self.settings.max_prompt_chars // 4:
            raise BadInput(
                f"the query has {len(self.query):,} characters, more than a quarter of"
                f" max_prompt_chars {self.settings.max_prompt_chars:,}"
            )


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended. `partial`: the answer rests on less than was asked for.

    `end_reason`: answer, quorum, budget, timeout, errors, or who cancelled.
    """

    status: Status
    end_reason: str
    answer: str = ""
    span_refs: tuple[SpanRef, ...] = ()
    partial: bool = False
    error: Failure | None = None

    def end_event(self) -> EndEvent:
        """What the run's owner records as its end; times, sums and losses are the recorder's."""
        if self.status == "completed":
            return RunDone(
                output=self.answer,
                end_reason=self.end_reason,
                span_refs=self.span_refs,
                partial=self.partial or None,
            )
        output = self.answer or None
        if self.status == "cancelled":
            return RunCancelled(end_reason=self.end_reason, output=output, span_refs=self.span_refs)
        return RunFailed(
            error=self.error,
            end_reason=self.end_reason,
            output=output,
            span_refs=self.span_refs,
        )
