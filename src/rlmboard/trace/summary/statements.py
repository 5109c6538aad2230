"""What an event states, as the fold keeps it; and when a statement takes the place of another.

A statement of the same rank about the same thing takes the place of the one before; a fingerprint
of the old one stays, so that its replay is known for what it is.
"""

from __future__ import annotations

import zlib
from typing import Protocol, TypeVar

import msgspec

from .. import events as e
from ..decoding import msgpack_decoder
from .state import Attempt, End, EndStatus, Outcome, SubQuery

MOST = 1 << 43
"""Larger amounts are damage; a million of these still add up within 64 bits."""

T = TypeVar("T")
_NO_USAGE = e.Usage()
_RANK = {"cancelled": 0, "timeout": 1, "failed": 2, "returned": 2}
_encode = msgspec.msgpack.Encoder().encode
_decode_query = msgpack_decoder(SubQuery).decode


def done(event: e.RunDone, at_ms: float) -> End:
    used = event.usage or _NO_USAGE
    return End(
        "completed", at_ms, event.end_reason, None, None, event.output or None,
        event.span_refs, sane(event.iterations), sane(event.lost) or 0, bool(event.partial),
        sane(used.input), sane(used.output), sane(used.cached), sane(used.reasoning),
        sane(event.cost_msat), sane(event.cost_usd_nanos),
    )  # fmt: skip


class Keeper(Protocol):
    """What keeps fingerprints of statements that were replaced."""

    replaced: tuple[int, ...]


def replaces(new: msgspec.Struct, now: msgspec.Struct | None, keeper: Keeper) -> bool:
    """Whether the statement takes the place of the one in force: not when it is a replay."""
    if new == now or (keeper.replaced and fingerprint(new) in keeper.replaced):
        return False
    if now is not None:
        keeper.replaced += (fingerprint(now),)
    return True


def conclude(one: Attempt, outcome: Outcome, seq: int) -> None:
    """A return stands above a timeout, a timeout above a cancel, whichever came last."""
    now = one.outcome
    if now is not None and _RANK[outcome.status] != _RANK[now.status]:
        if _RANK[outcome.status] > _RANK[now.status]:
            one.outcome, one.outcome_seq = outcome, seq
    elif replaces(outcome, now, one):
        one.outcome, one.outcome_seq = outcome, seq


def returned(event: e.SubQueryReturn, at_ms: float) -> Outcome:
    used, error = event.usage or _NO_USAGE, event.error
    return Outcome(
        "returned" if event.success else "failed", at_ms, event.duration_ms,
        event.provider_id, event.model_id,
        sane(used.input), sane(used.output), sane(used.cached), sane(used.reasoning),
        event.usage_quality, sane(event.cost_msat), sane(event.cost_usd_nanos),
        event.cost_source, event.result_preview, event.finish_reason, event.cache_hit,
        error.type if error else None, error.message if error else None,
        None, len(event.span_refs),
    )  # fmt: skip


def unfinished(
    status: EndStatus, event: e.RunFailed | e.RunCancelled, at_ms: float, error: e.Failure | None
) -> End:
    return End(
        status, at_ms, event.end_reason,
        error.type if error else None, error.message if error else None,
        event.output or None, event.span_refs,
        lost=sane(event.lost) or 0, partial=bool(event.output),
    )  # fmt: skip


def sane(amount: int | None) -> int | None:
    return amount if amount is None or -MOST < amount < MOST else None


_NOTHING_SAID = (None, "", 0)


def announced(said: T | None, was: T | None, later: bool) -> T | None:
    """What holds of two announcements: the later one's; an earlier one fills what it left out."""
    for word in (said, was) if later else (was, said):
        if word not in _NOTHING_SAID:
            return word
    return None


def fingerprint(statement: msgspec.Struct) -> int:
    return checksum(_encode(statement))


def checksum(content: bytes) -> int:
    """64 bits, so that two different statements never meet in practice."""
    return zlib.crc32(content) << 32 | zlib.adler32(content)


def as_json(event: e.Event) -> str:
    return msgspec.json.encode(event).decode()


def copy(query: SubQuery) -> SubQuery:
    return _decode_query(_encode(query))
