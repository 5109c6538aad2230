"""Rows of a run, written: what one step of catching up changes.

The hot path: rows go to SQLite by `executemany` with SQL made from the tables once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Table

from ..trace.summary import AttemptFact, Changes, RunState, SubQuery, attempt_fact, status_of
from . import tables as t
from .rollup import HOUR_MS, Cell, CellKey, Fact

Row = tuple[Any, ...]

_encode = msgspec.msgpack.Encoder().encode
_decode_query = msgspec.msgpack.Decoder(SubQuery).decode
_decode_cell = msgspec.msgpack.Decoder(Cell).decode


def replace_into(table: Table) -> str:
    """SQL that puts a whole row, in the order of the table's columns, in place of an older one."""
    marks = ", ".join("?" * len(table.columns))
    return f"INSERT OR REPLACE INTO {table.name} VALUES ({marks})"  # noqa: S608


PUT_SUB_QUERY = replace_into(t.sub_queries)
PUT_ATTEMPT = replace_into(t.attempts)
PUT_MARK = replace_into(t.marks)
PUT_OFFSET = replace_into(t.offsets)
PUT_METRIC = replace_into(t.run_metrics)
PUT_CELL = replace_into(t.rollups)
PUT_TEXT = (
    "INSERT OR REPLACE INTO texts (rowid, name, query, output, prompt, result) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
ADD_PROVIDER = "INSERT OR IGNORE INTO run_providers (provider, run_no, venue) VALUES (?, ?, ?)"
GET_CELL = (
    "SELECT cell FROM rollups WHERE (hour, provider, model, venue, simulated) = (?, ?, ?, ?, ?)"
)
ASK_AT_ONCE = 500
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
    connection.executemany(PUT_SUB_QUERY, (_query_row(run_no, query) for query in queries))
    connection.executemany(PUT_ATTEMPT, _attempt_rows(queries, run_no, zero_ms, rollups))
    connection.executemany(PUT_TEXT, _text_rows(run_no, changes))
    connection.executemany(ADD_PROVIDER, rollups.providers)
    connection.executemany(PUT_MARK, _mark_rows(run_no, changes))
    connection.executemany(PUT_METRIC, _metric_rows(run_no, state, changes))
    rollups.write()


class Rollups:
    """The hourly cells that a step changes, read once and written once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.providers: set[tuple[str, int, str]] = set()
        self._connection = connection
        self._cells: dict[CellKey, Cell] = {}

    def put(self, fact: Fact, sign: int = 1) -> None:
        """Put an attempt in as it is, or take it out (-1) as it was."""
        cell = self._cells.get(fact.key)
        if cell is None:
            found = self._connection.execute(GET_CELL, fact.key).fetchone()
            cell = self._cells[fact.key] = _decode_cell(found[0]) if found else Cell()
        cell.put(fact, sign)

    def write(self) -> None:
        rows = ((*key, _encode(cell)) for key, cell in self._cells.items())
        self._connection.executemany(PUT_CELL, rows)


def stored_facts(connection: sqlite3.Connection, run_no: int, zero_ms: int) -> Iterator[Fact]:
    """All attempts of a run that are in the rollups, as they are in there."""
    states = connection.execute("SELECT state FROM sub_queries WHERE run_no = ?", (run_no,))
    for (state,) in states:
        yield from ended_facts(_decode_query(state), run_no, zero_ms)


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
    key, status = t.key_of(run_no, query.number), status_of(query)
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
        key = t.key_of(run_no, query.number)
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


def _text_rows(run_no: int, changes: Changes) -> Iterator[Row]:
    for query in changes.sub_queries:
        prompt = query.submission.prompt_preview if query.submission else ""
        results = [one.outcome.result_preview for one in query.attempts if one.outcome]
        result = results[0] if len(results) == 1 else "\n".join(filter(None, results))
        if prompt or result:
            yield (t.key_of(run_no, query.number), None, None, None, prompt, result)


def _metric_rows(run_no: int, state: RunState, changes: Changes) -> Iterator[Row]:
    for name in changes.metrics:
        last = state.metrics[name]
        yield (run_no, name, 1, last.value, last.step)
    for said in changes.marks.get("score", {}).values():
        score = msgspec.json.decode(said or "{}")
        if "name" in score and score.get("query_id") is None:
            yield (run_no, score["name"], 2, score["value"], None)


def _ended(fact: AttemptFact, run_no: int, zero_ms: int) -> Fact | None:
    if fact.ended_ms is None or fact.provider is None or not fact.one.was_executed:
        return None
    ended_at_ms, said = zero_ms + round(fact.ended_ms), fact.outcome
    hour, venue = ended_at_ms // HOUR_MS, fact.venue or ""
    tokens = None
    if said.input_tokens is not None or said.output_tokens is not None:
        tokens = (said.input_tokens or 0) + (said.output_tokens or 0)
    return Fact(
        (hour, fact.provider, fact.model or "", venue, fact.simulated), run_no, said.status,
        ended_at_ms, fact.duration_ms, tokens, said.cost_msat, said.cost_usd_nanos,
    )  # fmt: skip
