"""The names that a cell left in the REPL, and how it called a tool."""

from __future__ import annotations

from typing import Any

from ...trace import as_text

MOST_VARIABLES = 60


def variables(names: Any) -> dict[str, str] | None:
    """Names with a short description each; never their values, which may be the whole input."""
    if not isinstance(names, dict):
        return None
    shown = [name for name in names if isinstance(name, str) and not name.startswith("_")]
    described = {name: _described(names[name]) for name in shown[:MOST_VARIABLES]}
    if len(shown) > MOST_VARIABLES:
        described["..."] = f"{len(shown) - MOST_VARIABLES} more"
    return described or None


def as_called(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Arguments as they would be written: `"alpha", limit=3`. A text alone stands for itself."""
    if len(args) == 1 and not kwargs and isinstance(args[0], str):
        return as_text(args[0])
    said = [_written(value) for value in args]
    return ", ".join(said + [f"{name}={_written(value)}" for name, value in kwargs.items()])


def _written(value: Any) -> str:
    return as_text(repr(value) if isinstance(value, str) else value)


def _described(value: Any) -> str:
    kind = type(value)
    if kind in (bool, int, float, type(None)):
        return as_text(value)[:40]
    if kind is str:
        return f"str, {len(value)} characters"
    if kind in (list, dict, tuple, set, frozenset, bytes):
        return f"{kind.__name__} of {len(value)}"
    return kind.__name__
