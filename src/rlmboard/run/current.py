"""Which run and sub-query code is inside of: by context, so that tasks and nests differ.

Values stand here untyped, for what they are is defined above this module; `here` tells with types.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import Any

run_here: ContextVar[Any] = ContextVar("rlmboard_run", default=None)
sub_query_here: ContextVar[Any] = ContextVar("rlmboard_sub_query", default=None)
open_runs: set[Any] = set()


def leave(place: ContextVar[Any], token: Token[Any] | None) -> None:
    """Back to where the token was taken, unless a generator ended in another context."""
    if token is None:
        return
    try:
        place.reset(token)
    except ValueError:
        place.set(None)
