"""Any value as JSON can say it: for settings, contexts and messages that a user hands over."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

DEEPEST = 50


def plain(value: Any, depth: int = DEEPEST) -> Any:
    """The value made of dict, list, str, int, float, bool and None. Total.

    Numbers of other libraries become numbers, those that JSON has no room for (nan, 2⁶³) their
    text, lone surrogates `?`, any other object its text. Fields that are None are left out.
    """
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, bool):
        return value
    if depth and (type(value) is dict or type(value) is list):
        return _inside(value, depth - 1)
    if isinstance(value, int | float) or _is_number(value):
        return _number(value)
    if depth == 0:
        return as_text(value)
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return _inside(value, depth - 1)
    if (fields := _fields(value)) is not None:
        said = {name: getattr(value, name, None) for name in fields}
        return {name: plain(v, depth - 1) for name, v in said.items() if v is not None}
    return as_text(value)


def _inside(value: Any, depth: int) -> dict[str, Any] | list[Any]:
    if isinstance(value, Mapping):
        return {
            clean(key) if isinstance(key, str) else as_text(key): plain(inner, depth)
            for key, inner in value.items()
        }
    return [plain(inner, depth) for inner in value]


def clean(text: str) -> str:
    """The text as UTF-8 can hold it, and no subclass of str: `?` for each lone surrogate."""
    return str.__str__(text) if text.isascii() else text.encode(errors="replace").decode()


def as_text(value: object) -> str:
    """Its `str`; an object whose `__str__` fails is shown by its type."""
    try:
        return clean(str(value))
    except Exception:  # somebody else's __str__, which must not break what only records
        return f"<{type(value).__name__}>"


def _is_number(value: object) -> bool:
    return hasattr(value, "__index__") or hasattr(value, "__float__")


def _number(value: Any) -> int | float | str:
    try:
        number = int(value) if hasattr(value, "__index__") else float(value)
    except Exception:  # somebody else's __float__: an array of many numbers is none
        return as_text(value)
    fits = -(2**63) <= number < 2**63 if isinstance(number, int) else math.isfinite(number)
    return number if fits else str(number)


def _fields(value: object) -> Iterable[str] | None:
    if isinstance(value, msgspec.Struct):
        return value.__struct_fields__
    return getattr(type(value), "__dataclass_fields__", None)
