"""What a span says, in our words: the one reading of all conventions.

Of several names for one thing the first that is there wins: GenAI as it is now, GenAI as it was,
OpenInference, then what others write (source of the table: `docs/integrations.md`).
"""

from __future__ import annotations

from typing import Any

import msgspec

from ...trace import Failure, TraceEvent, Usage, as_text
from .accounts import cost_of, usage_of
from .attributes import as_json, count, first, first_text, number, parsed, unflattened
from .facts import fact_of, is_fact
from .kinds import Kind, is_embedding, kind_of
from .messages import (
    Message,
    answer_of,
    input_messages,
    input_text,
    is_content,
    output_messages,
    output_text,
    question_of,
    text_of,
)
from .span import Attributes, Span, SpanEvent

_MODEL = (
    "gen_ai.response.model",
    "gen_ai.request.model",
    "llm.model_name",
    "embedding.model_name",
    "ai.response.model",
    "ai.model.id",
    "model_name",
)
_PROVIDER = (
    "rlm.provider.id",
    "gen_ai.provider.name",
    "gen_ai.system",
    "llm.provider",
    "llm.system",
    "ai.model.provider",
)
_SESSION = ("rlm.run.id", "gen_ai.conversation.id", "session.id", "langfuse.session.id")
_NAME = ("gen_ai.agent.name", "gen_ai.workflow.name", "agent.name", "graph.node.name")
_TOOL_NAME = ("gen_ai.tool.name", "tool.name", "gen_ai.data_source.id")
_ARGUMENTS = ("gen_ai.tool.call.arguments", "tool_arguments")
_RESULT = ("gen_ai.tool.call.result", "tool_response")
_FINISH = ("gen_ai.response.finish_reasons", "llm.finish_reason", "ai.response.finishReason")
_EXCEPTION = "exception"
_EVALUATION = "gen_ai.evaluation.result"
EARLIEST_NS = 946_684_800 * 10**9
"""The year 2000: what is said to be before it has no time at all."""
AHEAD_NS = 86_400 * 10**9
"""A clock may be a day ahead of ours."""
NAME_CHARS = 200


