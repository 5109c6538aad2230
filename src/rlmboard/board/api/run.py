"""One run: what it is, its lines, its picture, its raw files."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from ...folder import payload_bytes, read_pruned
from ...store import StoredRun
from ...trace import TraceLine
from ..lines import encode_lines
from ..problems import NotFound, Removed
from ..ranges import ranged, ranged_file
from ..reading import Reading
from ..shapes import EventPage, RunWhole
from .asked import FOR_EVER, TEXT, MaybeSeq, Seq, Several

RUN = "/api/rlm/runs/{run_id:str}"


@get(RUN, sync_to_thread=True)
def get_run(run_id: FromPath[str], state: State) -> RunWhole:
    """A run whole: who made it where, what the answer rests on, its child runs."""
    reading: Reading = state.reading
    return _whole(reading, reading.run(run_id))


@get(
    RUN + "/events",
    sync_to_thread=True,
    responses={200: ResponseSpec(data_container=EventPage, description="Lines in order")},
)
def get_events(
    run_id: FromPath[str],
    state: State,
    after: Seq = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=10_000)] = 1_000,
    type: Several = None,
) -> Response[bytes]:
    """The lines of the trace after a seq, from the folder itself."""
    run = state.reading.run(run_id)
    wanted = frozenset(type or ())
    lines: list[TraceLine] = []
    last, more = after, False
    for line in run.events(after):
        if len(lines) == limit:
            more = True
            break
        last = line.seq
        if not wanted or _type_of(line) in wanted:
            lines.append(line)
    head = msgspec.json.encode({"run_id": run.id, "next": last if more else None, "last": last})
    body = head[:-1] + b',"lines":' + encode_lines(lines) + b"}"
    return Response(body, media_type="application/json")


@get(RUN + "/trace", sync_to_thread=True, media_type="application/x-ndjson")
def get_trace(run_id: FromPath[str], state: State, request: Request[Any, Any, Any]) -> Stream:
    """The raw trace, as it lies on disk."""
    run = state.reading.run(run_id)
    headers = {"Content-Disposition": f'attachment; filename="{run.id}.trace.jsonl"'}
    try:
        return ranged_file(request, run.folder.trace, "application/x-ndjson", headers)
    except OSError:
        raise NotFound(f"run {run.id} has no trace yet") from None


@get(RUN + "/picture", sync_to_thread=True)
def get_picture(
    run_id: FromPath[str],
    state: State,
    request: Request[Any, Any, Any],
    at: MaybeSeq = None,
    texts: FromQuery[bool] = True,
) -> Response[bytes]:
    """The picture of the run at a seq, or now, in columns."""
    import gzip

    run = state.reading.run(run_id)
    packed = state.pictures.at(run.folder, at, texts)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(packed, media_type="application/json", headers=headers)
    return Response(gzip.decompress(packed), media_type="application/json")


@get(RUN + "/output", sync_to_thread=True, media_type="text/plain")
def get_output(
    run_id: FromPath[str], state: State, request: Request[Any, Any, Any]
) -> Response[bytes]:
    """The final output whole."""
    run = state.reading.run(run_id)
    text = run.output()
    if text is None:
        raise NotFound(f"run {run.id} has no output")
    return ranged(request, text.encode(), TEXT, {})


@get(RUN + "/payloads/{sha256:str}", sync_to_thread=True, media_type="text/plain")
def get_payload(
    run_id: FromPath[str], sha256: FromPath[str], state: State, request: Request[Any, Any, Any]
) -> Response[bytes]:
    """A whole text by its hash."""
    run = state.reading.run(run_id)
    text = run.payload(sha256)
    if text is None:
        if read_pruned(run.folder) is not None:
            raise Removed(f"the texts of run {run.id} were removed")
        raise NotFound(f"run {run.id} has no text {sha256[:64]}")
    return ranged(request, text.encode(errors="replace"), TEXT, FOR_EVER)


def _type_of(line: Any) -> str:
    event = getattr(line, "event", None)
    return type(event).__name__ if event is not None else getattr(line, "type", "")


def _whole(reading: Reading, run: StoredRun) -> RunWhole:
    record, pruned = run.record(), read_pruned(run.folder)
    children = reading.rows(f'parent:"{run.id}"', "created_at", 1_000)
    return RunWhole(
        run=reading.item(run.row),
        span_refs=run.row.summary.span_refs,
        environment=run.row.summary.environment,
        argv=record.argv if record else (),
        cwd=record.cwd if record else None,
        root=record.root if record else None,
        pid=record.pid if record else None,
        python=record.python if record else None,
        platform=record.platform if record else None,
        rlmboard=record.rlmboard if record else None,
        packages=record.packages if record else None,
        payloads=record.payloads if record else "full",
        pruned_at=pruned.at.isoformat() if pruned else None,
        payload_bytes=payload_bytes(run.folder),
        alive=run.folder.liveness(),
        can_stop=run.folder.hears_stop(),
        children=[reading.item(row) for row in children],
        providers=reading.questions.providers_of(run.id),
    )


ROUTES = (get_run, get_events, get_trace, get_picture, get_output, get_payload)
