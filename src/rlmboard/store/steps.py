"""Rows of a run, written: what one step of catching up changes.

The hot path: rows go to SQLite by `executemany` with SQL made from the tables once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import msgspec

from ..trace import msgpack_decoder
from ..trace.summary import AttemptFact, Changes, RunState, SubQuery, attempt_fact, status_of
from . import texts
from .keys import key_of
from .layout import replace_into
from .rollup import HOUR_MS, SLOT_MS, Cell, CellKey, Fact, add_to

Row = tuple[Any, ...]

_encode = msgspec.msgpack.Encoder().encode
_decode_query = msgpack_decoder(SubQuery).decode
_decode_cell = msgpack_decoder(Cell).decode
_decode_runs = msgspec.msgpack.Decoder(dict[int, int]).decode


ADD_PROVIDER = "INSERT OR IGNORE INTO run_providers (provider, run_no, venue) VALUES (?, ?, ?)"
ASK_AT_ONCE = 100
_ASKED = ", ".join("?" * ASK_AT_ONCE)
GET_QUERIES = f"SELECT state FROM sub_queries WHERE run_no = ? AND query_id IN ({_ASKED})"  # noqa: S608
GET_MARKS = f"SELECT key FROM marks WHERE run_no = ? AND kind = ? AND key IN ({_ASKED})"  # noqa: S608


class Stored:
    """What earlier steps left of a run in the index, for the fold to bring back."""

    def __init__(self, connection: sqlite3.Connection, run_no: int) -> None:
        self._connection = connection
        self._run_no = run_no

    def sub_queries(self, query_ids: Collection[str]) -> Iterator[SubQuery]:
        for asked in _portions(query_ids):
            for (state,) in self._connection.execute(GET_QUERIES, (self._run_no, *asked)):
                yield _decode_query(state)

    def seen(self, kind: str, keys: Collection[str]) -> Iterator[str]:
        for asked in _portions(keys):
            for (key,) in self._connection.execute(GET_MARKS, (self._run_no, kind, *asked)):
                yield key


def _portions(keys: Collection[str]) -> Iterator[list[str]]:
    """The keys in portions of one length, so that one statement serves; the last repeats a key."""
    ordered = list(keys)
    for start in range(0, len(ordered), ASK_AT_ONCE):
        portion = ordered[start : start + ASK_AT_ONCE]
        yield portion + portion[-1:] * (ASK_AT_ONCE - len(portion))


def write_changes(
    connection: sqlite3.Connection, run_no: int, zero_ms: int, state: RunState, changes: Changes
) -> None:
    """The sub-queries, attempts, texts, marks, metrics and rollups that a step changed."""
    rollups, queries = Rollups(connection), changes.sub_queries
    for query in changes.before:
        for fact in ended_facts(query, run_no, zero_ms):
            rollups.put(fact, -1)
    connection.executemany(
        replace_into("sub_queries"), (_query_row(run_no, query) for query in queries)
    )
    connection.executemany(
        replace_into("attempts"), _attempt_rows(queries, run_no, zero_ms, rollups)
    )
    texts.write_queries(connection, run_no, changes)
    connection.executemany(ADD_PROVIDER, rollups.providers)
    connection.executemany(replace_into("marks"), _mark_rows(run_no, changes))
    connection.executemany(replace_into("run_metrics"), _metric_rows(run_no, state, changes))
    rollups.write()


class Rollups:
    """The cells of hours and slots that a step changes, read once and written once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.providers: set[tuple[str, int, str]] = set()
        self._hours = Period(connection, "rollups", "hour")
        self._slots = Period(connection, "slots", "slot")

    def put(self, fact: Fact, sign: int = 1) -> None:
        """Put an attempt in as it is, or take it out (-1) as it was."""
        self._hours.put(fact.key, fact, sign)
        self._slots.put((fact.ended_at_ms // SLOT_MS, *fact.key[1:]), fact, sign)

    def write(self) -> None:
        self._hours.write()
        self._slots.write()


class Kept(msgspec.Struct):
    """A cell, and how many of its attempts each run has."""

    cell: Cell
    runs: dict[int, int]


class Period:
    """The cells of one table."""

    def __init__(self, connection: sqlite3.Connection, table: str, period: str) -> None:
        self._connection = connection
        self._table = table
        self._get = (
            f"SELECT cell, runs FROM {table} "  # noqa: S608
            f"WHERE ({period}, provider, model, venue, simulated) = (?, ?, ?, ?, ?)"
        )
        self._cells: dict[CellKey, Kept] = {}

    def put(self, key: CellKey, fact: Fact, sign: int) -> None:
        kept = self._cells.get(key) or self._read(key)
        kept.cell.count(fact, sign)
        add_to(kept.runs, fact.run_no, sign)

    def write(self) -> None:
        for kept in self._cells.values():
            kept.cell.set_runs(kept.runs)
        rows = ((*key, _encode(kept.cell), _encode(kept.runs)) for key, kept in self._cells.items())
        self._connection.executemany(replace_into(self._table), rows)

    def _read(self, key: CellKey) -> Kept:
        found = self._connection.execute(self._get, key).fetchone()
        kept = Kept(_decode_cell(found[0]), _decode_runs(found[1])) if found else Kept(Cell(), {})
        self._cells[key] = kept
        return kept


def stored_queries(connection: sqlite3.Connection, run_no: int) -> Iterator[SubQuery]:
    """All sub-queries of a run, as they are in the index."""
    states = connection.execute("SELECT state FROM sub_queries WHERE run_no = ?", (run_no,))
    return (_decode_query(state) for (state,) in states)


def ended_facts(query: SubQuery, run_no: int, zero_ms: int) -> Iterator[Fact]:
    """The attempts of a sub-query that belong into the rollups."""
    for one in query.attempts:
        fact = _ended(attempt_fact(query, one), run_no, zero_ms)
        if fact is not None:
            yield fact


def epoch_ms(zero_ms: int, at_ms: float | None) -> int | None:
    return None if at_ms is None else zero_ms + round(at_ms)


def _query_row(run_no: int, query: SubQuery) -> Row:
    told = query.submission
    key, status = key_of(run_no, query.number), status_of(query)
    if told is None:
        return (key, run_no, query.query_id, status, None, None, None, None, None, _encode(query))
    return (
        key, run_no, query.query_id, status, told.role, told.parent_id, told.depth,
        told.fragment_id, told.at_ms, _encode(query),
    )  # fmt: skip


def _attempt_rows(
    queries: Iterable[SubQuery], run_no: int, zero_ms: int, rollups: Rollups
) -> Iterator[Row]:
    """The rows of all attempts, which go into the rollups on the way."""
    for query in queries:
        key = key_of(run_no, query.number)
        for one in query.attempts:
            fact = attempt_fact(query, one)
            if fact.provider is not None:
                rollups.providers.add((fact.provider, run_no, fact.venue or ""))
                ended = _ended(fact, run_no, zero_ms)
                if ended is not None:
                    rollups.put(ended)
            yield _attempt_row(key, zero_ms, fact)


def _attempt_row(key: int, zero_ms: int, fact: AttemptFact) -> Row:
    one, said = fact.one, fact.outcome
    return (
        key, one.replica, one.attempt, one.status,
        fact.provider, fact.venue, fact.model, fact.simulated,
        fact.started_ms, fact.ended_ms, fact.duration_ms, epoch_ms(zero_ms, fact.ended_ms),
        said.input_tokens, said.output_tokens, said.cached_tokens, said.reasoning_tokens,
        said.cost_msat, said.cost_usd_nanos, said.error_type, one.offset, one.until - one.offset,
    )  # fmt: skip


def _mark_rows(run_no: int, changes: Changes) -> Iterator[Row]:
    for kind, marks in changes.marks.items():
        for key, value in marks.items():
            yield (run_no, kind, key, value)


def _metric_rows(run_no: int, state: RunState, changes: Changes) -> Iterator[Row]:
    for name in changes.metrics:
        last = state.metrics[name]
        yield (run_no, name, 1, last.value, last.step)
    for said in changes.marks.get("score", {}).values():
        score = msgspec.json.decode(said or "{}")
        if "name" in score and score.get("query_id") is None:
            yield (run_no, score["name"], 2, score["value"], None)


def _ended(fact: AttemptFact, run_no: int, zero_ms: int) -> Fact | None:
    if fact.ended_ms is None or fact.provider is None:
        return None  # without a provider nobody was asked, or nobody knows who
    ended_at_ms, said = zero_ms + round(fact.ended_ms), fact.outcome
    hour, venue = ended_at_ms // HOUR_MS, fact.venue or ""
    tokens = None
    if said.input_tokens is not None or said.output_tokens is not None:
        tokens = (said.input_tokens or 0) + (said.output_tokens or 0)
    return Fact(
        (hour, fact.provider, fact.model or "", venue, fact.simulated), run_no, said.status,
        ended_at_ms, fact.duration_ms, tokens, said.cost_msat, said.cost_usd_nanos,
    )  # fmt: skip
