"""How a program is to be carried out: every knob of the conductor, checked when it is set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, get_args

import msgspec

from ..errors import BadInput
from .quorum import ALL, Quorum
from .verify import NO_VERIFICATION, Verification

Select: TypeAlias = Literal["all", "bm25", "router"]
Routing: TypeAlias = Literal["spread", "cheapest", "fastest", "best"]

LEAST_PROMPT_CHARS = 2_000


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Raises BadInput naming the field that makes no sense.

    `fanout`: sub-queries under way at once. `chunk_size`, `max_prompt_chars`: characters.
    `timeout_s` bounds the whole run, `per_query_timeout_s` each attempt; None waits for ever.
    `hedge_after`: seconds, `p95` of this run's answers, or None. `max_depth`: levels of RLMs, the
    root being one. `max_attempts`: failures after which a sub-query (or replica) is given up.
    """

    fanout: int = 10
    chunk_size: int = 4_000
    max_fragments: int = 10_000
    select: Select = "all"
    top_k: int = 20
    quorum: Quorum = ALL
    verification: Verification = NO_VERIFICATION
    routing: Routing = "spread"
    hedge_after: float | Literal["p95"] | None = None
    max_attempts: int = 3
    timeout_s: float | None = 300.0
    per_query_timeout_s: float | None = 60.0
    max_depth: int = 3
    max_tokens: int = 1_024
    max_prompt_chars: int = 48_000
    seed: int = 0
    budget_msat: int | None = None
    budget_usd_nanos: int | None = None
    allow_unknown_cost: bool = False

    def __post_init__(self) -> None:
        for field, fits, expected in _RULES:
            value = getattr(self, field)
            if not fits(value):
                raise BadInput(f"{field} is {value!r}; it must be {expected}")


def _whole(least: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and value >= least and value is not True


def _amount(value: Any) -> bool:
    return value is None or (_whole(0)(value) and value is not False)


def _seconds(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and 0 < value < float("inf"))


def _delay(value: Any) -> bool:
    return value == "p95" or _seconds(value)


_COUNT = (_whole(1), "a whole number from 1")
_AMOUNT = (_amount, "a whole number from 0, or None")
_SECONDS = (_seconds, "a number of seconds above 0, or None")

_RULES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    *((name, *_COUNT) for name in ("fanout", "max_fragments", "top_k", "max_attempts")),
    *((name, *_COUNT) for name in ("max_depth", "max_tokens")),
    ("chunk_size", _whole(16), "a whole number of characters from 16"),
    (
        "max_prompt_chars",
        _whole(LEAST_PROMPT_CHARS),
        f"a whole number of characters from {LEAST_PROMPT_CHARS:,}",
    ),
    ("timeout_s", *_SECONDS),
    ("per_query_timeout_s", *_SECONDS),
    ("hedge_after", _delay, "p95, a number of seconds above 0, or None"),
    ("select", get_args(Select).__contains__, "all, bm25 or router"),
    ("routing", get_args(Routing).__contains__, "spread, cheapest, fastest or best"),
    ("budget_msat", *_AMOUNT),
    ("budget_usd_nanos", *_AMOUNT),
)
