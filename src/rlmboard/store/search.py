"""Full-text search over names, queries, outputs, prompts and results."""

from __future__ import annotations

import re
from typing import Any

from ..errors import BadInput
from .index import Index
from .queries import match
from .rows import Hit
from .tables import NUMBER_BITS, TEXT_COLUMNS

BEGIN, END = "\x02", "\x03"
AROUND_CHARS = 60

_HIGHLIGHTS = ", ".join(
    f"highlight(texts, {n}, char(2), char(3))" for n in range(len(TEXT_COLUMNS))
)
_FIND = (
    f"SELECT hit.*, runs.run_id, sub_queries.query_id FROM "  # noqa: S608
    f"(SELECT rowid AS key, {_HIGHLIGHTS} FROM texts WHERE texts MATCH ? "
    "ORDER BY rowid DESC LIMIT ?) AS hit "
    f"JOIN runs ON runs.run_no = hit.key >> {NUMBER_BITS} "
    "LEFT JOIN sub_queries ON sub_queries.key = hit.key ORDER BY hit.key DESC"
)


def search(index: Index, text: str, limit: int) -> list[Hit]:
    """Where all words are found, the newest first. Raises BadInput when there is no word."""
    words = re.findall(r'"([^"]+)"|([^\s"]+)', text)
    sought = " AND ".join(match(phrase or word, bool(phrase)) for phrase, word in words)
    if not sought:
        raise BadInput('nothing to search for: give a word, or several in "quotes"')
    return [_hit(row) for row in index.rows(_FIND, (sought, limit))]


def _hit(row: tuple[Any, ...]) -> Hit:
    _, *texts, run_id, query_id = row
    found = {
        name: text
        for name, text in zip(TEXT_COLUMNS, texts, strict=True)
        if text is not None and BEGIN in text
    }
    field, text = next(iter(found.items()))
    return Hit(run_id=run_id, query_id=query_id, field=field, snippet=snippet(text))


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
