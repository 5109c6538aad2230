"""A picture as it is sent: its columns as JSON can hold them, small once they are gzipped.

Most columns are sent as they stand; times and counters as differences (see `Column.sent`). What
follows from other columns is not sent, and a column that says nothing is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from .columns import Column, Table, number_from, plain_numbers
from .of_nodes import judge
from .of_queries import link, refresh
from .of_run import note_last
from .picture import KEYS, Picture, RunHead, replaced
from .tables import NAMED, SUB_QUERY, Attempts, Queries

_TEXTS = ("text", "ref")
_NUMBERS = ("time", "number")
_NUMBER_AT_END = re.compile("[0-9]{1,15}$")


def encode_picture(picture: Picture, texts: bool = True) -> dict[str, Any]:
    """The picture as plain values; without `texts` also without those of sub-queries and attempts:
    previews, their refs and error messages, which one row can be asked for."""
    return {
        "seq": picture.seq,
        "run": msgspec.to_builtins(picture.run),
        "names": {kind: list(names.all) for kind, names in picture.names.items()},
        "tables": {
            name: {"rows": table.rows, "columns": _encode_table(picture, table, texts)}
            for name, table in picture.tables.items()
            if table.rows
        },
        "replaced": replaced(picture),
    }


def decode_picture(sent: dict[str, Any]) -> Picture:
    """The picture that was sent, ready to go on from."""
    picture = Picture()
    picture.seq = sent["seq"]
    picture.run = msgspec.convert(sent["run"], RunHead)
    for kind in NAMED:
        for name in sent["names"][kind]:
            picture.names[kind].index(name)
    for name, table in sent["tables"].items():
        whole = type(picture.tables[name])(table["rows"])
        setattr(picture, name, whole)
        _decode_table(picture, whole, table["columns"])
    for slot, row, at_us in sent["replaced"]:
        picture.replaced[slot, row, at_us] = None
    _find_rows(picture)
    _derive(picture)
    return picture


def next_name(name: str) -> str | None:
    """The name that counts on: `q-010` after `q-009`. None where there is no number at its end."""
    found = _NUMBER_AT_END.search(name)
    if found is None:
        return None
    return _numbered(name[: found.start()], int(found.group()) + 1, len(found.group()))


def _numbered(head: str, number: int, digits: int) -> str:
    return f"{head}{number:0{digits}d}"


def _encode_table(picture: Picture, table: Table, texts: bool) -> dict[str, list[Any]]:
    texts = texts or not isinstance(table, Queries | Attempts)
    return {
        name: _encode_column(picture, table, name, column)
        for name, column in table.columns.items()
        if column.sent != "derived" and (texts or column.kind not in _TEXTS) and table.says(name)
    }


def _encode_column(picture: Picture, table: Table, name: str, column: Column) -> list[Any]:
    cells = table.cells(name)
    if column.sent == "count":
        return _counts(cells)
    if column.sent == "step":
        cells = _steps(cells)
    elif column.sent == "from":
        near = _near(picture, table, column.base)
        cells = [
            cell - base if base == base else cell for cell, base in zip(cells, near, strict=False)
        ]
    return plain_numbers(cells) if column.kind in _NUMBERS else cells


def _counts(names: list[str]) -> list[str | int]:
    told: list[str | int] = []
    expected, head, number, digits = None, "", 0, 0
    for name in names:
        if name == expected:
            told.append(0)
            number += 1
        else:
            told.append(name)
            found = _NUMBER_AT_END.search(name)
            if found is None:
                expected = None
                continue
            head, number, digits = name[: found.start()], int(found.group()), len(found.group())
        expected = _numbered(head, number + 1, digits)
    return told


def _steps(cells: list[Any]) -> list[Any]:
    """Differences from the last known one before."""
    steps: list[Any] = []
    last: Any = 0
    for cell in cells:
        steps.append(cell - last)
        last = cell if cell == cell else last
    return steps


def _near(picture: Picture, table: Table, base: str) -> Sequence[float]:
    """The column that another is told from: of the same table, or of the attempt's sub-query."""
    if not base.startswith("queries."):
        return getattr(table, base)  # type: ignore[no-any-return]
    assert isinstance(table, Attempts)
    cells = getattr(picture.queries, base.removeprefix("queries."))
    return [cells[query] for query in table.query[: table.rows]]


def _decode_table(picture: Picture, table: Table, sent: dict[str, list[Any]]) -> None:
    for name, column in table.columns.items():
        if name in sent:
            _decode_column(picture, table, name, column, sent[name])


def _decode_column(
    picture: Picture, table: Table, name: str, column: Column, sent: list[Any]
) -> None:
    cells: Any = getattr(table, name)
    near = _near(picture, table, column.base) if column.sent == "from" else None
    cell: Any
    last: Any = 0
    for row, said in enumerate(sent):
        cell = number_from(said) if column.kind in _NUMBERS else said
        if column.sent == "count":
            cell = last = next_name(last) if cell == 0 else cell
        elif column.sent == "step":
            cell += last
            last = cell if cell == cell else last
        elif near is not None and near[row] == near[row]:
            cell += near[row]
        cells[row] = cell


def _find_rows(picture: Picture) -> None:
    """Rows by their key again."""
    picture.found = {}
    for name, key in KEYS.items():
        cells = [picture.tables[name].cells(column) for column in key]
        keys = cells[0] if len(key) == 1 else list(zip(*cells, strict=True))
        picture.found[name] = {key: row for row, key in enumerate(keys)}


def _derive(picture: Picture) -> None:
    """What follows from the columns that were sent."""
    things, queries, nodes = picture.things, picture.queries, picture.nodes
    for row in range(queries.rows):
        things.kind[queries.thing[row]], things.row[queries.thing[row]] = SUB_QUERY, row
    for row in range(nodes.rows):
        things.kind[nodes.thing[row]], things.row[nodes.thing[row]] = nodes.kind[row], row
    for row in range(picture.checks.rows):
        judge(picture, row)
    for row in range(picture.attempts.rows):
        link(picture, row)
    for row in range(queries.rows):
        refresh(picture, row)
    points = picture.points
    for row in range(points.rows):
        note_last(picture, points.metric[row], points.at_us[row], points.step[row])
