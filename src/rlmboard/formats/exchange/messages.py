"""Anthropic's messages as they pass."""

from __future__ import annotations

from typing import Any

import msgspec

from ...trace import Failure, Usage
from ..chat import cost_usd, only_tokens, tokens, written
from .chat import named
from .turns import NOTHING, UNREADABLE, asked, compact, text_of, uses, value_of
from .values import Asked, Said, Turn, failure, shown, unread


class _Request(msgspec.Struct, frozen=True, gc=False):
    model: Any = None
    messages: list[msgspec.Raw] = []
    system: Any = None
    max_tokens: Any = None
    stream: Any = None


class _Answer(msgspec.Struct, frozen=True, gc=False):
    type: Any = None
    content: list[dict[str, Any]] | None = None
    model: Any = None
    id: Any = None
    stop_reason: Any = None
    usage: msgspec.Raw = NOTHING
    error: Any = None


class _Event(msgspec.Struct, frozen=True, gc=False):
    type: str = ""
    message: _Answer | None = None
    index: Any = 0
    content_block: Any = None
    delta: Any = None
    usage: Any = None
    error: Any = None


_requests = msgspec.json.Decoder(_Request)
_answers = msgspec.json.Decoder(_Answer)
_events = msgspec.json.Decoder(_Event)


def read_request(body: bytes) -> Asked:
    """Raises what msgspec raises."""
    said = _requests.decode(body)
    raws = [bytes(message) for message in said.messages]
    if said.system:
        raws.insert(0, msgspec.json.encode({"role": "system", "content": said.system}))
    return asked(
        raws,
        model=named(said.model),
        max_tokens=tokens(said.max_tokens),
        streams=said.stream is True,
    )


def read_answer(body: bytes) -> Said:
    """What a whole body says. Total."""
    try:
        answer = _answers.decode(body)
    except UNREADABLE as error:
        return unread(error)
    if answer.error or answer.type == "error":
        return Said(error=failure(answer.error))
    return _said(answer, answer.content or [], value_of(answer.usage), answer.stop_reason)


class MessageStream:
    """A streamed message, put together block by block."""

    def __init__(self) -> None:
        self._begun = _Answer()
        self._blocks: dict[Any, dict[str, Any]] = {}
        self._pieces: dict[Any, list[str]] = {}
        self._usage: dict[str, Any] = {}
        self._stop_reason: Any = None
        self._stopped = False
        self._error: Failure | None = None

    def take(self, data: bytes) -> None:
        try:
            event = _events.decode(data)
        except UNREADABLE:
            return  # an event of a kind of its own
        if event.type == "content_block_delta" and isinstance(event.delta, dict):
            piece = event.delta.get("text") or event.delta.get("partial_json")
            self._pieces.setdefault(_key(event.index), []).append(str(piece or ""))
        elif event.type == "content_block_start" and isinstance(event.content_block, dict):
            self._blocks[_key(event.index)] = event.content_block
        elif event.type == "message_start" and event.message is not None:
            self._begun = event.message
            self._count(value_of(event.message.usage))
        elif event.type == "message_delta":
            delta = event.delta if isinstance(event.delta, dict) else {}
            self._stop_reason = delta.get("stop_reason")
            self._count(event.usage)
        elif event.type == "message_stop":
            self._stopped = True
        elif event.type == "error":
            self._error = failure(event.error)

    def said(self) -> Said:
        blocks = [self._block(key, block) for key, block in self._blocks.items()]
        said = _said(self._begun, blocks, self._usage, self._stop_reason)
        if self._stopped and self._error is None:
            return said
        lacks = Failure(type="cut_off", message="the stream ended before the answer did")
        return msgspec.structs.replace(said, usage=None, error=self._error or lacks)

    def _count(self, usage: Any) -> None:
        """Counts of a stream grow: the last statement holds."""
        if isinstance(usage, dict):
            self._usage |= {name: count for name, count in usage.items() if count is not None}

    def _block(self, key: Any, block: dict[str, Any]) -> dict[str, Any]:
        told = "".join(self._pieces.get(key, ()))
        if block.get("type") == "tool_use":
            return {**block, "input": value_of(msgspec.Raw(told.encode())) if told else {}}
        return {**block, "text": told} if block.get("type") == "text" else block


def usage_of(stated: Any) -> Usage | None:
    """Tokens as messages state them: input that was read from, or written to, a cache is beside."""
    if not isinstance(stated, dict):
        return None
    fresh, made = tokens(stated.get("input_tokens")), tokens(stated.get("output_tokens"))
    if fresh is None and made is None:
        return None
    cached = tokens(stated.get("cache_read_input_tokens"))
    made_cache = sum(written(stated))
    whole = None if fresh is None else fresh + (cached or 0) + made_cache
    return Usage(input=whole, output=made, cached=None if whole is None else cached)


def _said(answer: _Answer, content: list[dict[str, Any]], usage: Any, stop_reason: Any) -> Said:
    text, tools = text_of(content), uses(content)
    return Said(
        text=shown(text, tools),
        turns=(Turn(None, text, tools),),
        model=named(answer.model),
        finish_reason=named(stop_reason),
        usage=usage_of(usage),
        cost_usd=cost_usd(msgspec.Raw(compact(usage).encode())),
        id=named(answer.id),
        written=written(usage),
        only_tokens=only_tokens(usage),
    )


def _key(index: Any) -> Any:
    return index if isinstance(index, int | str) else None
