"""What can happen to a plan: everything that it learns of the world."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from ...sources import Fragment
from ..provider import Answer


class Started(msgspec.Struct, frozen=True):
    """Go."""


class Answered(msgspec.Struct, frozen=True):
    """An attempt answered; `unresolved` of its citations lead nowhere."""

    key: str
    answer: Answer
    unresolved: int = 0


class Failed(msgspec.Struct, frozen=True):
    """An attempt did not answer. `retry_after_s`: what its provider asked for."""

    key: str
    kind: str
    message: str = ""
    retryable: bool = False
    retry_after_s: float | None = None


class Ranked(msgspec.Struct, frozen=True):
    """The fragments asked for by `Rank`, by place; `matched` is False when none fits the query."""

    order: tuple[int, ...]
    matched: bool = True


class Divided(msgspec.Struct, frozen=True):
    """The pieces asked for by `Divide`; none when the fragment cannot be divided."""

    node_id: str
    parts: tuple[Fragment, ...]


class Checked(msgspec.Struct, frozen=True):
    """How many of the spans given with `Check` do not hold."""

    key: str | None
    missing: int


class Ticked(msgspec.Struct, frozen=True):
    """The time asked for by `WakeAt` has come."""


class Cancelled(msgspec.Struct, frozen=True):
    """Somebody wants it to stop; `by` becomes the reason."""

    by: str = "user"


Happened: TypeAlias = (
    Started | Answered | Failed | Ranked | Divided | Checked | Ticked | Cancelled
)  # fmt: skip
