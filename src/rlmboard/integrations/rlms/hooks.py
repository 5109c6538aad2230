"""The methods of RLM that are recorded: each calls the original, and tells a node of it.

They are put on a subclass made for the class of one RLM, or on RLM itself while `with record()`
lasts. A hook gets the original as it is bound to the RLM.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType, MethodType
from typing import Any

from . import clients
from .ends import answered, broken_off
from .environments import wrapped
from .node import Node, node_here

Original = Callable[..., Any]
_EXHAUSTED = {"Error: Budget exhausted": "budget", "Error: Timeout exhausted": "timeout"}


def completion(
    original: Original, rlm: Any, begin: Callable[..., Any], args: Any, kwargs: Any
) -> Any:
    """A whole completion. `begin` gives the node that tells of it, and how to say its end."""
    begun = begin(rlm, *args, **kwargs)
    if begun is None:
        return original(*args, **kwargs)
    node = begun.node
    rlm.__dict__["_rlmboard_node"] = node
    with begun.inside:
        try:
            with node.at_work():
                result = original(*args, **kwargs)
        except BaseException as error:
            with node.run.counting(Exception):
                begun.say_end(broken_off(error))
            raise
        with node.run.counting(Exception):
            begun.say_end(answered(result, node.end_reason))
    return result


@contextmanager
def spawn_completion_context(original: Original, rlm: Any, *args: Any) -> Iterator[Any]:
    """The handler and the environment of a completion."""
    node = node_of(rlm)
    with original(*args) as (handler, environment):
        if node is None:
            yield handler, environment
            return
        with wrapped(node, handler, environment):
            yield handler, environment


def completion_turn(original: Original, rlm: Any, *args: Any, **kwargs: Any) -> Any:
    """One turn."""
    node = node_of(rlm)
    if node is None:
        return original(*args, **kwargs)
    with node.turn():
        return original(*args, **kwargs)


def compact_history(original: Original, rlm: Any, *args: Any, **kwargs: Any) -> Any:
    """The history became too long; the model sums it up."""
    node, history = node_of(rlm), original(*args, **kwargs)
    if node is not None:
        with node.run.counting(Exception):
            node.run.note(
                f"The history of {node.id} was too long and is summed up: "
                f"{len(history)} messages go on in its place."
            )
    return history


def default_answer(original: Original, rlm: Any, *args: Any, **kwargs: Any) -> Any:
    """No turn gave an answer; the model is asked for one."""
    node = node_of(rlm)
    if node is not None:
        node.end_reason = "max_iterations"
    return original(*args, **kwargs)


def fallback_answer(original: Original, rlm: Any, *args: Any, **kwargs: Any) -> Any:
    """An RLM at the deepest level is a plain model."""
    node = node_of(rlm)
    if node is None:
        return original(*args, **kwargs)
    return _with_globals(original, get_client=_clients_of(node))(*args, **kwargs)


def subcall(
    original: Original, rlm: Any, adopt: Callable[[Any], Any], args: Any, kwargs: Any
) -> Any:
    """A child RLM, or a plain model at the deepest level, called from code."""
    node = node_of(rlm)
    if node is None:
        return original(*args, **kwargs)
    called: list[str] = []

    def spawn(*settings: Any, **named: Any) -> Any:
        called.append("rlm")
        return adopt(library().RLM(*settings, **named))

    def get_client(*settings: Any, **named: Any) -> Any:
        called.append("model")
        return _clients_of(node)(*settings, **named)

    spawning = _with_globals(original, RLM=spawn, get_client=get_client)
    if spawning is original:
        _say_blind(node)
    with node.at_work():
        result = spawning(*args, **kwargs)
    if not called and spawning is not original:
        with node.run.counting(Exception):
            _say_refused(node, result)
    return result


def node_of(rlm: Any) -> Node | None:
    """The node of this RLM that this thread works for, or the last one where it knows of none."""
    here = node_here.get()
    if here is not None and here.rlm is rlm:
        return here
    node = rlm.__dict__.get("_rlmboard_node")
    return node if isinstance(node, Node) and not node.ended else None


def library() -> Any:
    """The module of rlms that holds RLM."""
    return importlib.import_module("rlm.core.rlm")


def _clients_of(node: Node) -> Callable[..., Any]:
    def get_client(*args: Any, **kwargs: Any) -> Any:
        client = library().get_client(*args, **kwargs)
        with node.run.counting(Exception):
            clients.wrap(client, node.ask)
        return client

    return get_client


def _with_globals(original: Any, **names: Any) -> Any:
    """The same method, in which these global names mean something else; nobody else's change.

    A method that is not of rlms itself is given back as it is.
    """
    function = getattr(original, "__func__", None)
    if not isinstance(function, FunctionType) or function.__globals__ is not vars(library()):
        return original
    same = FunctionType(
        function.__code__,
        {**function.__globals__, **names},
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    same.__kwdefaults__ = function.__kwdefaults__
    return MethodType(functools.wraps(function)(same), original.__self__)


def _say_refused(node: Node, result: Any) -> None:
    response = str(getattr(result, "response", ""))
    for beginning, reason in _EXHAUSTED.items():
        if response.startswith(beginning):
            node.is_refused(result.prompt, reason)


def _say_blind(node: Node) -> None:
    with node.run.counting(Exception):
        if not node.is_blind:
            node.is_blind = True
            node.run.note(
                f"{type(node.rlm).__name__} overrides _subcall: what its children ask is not "
                "seen here. Use `with record():` instead.",
                level="warning",
            )
