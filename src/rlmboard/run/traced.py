"""`@rlmboard.trace`: a function whose calls are sub-queries of the current run."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, overload

from ..trace import Role
from .here import current_run
from .sub_query import SubQuery

P = ParamSpec("P")
R = TypeVar("R")


@overload
def trace(function: Callable[P, R]) -> Callable[P, R]: ...
@overload
def trace(
    *, provider: str | None = None, model: str | None = None, role: Role = "sub"
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def trace(
    function: Callable[P, R] | None = None,
    *,
    provider: str | None = None,
    model: str | None = None,
    role: Role = "sub",
) -> Any:
    """Record each call of a function with its arguments and what it returned.

    Plain functions, async ones, and generators of both kinds, whose answer is all that they
    yielded. Outside of a run the function is called as if nothing were here.
    """
    if function is None:
        return functools.partial(trace, provider=provider, model=model, role=role)
    from .watching import shown_call, watched  # most programs decorate nothing

    called: Callable[..., Any] = function

    def asked(args: tuple[Any, ...], kwargs: dict[str, Any]) -> SubQuery | None:
        run = current_run()
        if run is None:
            return None
        name = provider or getattr(called, "__qualname__", "function")
        return run.subquery(shown_call(args, kwargs), provider=name, model=model, role=role)

    return functools.wraps(called)(watched(called, asked))
