"""Prompts and answers in all the shapes that instrumentations give them, as chat messages.

A message is `{role, content, ...}`: `content` is a text, or the parts as they came where they are
more than text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from .attributes import as_json, first, parsed, unflattened
from .span import Attributes, Span

Message: TypeAlias = dict[str, Any]

_OF_EVENTS = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
_PROMPTS = ("gen_ai.prompt", "llm.prompts")
_TEXTS_IN = (
    "input.value",
    "traceloop.entity.input",
    "mlflow.spanInputs",
    "ai.prompt.messages",
    "ai.prompt",
    "gcp.vertex.agent.llm_request",
    "lk.input_text",
    "langfuse.observation.input",
)
_TEXTS_OUT = (
    "output.value",
    "final_result",
    "traceloop.entity.output",
    "mlflow.spanOutputs",
    "ai.response.text",
    "gcp.vertex.agent.llm_response",
    "lk.response.text",
    "langfuse.observation.output",
)
_CONTENT = (
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.prompt",
    "gen_ai.completion",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "pydantic_ai.all_messages",
    "all_messages_events",
    "events",
    "tool_arguments",
    "tool_response",
    *_TEXTS_IN,
    *_TEXTS_OUT,
)
_CONTENT_LISTS = (
    "llm.input_messages.",
    "llm.output_messages.",
    "llm.prompts.",
    "gen_ai.prompt.",
    "gen_ai.completion.",
    "embedding.embeddings.",
    "retrieval.documents.",
)


def is_content(name: str) -> bool:
    """Whether the attribute holds what was said, which is kept as a text."""
    return name in _CONTENT or name.startswith(_CONTENT_LISTS)


def input_messages(span: Span) -> list[Message]:
    """What the model was given; empty where nobody says so in messages."""
    said = span.attributes
    found = _listed(said.get("gen_ai.input.messages"))
    if system := _listed(said.get("gen_ai.system_instructions")):
        found = [{"role": "system", "parts": system}, *found]
    return [
        message(one)
        for one in found
        or unflattened(said, "gen_ai.prompt")
        or _from_events(span)
        or unflattened(said, "llm.input_messages")
        or _listed(said.get("pydantic_ai.all_messages"))
        or _listed(said.get("all_messages_events"))
        or _listed(said.get("ai.prompt.messages"))
        or _prompts(said)
    ]


def output_messages(span: Span) -> list[Message]:
    """What it answered, in the same manner."""
    said = span.attributes
    return [
        message(one)
        for one in _listed(said.get("gen_ai.output.messages"))
        or unflattened(said, "gen_ai.completion")
        or _choices(span)
        or unflattened(said, "llm.output_messages")
        or _listed(said.get("gen_ai.completion"))
    ]


def input_text(said: Attributes, more: Iterable[str] = ()) -> str:
    """What went in, where it is one text."""
    return _text(first(said, (*more, *_TEXTS_IN)))


def output_text(said: Attributes, more: Iterable[str] = ()) -> str:
    """What came out, where it is one text."""
    return _text(first(said, (*more, *_TEXTS_OUT)))


def text_of(one: Message) -> str:
    """What a person reads of a message: its text, or else what it calls."""
    content = one.get("content")
    if isinstance(content, str) and content:
        return content
    if isinstance(content, list) and content:
        texts = [_part_text(part) for part in content]
        return "\n".join(text for text in texts if text) or as_json(content)
    return as_json(one["tool_calls"]) if one.get("tool_calls") else ""


def question_of(messages: list[Message], text: str) -> str:
    """What was asked: what the user said last, else the text, opened where it is JSON."""
    for one in reversed(messages):
        if one.get("role") in ("user", "human") and (said := text_of(one)):
            return said
    value = parsed(text)
    if isinstance(value, dict):
        return _question_in(value, text)
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return question_of([message(one) for one in value], "") or text
    return text


def answer_of(text: str) -> str:
    """What was answered: the last message, where the text is the state of a conversation."""
    value = parsed(text)
    listed = value.get("messages") if isinstance(value, dict) else None
    if isinstance(listed, list) and listed:
        return text_of(message(listed[-1])) or text
    return text


def _question_in(value: dict[str, Any], text: str) -> str:
    listed = value.get("messages")
    if isinstance(listed, list):
        asked = question_of([message(one) for one in listed], "")
        if asked:
            return asked
    alone = [inner for inner in value.values() if isinstance(inner, str) and inner]
    return alone[0] if len(alone) == 1 and len(value) == 1 else text


def message(said: Any) -> Message:
    """One message of whichever shape."""
    if not isinstance(said, dict):
        return {"role": "user", "content": _text(said)}
    inner = said.get("message")
    if isinstance(inner, dict):
        said = inner  # OpenInference
    data = said.get("data")
    if isinstance(data, dict) and "content" in data:
        said = {"role": said.get("type"), **data}  # LangChain
    parts = said.get("parts", said.get("contents"))
    if isinstance(parts, list):
        return _of_parts(said, [_part(part) for part in parts])
    kept: Message = {"role": _text(said.get("role") or said.get("type") or "user")}
    kept["content"] = said.get("content") if "content" in said else None
    for name in ("tool_calls", "tool_call_id", "name", "finish_reason"):
        if said.get(name):
            kept[name] = said[name]
    return kept


def _of_parts(said: Message, parts: list[Message]) -> Message:
    if len(parts) == 1 and parts[0].get("type") == "text" and not said.get("tool_calls"):
        return {"role": _text(said.get("role") or "user"), "content": _part_text(parts[0])}
    is_result = bool(parts) and all(part.get("type") == "tool_call_response" for part in parts)
    role = "tool" if is_result else _text(said.get("role") or "user")
    kept: Message = {"role": role, "content": None}
    calls = [part for part in parts if part.get("type") == "tool_call"]
    rest = [part for part in parts if part.get("type") != "tool_call"]
    plain = ("text", "tool_call_response", None)
    texts = [_part_text(part) for part in rest if part.get("type") in plain]
    if rest and len(texts) == len(rest):
        kept["content"] = "\n".join(texts)
    elif rest:
        kept["content"] = rest
    if calls:
        kept["tool_calls"] = calls
    elif said.get("tool_calls"):
        kept["tool_calls"] = said["tool_calls"]
    return kept


def _part(said: Any) -> Message:
    if not isinstance(said, dict):
        return {"type": "text", "content": _text(said)}
    inner = said.get("message_content")
    return inner if isinstance(inner, dict) else said


def _part_text(part: Any) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    said = part.get("content", part.get("text", part.get("response", part.get("result"))))
    return _text(said) if said is not None else ""


def _from_events(span: Span) -> list[Any]:
    """Messages as events of the span, or as a list of events in an attribute."""
    told = [
        {"role": _OF_EVENTS[event.name], **_body(event.attributes)}
        for event in span.events
        if event.name in _OF_EVENTS
    ]
    listed = [
        {"role": _OF_EVENTS[one["event.name"]], **one}
        for one in _listed(span.attributes.get("events"))
        if isinstance(one, dict) and one.get("event.name") in _OF_EVENTS
    ]
    return told or listed


def _choices(span: Span) -> list[Any]:
    told = [_body(event.attributes) for event in span.events if event.name == "gen_ai.choice"]
    listed = [
        one
        for one in _listed(span.attributes.get("events"))
        if isinstance(one, dict) and one.get("event.name") == "gen_ai.choice"
    ]
    chosen = [parsed(one.get("message")) or one for one in told or listed]
    return [{"role": "assistant", **one} if isinstance(one, dict) else one for one in chosen]


def _body(said: Attributes) -> Attributes:
    body = parsed(said.get("body", said.get("event.body")))
    return body if isinstance(body, dict) else said


def _prompts(said: Attributes) -> list[Any]:
    flat = [one.get("prompt", one) if isinstance(one, dict) else one for one in
            unflattened(said, "llm.prompts")]  # fmt: skip
    if flat:
        return [one.get("text", one) if isinstance(one, dict) else one for one in flat]
    return [value for value in map(said.get, _PROMPTS) if isinstance(value, str)]


def _listed(value: Any) -> list[Any]:
    found = parsed(value)
    if isinstance(found, dict):
        return [found]
    if isinstance(found, str):
        return [found] if found else []
    return found if isinstance(found, list) else []


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else as_json(value)
