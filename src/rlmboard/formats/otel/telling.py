"""A report of a span as events of a run, once it is known where in the tree it hangs."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, TypeAlias, get_args

import msgspec

from ...trace import (
    TEXTS,
    CellEnd,
    CellStart,
    IterationEnd,
    IterationStart,
    Note,
    RlmEnd,
    RlmStart,
    Role,
    Score,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    ToolEnd,
    ToolStart,
    TraceEvent,
    Usage,
    UsageQuality,
)
from .attributes import count, number
from .facts import citations_in
from .said import Said, attempt_of
from .span import Attributes

At: TypeAlias = tuple[int, TraceEvent]
"""Nanoseconds since 1970, and what happened then. Texts are whole."""
SCORER = "otlp"
_ROLES = frozenset(get_args(Role))
_QUALITIES = frozenset(get_args(UsageQuality))


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a span hangs. `parent_id` None: on the root. `depth` None: not known (yet).

    `messages` are the hashes by which the messages of its prompt are kept.
    """

    thing_id: str
    parent_id: str | None = None
    depth: int | None = None
    messages: list[str] | None = None


def events_of(said: Said, place: Place) -> list[At]:
    """What the report says, in the order in which it happened."""
    if said.kind == "call":
        told = _call(said, place)
    elif said.kind == "tool":
        told = _tool(said, place)
    elif said.kind == "cell":
        told = _cell(said, place)
    elif said.kind == "turn":
        told = _turn(said, place)
    elif said.kind in ("run", "events"):
        told = iter(())
    else:
        told = _node(said, place)
    return [*told, *_judgements(said, place)]


def _call(said: Said, place: Place) -> Iterator[At]:
    ours, (attempt, replica) = said.ours, attempt_of(said.ours)
    of: dict[str, Any] = {"query_id": place.thing_id, "attempt": attempt, "replica": replica}
    yield (
        said.start_ns,
        SubQuerySubmit(
            query_id=place.thing_id,
            prompt_preview=said.question,
            prompt_ref=place.messages,
            parent_id=place.parent_id,
            depth=place.depth,
            role=_role(ours),
            fragment_id=_text(ours, "fragment.id"),
            batch_id=_text(ours, "batch.id"),
            batch_index=count(ours.get("batch.index")),
            batch_size=count(ours.get("batch.size")),
            inferred=said.start_is_guess or None,
        ),
    )
    was_asked = ours.get("executed") is not False
    if was_asked:
        asked = SubQueryExecute(
            **of,
            provider_id=said.provider,
            model_id=said.model,
            venue=_text(ours, "venue"),
            simulated=ours.get("simulated") is True or None,
        )
        yield said.start_ns, asked
    if said.end_ns is not None and (was_asked or "outcome" in ours):
        yield said.end_ns, _outcome(said, of)


def _role(ours: Attributes) -> Any:
    """Who asks a model is not told by a span; a run of ours knows."""
    role = ours.get("role")
    return role if role in _ROLES else None if "id" in ours else "sub"


def _outcome(said: Said, of: dict[str, Any]) -> TraceEvent:
    took_ms = (said.end_ns - said.start_ns) / 1e6 if said.end_ns is not None else 0.0
    how, guess = said.ours.get("outcome"), said.end_is_guess or None
    if how == "timeout":
        elapsed_ms = number(said.ours.get("elapsed_ms"))
        waited_ms = took_ms if elapsed_ms is None else elapsed_ms
        return SubQueryTimeout(**of, elapsed_ms=waited_ms, inferred=guess)
    if how == "cancelled":
        reason = _text(said.ours, "reason") or ""
        return SubQueryCancel(**of, reason=reason, inferred=guess)
    quality = said.ours.get("usage.quality")
    return SubQueryReturn(
        **of,
        result_preview=said.answer,
        duration_ms=round(took_ms, 3),
        success=said.error is None,
        provider_id=said.provider,
        model_id=said.model,
        usage=said.usage,
        usage_quality=(quality if quality in _QUALITIES else "exact") if said.usage else "none",
        finish_reason=said.finish_reason,
        span_refs=citations_in(said.ours.get("citations")),
        cache_hit=said.ours.get("cache_hit") is True or None,
        error=said.error,
        attributes=said.attributes or None,
        inferred=guess,
        **said.cost,
    )


def _node(said: Said, place: Place) -> Iterator[At]:
    start = RlmStart(
        node_id=place.thing_id,
        parent_id=place.parent_id,
        name=said.name,
        depth=place.depth,
        model=said.model,
        query=said.question or None,
        inferred=said.start_is_guess or None,
    )
    yield said.start_ns, start
    if said.end_ns is not None:
        yield (
            said.end_ns,
            RlmEnd(
                node_id=place.thing_id,
                answer=said.answer or None,
                end_reason=_text(said.ours, "end_reason"),
                error=said.error,
                attributes=said.attributes or None,
                inferred=said.end_is_guess or None,
            ),
        )


