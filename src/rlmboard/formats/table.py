"""Rows as CSV, JSON and Markdown. Pure: texts out, line by line, for any number of rows."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MARKUP = re.compile(r"[\\`*\[\]<&|]")
"""What would make of a cell another cell, an element, a link or a picture."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def csv_lines(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    """A header and a line for each row, ended as RFC 4180 says.

    A cell that a spreadsheet would take for a formula gets a leading `'`; a number never does.
    """
    yield _csv_line([cell(column) for column in columns])
    for row in rows:
        yield _csv_line([cell(row.get(column)) for column in columns])


def json_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One JSON object a line. A number that JSON has no word for (nan, inf) is null."""
    for row in rows:
        yield msgspec.json.encode(dict(row)).decode() + "\n"


def json_array(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One JSON array of all rows, a row a line."""
    before = "[\n"
    for row in rows:
        yield before + msgspec.json.encode(dict(row)).decode()
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def markdown_lines(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    """A table of GitHub's Markdown; what is unknown is an empty cell."""
    yield _markdown_line([_markdown_cell(column) for column in columns])
    yield _markdown_line(["---"] * len(columns))
    for row in rows:
        yield _markdown_line([_markdown_cell(row.get(column)) for column in columns])


def cell(value: Any) -> str:
    """A value as a cell of CSV: nothing for None, JSON for what has parts, never a formula."""
    text = _plain(value)
    harmless = not text.startswith(_FORMULA_STARTS) or _NUMBER.fullmatch(text)
    return text if harmless else f"'{text}"


def _plain(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return msgspec.json.encode(value).decode()


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _markdown_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _markdown_cell(value: Any) -> str:
    return " ".join(_MARKUP.sub(r"\\\g<0>", _plain(value)).split())
