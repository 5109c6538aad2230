"""Sub-queries and attempts of a run."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, QueryParameter

from ...store.questions import Asked
from ..reading import Reading
from ..shapes import AttemptPage, SubQueryPage, SubQueryWhole
from ..sub_query import sub_query_whole
from .asked import Limit, Several, Words
from .run import RUN


@get(RUN + "/sub-queries", sync_to_thread=True)
def list_sub_queries(
    run_id: FromPath[str],
    state: State,
    status: Several = None,
    role: Several = None,
    provider: Several = None,
    model: Several = None,
    fragment: Several = None,
    parent: Several = None,
    sort: FromQuery[str] = "number",
    limit: Limit = 50,
    after: FromQuery[str | None] = None,
) -> SubQueryPage:
    """The sub-queries of a run, in order."""
    reading: Reading = state.reading
    wanted = {
        "status": status or (), "role": role or (), "provider": provider or (),
        "model": model or (), "fragment": fragment or (), "parent": parent or (),
    }  # fmt: skip
    asked = Asked(wanted, sort, limit, after)
    return reading.questions.sub_queries(reading.run(run_id).id, asked)


@get(RUN + "/attempts", sync_to_thread=True)
def list_attempts(
    run_id: FromPath[str],
    state: State,
    status: Several = None,
    provider: Several = None,
    model: Several = None,
    of_query: Annotated[list[str] | None, QueryParameter(name="query", max_items=1_000)] = None,
    sort: FromQuery[str] = "number",
    limit: Limit = 50,
    after: FromQuery[str | None] = None,
) -> AttemptPage:
    """The attempts of a run, in order."""
    reading: Reading = state.reading
    wanted = {
        "status": status or (), "provider": provider or (), "model": model or (),
        "query": of_query or (),
    }  # fmt: skip
    return reading.questions.attempts(reading.run(run_id).id, Asked(wanted, sort, limit, after))


@get(RUN + "/sub-query", sync_to_thread=True)
def get_sub_query(run_id: FromPath[str], state: State, id: Words) -> SubQueryWhole:
    """One sub-query with its texts and its lines of the trace."""
    reading: Reading = state.reading
    return sub_query_whole(reading, reading.run(run_id), id)


ROUTES = (list_sub_queries, list_attempts, get_sub_query)
