"""Full-text search over names, queries, outputs, prompts and results."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing

from ..errors import BadInput
from ..trace import msgpack_decoder
from ..trace.summary import SubQuery
from .filter import Term
from .index import Index
from .keys import split_key
from .rows import Hit
from .run_rows import GET_DETAILS, decode_details, run_texts
from .texts import COLUMNS, TOKENS, Texts, match, texts_of

BEGIN, END = "\x02", "\x03"
AROUND_CHARS = 60

_FIND = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rowid DESC"
_HIGHLIGHTS = ", ".join(f"highlight(found, {n}, char(2), char(3))" for n in range(len(COLUMNS)))
_decode_query = msgpack_decoder(SubQuery).decode


def search(index: Index, text: str, limit: int, terms: Sequence[Term] = ()) -> list[Hit]:
    """Where all words are found in runs that fit, the newest first.

    Raises BadInput when there is no word.
    """
    words = re.findall(r'"([^"]+)"|([^\s"]+)', text)
    sought = " AND ".join(match(phrase or word, bool(phrase)) for phrase, word in words)
    if not sought:
        raise BadInput('nothing to search for: give a word, or several in "quotes"')
    keys = _keys(index, sought, limit, terms)
    found = [(key, *texts) for key in keys if (texts := _texts(index, key))]
    hits = [_hit(index, key, texts) for key, texts in _highlighted(found, sought)]
    return [hit for hit in hits if hit is not None]


def _keys(index: Index, sought: str, limit: int, terms: Sequence[Term]) -> list[int]:
    if not terms:
        return [key for (key,) in index.rows(f"{_FIND} LIMIT ?", (sought, limit))]
    from .queries import run_nos  # SQLAlchemy, for the few who may not see all

    fitting = run_nos(index, terms)
    found = index.rows(_FIND, (sought,))
    return [key for (key,) in found if split_key(key)[0] in fitting][:limit]


def _texts(index: Index, key: int) -> Texts | None:
    run_no, number = split_key(key)
    if number == 0:
        details = index.rows(GET_DETAILS, (run_no,))
        return run_texts(decode_details(*details[0])) if details else None
    states = index.rows("SELECT state FROM sub_queries WHERE key = ?", (key,))
    return texts_of(_decode_query(states[0][0])) if states else None


def _highlighted(
    found: Sequence[tuple[int | str | None, ...]], sought: str
) -> Iterator[tuple[int, Sequence[str | None]]]:
    """The texts with what was found between BEGIN and END, by the rules that found them."""
    with closing(sqlite3.connect(":memory:")) as aside:
        aside.execute(f"CREATE VIRTUAL TABLE found USING fts5({', '.join(COLUMNS)}, {TOKENS})")
        aside.executemany(
            "INSERT INTO found (rowid, name, query, output, prompt, result) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            found,
        )
        rows = aside.execute(
            f"SELECT rowid, {_HIGHLIGHTS} FROM found WHERE found MATCH ? ORDER BY rowid DESC",  # noqa: S608
            (sought,),
        )
        for key, *texts in rows:
            yield key, texts


def _hit(index: Index, key: int, texts: Sequence[str | None]) -> Hit | None:
    """The first text in which something was found."""
    run_ids = index.rows("SELECT run_id FROM runs WHERE run_no = ?", (split_key(key)[0],))
    query_ids = index.rows("SELECT query_id FROM sub_queries WHERE key = ?", (key,))
    for field, text in zip(COLUMNS, texts, strict=True):
        if run_ids and text is not None and BEGIN in text:
            query_id = query_ids[0][0] if query_ids else None
            return Hit(run_id=run_ids[0][0], query_id=query_id, field=field, snippet=snippet(text))
    return None


def snippet(highlighted: str) -> str:
    """What stands around the first word that was found, on one line."""
    at = highlighted.index(BEGIN)
    before, after = highlighted[:at], highlighted[at:]
    end = after.find(END) + AROUND_CHARS
    shown = before[-AROUND_CHARS:] + after[:end]
    left = "…" if len(before) > AROUND_CHARS else ""
    right = "…" if len(after) > end else ""
    plain = shown.replace(BEGIN, "").replace(END, "")
    return left + " ".join(plain.split()) + right
