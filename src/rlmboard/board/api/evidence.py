"""What a run rests on and keeps: citations, sources, texts, series, files, and what people said."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from ...folder import RunFolder, own_size
from ...store import StoredRun
from ...trace import Artifact, Metric, SpanRef, Stamped
from ..excerpts import citations, source
from ..problems import NotFound
from ..ranges import ranged_file
from ..reading import Reading
from ..run_search import search_run
from ..saying import statement_of
from ..shapes import Citation, Kept, RunSearch, Series, Source, Statement
from .asked import FOR_EVER, Limit, MaybeSeq, Words
from .run import RUN


@get(RUN + "/citations", sync_to_thread=True)
def list_citations(run_id: FromPath[str], state: State) -> list[Citation]:
    """What the answer rests on, each held against its source now."""
    reading: Reading = state.reading
    run = reading.run(run_id)
    return citations(run.row.summary.span_refs, reading.root_of(run), None)


@get(RUN + "/source", sync_to_thread=True)
def get_source(
    run_id: FromPath[str],
    state: State,
    span: Words,
    seq: MaybeSeq = None,
    context: Annotated[int, QueryParameter(ge=0, le=1_000)] = 12,
) -> Source:
    """The source of a span that the trace names."""
    reading: Reading = state.reading
    run = reading.run(run_id)
    named = run.row.summary.span_refs if seq is None else _spans_of(run, seq)
    for one in named:
        if one.id == span:
            return source(one, reading.root_of(run), seq, context)
    where = "the answer" if seq is None else f"line {seq}"
    raise NotFound(f"{where} of run {run.id} names no span '{span}'")


@get(RUN + "/search", sync_to_thread=True)
def search_texts(run_id: FromPath[str], state: State, text: Words, limit: Limit = 50) -> RunSearch:
    """A text sought in all whole texts of a run."""
    reading: Reading = state.reading
    return search_run(reading.run(run_id).folder, text, limit)


@get(RUN + "/metrics", sync_to_thread=True)
def list_metrics(run_id: FromPath[str], state: State) -> list[Series]:
    """The values of each metric, in the order in which they were logged."""
    reading: Reading = state.reading
    run = reading.run(run_id)
    series: dict[str, Series] = {}
    for line in run.events() if run.row.metrics else ():
        if isinstance(line, Stamped) and isinstance(line.event, Metric) and not line.event.summary:
            _add(series, line, line.event)
    return list(series.values())


@get(RUN + "/labels", sync_to_thread=True)
def list_labels(run_id: FromPath[str], state: State) -> list[Statement]:
    """All that people said of a run, in order."""
    reading: Reading = state.reading
    return [statement_of(label) for label in reading.run(run_id).labels()]


@get(RUN + "/artifacts", sync_to_thread=True)
def list_artifacts(run_id: FromPath[str], state: State) -> list[Kept]:
    """The files that a run kept, in order."""
    reading: Reading = state.reading
    run = reading.run(run_id)
    if not run.row.summary.artifacts:
        return []
    return [
        _kept(run.folder, line, line.event)
        for line in run.events()
        if isinstance(line, Stamped) and isinstance(line.event, Artifact)
    ]


@get(RUN + "/artifacts/{sha256:str}", sync_to_thread=True, media_type="application/octet-stream")
def get_artifact(
    run_id: FromPath[str], sha256: FromPath[str], state: State, request: Request[Any, Any, Any]
) -> Stream:
    """A kept file, as a download."""
    reading: Reading = state.reading
    run = reading.run(run_id)
    named = {artifact.sha256: artifact for artifact in run.artifacts()}
    if sha256 not in named or not sha256.isalnum():
        raise NotFound(f"run {run.id} kept no file {sha256[:64]}")
    headers = {"Content-Disposition": f'attachment; filename="{_safe(named[sha256].name)}"'}
    try:
        path = run.folder.artifacts / "files" / sha256
        return ranged_file(request, path, "application/octet-stream", FOR_EVER | headers)
    except OSError:
        raise NotFound(f"the file {named[sha256].name} of run {run.id} is not there") from None


def _spans_of(run: StoredRun, seq: int) -> tuple[SpanRef, ...]:
    """The spans that one line of the trace names."""
    for line in run.events(max(seq - 1, 0), 1):
        if isinstance(line, Stamped) and line.seq == seq:
            one = getattr(line.event, "span_ref", None)
            return (*getattr(line.event, "span_refs", ()), *((one,) if one else ()))
    return ()


def _add(series: dict[str, Series], line: Stamped, said: Metric) -> None:
    one = series.get(said.name)
    if one is None:
        one = Series(name=said.name, seq=[], timestamp_ms=[], step=[], value=[], special=[])
        series[said.name] = one
    one.seq.append(line.seq)
    one.timestamp_ms.append(line.timestamp_ms)
    one.step.append(said.step)
    one.value.append(said.value)
    one.special.append(said.special)


def _kept(folder: RunFolder, line: Stamped, said: Artifact) -> Kept:
    return Kept(
        seq=line.seq,
        timestamp_ms=line.timestamp_ms,
        name=said.name,
        sha256=said.sha256,
        bytes=said.bytes,
        media_type=said.media_type,
        state="whole" if _is_there(folder, said.sha256) else "lost",
    )


def _is_there(folder: RunFolder, sha256: str) -> bool:
    try:
        return sha256.isalnum() and own_size(folder.artifacts / "files" / sha256) >= 0
    except OSError:
        return False


def _safe(name: str) -> str:
    """A file name that says as much as a header can hold."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)[:100]


ROUTES = (
    list_citations, get_source, search_texts, list_metrics, list_labels, list_artifacts,
    get_artifact,
)  # fmt: skip
