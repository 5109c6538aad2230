"""The names that a cell left in the REPL."""

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


def _described(value: Any) -> str:
    kind = type(value)
    if kind in (bool, int, float, type(None)):
        return as_text(value)[:40]
    if kind is str:
        return f"str, {len(value)} characters"
    if kind in (list, dict, tuple, set, frozenset, bytes):
        return f"{kind.__name__} of {len(value)}"
    return kind.__name__
