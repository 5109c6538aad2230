"""`@rlmboard.trace`: a function whose calls are sub-queries of the current run."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, overload

from .current import current_run
from .sub_query import SubQuery

P = ParamSpec("P")
R = TypeVar("R")


@overload
def trace(function: Callable[P, R]) -> Callable[P, R]: ...
@overload
def trace(
    *, provider: str | None = None, model: str | None = None, role: str = "sub"
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def trace(
    function: Callable[P, R] | None = None,
    *,
    provider: str | None = None,
    model: str | None = None,
    role: str = "sub",
) -> Any:
    """Record each call of a function, plain or async, with its arguments and what it returned.

    Outside of a run the function is called as if nothing were here.
    """
    if function is None:
        return functools.partial(trace, provider=provider, model=model, role=role)

    def asked(args: tuple[Any, ...], kwargs: dict[str, Any]) -> SubQuery | None:
        run = current_run()
        if run is None:
            return None
        name = provider or getattr(function, "__qualname__", "function")
        return run.subquery(_call(args, kwargs), provider=name, model=model, role=role)

    if _is_async(function):

        @functools.wraps(function)
        async def later(*args: P.args, **kwargs: P.kwargs) -> Any:
            sub_query = asked(args, kwargs)
            if sub_query is None:
                return await function(*args, **kwargs)
            with sub_query:
                result = await function(*args, **kwargs)
                sub_query.returned(_shown(result))
            return result

        return later

    @functools.wraps(function)
    def now(*args: P.args, **kwargs: P.kwargs) -> Any:
        sub_query = asked(args, kwargs)
        if sub_query is None:
            return function(*args, **kwargs)
        with sub_query:
            result = function(*args, **kwargs)
            sub_query.returned(_shown(result))
        return result

    return now


def _is_async(function: Callable[..., Any]) -> bool:
    from inspect import iscoroutinefunction  # costs 5 ms, and most programs decorate nothing

    return iscoroutinefunction(function)


def _call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    said = [_shown(arg) for arg in args] + [f"{key}={_shown(arg)}" for key, arg in kwargs.items()]
    return ", ".join(said)


def _shown(value: object) -> str:
    """As text, whatever it is; an object whose repr fails is shown by its type."""
    if isinstance(value, str):
        return value
    try:
        return repr(value)
    except Exception:  # somebody else's __repr__, which must not break a call that worked
        return f"<{type(value).__name__}>"
