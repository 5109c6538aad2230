"""The list of runs, and what stands in it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from ...errors import BadInput, UnknownRun
from ...store import Shares
from ...store.questions import GroupsAsked
from ..exporting import MEDIA_TYPES, export, rows_of
from ..reading import Reading
from ..shapes import Facet, FacetValue, GroupPage, Latency, RunCurves, RunPage, SearchPage
from .asked import Limit, Seq, Several, Words, name_after


@get("/api/rlm/runs", sync_to_thread=True)
def list_runs(
    state: State,
    filter: FromQuery[str] = "",
    sort: FromQuery[str] = "-created_at",
    limit: Limit = 50,
    after: FromQuery[str | None] = None,
    count: FromQuery[bool] = True,
    by: FromQuery[str | None] = None,
    value: FromQuery[str | None] = None,
) -> RunPage:
    """Runs that fit a filter, in order; with `by` only those of a group."""
    reading: Reading = state.reading
    shares = Shares(by, _shared(value)) if by else None
    return reading.page(filter, sort, limit, after, count, shares)


@get("/api/rlm/groups", sync_to_thread=True)
def list_groups(
    state: State,
    by: Words,
    filter: FromQuery[str] = "",
    columns: FromQuery[str] = "",
    sort: FromQuery[str] = "-created_at",
    limit: Limit = 50,
    after: Seq = 0,
) -> GroupPage:
    """Runs that fit a filter, in groups that share a value."""
    reading: Reading = state.reading
    chosen = tuple(column for column in columns.split(",") if column)
    asked = GroupsAsked(by, chosen, sort, limit, after)
    return reading.questions.groups(filter, asked, reading.usd_per_btc())


@get("/api/rlm/latency", sync_to_thread=True)
def list_latency(
    state: State, run: Annotated[list[str], QueryParameter(min_items=1, max_items=200)]
) -> list[Latency]:
    """How long the attempts of some runs took."""
    reading: Reading = state.reading
    return [reading.questions.latency(reading.run(run_id).id) for run_id in run]


@get("/api/rlm/curves", sync_to_thread=True)
def list_curves(
    state: State, run: Annotated[list[str], QueryParameter(min_items=1, max_items=200)]
) -> list[RunCurves]:
    """How the metrics of some runs went, in a few points each."""
    reading: Reading = state.reading
    try:
        return reading.questions.curves(run)
    except UnknownRun:  # one may be named by its beginning
        return reading.questions.curves([reading.run(run_id).id for run_id in run])


@get("/api/rlm/search", sync_to_thread=True)
def search(state: State, text: Words, limit: Limit = 50) -> SearchPage:
    """A text sought in all runs and the previews of their sub-queries."""
    reading: Reading = state.reading
    return reading.search(text, limit)


@get("/api/rlm/facets", sync_to_thread=True)
def list_facets(state: State) -> list[Facet]:
    """What runs can be filtered and sorted by."""
    reading: Reading = state.reading
    return reading.questions.facets()


@get("/api/rlm/facets/{key:path}", sync_to_thread=True)
def list_facet_values(
    key: FromPath[str],
    state: State,
    request: Request[Any, Any, Any],
    filter: FromQuery[str] = "",
    prefix: FromQuery[str] = "",
    limit: Limit = 50,
) -> list[FacetValue]:
    """The values of a key among the runs that fit a filter."""
    reading: Reading = state.reading
    name = name_after(request, "/facets/")
    return reading.questions.facet_values(name, filter, prefix, limit)


@get("/api/rlm/export", sync_to_thread=True, media_type="text/csv")
def export_runs(
    state: State,
    filter: FromQuery[str] = "",
    run: Several = None,
    sort: FromQuery[str] = "-created_at",
    columns: FromQuery[str] = "",
    format: FromQuery[str] = "csv",
) -> Stream:
    """Runs as a file to take away."""
    reading: Reading = state.reading
    chosen = [column for column in columns.split(",") if column]
    pieces = export(reading, rows_of(reading, filter, sort, run or ()), format, chosen)
    headers = {"Content-Disposition": f'attachment; filename="runs.{format}"'}
    return Stream(pieces, media_type=MEDIA_TYPES[format], headers=headers)


def _shared(value: str | None) -> str | float | None:
    """The `value` of a group, as it was told: in JSON."""
    if value is None:
        return None
    try:
        return msgspec.json.decode(value.encode(), type=str | float | None)
    except msgspec.DecodeError as error:
        raise BadInput(f"the value of a group is a text, a number or null: {error}") from error


ROUTES = (
    list_runs, list_groups, list_latency, list_curves, search, list_facets,
    list_facet_values, export_runs,
)  # fmt: skip
