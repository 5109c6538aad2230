"""Messages as conversations are known by them, whatever API they were written for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from .values import Asked, ToolCalls, Turn

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
NOTHING = msgspec.Raw(b"null")


class _Head(msgspec.Struct, frozen=True, gc=False):
    role: Any = None
    type: Any = None
    content: msgspec.Raw = NOTHING
    tool_calls: msgspec.Raw = NOTHING
    name: Any = None
    arguments: Any = None


_heads = msgspec.json.Decoder(_Head)
_SILENT = ("reasoning", "item_reference")
"""Items of a model's own that a client may send back or not."""


def turn_of(raw: bytes) -> Turn | None:
    """One message of a request; None for what does not belong to the conversation."""
    try:
        head = _heads.decode(raw)
    except UNREADABLE:
        return Turn(raw)
    if head.type in _SILENT:
        return None
    if head.type == "function_call":
        return Turn(None, "", ((str(head.name), str(head.arguments)),))
    if head.role != "assistant":
        return Turn(_without_marks(raw))
    content = value_of(head.content)
    return Turn(None, text_of(content), (*chat_calls(value_of(head.tool_calls)), *uses(content)))


def asked(messages: Iterable[bytes], **more: Any) -> Asked:
    """A request of these messages."""
    raws = list(messages)
    turns = (turn for raw in raws if (turn := turn_of(raw)) is not None)
    return Asked(
        messages=tuple(raw.decode(errors="replace") for raw in raws),
        turns=tuple(turns),
        text=_words(raws[-1]) if raws else "",
        **more,
    )


def value_of(raw: msgspec.Raw) -> Any:
    """What the JSON says; None where it says nothing that can be read."""
    try:
        return msgspec.json.decode(raw)
    except UNREADABLE:
        return None


def text_of(content: Any) -> str:
    """The text in a content: a text itself, or a list of parts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "".join(
        part["text"]
        for part in content
        if isinstance(part, dict) and isinstance(part.get("text"), str)
    )


def chat_calls(calls: Any) -> ToolCalls:
    """Tool calls as chat completions word them."""
    functions = [call.get("function") for call in _dicts(calls)]
    return tuple(
        (str(one.get("name")), str(one.get("arguments"))) for one in functions if one is not None
    )


def uses(content: Any) -> ToolCalls:
    """Tool calls as Anthropic words them, among the parts of a content."""
    return tuple(
        (str(part.get("name")), compact(part.get("input")))
        for part in _dicts(content)
        if part.get("type") == "tool_use"
    )


def compact(value: Any) -> str:
    """JSON in one spelling."""
    return msgspec.json.encode(value, order="deterministic").decode()


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []


def _words(raw: bytes) -> str:
    """What the last message says, as a reader wants it."""
    message = value_of(msgspec.Raw(raw))
    if not isinstance(message, dict):
        return str(message or "")
    content = message.get("content", message.get("output"))
    text = text_of(content) or "\n".join(text_of(part.get("content")) for part in _dicts(content))
    return text.strip("\n") or (compact(content) if content else raw.decode(errors="replace"))


def _without_marks(raw: bytes) -> bytes:
    """Clients move the marks of what is to be cached from one message to the next."""
    if b'"cache_control"' not in raw:
        return raw
    message = value_of(msgspec.Raw(raw))
    for part in _dicts(message.get("content") if isinstance(message, dict) else message):
        part.pop("cache_control", None)
    return compact(message).encode()
