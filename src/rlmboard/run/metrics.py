"""Metrics as users log them: nested names, automatic steps, whatever is a number."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Iterator, Mapping
from typing import Any, SupportsFloat

from ..trace import Metric, as_text


class Steps:
    """Numbers the calls of `log`: one that names no step gets the one after the highest so far."""

    def __init__(self, first: int) -> None:
        self._next = first
        self._free = itertools.count(first)

    def take(self, step: int | None) -> int:
        """Raises TypeError for what is no whole number."""
        taken = next(self._free) if step is None else operator.index(step)
        if taken >= self._next:
            self._next = taken + 1
            if step is not None:
                self._free = itertools.count(self._next)
        return taken

    def stay(self, step: int | None) -> int:
        """The step that the next call takes too. Raises TypeError for what is no whole number."""
        return self._next if step is None else operator.index(step)


def flat(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Names and values on one level, nested names with dots. Raises TypeError for no mapping."""
    if not isinstance(data, Mapping):
        raise TypeError(f"log takes a dict of names and values, not {type(data).__name__}")
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def metric(name: str, value: Any, step: int | None = None, summary: bool | None = None) -> Metric:
    """The event. Raises TypeError for what is no number."""
    number = _number(name, value)
    if math.isfinite(number):
        return Metric(name=name, value=number, step=step, summary=summary)
    return Metric(name=name, special=str(number), step=step, summary=summary)


def finite(name: str, value: Any) -> float:
    """A number that JSON can hold. Raises TypeError or ValueError."""
    number = _number(name, value)
    if not math.isfinite(number):
        raise ValueError(f"{name} cannot be {number}")
    return number


def _number(name: str, value: SupportsFloat) -> float:
    """Whatever `float` takes: also the scalars of numpy and torch. Raises TypeError."""
    try:
        return float(value)
    except Exception as error:  # somebody else's __float__ raises what it likes
        raise TypeError(f"{name} is no number: {as_text(value)[:100]}") from error
