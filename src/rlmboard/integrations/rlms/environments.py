"""A handler and an environment of rlms, wrapped while a completion works with them."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from . import clients
from .node import Node, node_here, role_here
from .tools import wrap_tools


@contextmanager
def wrapped(node: Node, handler: Any, environment: Any) -> Iterator[None]:
    """Whom the handler asks and what the environment runs is recorded; then all is as it was."""
    with ExitStack() as stack:
        with node.run.counting(Exception):
            _wrap_handler(node, handler, stack)
            _wrap_environment(node, environment, stack)
        yield


def replace(stack: ExitStack, thing: Any, name: str, value: Any) -> None:
    """Set an attribute of this one object, and take it back when the stack ends."""
    before = vars(thing).get(name, _ABSENT)
    setattr(thing, name, value)

    def back() -> None:
        if before is _ABSENT:
            vars(thing).pop(name, None)
        else:
            setattr(thing, name, before)

    stack.callback(back)


_ABSENT = object()


def _wrap_handler(node: Node, handler: Any, stack: ExitStack) -> None:
    for client in (handler.default_client, handler.other_backend_client, *handler.clients.values()):
        if client is not None:
            clients.wrap(client, node.ask)
    replace(stack, handler, "completion", _as_root(handler.completion))
    replace(stack, handler, "get_client", _noticing(node, handler, handler.get_client))


def _as_root(original: Callable[..., Any]) -> Callable[..., Any]:
    """What the RLM itself asks, and not its code."""

    @functools.wraps(original)
    def completion(*args: Any, **kwargs: Any) -> Any:
        token = role_here.set("root")
        try:
            return original(*args, **kwargs)
        finally:
            role_here.reset(token)

    return completion


def _noticing(node: Node, handler: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    """A model that was asked for and is not there is answered for by another, without a word."""
    told: set[str] = set()

    @functools.wraps(original)
    def get_client(model: str | None = None, *args: Any, **kwargs: Any) -> Any:
        client = original(model, *args, **kwargs)
        with node.run.counting(Exception):
            if model and model not in handler.clients and model not in told:
                told.add(model)
                node.run.note(
                    f"{model} was asked for and is not registered: {client.model_name} answers",
                    level="warning",
                )
        return client

    return get_client


def _wrap_environment(node: Node, environment: Any, stack: ExitStack) -> None:
    execute = environment.execute_code
    replace(stack, environment, "execute_code", _recorded_cell(node, execute))
    if getattr(environment, "subcall_fn", None) is not None:
        subcall = _for_node(node, environment.subcall_fn)
        replace(stack, environment, "subcall_fn", subcall)
    wrap_tools(node, environment, stack)
    names = getattr(environment, "globals", None)
    batched = getattr(environment, "_rlm_query_batched", None)
    if isinstance(names, dict) and batched is not None and "rlm_query_batched" in names:
        together = _together(node, batched)
        replace(stack, environment, "_rlm_query_batched", together)
        names["rlm_query_batched"] = together
        stack.callback(lambda: names.update(rlm_query_batched=batched) if names else None)


def _recorded_cell(node: Node, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def execute_code(code: str, *args: Any, **kwargs: Any) -> Any:
        cell, began = None, time.monotonic()
        with node.run.counting(Exception):
            cell = node.cell_begins(code)
        result: Any = None
        try:
            result = original(code, *args, **kwargs)
        except BaseException as error:
            result = error
            raise
        finally:
            if cell is not None:
                with node.run.counting(Exception):
                    node.cell_ends(cell, result, round((time.monotonic() - began) * 1000, 3))
        return result

    return execute_code


def _for_node(node: Node, original: Callable[..., Any]) -> Callable[..., Any]:
    """Children are called from threads of the environment, which know of no RLM."""

    @functools.wraps(original)
    def subcall(*args: Any, **kwargs: Any) -> Any:
        token = node_here.set(node)
        try:
            return original(*args, **kwargs)
        finally:
            node_here.reset(token)

    return subcall


def _together(node: Node, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def rlm_query_batched(prompts: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(prompts, list) or len(prompts) < 2:
            return original(prompts, *args, **kwargs)
        with node.batches.recursive(prompts):
            return original(prompts, *args, **kwargs)

    return rlm_query_batched
