"""All spans of a run that were heard of, however many: those of late in memory, others on disk."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import msgspec

from ...formats.otel import Kind, Said
from ...trace import TraceEvent, msgpack_decoder

REMEMBERED = 2_000
"""Spans of a run in memory; what was told of older ones is looked up when they are told again."""
_PAGE = 500
_CANNOT_BE_KEPT = (TypeError, ValueError, OverflowError, RecursionError)
_encode = msgspec.msgpack.Encoder().encode


class Spot(msgspec.Struct, kw_only=True, gc=False):
    """One span in the tree. `thing_id` None: it is the run itself.

    `level`: agents around it, itself included, once it is anchored. `said` is kept as long as the
    span is passed over. `told`: the last statements of it, by what they are about, with their
    times in nanoseconds since 1970.
    """

    key: str
    parent: str | None
    kind: Kind
    thing_id: str | None
    is_ours: bool = False
    is_told: bool = False
    level: int | None = None
    said: Said | None = None
    told: dict[tuple[Any, ...], tuple[int, TraceEvent]] = {}


class Spots:
    """Spots by their keys. One that was handed out may change until `set_aside` is called."""

    def __init__(self) -> None:
        self._near: OrderedDict[str, Spot] = OrderedDict()
        self._below: dict[str, dict[str, None]] = {}
        self._far: _Far | None = None

    def get(self, key: str | None) -> Spot | None:
        if key is None:
            return None
        spot = self._near.get(key)
        if spot is not None:
            self._near.move_to_end(key)
        elif self._far is not None and (spot := self._far.take(key)) is not None:
            self.add(spot)
        return spot

    def add(self, spot: Spot) -> None:
        self._near[spot.key] = spot
        if spot.parent is not None:
            self._below.setdefault(spot.parent, {})[spot.key] = None

    def hang(self, spot: Spot, parent: str) -> None:
        """It turns out to hang there."""
        self._unhang(spot)
        spot.parent = parent
        self.add(spot)

    def below(self, key: str) -> Iterator[Spot]:
        """What hangs on a span, also while others are set aside."""
        far = self._far.keys_below(key) if self._far is not None else ()
        for child in [*self._below.get(key, ())]:
            if (spot := self.get(child)) is not None:
                yield spot
        for child in far:
            if child not in self._near and (spot := self.get(child)) is not None:
                yield spot

    def set_aside(self) -> None:
        """Put what was not asked for lately on disk; what that does not take stays in memory."""
        more = len(self._near) - REMEMBERED
        if more <= 0:
            return
        with suppress(sqlite3.Error):
            self._far = self._far or _Far()
            for key in self._far.keep([*islice(self._near.values(), more)]):
                self._unhang(self._near.pop(key))

    def close(self) -> None:
        if self._far is not None:
            self._far.close()

    def __len__(self) -> int:
        """How many are in memory."""
        return len(self._near)

    def _unhang(self, spot: Spot) -> None:
        if spot.parent is None or (siblings := self._below.get(spot.parent)) is None:
            return
        siblings.pop(spot.key, None)
        if not siblings:
            del self._below[spot.parent]


class _Far:
    """Spots in a database without a name, which the system removes when it is closed."""

    def __init__(self) -> None:
        self._next = 0
        self._decode = msgpack_decoder(Spot).decode
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for statement in (
            "PRAGMA synchronous = OFF",
            "PRAGMA cache_size = -1000",
            "CREATE TABLE spots (number INTEGER PRIMARY KEY, key TEXT, parent TEXT, spot BLOB)",
            "CREATE UNIQUE INDEX by_key ON spots (key)",
            "CREATE INDEX by_parent ON spots (parent, number)",
        ):
            self._rows.execute(statement)

    def keep(self, spots: list[Spot]) -> list[str]:
        """The keys of those that are kept: one that cannot be written stays where it is."""
        rows = []
        for spot in spots:
            with suppress(*_CANNOT_BE_KEPT):
                self._next += 1
                rows.append((self._next, spot.key, spot.parent, _encode(spot)))
        self._rows.execute("BEGIN")
        try:
            self._rows.executemany("INSERT INTO spots VALUES (?, ?, ?, ?)", rows)
        except sqlite3.Error:
            self._rows.rollback()
            raise
        self._rows.commit()
        return [key for _, key, _, _ in rows]

    def take(self, key: str) -> Spot | None:
        """Out of the database, where it is kept there."""
        asked = "SELECT number, spot FROM spots WHERE key = ?"
        found = self._rows.execute(asked, (key,)).fetchone()
        if found is None:
            return None
        self._rows.execute("DELETE FROM spots WHERE number = ?", (found[0],))
        return self._decode(found[1])

    def keys_below(self, parent: str) -> Iterator[str]:
        """Those that are kept now; what is put back meanwhile is not told twice."""
        after, last = 0, self._next
        while True:
            page = self._rows.execute(
                "SELECT number, key FROM spots WHERE parent = ? AND number > ? AND number <= ? "
                "ORDER BY number LIMIT ?",
                (parent, after, last, _PAGE),
            ).fetchall()
            if not page:
                return
            yield from (key for _, key in page)
            after = page[-1][0]

    def close(self) -> None:
        self._rows.close()