def _tool(said: Said, place: Place) -> Iterator[At]:
    yield (
        said.start_ns,
        ToolStart(
            tool_id=place.thing_id,
            name=said.name,
            parent_id=place.parent_id,
            args_preview=said.question,
            inferred=said.start_is_guess or None,
        ),
    )
    if said.end_ns is not None:
        yield (
            said.end_ns,
            ToolEnd(
                tool_id=place.thing_id,
                result_preview=said.answer,
                error=said.error,
                attributes=said.attributes or None,
                inferred=said.end_is_guess or None,
            ),
        )


def _cell(said: Said, place: Place) -> Iterator[At]:
    of: dict[str, Any] = {"cell_id": place.thing_id}
    node = place.parent_id or "root"
    yield said.start_ns, CellStart(**of, node_id=node, code_preview=said.question)
    if said.end_ns is not None:
        took_ms = (said.end_ns - said.start_ns) / 1e6
        printed: dict[str, Any] = {"stdout_preview": said.answer, "error": said.error}
        printed["stderr_preview"] = _whole(said.ours, "stderr")
        yield said.end_ns, CellEnd(**of, **printed, duration_ms=round(took_ms, 3))


def _turn(said: Said, place: Place) -> Iterator[At]:
    n, node = count(said.ours.get("iteration")), place.parent_id or "root"
    if n is None:
        return
    of: dict[str, Any] = {"n": n, "node_id": node, "max_n": count(said.ours.get("iterations.max"))}
    yield said.start_ns, IterationStart(**of)
    if said.end_ns is not None:
        yield said.end_ns, IterationEnd(**of)


def _judgements(said: Said, place: Place) -> Iterator[At]:
    query_id = place.thing_id if said.kind == "call" else None
    for one in said.judged:
        at_ns = one.at_ns or said.end_ns or said.start_ns
        if one.value is not None:
            scorer = one.scorer or SCORER
            yield at_ns, Score(
                name=one.name, value=one.value, scorer=scorer, query_id=query_id, by=one.by,
                scorer_version=one.scorer_version, task_id=one.task_id,
            )  # fmt: skip
        if one.label or one.explanation:
            text = ": ".join(filter(None, (one.name, one.label, one.explanation)))
            yield at_ns, Note(message=text, title="Evaluation")


def _whole(ours: Attributes, name: str) -> str:
    value = ours.get(name)
    return value if isinstance(value, str) else ""


def _text(ours: Attributes, name: str) -> str | None:
    value = ours.get(name)
    return value[:1000] if isinstance(value, str) and value else None


# ------------------------------------------------------------------ told again


def key_of(event: TraceEvent) -> tuple[Any, ...]:
    """What the event is a statement about: a later one with this key takes its place."""
    if isinstance(event, Note):
        return ("Note", event.message)
    if isinstance(event, Score):
        return ("Score", event.query_id, event.name, event.scorer)
    kind, ids = _keys_of(type(event))
    return (kind, *[getattr(event, name) for name in ids])


@functools.cache
def _keys_of(event: type[TraceEvent]) -> tuple[str, tuple[str, ...]]:
    kind = "outcome" if event in _OUTCOMES else event.__name__
    return kind, tuple(name for name in _IDS if name in event.__struct_fields__)


_IDS = ("query_id", "node_id", "cell_id", "tool_id", "attempt", "replica", "n")
_OUTCOMES = (SubQueryReturn, SubQueryTimeout, SubQueryCancel)
_OF_PLACE = frozenset({"parent_id", "depth", "inferred", "success", "error", "node_id"})


def together(new: TraceEvent, old: TraceEvent | None) -> TraceEvent:
    """The new statement, with what only the old one knew: what was said once is never unsaid."""
    if type(new) is not type(old):
        return new
    kept: dict[str, Any] = {}
    texts = {text.field: text.ref for text in TEXTS.get(type(new), ())}
    refs = set(texts.values())
    for field in new.__struct_fields__:
        was, now = getattr(old, field), getattr(new, field)
        if field in _OF_PLACE or field in refs or not was:
            continue
        if isinstance(now, dict) and isinstance(was, dict):
            kept[field] = {**was, **now}
        elif isinstance(now, Usage) and isinstance(was, Usage):
            kept[field] = together_usage(now, was)
        elif now is None or now == "" or (now == "none" and field in _ACCOUNTS):
            kept[field] = was
            if ref := texts.get(field):
                kept[ref] = getattr(old, ref)
    return msgspec.structs.replace(new, **kept) if kept else new


_ACCOUNTS = ("cost_source", "usage_quality")


def together_usage(new: Usage, old: Usage) -> Usage:
    """Each count as it was last said."""
    return Usage(
        input=old.input if new.input is None else new.input,
        output=old.output if new.output is None else new.output,
        cached=old.cached if new.cached is None else new.cached,
        reasoning=old.reasoning if new.reasoning is None else new.reasoning,
    )
