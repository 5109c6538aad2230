"""What events are made of: the base of them all, and the values that many of them carry."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Ref: TypeAlias = str | list[str]
"""Hash of a payload, or one for each message where a prompt is made of messages."""

FORMAT = 1
"""Version of the trace format that is written."""

Role: TypeAlias = Literal["root", "router", "extractor", "reducer", "verifier", "sub"]
UsageQuality: TypeAlias = Literal["exact", "shared", "estimated", "none"]
CostSource: TypeAlias = Literal["provider", "price_table", "ledger", "none"]


class Usage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Tokens of one answer. `cached` is a subset of `input`, `reasoning` of `output`."""

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    reasoning: int | None = None


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What went wrong: the class of error and what it said."""

    type: str
    message: str = ""
    traceback: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Base of all events. The wire tag is the class name: `{"type": "RunInit"}`.

    `inferred`: the reporter learned late and had to guess the time.
    """

    inferred: bool | None = None


class OfQuery(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Base of what happens to one sub-query."""

    query_id: str


class OfAttempt(OfQuery, frozen=True, kw_only=True, omit_defaults=True):
    """Base of what happens to one attempt.

    `attempt` counts retries and hedges, `replica` redundant workers, both from 0.
    """

    attempt: int = 0
    replica: int = 0
