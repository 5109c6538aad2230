"""Functions whose calls are recorded: plain, async, and generators of both kinds."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import Any, TypeAlias, TypeVar

from .current import leave, sub_query_here
from .sub_query import SubQuery

R = TypeVar("R")
Asked: TypeAlias = Callable[[tuple[Any, ...], dict[str, Any]], SubQuery | None]


def watched(function: Callable[..., Any], asked: Asked) -> Any:
    """The function, of whichever kind, recorded at each call that `asked` has a sub-query for."""
    if inspect.iscoroutinefunction(function):
        return _of_coroutine(function, asked)
    if inspect.isasyncgenfunction(function):
        return _of_async_generator(function, asked)
    if inspect.isgeneratorfunction(function):
        return _of_generator(function, asked)
    return _of_function(function, asked)


def _of_function(function: Callable[..., R], asked: Asked) -> Callable[..., R]:
    def call(*args: Any, **kwargs: Any) -> R:
        sub_query = asked(args, kwargs)
        if sub_query is None:
            return function(*args, **kwargs)
        with sub_query:
            result = function(*args, **kwargs)
            sub_query.returned(_shown(result))
        return result

    return call


def _of_coroutine(function: Callable[..., Awaitable[R]], asked: Asked) -> Any:
    async def call(*args: Any, **kwargs: Any) -> R:
        sub_query = asked(args, kwargs)
        if sub_query is None:
            return await function(*args, **kwargs)
        with sub_query:
            result = await function(*args, **kwargs)
            sub_query.returned(_shown(result))
        return result

    return call


def _of_generator(function: Callable[..., Generator[Any, Any, R]], asked: Asked) -> Any:
    def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, R]:
        sub_query = asked(args, kwargs)
        if sub_query is None:
            return (yield from function(*args, **kwargs))
        steps, said = function(*args, **kwargs), list[str]()
        resume: Callable[[Any], Any] = steps.send
        sent = None
        while True:
            try:
                with _Inside(sub_query):
                    item = resume(sent)
            except StopIteration as end:
                sub_query.returned("".join(said))
                return end.value  # type: ignore[no-any-return]
            said.append(_shown(item))
            try:
                resume, sent = steps.send, (yield item)
            except GeneratorExit:
                steps.close()
                sub_query.cancelled("closed")
                raise
            except BaseException as thrown:
                resume, sent = steps.throw, thrown

    return call


def _of_async_generator(function: Callable[..., AsyncGenerator[Any, Any]], asked: Asked) -> Any:
    async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        sub_query = asked(args, kwargs)
        steps, said = function(*args, **kwargs), list[str]()
        resume: Callable[[Any], Awaitable[Any]] = steps.asend
        sent = None
        while True:
            try:
                with _Inside(sub_query):
                    item = await resume(sent)
            except StopAsyncIteration:
                if sub_query is not None:
                    sub_query.returned("".join(said))
                return
            said.append(_shown(item))
            try:
                resume, sent = steps.asend, (yield item)
            except GeneratorExit:
                await steps.aclose()
                if sub_query is not None:
                    sub_query.cancelled("closed")
                raise
            except BaseException as thrown:
                resume, sent = steps.athrow, thrown

    return call


class _Inside:
    """Between two items of a generator: inside the sub-query, which an error ends."""

    def __init__(self, sub_query: SubQuery | None) -> None:
        self._sub_query = sub_query

    def __enter__(self) -> None:
        self._outer = sub_query_here.set(self._sub_query)

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        leave(sub_query_here, self._outer)
        is_end = error is None or isinstance(error, StopIteration | StopAsyncIteration)
        if self._sub_query is not None and not is_end:
            self._sub_query.left(error)


def shown_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The arguments of a call as a text."""
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
