"""What a user says of an answer, taken as far as it makes sense: the rest is absent, and counted.

An answer is worth keeping even when its cost was given as nonsense. Each function returns None for
what was not said, and raises TypeError or ValueError for what makes no sense.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any, TypeAlias, get_args

from ..money.units import Amount, msat, usd_nanos
from ..trace import FURTHEST_MS, CostSource, Role, SpanRef, Usage, UsageQuality

Tokens: TypeAlias = Usage | tuple[int | None, int | None]

_ROLES = get_args(Role)
_QUALITIES = get_args(UsageQuality)
_COST_SOURCES = get_args(CostSource)


def sats(amount: Amount | None) -> int | None:
    """In thousandths of a sat."""
    return None if amount is None else msat(amount)


def dollars(amount: Amount | None) -> int | None:
    """In 10⁻⁹ dollar."""
    return None if amount is None else usd_nanos(amount)


def usage(tokens: Tokens | None) -> Usage | None:
    """(input, output), or all of them by name."""
    if tokens is None or isinstance(tokens, Usage):
        return tokens
    given, made = tokens
    return Usage(input=_count(given), output=_count(made))


def spans(refs: Iterable[SpanRef]) -> tuple[SpanRef, ...]:
    """The citations."""
    found = tuple(refs)
    for ref in found:
        if not isinstance(ref, SpanRef):
            raise TypeError(f"a span is what rlmboard.cite makes, not {type(ref).__name__}")
    return found


def role(word: Any) -> Role:
    """One of the parts that a sub-query can play."""
    return _one_of(_ROLES, word, "role")  # type: ignore[no-any-return]


def quality(word: Any) -> UsageQuality | None:
    """How well the tokens are known."""
    return None if word is None else _one_of(_QUALITIES, word, "usage_quality")


def cost_source(word: Any) -> CostSource | None:
    """Who told the cost."""
    return None if word is None else _one_of(_COST_SOURCES, word, "cost_source")


def microseconds(at_ms: float | None) -> int | None:
    """A time in a run, as the writer takes it."""
    if at_ms is None or abs(at_ms) <= FURTHEST_MS:
        return None if at_ms is None else round(at_ms * 1000)
    raise ValueError(f"{at_ms} ms is no time in a run")


def name(word: object) -> str | None:
    """A name as text."""
    return None if word is None else str(word)


def _count(tokens: Any) -> int | None:
    return None if tokens is None else operator.index(tokens)


def _one_of(words: tuple[Any, ...], word: Any, field: str) -> Any:
    if word not in words:
        raise ValueError(f"{field}={word!r}: choose one of {', '.join(words)}")
    return word
