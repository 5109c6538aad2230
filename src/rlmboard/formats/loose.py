"""Looking into JSON of which nothing is certain. Total: what is not there reads as absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

_NOTHING: dict[str, Any] = {}
_decode = msgspec.json.Decoder().decode
MOST = 1 << 43


def decoded(record: bytes) -> Any:
    """The value that a line of JSON holds; None for what is none, or is nested without end."""
    try:
        return _decode(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def mapping(value: Any) -> Mapping[str, Any]:
    """The value, where it is a JSON object; else an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def rows(value: Any) -> Sequence[Any]:
    """The value, where it is a JSON array; else an empty one."""
    return value if isinstance(value, list) else ()


def text(value: Any) -> str:
    """The value, where it is a text; else an empty one."""
    return value if isinstance(value, str) else ""


def name(value: Any) -> str | None:
    """The value, where it is a text with something in it."""
    return value if isinstance(value, str) and value else None


def count(value: Any) -> int | None:
    """The value, where it is a whole number that something could be counted by."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < MOST and value == int(value) else None


def number(value: Any) -> float | None:
    """The value, where it is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -1e300 < value < 1e300 else None


def nanos(dollars: Any) -> int | None:
    """Dollars as 10⁻⁹ dollars."""
    said = number(dollars)
    return round(said * 1e9) if said is not None and 0 <= said < 1e6 else None


def json_text(value: Any) -> str:
    """A value as one line of JSON; a text as it is."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
