"""The home as a whole: spend and success over time, what failed, and how the folder is."""

from __future__ import annotations

import msgspec


class Thrown(msgspec.Struct, frozen=True, kw_only=True):
    """A run in the trash, and since when."""

    run_id: str
    at: str


class HomeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The home folder. `notice`: what a reader should know, such as that it is read-only."""

    home: str
    version: str
    format: int
    runs: int
    live: int
    notice: str | None
    index_bytes: int
    disk_free_bytes: int
    disk_bytes: int
    trash: list[Thrown]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was not answered: what was wrong, where, and what to do next."""

    type: str
    title: str
    status: int
    detail: str
    position: int | None = None
