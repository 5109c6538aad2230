"""What of a run is no span: fragments, checks, budget, metrics, notes, as events of its spans.

An event of the trace format is the span event `rlm.<its type>`, its fields attributes `rlm.<field>`
as they stand there; lists and objects are JSON. What comes in so is read back strictly: anything
else than such an event is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from ...trace import (
    TEXTS,
    Aggregate,
    BudgetReserve,
    BudgetSettle,
    EnvLoadFragment,
    EnvSelectFragments,
    FallbackLocal,
    Metric,
    Note,
    SpanRef,
    TraceEvent,
    VerifyAttestation,
    VerifyCitations,
    VerifyObjective,
    VerifyRedundant,
)
from ...trace.events import Ref
from .attributes import as_json, parsed
from .span import Attributes, SpanEvent

FindText: TypeAlias = Callable[[str, Ref | None], list[str]]
"""The texts behind a preview and its reference; none where texts are not to be sent."""
FACTS = (
    EnvLoadFragment, EnvSelectFragments, VerifyRedundant, VerifyObjective, VerifyAttestation,
    VerifyCitations, BudgetReserve, BudgetSettle, Aggregate, FallbackLocal, Metric, Note,
)  # fmt: skip
_BY_NAME: dict[str, type[TraceEvent]] = {f"rlm.{kind.__name__}": kind for kind in FACTS}
_NESTED = frozenset({"fragment_ids", "n_of_m", "replicas", "span_ref"})
_PROSE = {VerifyObjective: ("detail",), Note: ("title",), FallbackLocal: ("reason",)}
"""Texts beside those of TEXTS, which go where texts go."""
LONGEST_CHARS = 4_000
MOST_CITATIONS = 10_000


def event_of(at_ns: int, event: TraceEvent, texts: FindText) -> SpanEvent | None:
    """A fact as the event of a span; None for one that says nothing without its text."""
    fields = msgspec.to_builtins(event)
    for text in TEXTS.get(type(event), ()):
        found = texts(getattr(event, text.field), getattr(event, text.ref) if text.ref else None)
        fields.pop(text.ref, None)
        fields[text.field] = "".join(found) or None
    for name in _PROSE.get(type(event), ()):
        fields[name] = "".join(texts(getattr(event, name) or "", None)) or None
    if isinstance(event, Note) and not fields["message"]:
        return None
    said = {
        f"rlm.{name}": as_json(value) if name in _NESTED else value
        for name, value in fields.items()
        if value is not None and name != "type"
    }
    return SpanEvent(f"rlm.{type(event).__name__}", at_ns, said)


def fact_of(said: SpanEvent) -> TraceEvent | None:
    """The fact that an event of a span is; None where it is none."""
    kind = _BY_NAME.get(said.name)
    if kind is None:
        return None
    fields: dict[str, Any] = {
        name[4:]: _field(name[4:], value)
        for name, value in said.attributes.items()
        if name.startswith("rlm.") and value is not None
    }
    try:
        return msgspec.convert({**fields, "type": kind.__name__}, kind)
    except (msgspec.ValidationError, RecursionError):
        return None


def is_fact(said: SpanEvent) -> bool:
    """Whether the event has the name of one."""
    return said.name in _BY_NAME


def citations_in(value: Any) -> tuple[SpanRef, ...]:
    """Citations that stand as JSON in an attribute; none where they make no sense."""
    try:
        found = msgspec.convert(parsed(value), tuple[SpanRef, ...])
    except (msgspec.ValidationError, RecursionError):
        return ()
    return found[:MOST_CITATIONS]


def citations(refs: tuple[SpanRef, ...]) -> Attributes:
    """Citations as an attribute; nothing where there are none."""
    return {"rlm.citations": as_json(refs)} if refs else {}


def _field(name: str, value: Any) -> Any:
    if name in _NESTED:
        return parsed(value)
    is_text = isinstance(value, str) and name not in ("message", "output_preview", "query")
    return value[:LONGEST_CHARS] if is_text else value
