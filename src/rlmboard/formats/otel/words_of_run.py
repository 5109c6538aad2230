"""What attempts, errors and messages of a run are called in the GenAI conventions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...trace import (
    Failure,
    RunCancelled,
    RunDone,
    RunFailed,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQueryTimeout,
)
from .attributes import parsed
from .span import Attributes, SpanEvent

_STATUSES: dict[type[Any], str] = {
    RunDone: "completed",
    RunFailed: "failed",
    RunCancelled: "cancelled",
}
_NANOS_PER_USD = 1_000_000_000


def status_of(end: Any) -> str:
    """The status that the end of a run says."""
    ends: dict[type[Any], str] = {
        RunDone: "completed",
        RunFailed: "failed",
        RunCancelled: "cancelled",
    }
    return ends.get(type(end), "running")


def asked_attributes(asked: SubQueryExecute, outcome: Any) -> Attributes:
    """Who was asked."""
    model = asked.model_id or getattr(outcome, "model_id", None)
    return {
        "gen_ai.provider.name": asked.provider_id or getattr(outcome, "provider_id", None),
        "gen_ai.request.model": model,
        "gen_ai.response.model": getattr(outcome, "model_id", None) or model,
        "rlm.venue": asked.venue,
        "rlm.simulated": asked.simulated,
    }


def outcome_attributes(outcome: Any) -> Attributes:
    """What came of it: tokens, cost, and how it ended where that is no answer."""
    if isinstance(outcome, SubQueryTimeout):
        return {"rlm.outcome": "timeout", "rlm.elapsed_ms": outcome.elapsed_ms}
    if isinstance(outcome, SubQueryCancel):
        return {"rlm.outcome": "cancelled", "rlm.reason": outcome.reason or None}
    if not isinstance(outcome, SubQueryReturn):
        return {}
    usage, nanos = outcome.usage, outcome.cost_usd_nanos
    return {
        "gen_ai.usage.input_tokens": usage.input if usage else None,
        "gen_ai.usage.output_tokens": usage.output if usage else None,
        "gen_ai.usage.cache_read.input_tokens": usage.cached if usage else None,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning if usage else None,
        "gen_ai.usage.cost": nanos / _NANOS_PER_USD if nanos is not None else None,
        "gen_ai.response.finish_reasons": [outcome.finish_reason]
        if outcome.finish_reason
        else None,
        "rlm.usage.quality": outcome.usage_quality,
        "rlm.cost.msat": outcome.cost_msat,
        "rlm.cost.usd_nanos": nanos,
        "rlm.cost.source": outcome.cost_source,
        "rlm.cache_hit": outcome.cache_hit,
    }


def failure_of(outcome: Any) -> Failure | None:
    """Why there is no answer, if there is none."""
    if isinstance(outcome, SubQueryReturn) and not outcome.success:
        return outcome.error or Failure(type="error")
    if isinstance(outcome, SubQueryTimeout):
        return Failure(type="timeout", message=f"no answer within {outcome.elapsed_ms:g} ms")
    if isinstance(outcome, SubQueryCancel):
        return Failure(type="cancelled", message=outcome.reason)
    return None


def began_ns_of(ended_ns: int | None, outcome: Any) -> int | None:
    """When it began, where only its return tells."""
    took_ms = getattr(outcome, "duration_ms", None)
    return ended_ns - round(took_ms * 1e6) if ended_ns is not None and took_ms is not None else None


def exceptions(error: Failure | None, at_ns: int | None) -> Iterator[SpanEvent]:
    """The traceback of an error, as the conventions tell it."""
    if error is not None and error.traceback:
        said = {
            "exception.type": error.type,
            "exception.message": error.message,
            "exception.stacktrace": error.traceback,
        }
        yield SpanEvent("exception", at_ns or 0, said)


def message_of(text: str, role: str) -> dict[str, Any]:
    """A kept message in the shape of the conventions; a bare text is one of the role."""
    said = parsed(text)
    if not isinstance(said, dict) or "role" not in said or "content" not in said:
        return {"role": role, "parts": [{"type": "text", "content": text}]}
    content = said["content"]
    if isinstance(content, str):
        parts: list[Any] = [{"type": "text", "content": content}]
    else:
        parts = content if isinstance(content, list) else []
    calls = said.get("tool_calls")
    return {"role": said["role"], "parts": [*parts, *map(_called, calls if calls else ())]}


def _called(said: Any) -> Any:
    """A tool call in the words of the conventions."""
    function = said.get("function") if isinstance(said, dict) else None
    if not isinstance(function, dict):
        return said
    return {"type": "tool_call", "id": said.get("id"), **function}
