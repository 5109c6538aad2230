"""The full-text index: which texts of a run and its sub-queries can be searched for.

It holds no copy of a text: what it was told of one is taken out by telling it the same again. The
texts themselves lie in the states of runs and sub-queries, and nothing else goes into them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from ..trace.summary import Changes, SubQuery
from .keys import key_of

Texts: TypeAlias = tuple[str | None, str | None, str | None, str | None, str | None]
"""Name, query and output of a run; prompt and result of a sub-query."""

COLUMNS = ("name", "query", "output", "prompt", "result")
TOKENS = "tokenize = 'unicode61 remove_diacritics 2'"
CREATE = (
    f"CREATE VIRTUAL TABLE texts USING fts5({', '.join(COLUMNS)}, {TOKENS}, "
    "content = '', columnsize = 0)"
)
"""A row for each run and sub-query, by key."""

NO_TEXTS: Texts = (None, None, None, None, None)
_PUT = "INSERT INTO texts (rowid, name, query, output, prompt, result) VALUES (?, ?, ?, ?, ?, ?)"
_TAKE_OUT = (
    "INSERT INTO texts (texts, rowid, name, query, output, prompt, result) "
    "VALUES ('delete', ?, ?, ?, ?, ?, ?)"
)


def texts_of(query: SubQuery) -> Texts:
    """Prompt and results of a sub-query."""
    prompt = query.submission.prompt_preview if query.submission else None
    results = [one.outcome.result_preview for one in query.attempts if one.outcome]
    result = results[0] if len(results) == 1 else "\n".join(filter(None, results))
    return (None, None, None, prompt or None, result or None)


def match(sought: str, phrase: bool) -> str:
    """A text as the full-text search takes it; a word may end in `*`."""
    prefix = not phrase and sought.endswith("*")
    plain = sought.replace("\0", " ")  # where SQLite would see the end of the text
    quoted = '"' + plain.rstrip("*" if prefix else "").replace('"', '""') + '"'
    return quoted + (" *" if prefix else "")


def replace(connection: sqlite3.Connection, key: int, before: Texts, now: Texts) -> None:
    """Texts of a run or sub-query take the place of those it had."""
    if before == now:
        return
    if before != NO_TEXTS:
        connection.execute(_TAKE_OUT, (key, *before))
    if now != NO_TEXTS:
        connection.execute(_PUT, (key, *now))


def write_queries(connection: sqlite3.Connection, run_no: int, changes: Changes) -> None:
    """The texts of the sub-queries that a step changed."""
    before = {query.number: texts_of(query) for query in changes.before}
    new = [query for query in changes.sub_queries if query.number not in before]
    for query in changes.sub_queries:
        if (had := before.get(query.number)) is not None:
            replace(connection, key_of(run_no, query.number), had, texts_of(query))
    connection.executemany(_PUT, _rows(run_no, new))


def take_out(connection: sqlite3.Connection, run_no: int, queries: Iterable[SubQuery]) -> None:
    """Sub-queries that are forgotten."""
    connection.executemany(_TAKE_OUT, _rows(run_no, queries))


def _rows(run_no: int, queries: Iterable[SubQuery]) -> Iterator[tuple[int | str | None, ...]]:
    for query in queries:
        texts = texts_of(query)
        if texts != NO_TEXTS:
            yield (key_of(run_no, query.number), *texts)
