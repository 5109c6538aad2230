"""What the page of one run asks, answered beforehand."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec
from litestar.datastructures import State

from ...folder import Payloads
from ...store import RunRow, StoredRun
from ...trace import Stamped, json_decoder
from ...trace.events import Ref
from ...trace.picture import Picture, decode_picture
from ...trace.summary import AttemptRow, SubQueryRow
from ..api import evidence
from ..api.run import get_events, get_run
from ..pictures import Pictures
from ..rate import rate
from ..reading import Reading
from ..shapes import RateNow, RunPage, SubQueryWhole, Text
from ..sub_query import put_together
from ..whole_texts import Texts
from .answers import Answer, question

PAGE_LINES = 1_000
CONTEXT_LINES = 12
"""As the page asks: of the trace, and around what is cited."""
AT_ONCE = 20_000
"""Sub-queries whose lines are held together; the trace is read once for each so many."""
_encode = msgspec.json.Encoder().encode


class _Page(msgspec.Struct):
    next: int | None


_decode_page = json_decoder(_Page).decode


class Previews(Texts):
    """Texts as far as the trace has them, and no further."""

    def of(self, preview: str, ref: Ref | None) -> list[Text]:
        return [self.one(preview, None)]

    def one(self, preview: str, ref: Ref | None) -> Text:
        return super().one(preview, None)


def answers_of_runs(
    reading: Reading, runs: Sequence[StoredRun], payloads: bool
) -> Iterator[Answer]:
    """All that their pages can ask; without `payloads` no whole text and no source."""
    yield from answers_of_all(reading, [run.row for run in runs[:1]])
    for run in runs:
        yield from _answers_of_run(reading, run, payloads)


def answers_of_all(reading: Reading, rows: Sequence[RunRow]) -> Iterator[Answer]:
    """What is asked once, whatever run is shown; the runs to choose from."""
    items = [reading.item(row) for row in rows]
    page = RunPage(runs=items, next=None, count=len(items), total=len(items))
    yield Answer("runs", _encode(page))
    yield Answer("rate", _encode(RateNow(rate=rate(reading.store.home))))


def _answers_of_run(reading: Reading, run: StoredRun, payloads: bool) -> Iterator[Answer]:
    state = State({"reading": reading, "pictures": Pictures()})
    picture = gzip.decompress(state.pictures.at(run.folder))
    yield from answers_in_short(reading, run, picture)
    yield from _evidence(run, state, payloads)
    yield from _events(run, state)
    texts = Payloads(run.folder.artifacts)
    told = Texts(run, texts.read) if payloads else Previews(run)
    cut: set[str] = set()
    for whole in _sub_queries(run, told):
        asked = question(f"runs/{run.id}/sub-query", id=whole.sub_query.query_id)
        yield Answer(asked, _encode(whole))
        cut |= _cut(whole)
    if payloads:
        named = _named_by(decode_picture(msgspec.json.decode(picture)))
        yield from _payloads(run, texts, sorted(cut | named))


def answers_in_short(reading: Reading, run: StoredRun, picture: bytes) -> Iterator[Answer]:
    """What it is, how it went, and what it measured."""
    state = State({"reading": reading})
    yield Answer(f"runs/{run.id}", _encode(get_run.fn(run.id, state)))
    yield Answer(f"runs/{run.id}/picture", picture)
    yield Answer(f"runs/{run.id}/metrics", _encode(evidence.list_metrics.fn(run.id, state)))
    output = run.output()
    if output is not None:
        yield Answer(f"runs/{run.id}/output", _encode(output))


def _evidence(run: StoredRun, state: State, payloads: bool) -> Iterator[Answer]:
    """What it rests on and keeps, and what people said of it."""
    cited: Any = evidence.list_citations.fn(run.id, state)
    yield Answer(f"runs/{run.id}/citations", _encode(cited))
    yield Answer(f"runs/{run.id}/labels", _encode(evidence.list_labels.fn(run.id, state)))
    yield Answer(f"runs/{run.id}/artifacts", _encode(evidence.list_artifacts.fn(run.id, state)))
    for citation in cited if payloads else ():
        span = citation.span.id
        source = evidence.get_source.fn(run.id, state, span, context=CONTEXT_LINES)
        asked = question(f"runs/{run.id}/source", span=span, context=CONTEXT_LINES)
        yield Answer(asked, _encode(source))


def _events(run: StoredRun, state: State) -> Iterator[Answer]:
    """The trace, page by page."""
    after: int | None = 0
    while after is not None:
        page: Any = get_events.fn(run.id, state, after, PAGE_LINES)
        body: bytes = page.content
        yield Answer(question(f"runs/{run.id}/events", after=after, limit=PAGE_LINES), body)
        after = _decode_page(body).next


def _sub_queries(run: StoredRun, texts: Texts) -> Iterator[SubQueryWhole]:
    """Each sub-query whole, in the order in which they were first heard of."""
    rows = run.sub_queries()
    attempts = {
        query_id: list(tries)
        for query_id, tries in groupby(run.attempts(), attrgetter("query_id"))
    }  # fmt: skip
    for first in range(0, len(rows), AT_ONCE):
        yield from _wholes(run, texts, rows[first : first + AT_ONCE], attempts)


def _wholes(
    run: StoredRun, texts: Texts, rows: list[SubQueryRow], attempts: dict[str, list[AttemptRow]]
) -> Iterator[SubQueryWhole]:
    lines = _lines(run, {row.query_id for row in rows})
    said = [label for label in run.labels() if label.query_id is not None]
    for row in rows:
        own = lines.pop(row.query_id, [])
        statements = [label for label in said if label.query_id == row.query_id]
        yield put_together(texts, row, attempts.get(row.query_id, []), own, statements)


def _lines(run: StoredRun, query_ids: set[str]) -> dict[str, list[Stamped]]:
    """The lines of the trace about each of these sub-queries."""
    found: defaultdict[str, list[Stamped]] = defaultdict(list)
    for line in run.events():
        if isinstance(line, Stamped):
            query_id = getattr(line.event, "query_id", None)
            if query_id in query_ids:
                found[query_id].append(line)
    return found


def _cut(whole: SubQueryWhole) -> set[str]:
    """Texts that are too long to be shown at once: the page asks for the rest by hash."""
    texts = [*whole.prompt, *(one.text for one in whole.results)]
    return {text.sha256 for text in texts if text.state == "cut" and text.sha256 is not None}


def _named_by(picture: Picture) -> set[str]:
    """Texts of child RLMs, cells and tools, which the page asks for by hash."""
    nodes: Any = picture.nodes
    refs = [ref for name in ("input_ref", "output_ref", "stderr_ref") for ref in nodes.cells(name)]
    return {one for ref in refs if ref for one in ([ref] if isinstance(ref, str) else ref)}


def _payloads(run: StoredRun, texts: Payloads, hashes: Iterable[str]) -> Iterator[Answer]:
    for sha256 in hashes:
        text = texts.read(sha256)
        if text is not None:
            yield Answer(f"runs/{run.id}/payloads/{sha256}", _encode(text))
