"""Which runs have changed: a mark for each, which is another one when anything of it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from sqlalchemy import select

from .. import tables as t
from ..filter import Term
from ..index import Index
from .within import of_runs

Stamp: TypeAlias = tuple[int, int, int]
"""Of the index as one connection sees it: the same while nobody has written to it."""


class Marks(NamedTuple):
    """A mark for each run, by its id, and the stamp of the index that they were taken from."""

    stamp: Stamp
    by_run: dict[str, int]


def marks(index: Index, known: Stamp | None, terms: Sequence[Term]) -> Marks | None:
    """The marks of all runs; None where nothing was written since the known stamp."""
    stamp = _stamp(index)
    if stamp == known:
        return None
    runs = t.runs.c
    statement = select(
        runs.run_id, runs.status, runs.presumed, runs.lines, runs.labels_size, runs.record_stamp
    ).where(of_runs(terms, runs.run_no))
    return Marks(stamp, {run_id: hash(tuple(rest)) for run_id, *rest in index.select(statement)})


def _stamp(index: Index) -> Stamp:
    connection = index.connection()
    ((version,),) = index.rows("PRAGMA data_version")
    return id(connection), version, connection.total_changes
