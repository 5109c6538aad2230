"""How many sub-queries must succeed before their findings are brought together."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Literal, TypeAlias

import msgspec

from ..errors import BadInput

QuorumKind: TypeAlias = Literal["all", "fraction", "count", "best-effort"]

_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")


class Quorum(msgspec.Struct, frozen=True):
    """`share` belongs to a fraction, `number` to a count."""

    kind: QuorumKind = "all"
    share: Fraction = Fraction(1)
    number: int = 0

    def required(self, total: int) -> int | None:
        """Successes needed of `total`; None under best effort, where no number ends the wait."""
        match self.kind:
            case "all":
                return total
            case "fraction":
                return math.ceil(self.share * total)
            case "count":
                return self.number
            case "best-effort":
                return None

    def __str__(self) -> str:
        match self.kind:
            case "fraction":
                return f"{float(self.share):g}"
            case "count":
                return str(self.number)
            case _:
                return self.kind


ALL = Quorum("all")
BEST_EFFORT = Quorum("best-effort")


def parse_quorum(text: str | float) -> Quorum:
    """A quorum from `all`, `best-effort`, a fraction (`0.8`, `80%`) or a count (`5`).

    A whole number is a count: `1` is one sub-query, `1.0` and `100%` are all of them.
    """
    said = str(text).strip().lower()
    if said in ("all", "best-effort"):
        return Quorum("all" if said == "all" else "best-effort")
    percent = said.endswith("%")
    number = said.removesuffix("%").strip()
    if not _NUMBER.fullmatch(number):
        raise _bad(text)
    if not percent and number.isdigit():
        return _count(text, int(number))
    return _share(text, Fraction(number) / (100 if percent else 1))


def _count(text: object, number: int) -> Quorum:
    if number < 1:
        raise _bad(text)
    return Quorum("count", number=number)


def _share(text: object, share: Fraction) -> Quorum:
    if not 0 < share <= 1:
        raise _bad(text)
    return Quorum("fraction", share=share)


def _bad(text: object) -> BadInput:
    return BadInput(
        f"quorum {text!r} makes no sense: say all, best-effort, a fraction such as 0.8 or 80%,"
        " or a count such as 5"
    )
