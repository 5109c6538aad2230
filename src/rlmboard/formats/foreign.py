"""What a reader of another program's records tells: its runs, and what happened in them.

A reader is pure and deterministic: the same records tell the same things in the same order, and
more of a file tells the same and more. That is what lets a landing skip what a trace holds already.

    for told in reader.feed(line): ...      as often as there are lines
    for told in reader.finish(): ...        when no more will come

Times are microseconds since the run's `started_at`. A time that the records do not give is marked
`inferred` on the event. What they do not give is left out: unknown is never zero.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol, TypeAlias

import msgspec

from ..trace import TraceEvent

_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class ForeignRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run begins, or more is known of one: the last statement of a `key` holds.

    `key` names the run within its producer, the same in every copy of the records. `started_at` has
    a zone and never changes; with `started_inferred` it is a guess, and may. `config` is loose:
    settings by name, all others become `params`.
    `texts` are kept whole by their hash, which `context` may name.
    """

    key: str
    producer: str
    started_at: datetime
    query: str = ""
    program: str | None = None
    context: dict[str, Any] | None = None
    texts: tuple[str, ...] = ()
    fragment_count: int = 0
    config: dict[str, Any] = {}
    host: str | None = None
    user: str | None = None
    cwd: str | None = None
    argv: tuple[str, ...] = ()
    git: dict[str, Any] | None = None
    python: str | None = None
    platform: str | None = None
    packages: dict[str, str] | None = None
    parent_run_id: str | None = None
    parent_id: str | None = None
    started_inferred: bool = False

    @property
    def run_id(self) -> str:
        """26 characters that sort by the time of the run, if known; the same at every import."""
        at = _UNKNOWN if self.started_inferred else self.started_at
        return foreign_run_id(self.producer, self.key, at)


class Said(NamedTuple):
    """Something happened in a run. Previews are given whole, as to any recorder.

    `whole` names texts that are to be kept and referred to: `{"prompt_ref": [message, ...]}` or
    `{"result_ref": text}`. A preview that was cut gets its reference without that.
    """

    key: str
    at_us: int
    event: TraceEvent
    whole: Mapping[str, str | list[str]] = {}


class Unread(NamedTuple):
    """A record that makes no sense and was skipped: where it stands, and what is wrong with it."""

    where: str
    why: str
    key: str | None = None


class Over(NamedTuple):
    """Nothing more will be told of a run: what was held open for it may be let go of."""

    key: str


Told: TypeAlias = ForeignRun | Said | Unread | Over


class Reader(Protocol):
    """Takes the records of one file, one after the other."""

    def feed(self, record: bytes) -> Iterable[Told]:
        """What one more line tells. Never raises, whatever the line is."""
        ...

    def finish(self) -> Iterable[Told]:
        """What follows from there being no more. May be called, and the reader fed again."""
        ...


def foreign_run_id(producer: str, key: str, started_at: datetime) -> str:
    """48 bits of milliseconds since 1970, then 80 of a hash of producer and key, 5 a character."""
    ms = max(0, int(utc(started_at).timestamp() * 1000)) & (1 << 48) - 1
    named = hashlib.sha256(f"{producer}\0{key}".encode(errors="replace")).digest()[:10]
    number = ms << 80 | int.from_bytes(named, "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is taken for UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def moment(said: Any) -> datetime | None:
    """A time as other programs write it (ISO 8601, seconds or milliseconds since 1970), or None."""
    try:
        if isinstance(said, str):
            return utc(datetime.fromisoformat(said))
        if isinstance(said, int | float) and not isinstance(said, bool):
            return datetime.fromtimestamp(said / 1000 if abs(said) > 1e11 else said, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def us_between(start: datetime, end: datetime) -> int:
    """Whole microseconds from one moment to another."""
    apart = end - start
    return (apart.days * 86_400 + apart.seconds) * 1_000_000 + apart.microseconds
