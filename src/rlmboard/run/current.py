"""The run and the sub-query that code is inside of: by context, so that tasks and nests differ."""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .run import Run
    from .sub_query import SubQuery

run_here: ContextVar[Run | None] = ContextVar("rlmboard_run", default=None)
sub_query_here: ContextVar[SubQuery | None] = ContextVar("rlmboard_sub_query", default=None)
open_runs: dict[str, Run] = {}


def current_run() -> Run | None:
    """The run that this code is inside of.

    A thread inherits no context; there it is the one run that is open, if there is just one.
    """
    run = run_here.get()
    if run is not None and not run.ended:
        return run
    return next(iter(open_runs.values())) if len(open_runs) == 1 else None


def leave(place: ContextVar[Any], token: Token[Any] | None) -> None:
    """Back to where the token was taken, unless a generator ended in another context."""
    if token is None:
        return
    try:
        place.reset(token)
    except ValueError:
        place.set(None)
