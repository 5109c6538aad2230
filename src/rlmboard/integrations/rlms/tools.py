"""The functions that a user gives the REPL: each call is a tool below the cell that made it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import ExitStack
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from .node import Node

_FUNCTIONS = (FunctionType, MethodType, BuiltinFunctionType, functools.partial)
"""What code can only call. A class or an object with more to it is left what it is."""


def wrap_tools(node: Node, environment: Any, stack: ExitStack) -> None:
    """Record what the code of this environment calls of its tools, until the stack ends.

    Only the REPL of this process holds the functions themselves, and shows code nothing of what
    lies between.
    """
    names, tools = getattr(environment, "globals", None), getattr(environment, "custom_tools", None)
    if not isinstance(names, dict) or not isinstance(tools, dict):
        return
    for name in tools:
        tool = names.get(name)
        if isinstance(tool, _FUNCTIONS) and not inspect.iscoroutinefunction(tool):
            names[name] = _recorded(node, name, tool)
            stack.callback(_put_back, names, name, names[name], tool)


def _put_back(names: dict[str, Any], name: str, ours: Any, tool: Any) -> None:
    if names.get(name) is ours:
        names[name] = tool


def _recorded(node: Node, name: str, tool: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(tool)
    def called(*args: Any, **kwargs: Any) -> Any:
        if node.ended:
            return tool(*args, **kwargs)
        with node.tool(name, args, kwargs) as says:
            result = tool(*args, **kwargs)
            says(result)
        return result

    return called
