"""The row of a run, and of each of its metrics, from the state that its fold left."""

from __future__ import annotations

from typing import Any

from .rows import FoldStatus, MetricRow, RunSummary
from .state import End, RunState, Sums

_SAID_NOTHING = End("completed", 0.0)


def run_summary(state: RunState) -> RunSummary:
    """The run as one row."""
    end, counts = state.end, state.counts
    return RunSummary(
        lines=state.lines,
        holes={reason: n for reason, n in state.holes.items() if reason != "blank"},
        foreign=state.foreign,
        status=_status(state),
        started_at=state.started_at,
        duration_ms=_lasted_ms(state),
        query=state.query,
        producer=state.producer,
        citations_checked=state.citations_checked,
        citations_missing=state.citations_missing,
        fragments=counts.get("fragment", state.fragment_count),
        selected=counts.get("selected"),
        max_depth=state.max_depth,
        nodes=counts.get("node", 0),
        iterations=counts.get("iteration", (end.iterations or 0) if end else 0),
        cells=counts.get("cell", 0),
        tools=counts.get("tool", 0),
        checks_passed=counts.get("passed", 0),
        checks_failed=counts.get("failed", 0),
        artifacts=counts.get("artifact", 0),
        scores=counts.get("score", 0),
        notes={kind[5:]: n for kind, n in counts.items() if kind.startswith("note.")},
        environment=state.environment,
        **_ending(end),
        **_fan_out(state),
        **_money_and_tokens(state),
    )


def metric_rows(state: RunState) -> list[MetricRow]:
    """The summary of each metric, in the order in which they were first logged."""
    return [
        MetricRow(name=name, value=last.value, step=last.step, special=last.special)
        for name, last in state.metrics.items()
    ]


def _status(state: RunState) -> FoldStatus:
    if state.end is not None:
        return state.end.status
    return "running" if state.last_ms is not None else "queued"


def _lasted_ms(state: RunState) -> float | None:
    """Until its end: what is said of it afterwards, as a score, does not make it longer."""
    until_ms = state.end.at_ms if state.end is not None else state.last_ms
    return max(0.0, until_ms) if until_ms is not None else None


def _ending(end: End | None) -> dict[str, Any]:
    said = end or _SAID_NOTHING
    return {
        "end_reason": said.reason,
        "error_type": said.error_type,
        "error_message": said.error_message,
        "ended_ms": end.at_ms if end else None,
        "output_preview": said.output,
        "span_refs": said.span_refs,
        "citations": len(end.span_refs) if end else None,
        "partial": said.partial,
        "lost": said.lost,
    }


def _fan_out(state: RunState) -> dict[str, Any]:
    sums = state.sums
    return {
        "simulated": sums.simulated > 0,
        "sub_queries": sums.sub_queries,
        "returned": sums.returned,
        "failed": sums.failed,
        "timed_out": sums.timed_out,
        "cancelled": sums.cancelled,
        "running": sums.running,
        "attempts": sums.attempts,
        "retries": sums.retries,
        "hedges": sums.hedges,
        "open_attempts": sums.open_attempts,
    }


def _cost(sums: Sums, told: End) -> dict[str, Any]:
    msat, usd_nanos = told.cost_msat, told.cost_usd_nanos
    return {
        "cost_msat": sums.cost_msat if sums.known_cost_msat else msat,
        "cost_usd_nanos": sums.cost_usd_nanos if sums.known_cost_usd_nanos else usd_nanos,
        "apart_msat": sums.apart_msat + (msat or 0 if usd_nanos is None else 0),
        "apart_usd_nanos": sums.apart_usd_nanos + (usd_nanos or 0 if msat is None else 0),
    }


def _money_and_tokens(state: RunState) -> dict[str, Any]:
    """From the attempts; for a producer that knows of none, from its own totals."""
    sums = state.sums
    told = state.end if state.end is not None and sums.attempts == 0 else _SAID_NOTHING
    in_msat, in_usd = sums.reservations_msat > 0, sums.reservations_usd_nanos > 0
    return {
        **_cost(sums, told),
        "input_tokens": sums.input_tokens if sums.known_input else told.input_tokens,
        "output_tokens": sums.output_tokens if sums.known_output else told.output_tokens,
        "cached_tokens": sums.cached_tokens if sums.known_cached else told.cached_tokens,
        "reasoning_tokens": (
            sums.reasoning_tokens if sums.known_reasoning else told.reasoning_tokens
        ),
        "unknown_cost": sums.unknown_cost,
        "unknown_usage": sums.unknown_usage,
        "estimated_usage": sums.estimated_usage,
        "reserved_msat": sums.reserved_msat if in_msat else None,
        "settled_msat": sums.settled_msat if in_msat else None,
        "overage_msat": sums.overage_msat if in_msat else None,
        "reserved_usd_nanos": sums.reserved_usd_nanos if in_usd else None,
        "settled_usd_nanos": sums.settled_usd_nanos if in_usd else None,
        "overage_usd_nanos": sums.overage_usd_nanos if in_usd else None,
    }