class Judged(msgspec.Struct, frozen=True):
    """A score in an event of the span; without a number there is a label only."""

    name: str
    at_ns: int
    value: float | None
    label: str | None
    explanation: str | None
    scorer: str | None = None
    scorer_version: str | None = None
    task_id: str | None = None
    by: str | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A report of a span as we read it. `end_ns` None: it has not ended.

    `start_is_guess`, `end_is_guess`: nobody said a time that can be true.
    """

    trace_id: str
    span_id: str
    parent_id: str | None
    kind: Kind
    name: str
    start_ns: int
    end_ns: int | None
    start_is_guess: bool = False
    end_is_guess: bool = False
    session: str | None = None
    model: str | None = None
    provider: str | None = None
    messages: tuple[Message, ...] = ()
    question: str = ""
    answer: str = ""
    usage: Usage | None = None
    """Of a call; of an agent what all its calls used, which is never added to theirs."""
    cost: dict[str, Any] = {}
    finish_reason: str | None = None
    error: Failure | None = None
    judged: tuple[Judged, ...] = ()
    facts: tuple[tuple[int, TraceEvent], ...] = ()
    """What else happened in a run of ours, and when."""
    attributes: Attributes = {}
    ours: Attributes = {}
    """What only a run of ours says of itself, without `rlm.`."""


def said_by(span: Span, now_ns: int) -> Said:
    """What this report says, heard now."""
    span, pending = _as_meant(span)
    start_ns, end_ns, guessed = _times(span, pending, now_ns)
    kind, attributes = kind_of(span), span.attributes
    texts = _texts(span, kind)
    is_call = kind == "call"
    return Said(
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_id=span.parent_id,
        kind=kind,
        name=_name(span, kind),
        start_ns=start_ns,
        end_ns=end_ns,
        start_is_guess=guessed[0],
        end_is_guess=guessed[1],
        session=_session(span),
        model=_short(first_text(attributes, _MODEL) or _asked_model(attributes)),
        provider=_short(first_text(attributes, _PROVIDER)),
        usage=usage_of(attributes) if kind in ("call", "agent") else None,
        cost=cost_of(attributes) if is_call else {},
        finish_reason=_finish(attributes),
        error=_error(span),
        judged=tuple(_judged(event, now_ns) for event in span.events if event.name == _EVALUATION),
        facts=_facts(span, start_ns, now_ns),
        attributes=_rest(span, kind, texts["question"]),
        ours={
            name[4:]: value
            for name, value in attributes.items()
            if name.startswith("rlm.") and value is not None
        },
        **texts,
    )


def session_of(span: Span) -> str | None:
    """What groups traces: the run, conversation or session that the span names."""
    return _session(span)


def _as_meant(span: Span) -> tuple[Span, bool]:
    """A span that announces another, as that one; and whether it has not ended yet."""
    said = span.attributes
    if said.get("logfire.span_type") == "pending_span" and span.parent_id is not None:
        parent = said.get("logfire.pending_parent_id")
        real = parent if isinstance(parent, str) and _is_span_id(parent) else None
        return msgspec.structs.replace(span, span_id=span.parent_id, parent_id=real), True
    return span, said.get("rlm.pending") is True


def _is_span_id(text: str) -> bool:
    return len(text) == 16 and text.strip("0") != "" and not text.strip("0123456789abcdef")


def _times(span: Span, pending: bool, now_ns: int) -> tuple[int, int | None, tuple[bool, bool]]:
    start, end = _plausible(span.start_ns, now_ns), _plausible(span.end_ns, now_ns)
    if pending or span.end_ns == 0:
        return start or now_ns, None, (not start, False)
    if start and end:
        return (start, end, (False, False)) if end >= start else (start, start, (False, True))
    known = start or end or now_ns
    return known, known, (not start, not end)


def _plausible(at_ns: int, now_ns: int) -> int:
    return at_ns if EARLIEST_NS <= at_ns <= now_ns + AHEAD_NS else 0


def _texts(span: Span, kind: Kind) -> dict[str, Any]:
    said = span.attributes
    if kind == "tool":
        return {"question": input_text(said, _ARGUMENTS), "answer": _result(said)}
    messages, text = input_messages(span), input_text(said)
    answers = output_messages(span)
    answer = "\n".join(filter(None, map(text_of, answers))) or output_text(said)
    if kind == "call":
        if not messages and is_embedding(said):
            return {"question": _embedded(said) or text}
        asked = text_of(messages[-1]) if messages else text
        return {"messages": tuple(messages), "question": asked, "answer": answer}
    return {"question": question_of(messages, text), "answer": answer_of(answer)}


def _result(said: Attributes) -> str:
    text = output_text(said, _RESULT)
    if text:
        return text
    documents = unflattened(said, "retrieval.documents")
    return as_json(documents) if documents else ""


def _embedded(said: Attributes) -> str:
    rows = unflattened(said, "embedding.embeddings")
    texts = [row["embedding"].get("text") for row in rows if isinstance(row, dict)
             and isinstance(row.get("embedding"), dict)]  # fmt: skip
    return "\n".join(text for text in texts if isinstance(text, str))


def _asked_model(said: Attributes) -> str | None:
    """Of a call that failed OpenInference says the model in its parameters only."""
    asked = parsed(said.get("llm.invocation_parameters"))
    model = asked.get("model") if isinstance(asked, dict) else None
    return model if isinstance(model, str) else None


def _name(span: Span, kind: Kind) -> str:
    known = _TOOL_NAME if kind == "tool" else _NAME
    return (first_text(span.attributes, known) or span.name or kind)[:NAME_CHARS]


def _short(text: str | None) -> str | None:
    return text[:NAME_CHARS] if text else None


def _session(span: Span) -> str | None:
    said = first(span.attributes, _SESSION)
    if said is None:
        said = first(span.resource, _SESSION)
    return str(said) if isinstance(said, str | int) and said != "" else None


def _finish(said: Attributes) -> str | None:
    found = first(said, _FINISH)
    if isinstance(found, list):
        found = ", ".join(dict.fromkeys(one for one in found if isinstance(one, str)))
    return _short(found) if isinstance(found, str) else None


def _error(span: Span) -> Failure | None:
    if span.status != 2:
        return None
    told = next((one.attributes for one in span.events if one.name == _EXCEPTION), {})
    kind = span.attributes.get("error.type") or told.get("exception.type") or "error"
    message = span.status_message or told.get("exception.message") or ""
    traceback = told.get("exception.stacktrace")
    return Failure(
        type=as_text(kind)[:NAME_CHARS],
        message=as_text(message)[:4000],
        traceback=as_text(traceback)[-20_000:] if traceback else None,
    )


def _judged(event: SpanEvent, now_ns: int) -> Judged:
    said = event.attributes
    label = said.get("gen_ai.evaluation.score.label")
    explanation = said.get("gen_ai.evaluation.explanation")
    return Judged(
        name=as_text(said.get("gen_ai.evaluation.name") or "score")[:NAME_CHARS],
        at_ns=_plausible(event.at_ns, now_ns),
        value=number(said.get("gen_ai.evaluation.score.value")),
        label=as_text(label)[:NAME_CHARS] if label is not None else None,
        explanation=as_text(explanation) if explanation is not None else None,
        scorer=_short(first_text(said, ("rlm.score.scorer", "gen_ai.evaluation.scorer"))),
        scorer_version=_short(first_text(said, ("rlm.score.scorer_version",))),
        task_id=_short(first_text(said, ("rlm.score.task_id",))),
        by=_short(first_text(said, ("rlm.score.by",))),
    )


def _facts(span: Span, start_ns: int, now_ns: int) -> tuple[tuple[int, TraceEvent], ...]:
    told = ((said, fact_of(said)) for said in span.events if is_fact(said))
    return tuple((_plausible(said.at_ns, now_ns) or start_ns, fact) for said, fact in told if fact)


def _rest(span: Span, kind: Kind, question: str) -> Attributes:
    """What is not kept as a text; and what went in, where only the question in it is."""
    rest = {
        name: value
        for name, value in span.attributes.items()
        if value is not None and not is_content(name) and not name.startswith("rlm.")
    }
    text = input_text(span.attributes) if kind not in ("call", "tool") else ""
    return {**rest, "input": text} if text and text != question else rest


def attempt_of(ours: Attributes) -> tuple[int, int]:
    """Attempt and replica, of a call that a run of ours made."""
    return count(ours.get("attempt")) or 0, count(ours.get("replica")) or 0
