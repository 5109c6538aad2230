"""A gathering for a run of the conductor or of anybody: quorums are read as the conductor does."""

from __future__ import annotations

from ...conductor.quorum import parse_quorum
from ...errors import BadInput
from ...trace import RunConfig
from .gather import Gathering


def gathering_for(run_id: str, query: str, config: RunConfig, title: str = "") -> Gathering:
    return Gathering(run_id, query, config, required, title)


def required(said: object, total: int) -> int | None:
    """How many of `total` this quorum asks for; None for as many as come, or where it says
    nothing that the conductor would understand."""
    try:
        return parse_quorum(str(said)).required(total)
    except BadInput:
        return None
