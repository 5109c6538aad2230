"""Chat completions as they pass."""

from __future__ import annotations

from typing import Any

import msgspec

from ...trace import Failure
from ..chat import accounts, tokens
from .turns import NOTHING, UNREADABLE, asked, chat_calls, text_of
from .values import Asked, Said, Turn, failure, shown, unread


class _Request(msgspec.Struct, frozen=True, gc=False):
    model: Any = None
    messages: list[msgspec.Raw] = []
    max_tokens: Any = None
    max_completion_tokens: Any = None
    n: Any = None
    stream: Any = None


class _Message(msgspec.Struct, frozen=True, gc=False):
    content: Any = None
    refusal: Any = None
    tool_calls: Any = None


class _Choice(msgspec.Struct, frozen=True, gc=False):
    message: _Message | None = None
    delta: _Message | None = None
    finish_reason: str | None = None
    index: Any = 0


class _Answer(msgspec.Struct, frozen=True, gc=False):
    choices: list[_Choice] | None = None
    model: Any = None
    id: Any = None
    usage: msgspec.Raw = NOTHING
    service_tier: Any = None
    error: Any = None


_requests = msgspec.json.Decoder(_Request)
_answers = msgspec.json.Decoder(_Answer)


def read_request(body: bytes) -> Asked:
    """Raises what msgspec raises."""
    said = _requests.decode(body)
    bound = tokens(said.max_completion_tokens)
    return asked(
        map(bytes, said.messages),
        model=named(said.model),
        max_tokens=tokens(said.max_tokens) if bound is None else bound,
        choices=max(1, tokens(said.n) or 1),
        streams=said.stream is True,
    )


def read_answer(body: bytes) -> Said:
    """What a whole body says. Total."""
    try:
        said = _answers.decode(body)
    except UNREADABLE as error:
        return unread(error)
    if said.error:
        return Said(error=failure(said.error), model=named(said.model))
    choice = said.choices[0] if said.choices else _Choice()
    message = choice.message or _Message()
    text, tools = text_of(message.content), chat_calls(message.tool_calls)
    return Said(
        text=shown(text or str(message.refusal or ""), tools),
        turns=(Turn(None, text, tools),),
        model=named(said.model),
        finish_reason=choice.finish_reason,
        id=named(said.id),
        **accounts(said.usage, said.service_tier)._asdict(),
        error=None if said.choices else Failure(type="no_answer", message="there are no choices"),
    )


class ChatStream:
    """A streamed chat completion; of several choices the first is shown."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._calls: dict[Any, list[str]] = {}
        self._model: str | None = None
        self._id: str | None = None
        self._finish: str | None = None
        self._usage = NOTHING
        self._tier: Any = None
        self._error: Failure | None = None
        self._done = False

    def take(self, data: bytes) -> None:
        if data == b"[DONE]":
            self._done = True
            return
        try:
            said = _answers.decode(data)
        except UNREADABLE:
            return  # an event of a kind of its own
        self._model = self._model or named(said.model)
        self._id = self._id or named(said.id)
        self._tier = said.service_tier or self._tier
        if said.usage != b"null":
            self._usage = said.usage.copy()
        if said.error:
            self._error = failure(said.error)
        for choice in said.choices or ():
            self._choice(choice)

    def said(self) -> Said:
        text = "".join(self._text)
        tools = tuple((name, arguments) for name, arguments in self._calls.values())
        return Said(
            text=shown(text, tools),
            turns=(Turn(None, text, tools),),
            model=self._model,
            finish_reason=self._finish,
            id=self._id,
            **accounts(self._usage, self._tier)._asdict(),
            error=self._error or self._lacks(),
        )

    def _choice(self, choice: _Choice) -> None:
        if choice.index not in (0, None):
            return
        self._finish = choice.finish_reason or self._finish
        delta = choice.delta or choice.message
        if delta is None:
            return
        if text := text_of(delta.content) or delta.refusal:
            self._text.append(str(text))
        calls = delta.tool_calls if isinstance(delta.tool_calls, list) else ()
        for at, call in enumerate(calls):
            if isinstance(call, dict):
                self._call(call.get("index", at), call.get("function"))

    def _call(self, index: Any, function: Any) -> None:
        if not isinstance(function, dict) or not isinstance(index, int | str):
            return
        held = self._calls.setdefault(index, ["", ""])
        held[0] += str(function.get("name") or "")
        held[1] += str(function.get("arguments") or "")

    def _lacks(self) -> Failure | None:
        if self._done or self._finish is not None:
            return None
        return Failure(type="cut_off", message="the stream ended before the answer did")


def named(said: Any) -> str | None:
    """A name as a server or client states it."""
    return said if isinstance(said, str) and said else None
