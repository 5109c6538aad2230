"""What of a run has a beginning and an end: the slices of its tracks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ...trace.picture import STATES, Picture
from ...trace.picture.tables import (
    ASKED,
    CACHE_HIT,
    ESTIMATED_USAGE,
    FAILED,
    HEDGE,
    INFERRED,
    RETURNED,
    ROLES,
    SIMULATED,
    THING_KINDS,
)

RUN = 0
"""The process of the run itself; those of the providers follow."""
TRACKS = {"rlm": "child RLMs", "turn": "turns", "cell": "cells", "tool": "tools"}
_FLAGS = (
    ("hedge", HEDGE), ("simulated", SIMULATED), ("inferred", INFERRED), ("cache_hit", CACHE_HIT),
    ("estimated_usage", ESTIMATED_USAGE),
)  # fmt: skip
_AMOUNTS = (
    "cost_msat", "cost_usd_nanos", "input_tokens", "output_tokens", "cached_tokens",
    "reasoning_tokens", "span_refs",
)  # fmt: skip


class Slice(NamedTuple):
    """A bar on a track, in microseconds. Where `open` stands in `args`, its end is not known."""

    process: int
    track: str
    start_us: float
    end_us: float
    name: str
    category: str
    args: dict[str, Any]


def horizon_us(picture: Picture) -> float:
    """Where bars end that never did: at the last event."""
    return max(float(picture.run.last_us or 0), float(picture.run.ended_us or 0))


def run_slice(picture: Picture) -> Slice:
    """The run as a whole."""
    run = picture.run
    args = {
        "query": run.query, "status": run.status, "end_reason": run.end_reason,
        "error": run.error_type, "producer": run.producer, "lost_events": run.lost or None,
        "damaged_lines": sum(run.holes.values()) or None, "simulated": run.simulated or None,
    }  # fmt: skip
    return _slice(picture, RUN, "run", (0.0, _known(run.ended_us)), "run", run.status, args)


def attempt_slices(picture: Picture) -> Iterator[Slice]:
    """One bar an attempt, in the process of its provider."""
    attempts = picture.attempts
    for row in range(attempts.rows):
        ended_us = attempts.ended_us[row]
        start_us = start_of(picture, row)
        if start_us != start_us:
            if ended_us != ended_us:
                continue  # money was set aside for it, and nobody was asked
            start_us = ended_us
        state = STATES[attempts.state[row]]
        name = _titled(picture, attempts.query[row], state)
        times, args = (start_us, ended_us), _of_attempt(picture, row)
        yield _slice(picture, attempts.provider[row] + 2, "lane", times, name, state, args)


def unasked_slices(picture: Picture) -> Iterator[Slice]:
    """One bar a sub-query that was submitted and never tried."""
    queries = picture.queries
    for row in range(queries.rows):
        if queries.first[row] >= 0 or queries.submitted_us[row] != queries.submitted_us[row]:
            continue
        state = STATES[queries.state[row]]
        times = (queries.submitted_us[row], queries.ended_us[row])
        name, args = _titled(picture, row, state), _of_query(picture, row) | {"status": state}
        yield _slice(picture, RUN, "sub-queries not asked", times, name, state, args)


def node_slices(picture: Picture) -> Iterator[Slice]:
    """One bar a child RLM, turn, code cell and tool, each kind on tracks of its own."""
    nodes, things = picture.nodes, picture.things
    for row in range(nodes.rows):
        start_us, ended_us = nodes.started_us[row], nodes.ended_us[row]
        if start_us != start_us and ended_us != ended_us:
            continue
        kind, state = THING_KINDS[nodes.kind[row]], STATES[nodes.state[row]]
        args = {
            "id": things.id[nodes.thing[row]],
            "parent": things.id[nodes.parent[row]],
            "depth": _whole(nodes.depth[row]),
            "status": state,
            "reason": _named(picture, "reason", nodes.reason[row]),
            "inferred": bool(nodes.flags[row] & INFERRED) or None,
        }
        times = (start_us if start_us == start_us else ended_us, ended_us)
        name = _node_name(picture, row, kind)
        yield _slice(picture, RUN, TRACKS[kind], times, name, state, args)


def start_of(picture: Picture, row: int) -> float:
    """When an attempt began; NaN where it has not, or nobody can tell."""
    attempts, submitted_us = picture.attempts, picture.queries.submitted_us
    started_us, ended_us = attempts.started_us[row], attempts.ended_us[row]
    if started_us == started_us:
        return started_us
    query = attempts.query[row]
    if ended_us != ended_us:
        return submitted_us[query] if was_asked(picture, row) else ended_us
    took_us = attempts.took_us[row]
    return ended_us - took_us if took_us == took_us else submitted_us[query]


def was_asked(picture: Picture, row: int) -> bool:
    """Whether a provider was asked. One that answered was, also where nobody said so."""
    attempts = picture.attempts
    return bool(attempts.flags[row] & ASKED) or attempts.state[row] in (RETURNED, FAILED)


def _slice(
    picture: Picture, process: int, track: str, times: tuple[float, float], name: str,
    category: str, args: dict[str, Any],
) -> Slice:  # fmt: skip
    start_us, ended_us = times
    is_open = ended_us != ended_us
    end_us = max(start_us, horizon_us(picture) if is_open else ended_us)
    told = {key: value for key, value in args.items() if value is not None}
    if is_open:
        told["open"] = "its end is not known: drawn up to the last event"
    return Slice(process, track, start_us, end_us, name, category, told)


def _of_attempt(picture: Picture, row: int) -> dict[str, Any]:
    attempts = picture.attempts
    flags = attempts.flags[row]
    return {
        **_of_query(picture, attempts.query[row]),
        "attempt": _whole(attempts.attempt[row]),
        "replica": _whole(attempts.replica[row]),
        "status": STATES[attempts.state[row]],
        "model": _named(picture, "model", attempts.model[row]),
        "venue": _named(picture, "venue", attempts.venue[row]),
        "reason": _named(picture, "reason", attempts.reason[row]),
        "error": attempts.error[row],
        **{name: _whole(getattr(attempts, name)[row]) for name in _AMOUNTS},
        **{name: True for name, bit in _FLAGS if flags & bit},
    }


def _of_query(picture: Picture, row: int) -> dict[str, Any]:
    queries, things = picture.queries, picture.things
    fragment = queries.fragment[row]
    return {
        "query_id": things.id[queries.thing[row]],
        "parent": things.id[queries.parent[row]],
        "depth": _whole(queries.depth[row]),
        "role": ROLES[queries.role[row]] if queries.role[row] >= 0 else None,
        "fragment": picture.fragments.id[fragment] if fragment >= 0 else None,
    }


def _titled(picture: Picture, query: int, state: str) -> str:
    """By what it is for, not by its id: Perfetto gives one colour, and one sum, to one name."""
    role = picture.queries.role[query]
    name = ROLES[role] if role >= 0 else "sub-query"
    return name if state == "returned" else f"{name} {state}"


def _node_name(picture: Picture, row: int, kind: str) -> str:
    nodes = picture.nodes
    if kind == "turn":
        return f"turn {int(nodes.n[row])}"
    return nodes.label[row] or kind


def _named(picture: Picture, kind: str, index: int) -> str | None:
    return picture.names[kind].all[index] if index >= 0 else None


def _whole(number: float) -> int | None:
    return int(number) if number == number else None


def _known(number: int | None) -> float:
    return float("nan") if number is None else float(number)
