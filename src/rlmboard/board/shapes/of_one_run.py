"""What lies in one run: lines, sub-queries, attempts, texts, sources, series."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from ...sources import CheckState, Where
from ...trace import SpanRef
from ...trace.summary import AttemptRow, SubQueryRow

TextState: TypeAlias = Literal["whole", "preview", "cut", "removed", "lost"]


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the trace: an event, a foreign one as it stands, or a hole."""

    seq: int
    timestamp_ms: float | None = None
    event: dict[str, Any] | None = None
    foreign: bool = False
    hole: Literal["torn", "damaged", "blank", "too_long"] | None = None


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Lines in order. `last` is the last one read, `next` the `after` of the next page."""

    run_id: str
    lines: list[Line]
    next: int | None
    last: int


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A text as far as it can be shown; `state` says what `text` is. `bytes` is the whole size."""

    sha256: str | None
    text: str
    bytes: int | None
    state: TextState


class AttemptResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one attempt answered."""

    replica: int
    attempt: int
    text: Text


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said of a run, or of one of its sub-queries. `value` None takes back."""

    at: str
    field: str
    value: Any
    by: str | None
    query_id: str | None


class SubQueryWhole(msgspec.Struct, frozen=True, kw_only=True):
    """A sub-query with its texts, attempts, lines of the trace, and what people said of it."""

    sub_query: SubQueryRow
    attempts: list[AttemptRow]
    prompt: list[Text]
    result: Text | None
    results: list[AttemptResult]
    span_refs: list[SpanRef]
    lines: list[Line]
    statements: list[Statement]


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """A span that line `seq` names (None: the answer), held against its source now."""

    seq: int | None
    span: SpanRef
    state: CheckState
    where: Where | None
    moved_to: tuple[int, int] | None
    detail: str


class Excerpt(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines of a file, from `first_line` on; `cited` are the first and last cited line."""

    first_line: int
    text: str
    cited: tuple[int, int]
    cut: bool


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a span cites: as it stands now, and as it was where the commit still has it."""

    citation: Citation
    language: str | None
    now: Excerpt | None
    then: Excerpt | None


class RunHit(msgspec.Struct, frozen=True, kw_only=True):
    """Where a text stands in a payload. `found`: the characters of `snippet`."""

    sha256: str | None
    seq: int
    query_id: str | None
    field: str
    snippet: str
    found: tuple[int, int]


class RunSearch(msgspec.Struct, frozen=True, kw_only=True):
    """What a search through whole payloads found: `searched` of `of`, `removed` have no body."""

    hits: list[RunHit]
    searched: int
    of: int
    removed: int
    cut: bool


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """The values of a metric in the order in which they were logged, in columns."""

    name: str
    seq: list[int]
    timestamp_ms: list[float]
    step: list[int | None]
    value: list[float | None]
    special: list[str | None]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a run kept."""

    seq: int
    timestamp_ms: float
    name: str
    sha256: str
    bytes: int
    media_type: str | None
    state: Literal["whole", "lost"]
