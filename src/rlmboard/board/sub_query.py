"""One sub-query whole: its rows, its texts, its lines of the trace, what people said of it."""

from __future__ import annotations

from collections.abc import Iterable

from ..folder import Label
from ..store import StoredRun
from ..store.questions import rows_of
from ..trace import SpanRef, Stamped, SubQueryReturn, SubQuerySubmit
from ..trace.summary import AttemptRow, SubQueryRow
from .lines import as_lines
from .mentions import mentions
from .problems import NotFound
from .reading import Reading
from .saying import statement_of
from .shapes import AttemptResult, SubQueryWhole, Text
from .whole_texts import Texts


def sub_query_whole(reading: Reading, run: StoredRun, query_id: str) -> SubQueryWhole:
    """Raises NotFound where the run has no such sub-query."""
    state = reading.questions.sub_query(run.id, query_id)
    if state is None:
        raise NotFound(f"run {run.id} has no sub-query '{query_id}'")
    row, attempts = rows_of(state)
    lines = mentions(
        run.folder, query_id, lambda offset: reading.questions.cursor_before(run.id, offset)
    )
    statements = [said for said in run.labels() if said.query_id == query_id]
    return put_together(Texts(run), row, attempts, lines, statements)


def put_together(
    texts: Texts,
    row: SubQueryRow,
    attempts: list[AttemptRow],
    lines: list[Stamped],
    statements: Iterable[Label],
) -> SubQueryWhole:
    """A sub-query of its rows, its lines, and what people said of it."""
    results = _results(texts, lines)
    return SubQueryWhole(
        sub_query=row,
        attempts=attempts,
        prompt=_prompt(texts, lines),
        result=_result(results, row.result_preview),
        results=results,
        span_refs=list(_spans(lines)),
        lines=as_lines(lines),
        statements=[statement_of(said) for said in statements],
    )


def _prompt(texts: Texts, lines: Iterable[Stamped]) -> list[Text]:
    """As it was last submitted."""
    said = [line.event for line in lines if isinstance(line.event, SubQuerySubmit)]
    return texts.of(said[-1].prompt_preview, said[-1].prompt_ref) if said else []


def _results(texts: Texts, lines: Iterable[Stamped]) -> list[AttemptResult]:
    """What each attempt answered last, in the order of the attempts."""
    said = {
        (line.event.replica, line.event.attempt): line.event
        for line in lines
        if isinstance(line.event, SubQueryReturn)
    }
    return [
        AttemptResult(replica=replica, attempt=attempt, text=_answer(texts, event))
        for (replica, attempt), event in sorted(said.items())
    ]


def _answer(texts: Texts, event: SubQueryReturn) -> Text:
    ref = event.result_ref[0] if isinstance(event.result_ref, list) else event.result_ref
    return texts.one(event.result_preview, ref)


def _result(results: list[AttemptResult], preview: str) -> Text | None:
    """The answer of the attempt that decided: the one that begins as the row's preview does."""
    begin = preview.removesuffix("...")
    fitting = [one.text for one in results if one.text.text.startswith(begin)]
    return fitting[0] if fitting and preview else None


def _spans(lines: Iterable[Stamped]) -> Iterable[SpanRef]:
    for line in lines:
        yield from getattr(line.event, "span_refs", ())
