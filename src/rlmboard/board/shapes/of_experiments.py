"""Runs beside each other: experiments, and the table that compares."""

from __future__ import annotations

from typing import Any

import msgspec


class ComparisonColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column. `same`: the one value of all runs, where none is missing and none differs."""

    key: str
    from_: str = msgspec.field(name="from")
    kind: str
    known: int
    distinct: int
    same: Any
    lowest: float | None
    highest: float | None


class ComparedRun(msgspec.Struct, frozen=True, kw_only=True):
    """A row's run."""

    id: str
    name: str | None
    status: str
    created_at_ms: int
    experiment: str | None
    star: bool
    archived: bool
    tags: tuple[str, ...]
    query: str
    simulated: bool
    apart_msat: int
    apart_usd_nanos: int
    unknown_cost: int
    unknown_usage: int
    estimated_usage: int


class GroupCell(msgspec.Struct, frozen=True, kw_only=True):
    """A column over a group; `std` is that of a sample.

    Means leave out what is unknown, wholly or in part.
    """

    n: int
    mean: float
    std: float | None
    lowest: float
    highest: float
    unknown: int


class ComparisonGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Runs with one value of the grouping column; `runs` are row numbers."""

    value: Any
    runs: list[int]
    cells: dict[str, GroupCell]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """`values[i][j]` is run `i` in column `j`. `cut`: more runs fit, `count` in all."""

    columns: list[ComparisonColumn]
    runs: list[ComparedRun]
    values: list[list[Any]]
    groups: list[ComparisonGroup]
    count: int
    cut: bool
