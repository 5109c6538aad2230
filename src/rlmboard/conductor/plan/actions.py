"""What a plan wants done. An event among the actions is to be recorded."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from ...sources import Fragment
from ...trace import SpanRef, SubQuerySubmit, TraceEvent
from ..program import Outcome
from ..question import Question


class Ask(msgspec.Struct, frozen=True):
    """Put the question to the provider and tell what came of it as Answered or Failed.

    `submit` comes with the first attempt of a sub-query: to be recorded, with the prompt in it.
    """

    key: str
    provider: str
    question: Question
    replica: int = 0
    submit: SubQuerySubmit | None = None


class Abort(msgspec.Struct, frozen=True):
    """Stop this attempt; its answer is not wanted any more."""

    key: str


class WakeAt(msgspec.Struct, frozen=True):
    """Say Ticked at this time; an earlier wish is replaced."""

    at: float


class Rank(msgspec.Struct, frozen=True):
    """Say which fragments of the program fit its query best, as Ranked."""

    top_k: int


class Divide(msgspec.Struct, frozen=True):
    """Split a fragment into pieces of at most so many characters, as Divided."""

    node_id: str
    fragment: Fragment
    most_chars: int


class Check(msgspec.Struct, frozen=True):
    """Say how many of these spans do not hold, as Checked; key None is the answer of the run."""

    key: str | None
    spans: tuple[SpanRef, ...]


class Finish(msgspec.Struct, frozen=True):
    """It is over; nothing follows."""

    outcome: Outcome


Action: TypeAlias = TraceEvent | Ask | Abort | WakeAt | Rank | Divide | Check | Finish
