"""Looking attributes up: of several names for one thing the first that is there wins."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import msgspec

from .span import Attributes

_MOST = 1 << 43
_INDEX_CHARS = 6


def first(attributes: Attributes, names: Iterable[str]) -> Any:
    """The value under the first of these names that has one."""
    for name in names:
        value = attributes.get(name)
        if value is not None and value != "":
            return value
    return None


def first_text(attributes: Attributes, names: Iterable[str]) -> str | None:
    """As `first`, as a text; None where there is none."""
    value = first(attributes, names)
    return value if isinstance(value, str) or value is None else as_json(value)


def first_count(attributes: Attributes, names: Iterable[str]) -> int | None:
    """As `first`, as a count; None for what is none: negative, not whole, absurdly large."""
    return count(first(attributes, names))


def count(value: Any) -> int | None:
    """The value as a count, also where it was written as a text; None for what is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST
    return value if is_count else None


def number(value: Any) -> float | None:
    """A finite number, also where it was written as a text."""
    if isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def parsed(value: Any) -> Any:
    """What a text holds as JSON, if it does; any other value as it is."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return value


def as_json(value: Any) -> str:
    """The value as JSON. Total: what JSON cannot say is said as near as can be."""
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError, RecursionError, OverflowError):
        return repr(value)[:1000]


def unflattened(attributes: Attributes, prefix: str) -> list[Any]:
    """A list that was laid flat: `prefix.0.role`, `prefix.0.tool_calls.0.name`, in its order."""
    start, tree = prefix + ".", dict[str, Any]()
    for name, value in attributes.items():
        if name.startswith(start):
            _hang(tree, name[len(start) :].split("."), value)
    whole = _lists(tree)
    return whole if isinstance(whole, list) else []


def _hang(tree: dict[str, Any], path: list[str], value: Any) -> None:
    if len(path) > 16:
        return
    for step in path[:-1]:
        below = tree.get(step)
        if not isinstance(below, dict):
            below = tree[step] = {}
        tree = below
    tree[path[-1]] = value


def _lists(tree: Any) -> Any:
    """Maps whose keys are all numbers as lists."""
    if not isinstance(tree, dict):
        return tree
    if tree and all(key.isascii() and key.isdigit() and len(key) <= _INDEX_CHARS for key in tree):
        return [_lists(tree[key]) for key in sorted(tree, key=int)]
    return {key: _lists(inner) for key, inner in tree.items()}
