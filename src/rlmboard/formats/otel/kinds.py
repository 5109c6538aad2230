"""What a span is in our words, by the first convention that says so."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from .span import Attributes, Span

Kind: TypeAlias = Literal["call", "agent", "step", "tool", "cell", "turn", "run", "events", "plain"]
"""call: a model was asked. step: a part of a chain. plain: it says nothing of language models."""

_OPERATIONS: dict[str, Kind] = {
    "chat": "call",
    "text_completion": "call",
    "generate_content": "call",
    "embeddings": "call",
    "retrieval": "tool",
    "execute_tool": "tool",
    "create_agent": "step",
    "invoke_agent": "agent",
    "invoke_workflow": "step",
    "plan": "step",
}
_OPENINFERENCE: dict[str, Kind] = {
    "llm": "call",
    "embedding": "call",
    "chain": "step",
    "agent": "agent",
    "tool": "tool",
    "retriever": "tool",
    "reranker": "tool",
    "guardrail": "step",
    "evaluator": "step",
    "prompt": "step",
    "decision": "step",
}
_OTHERS: dict[str, Kind] = {
    "generation": "call",
    "chat_model": "call",
    "completion": "call",
    "workflow": "step",
    "task": "step",
    "parser": "step",
}
_OURS: dict[str, Kind] = {
    "call": "call",
    "rlm": "agent",
    "step": "step",
    "tool": "tool",
    "cell": "cell",
    "turn": "turn",
    "run": "run",
    "events": "events",
}
_OF_OTHERS = ("traceloop.span.kind", "langfuse.observation.type", "mlflow.spanType")
_MODELS = ("gen_ai.request.model", "llm.model_name", "ai.model.id", "embedding.model_name")


def kind_of(span: Span) -> Kind:
    """What the span is."""
    said = span.attributes
    return (
        _named(_OURS, said.get("rlm.kind"))
        or _of_operation(said)
        or _named(_OPENINFERENCE, said.get("openinference.span.kind"))
        or _of_others(said)
        or _guessed(said)
    )


def is_embedding(said: Attributes) -> bool:
    """Whether the call asked for vectors, not for words."""
    if said.get("gen_ai.operation.name") == "embeddings":
        return True
    return str(said.get("openinference.span.kind")).lower() == "embedding"


def _named(kinds: dict[str, Kind], name: Any) -> Kind | None:
    return kinds.get(name.lower()) if isinstance(name, str) else None


def _of_operation(said: Attributes) -> Kind | None:
    operation = said.get("gen_ai.operation.name")
    if not isinstance(operation, str):
        return None
    return _OPERATIONS.get(operation, "tool" if "memory" in operation else "step")


def _of_others(said: Attributes) -> Kind | None:
    for name in _OF_OTHERS:
        word = said.get(name)
        if kind := _named(_OPENINFERENCE, word) or _named(_OTHERS, word):
            return kind
    return None


def _guessed(said: Attributes) -> Kind:
    """Older instrumentations name no kind: what names a model asks it."""
    if any(said.get(name) for name in _MODELS):
        return "call"
    return "tool" if said.get("gen_ai.tool.name") or said.get("tool.name") else "plain"
