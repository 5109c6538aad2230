"""How the index is laid out, as far as one must know to read it.

The tables themselves are made with SQLAlchemy, whose import takes longer than most answers: what
only looks does without it, and what writes, filters or sorts loads it then.
"""

from __future__ import annotations

from functools import cache

SCHEMA_VERSION = 10
"""Another one in the file: the index is rebuilt from the folders."""


@cache
def columns_of(table: str) -> tuple[str, ...]:
    """The columns of a table, in their order."""
    from .tables import metadata

    return tuple(column.name for column in metadata.tables[table].columns)


@cache
def replace_into(table: str) -> str:
    """SQL that puts a whole row, in the order of the table's columns, in place of an older one."""
    marks = ", ".join("?" * len(columns_of(table)))
    return f"INSERT OR REPLACE INTO {table} VALUES ({marks})"  # noqa: S608
