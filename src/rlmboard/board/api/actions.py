"""What a person does: labels, scores, comments, trash, views. Each needs the token of the page."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request, delete, get, patch, post, put
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from .. import saying
from ..rate import rate
from ..reading import Reading
from ..shapes import (
    BulkLabel,
    CommentSaid,
    Done,
    ExperimentItem,
    ExperimentSaid,
    LabelChange,
    Rate,
    RateNow,
    RateSaid,
    RunIds,
    RunItem,
    ScoreSaid,
    Statement,
    View,
    ViewSaid,
)
from .asked import name_after
from .many import experiment_item
from .run import RUN


def may_act(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Only a reader whose scope allows it."""
    if not connection.app.state.reading.scope.acts:
        raise PermissionDeniedException("This reader may look, and change nothing.")


@patch(RUN + "/labels", sync_to_thread=True, guards=[may_act])
def patch_labels(run_id: FromPath[str], data: JSONBody[LabelChange], state: State) -> RunItem:
    """Change some labels of a run."""
    return saying.change_labels(state.reading, run_id, data)


@post(RUN + "/scores", sync_to_thread=True, guards=[may_act])
def post_score(run_id: FromPath[str], data: JSONBody[ScoreSaid], state: State) -> Statement:
    """Judge a run, or one of its sub-queries."""
    return saying.score(state.reading, run_id, data)


@post(RUN + "/comments", sync_to_thread=True, guards=[may_act])
def post_comment(run_id: FromPath[str], data: JSONBody[CommentSaid], state: State) -> Statement:
    """Remark on a run, or on one of its sub-queries."""
    return saying.comment(state.reading, run_id, data)


@post(RUN + "/cancel", sync_to_thread=True, guards=[may_act], status_code=202)
def post_cancel(run_id: FromPath[str], state: State) -> RunItem:
    """Ask a run to stop."""
    return saying.ask_to_stop(state.reading, run_id)


@post("/api/rlm/label", sync_to_thread=True, guards=[may_act], status_code=200)
def label_runs(data: JSONBody[BulkLabel], state: State) -> Done:
    """The same change to many runs."""
    return saying.change_many(state.reading, data)


@post("/api/rlm/trash", sync_to_thread=True, guards=[may_act], status_code=200)
def trash_runs(data: JSONBody[RunIds], state: State) -> Done:
    """Move runs to the trash."""
    return saying.throw_many(state.reading, data.runs)


@post("/api/rlm/restore", sync_to_thread=True, guards=[may_act], status_code=200)
def restore_runs(data: JSONBody[RunIds], state: State) -> Done:
    """Take runs out of the trash."""
    return saying.restore_many(state.reading, data.runs)


@get("/api/rlm/views", sync_to_thread=True)
def list_views(state: State) -> list[View]:
    """Every saved view."""
    return saying.views(state.reading)


@put("/api/rlm/views/{slug:str}", sync_to_thread=True, guards=[may_act])
def put_view(slug: FromPath[str], data: JSONBody[ViewSaid], state: State) -> View:
    """Save a view."""
    return saying.save_view(state.reading, slug, data)


@delete("/api/rlm/views/{slug:str}", sync_to_thread=True, guards=[may_act])
def delete_view(slug: FromPath[str], state: State) -> None:
    """Remove a view."""
    saying.remove_view(state.reading, slug)


@put("/api/rlm/experiments/{name:path}", sync_to_thread=True, guards=[may_act])
def put_experiment(
    name: FromPath[str],
    data: JSONBody[ExperimentSaid],
    state: State,
    request: Request[Any, Any, Any],
) -> ExperimentItem:
    """Describe an experiment, or name its baseline."""
    reading: Reading = state.reading
    meant = name_after(request, "/experiments/")
    saying.describe_experiment(reading, meant, data)
    return experiment_item(reading, meant)


@get("/api/rlm/rate")
async def get_rate(state: State) -> RateNow:
    """The exchange rate by which one currency is shown as the other."""
    # Of three plain functions on one path Litestar wraps the first twice; this one it leaves.
    return RateNow(rate=await asyncio.to_thread(rate, state.reading.store.home))


@put("/api/rlm/rate", sync_to_thread=True, guards=[may_act])
def put_rate(data: JSONBody[RateSaid], state: State) -> Rate:
    """Record an exchange rate, with the day that it is of."""
    return saying.record_rate(state.reading, data)


@delete("/api/rlm/rate", sync_to_thread=True, guards=[may_act])
def delete_rate(state: State) -> None:
    """Forget it: nothing is converted any more."""
    saying.forget_rate(state.reading)


ROUTES = (
    patch_labels, post_score, post_comment, post_cancel, label_runs, trash_runs, restore_runs,
    list_views, put_view, delete_view, put_experiment, get_rate, put_rate, delete_rate,
)  # fmt: skip
