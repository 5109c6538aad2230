"""OpenAI's responses as they pass."""

from __future__ import annotations

from typing import Any

import msgspec

from ...trace import Failure, Usage
from ..chat import cost_usd, counted, only_tokens, tokens
from .chat import named
from .turns import NOTHING, UNREADABLE, asked, text_of, value_of
from .values import Asked, Said, ToolCalls, Turn, failure, shown, unread


class _Request(msgspec.Struct, frozen=True, gc=False):
    model: Any = None
    input: msgspec.Raw = NOTHING
    instructions: Any = None
    max_output_tokens: Any = None
    stream: Any = None
    previous_response_id: Any = None


class _Answer(msgspec.Struct, frozen=True, gc=False):
    output: list[dict[str, Any]] | None = None
    model: Any = None
    id: Any = None
    status: Any = None
    usage: msgspec.Raw = NOTHING
    service_tier: Any = None
    error: Any = None
    incomplete_details: Any = None


class _Event(msgspec.Struct, frozen=True, gc=False):
    type: str = ""
    delta: Any = None
    response: msgspec.Raw = NOTHING
    message: Any = None
    code: Any = None
    error: Any = None


_requests = msgspec.json.Decoder(_Request)
_items = msgspec.json.Decoder(list[msgspec.Raw])
_answers = msgspec.json.Decoder(_Answer)
_events = msgspec.json.Decoder(_Event)


def read_request(body: bytes) -> Asked:
    """Raises what msgspec raises."""
    said = _requests.decode(body)
    given = bytes(said.input)
    if given.startswith(b"["):
        items = [bytes(item) for item in _items.decode(given)]
    else:
        items = [_message("user", value_of(said.input))] if given != b"null" else []
    if said.instructions:
        items.insert(0, _message("system", said.instructions))
    return asked(
        items,
        model=named(said.model),
        max_tokens=tokens(said.max_output_tokens),
        streams=said.stream is True,
        after=named(said.previous_response_id),
    )


def read_answer(body: bytes) -> Said:
    """What a whole body says. Total."""
    try:
        return _said(_answers.decode(body))
    except UNREADABLE as error:
        return unread(error)


class ResponseStream:
    """A streamed response: its last event brings the whole of it."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._begun = _Answer()
        self._whole: _Answer | None = None
        self._error: Failure | None = None

    def take(self, data: bytes) -> None:
        try:
            event = _events.decode(data)
        except UNREADABLE:
            return  # an event of a kind of its own
        if event.type == "response.output_text.delta":
            self._text.append(str(event.delta))
        elif event.type in ("response.completed", "response.failed", "response.incomplete"):
            self._whole = _decoded(event.response)
        elif event.type == "response.created":
            self._begun = _decoded(event.response) or self._begun
        elif event.type == "error":
            said = event.error or {"message": event.message, "code": event.code}
            self._error = failure(said)

    def said(self) -> Said:
        if self._whole is not None:
            return _said(self._whole)
        lacks = Failure(type="cut_off", message="the stream ended before the answer did")
        return Said(
            text="".join(self._text),
            model=named(self._begun.model),
            id=named(self._begun.id),
            error=self._error or lacks,
        )


def usage_of(stated: Any) -> Usage | None:
    """Tokens as responses state them; None where nothing of it makes sense."""
    return counted(stated, "input_tokens", "output_tokens")


def _decoded(raw: msgspec.Raw) -> _Answer | None:
    try:
        return _answers.decode(raw)
    except UNREADABLE:
        return None


def _said(answer: _Answer) -> Said:
    stated = value_of(answer.usage)
    turns = _turns(answer.output or [])
    text = "".join(turn.text for turn in turns)
    calls: ToolCalls = tuple(call for turn in turns for call in turn.tools)
    why = answer.incomplete_details
    reason = why.get("reason") if isinstance(why, dict) else None
    return Said(
        text=shown(text, calls),
        turns=turns,
        model=named(answer.model),
        finish_reason=named(reason) or named(answer.status),
        usage=usage_of(stated),
        cost_usd=cost_usd(answer.usage),
        only_tokens=only_tokens(stated, answer.service_tier) and not _charges(answer.output or []),
        id=named(answer.id),
        error=failure(answer.error) if answer.error or answer.status == "failed" else None,
    )


_CHARGED = ("web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call")
"""Tools of the server's that are charged beside the tokens."""


def _charges(output: list[dict[str, Any]]) -> bool:
    return any(item.get("type") in _CHARGED for item in output)


def _turns(output: list[dict[str, Any]]) -> tuple[Turn, ...]:
    found: list[Turn] = []
    for item in output:
        if item.get("type") == "message":
            found.append(Turn(None, text_of(item.get("content"))))
        elif item.get("type") == "function_call":
            found.append(Turn(None, "", ((str(item.get("name")), str(item.get("arguments"))),)))
    return tuple(found)


def _message(role: str, content: Any) -> bytes:
    return msgspec.json.encode({"role": role, "content": content})
