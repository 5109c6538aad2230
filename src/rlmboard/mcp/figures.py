"""Rows of the store as small objects. A sum over parts that are unknown says how many are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from ..store import ProviderRow, RunRow
from ..trace.summary import SubQueryRow
from .texts import cut

UNKNOWN = "unknown"


def known(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is there of these; nothing stands for what is not known."""
    return {name: fact for name, fact in facts.items() if fact not in (None, {}, [], ())}


def of_run(row: RunRow) -> dict[str, Any]:
    """A run in a list."""
    said = row.summary
    return known(
        {
            "run_id": row.run_id,
            "status": row.status,
            "presumed": row.presumed or None,
            "name": row.name,
            "query": cut(row.query, 300).said(),
            "producer": row.producer,
            "method": row.config.method,
            "model": row.config.model,
            "experiment": row.experiment,
            "tags": list(row.tags),
            "started_at": moment_text(row.created_at_ms),
            "duration_ms": said.duration_ms,
            "end_reason": said.end_reason,
            "cost": _cost(said.cost_msat, said.cost_usd_nanos, said.unknown_cost, said.attempts),
            "parent_run_id": row.parent_run_id,
        }
    )


def figures(row: RunRow) -> dict[str, Any]:
    """What a run did, in numbers."""
    said = row.summary
    counts = {
        name: getattr(said, name) or None
        for name in (
            "sub_queries", "returned", "failed", "timed_out", "cancelled", "running", "attempts",
            "retries", "hedges", "max_depth", "nodes", "iterations", "cells", "tools", "fragments",
            "citations", "checks_passed", "checks_failed",
        )
    }  # fmt: skip
    tokens = known(
        {
            "input": said.input_tokens,
            "output": said.output_tokens,
            "cached": said.cached_tokens,
            "reasoning": said.reasoning_tokens,
            "attempts_without_a_count": said.unknown_usage or None,
            "attempts_with_an_estimate": said.estimated_usage or None,
        }
    )
    return known({**counts, "tokens": tokens or (UNKNOWN if said.attempts else None)})


def query_figures(row: SubQueryRow) -> dict[str, Any]:
    """A sub-query in a list."""
    return known(
        {
            "query_id": row.query_id,
            "status": row.status,
            "role": row.role,
            "parent_id": row.parent_id,
            "depth": row.depth,
            "prompt": cut(row.prompt_preview, 200).said() or None,
            "answer": cut(row.result_preview, 200).said() or None,
            "model": row.model,
            "provider": row.provider,
            "started_ms": row.started_ms,
            "ended_ms": row.ended_ms,
            "tokens": known({"input": row.input_tokens, "output": row.output_tokens}) or UNKNOWN,
            "cost": _cost(row.cost_msat, row.cost_usd_nanos, 0, 1),
        }
    )


def of_provider(row: ProviderRow) -> dict[str, Any]:
    """A provider on the leaderboard, as the store counts it."""
    return known(msgspec.to_builtins(row))


def moment_text(at_ms: int | float) -> str:
    """A time of day, UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")


def _cost(
    msat: int | None, usd_nanos: int | None, unknown: int, attempts: int
) -> dict[str, Any] | str | None:
    """What is known to have been spent; with parts missing it is at least that."""
    if msat is None and usd_nanos is None:
        return UNKNOWN if attempts else None
    return known(
        {
            "sats": msat / 1000 if msat is not None else None,
            "usd": usd_nanos / 1e9 if usd_nanos is not None else None,
            "at_least": True if unknown else None,
            "attempts_without_a_cost": unknown or None,
        }
    )
