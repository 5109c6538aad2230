"""The calls of a cell: to models, alone or in batches, and to child RLMs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ...trace import (
    Failure,
    RlmEnd,
    RlmStart,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    TraceEvent,
    Usage,
)
from ..chat import tokens
from ..loose import nanos
from .words import Call

_CHILD_FAILED = "Error: Child RLM "
_EXHAUSTED = {"Error: Budget exhausted": "budget", "Error: Timeout exhausted": "timeout"}
_LONGEST_US = 10**15


def groups(calls: list[Call]) -> Iterator[list[Call]]:
    """Calls one by one, and the siblings of a batch together."""
    group: list[Call] = []
    for call in calls:
        if group and not group[-1].is_alike(call):
            yield group
            group = []
        group.append(call)
    if group:
        yield group


def microseconds(seconds: float | None) -> int | None:
    """A time that was measured, or None for what can be none."""
    if seconds is None or not 0 <= seconds * 1e6 < _LONGEST_US:
        return None
    return round(seconds * 1e6)


def refused(call: Call) -> str | None:
    """Why the library made no call: there was nothing left for it."""
    response = call.response or ""
    return next((why for said, why in _EXHAUSTED.items() if response.startswith(said)), None)


def failed_child(call: Call) -> bool:
    """A child RLM that failed comes back without its trajectory."""
    return call.metadata is None and (call.response or "").startswith(_CHILD_FAILED)


class Asked(msgspec.Struct, frozen=True):
    """Where a call stands in the tree, and when it was made and answered."""

    query_id: str
    parent_id: str
    depth: int
    backend: str
    start_us: int
    end_us: int
    batch: tuple[str, int, int] | None = None


def submitted(call: Call, asked: Asked) -> SubQuerySubmit:
    """The question."""
    batch_id, index, size = asked.batch or (None, None, None)
    return SubQuerySubmit(
        inferred=True,
        query_id=asked.query_id,
        prompt_preview=as_words(call.prompt),
        parent_id=asked.parent_id,
        depth=asked.depth,
        role="sub",
        batch_id=batch_id,
        batch_index=index,
        batch_size=size,
    )


def of_model(call: Call, asked: Asked) -> Iterator[tuple[int, TraceEvent]]:
    """A call of a model, with its time."""
    yield asked.start_us, submitted(call, asked)
    if why := refused(call):
        cancel = SubQueryCancel(inferred=True, query_id=asked.query_id, reason=why)
        yield asked.start_us, cancel
        return
    provider = f"{asked.backend}:{call.root_model}"
    yield (
        asked.start_us,
        SubQueryExecute(
            inferred=True,
            query_id=asked.query_id,
            provider_id=provider,
            model_id=call.root_model,
        ),
    )
    yield asked.end_us, _returned(call, asked, provider)


def of_failed_child(call: Call, asked: Asked) -> Iterator[tuple[int, TraceEvent]]:
    """A child RLM that failed: what it did is not in the log."""
    start, end = child_ends(call, asked)
    yield asked.start_us, start
    yield asked.end_us, end


def child_ends(call: Call, asked: Asked) -> tuple[RlmStart, RlmEnd]:
    """The beginning and the end of a child RLM. Its calls in sum stand at its end."""
    start = RlmStart(
        inferred=True,
        node_id=asked.query_id,
        parent_id=asked.parent_id,
        depth=asked.depth,
        model=call.root_model,
        query=as_words(call.prompt),
    )
    response = call.response or ""
    error = _failure(response) if response.startswith("Error: ") else None
    reason = "budget" if "budget exceeded" in response[:60] else "errors"
    end = RlmEnd(
        inferred=True,
        node_id=asked.query_id,
        answer=None if error else response,
        error=error,
        end_reason=reason if error else "answer",
        attributes=_sums(call),
    )
    return start, end


def _returned(call: Call, asked: Asked, provider: str) -> SubQueryReturn:
    """All of a batch carry what the last of them used: its tokens are marked, its cost is not
    taken."""
    error = _error(call)
    usage, cost = _accounts(call)
    shared = asked.batch is not None
    lasted_us = microseconds(call.execution_time)
    quality: Any = "none" if usage is None else "shared" if shared else "exact"
    return SubQueryReturn(
        inferred=True,
        query_id=asked.query_id,
        result_preview="" if error else call.response or "",
        duration_ms=None if shared or lasted_us is None else lasted_us / 1000,
        success=error is None,
        provider_id=provider,
        model_id=call.root_model,
        usage=usage,
        usage_quality=quality,
        cost_usd_nanos=None if shared else cost,
        cost_source="none" if shared or cost is None else "provider",
        error=error,
    )


def _error(call: Call) -> Failure | None:
    if call.error is not None:
        return _failure(call.error)
    response = call.response or ""
    has_usage = bool(call.usage_summary and call.usage_summary.model_usage_summaries)
    return None if has_usage or not response.startswith("Error: ") else _failure(response)


def _failure(said: str) -> Failure:
    return Failure(type="Error", message=said.removeprefix("Error: ")[:4000])


def _accounts(call: Call) -> tuple[Usage | None, int | None]:
    used = call.usage_summary.model_usage_summaries if call.usage_summary else {}
    if len(used) != 1:
        return None, None
    (one,) = used.values()
    given, made = tokens(one.total_input_tokens), tokens(one.total_output_tokens)
    usage = Usage(input=given, output=made) if given is not None or made is not None else None
    return usage, nanos(one.total_cost)


def _sums(call: Call) -> dict[str, Any] | None:
    """What the child and its plain calls used together, as its program reckoned it."""
    if call.usage_summary is None or not call.usage_summary.model_usage_summaries:
        return None
    said: dict[str, Any] = msgspec.to_builtins(call.usage_summary)
    return {"usage_summary": said["model_usage_summaries"]}


def as_words(prompt: Any) -> str:
    """A prompt as text; of messages, the last."""
    if isinstance(prompt, str):
        return prompt
    if isinstance(prompt, list) and prompt and isinstance(prompt[-1], dict):
        return as_words(prompt[-1].get("content"))
    return "" if prompt is None else msgspec.json.encode(prompt).decode()
