"""Which runs a question is about, as a condition on other tables."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Integer, Select, cast, select, true

from .. import tables as t
from ..filter import Term
from ..queries import where

Condition = ColumnElement[bool]


def of_runs(terms: Sequence[Term], run_no: ColumnElement[int]) -> Condition:
    """The run fits the filter; anything does where there is none."""
    return run_no.in_(runs_that_fit(terms)) if terms else true()


def runs_that_fit(terms: Sequence[Term]) -> Select[tuple[int]]:
    return select(t.runs.c.run_no).where(where(terms))


def run_no_of(key: ColumnElement[int]) -> ColumnElement[int]:
    """The run that the key of a sub-query or attempt belongs to."""
    return cast(key.op(">>")(t.NUMBER_BITS), Integer)
