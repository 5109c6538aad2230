"""Tables whose columns lie apart, each a plain array: small, quick to send, quick to draw.

A table declares its columns by their type. What is unknown is NaN in numbers, -1 in an index and
None in texts; a row is added whole with nothing known.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, NamedTuple, TypeAlias, get_type_hints

from ..events import Ref

NAN = math.nan

Times: TypeAlias = Annotated["array[float]", "time"]
"""Whole microseconds since the start of the run."""
Numbers: TypeAlias = Annotated["array[float]", "number"]
Indexes: TypeAlias = Annotated["array[int]", "index"]
Bits: TypeAlias = Annotated["array[int]", "bits"]
Names: TypeAlias = Annotated[list[str | None], "name"]
Texts: TypeAlias = Annotated[list[str | None], "text"]
"""May be left out where a picture is sent, and asked for later."""
Refs: TypeAlias = Annotated[list[Ref | None], "ref"]

STEP = "step"
"""Sent as the difference from the row before."""
COUNT = "count"
"""Names that mostly count up: one that follows the row before is sent as 0."""
DERIVED = "derived"
"""Not sent: what follows from other columns."""


class From(NamedTuple):
    """Sent as the difference from another column of the same row, or of its sub-query."""

    column: str


class Column(NamedTuple):
    """What a column holds, and how it is sent: `plain`, `step`, `count`, `derived` or `from`."""

    kind: str
    sent: str
    base: str = ""


_EMPTY: dict[str, Any] = {
    "time": array("d", [NAN]),
    "number": array("d", [NAN]),
    "index": array("i", [-1]),
    "bits": array("H", [0]),
    "name": [None],
    "text": [None],
    "ref": [None],
}
"""One row of each kind of column, nothing known."""

_FEWEST = 16


class Table:
    """Rows in columns. The arrays are longer than the table: only the first `rows` count."""

    columns: ClassVar[dict[str, Column]]

    def __init_subclass__(cls) -> None:
        # `array[float]` is for the type checker only: until Python 3.12 it cannot be evaluated
        hints = get_type_hints(cls, localns={"array": list}, include_extras=True)
        cls.columns = {
            name: _column(hints[name].__metadata__)
            for name in cls.__annotations__  # in the order in which they stand
        }

    def __init__(self, rows: int = 0) -> None:
        self.rows = rows
        self._capacity = rows
        for name, column in self.columns.items():
            setattr(self, name, _EMPTY[column.kind] * rows)

    def add(self) -> int:
        """A row more, nothing known; its number."""
        row = self.rows
        if row == self._capacity:
            self._grow()
        self.rows = row + 1
        return row

    def cells(self, name: str) -> list[Any]:
        """The cells of a column."""
        return list(getattr(self, name)[: self.rows])

    def says(self, name: str) -> bool:
        """Whether anything is known in the column."""
        cells, empty = getattr(self, name)[: self.rows], _EMPTY[self.columns[name].kind]
        if isinstance(cells, list):
            return cells.count(None) < len(cells)
        if cells.tobytes() == empty.tobytes() * len(cells):
            return False
        return any(cell == cell and cell != empty[0] for cell in cells)

    def as_dict(self) -> dict[str, list[Any]]:
        """All columns as plain values; None for what is unknown."""
        return {
            name: plain_numbers(self.cells(name))
            if column.kind in ("time", "number")
            else self.cells(name)
            for name, column in self.columns.items()
        }

    def _grow(self) -> None:
        more = max(_FEWEST, self._capacity)
        for name, column in self.columns.items():
            getattr(self, name).extend(_EMPTY[column.kind] * more)
        self._capacity += more


def plain_number(number: float) -> float | int | str | None:
    """The number as JSON can say it: whole ones as int, NaN as None, `inf` and `-inf` as such."""
    if math.isnan(number):
        return None
    if math.isinf(number):
        return "inf" if number > 0 else "-inf"
    return int(number) if number == math.floor(number) else number


def plain_numbers(numbers: Iterable[float]) -> list[float | int | str | None]:
    """Each as `plain_number` has it. Most are whole, and there are many."""
    return [int(one) if one.is_integer() else plain_number(one) for one in numbers]


def number_from(plain: float | int | str | None) -> float:
    """What `plain_number` made of it, back."""
    return NAN if plain is None else float(plain)


def _column(said: tuple[Any, ...]) -> Column:
    kind, sent = said[0], said[1] if len(said) > 1 else "plain"
    return Column(kind, "from", sent.column) if isinstance(sent, From) else Column(kind, sent)
