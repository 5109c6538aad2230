"""The attempts of one LM call, seen where dspy makes them: retries and candidates, each with usage.

dspy's callbacks tell of a call as a whole, without what it cost. All its calls go through two
functions of `dspy.clients.execution`; they are wrapped once, and the wrapped ones do what they did.
A version of dspy that has them no longer is recorded without usage, which is then unknown.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from typing import Any, Protocol

LINK_HEADER = "X-Rlmboard-Run"
"""Tells a gateway on the way that this call is recorded already: `<run>/<sub-query>`."""


class Watched(Protocol):
    """An LM call as its attempts see it. Nothing here raises."""

    lm: Any

    @property
    def link(self) -> str: ...

    def asked(self) -> None: ...

    def answered(self, result: Any) -> None: ...

    def failed(self, error: BaseException, result: Any) -> None: ...


under_way: ContextVar[Watched | None] = ContextVar("rlmboard_dspy_call", default=None)
_wrapped: set[str] = set()


def watch() -> bool:
    """Whether attempts can be seen in this version of dspy. Doing it again changes nothing."""
    execution = "dspy.clients.execution"
    seen = _wrap(execution, "_attempt", _attempt) and _wrap(execution, "_aattempt", _aattempt)
    _wrap("dspy._vendor.lm15.transports._sync", "StdlibTransport.stream", _linked)
    _wrap("dspy._vendor.lm15.transports._async", "StdlibAsyncTransport.stream", _linked)
    return seen


def _wrap(module: str, name: str, around: Callable[[Any], Any]) -> bool:
    if (place := f"{module}.{name}") in _wrapped:
        return True
    try:
        holder: Any = import_module(module)
        *classes, last = name.split(".")
        for part in classes:
            holder = getattr(holder, part)
        setattr(holder, last, functools.wraps(getattr(holder, last))(around(getattr(holder, last))))
    except (ImportError, AttributeError):
        return False
    _wrapped.add(place)
    return True


def _attempt(made: Callable[..., Any]) -> Callable[..., Any]:
    def attempt(lm: Any, call: Any, backend: Any, request: Any, provider: Any,
                state: Any, results: Any) -> Any:  # fmt: skip
        watched = _of(lm)
        if watched is None:
            return made(lm, call, backend, request, provider, state, results)
        watched.asked()
        try:
            made(lm, call, backend, request, provider, state, results)
        except BaseException as error:
            watched.failed(error, state.result)
            raise
        watched.answered(state.result)
        return None

    return attempt


def _aattempt(made: Callable[..., Any]) -> Callable[..., Any]:
    async def attempt(lm: Any, call: Any, backend: Any, request: Any, provider: Any,
                      state: Any, results: Any) -> Any:  # fmt: skip
        watched = _of(lm)
        if watched is None:
            return await made(lm, call, backend, request, provider, state, results)
        watched.asked()
        try:
            await made(lm, call, backend, request, provider, state, results)
        except BaseException as error:
            watched.failed(error, state.result)
            raise
        watched.answered(state.result)
        return None

    return attempt


def _linked(sent: Callable[..., Any]) -> Callable[..., Any]:
    """The request goes out with one header more."""

    def stream(transport: Any, request: Any, *more: Any, **named: Any) -> Any:
        watched = under_way.get()
        if watched is not None and isinstance(headers := getattr(request, "headers", None), list):
            headers.append((LINK_HEADER, watched.link))
        return sent(transport, request, *more, **named)

    return stream


def _of(lm: Any) -> Watched | None:
    watched = under_way.get()
    return watched if watched is not None and watched.lm is lm else None
