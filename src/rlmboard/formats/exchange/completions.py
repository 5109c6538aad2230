"""Completions of a text as they pass: the API that came before chat, and that servers kept."""

from __future__ import annotations

from typing import Any

import msgspec

from ...trace import Failure
from ..chat import accounts, tokens
from .chat import named
from .turns import NOTHING, UNREADABLE, compact, value_of
from .values import Asked, Said, failure, unread


class _Request(msgspec.Struct, frozen=True, gc=False):
    model: Any = None
    prompt: msgspec.Raw = NOTHING
    max_tokens: Any = None
    n: Any = None
    best_of: Any = None
    stream: Any = None


class _Choice(msgspec.Struct, frozen=True, gc=False):
    text: Any = None
    finish_reason: str | None = None
    index: Any = 0


class _Answer(msgspec.Struct, frozen=True, gc=False):
    choices: list[_Choice] | None = None
    model: Any = None
    id: Any = None
    usage: msgspec.Raw = NOTHING
    error: Any = None


_requests = msgspec.json.Decoder(_Request)
_answers = msgspec.json.Decoder(_Answer)


def read_request(body: bytes) -> Asked:
    """Raises what msgspec raises. Each of several prompts gets answers of its own."""
    said = _requests.decode(body)
    prompts = _prompts(value_of(said.prompt))
    made = max(tokens(said.n) or 1, tokens(said.best_of) or 1)
    return Asked(
        model=named(said.model),
        messages=tuple(compact({"prompt": one}) for one in prompts),
        text=_words(prompts[-1]) if prompts else "",
        max_tokens=tokens(said.max_tokens),
        choices=made * max(1, len(prompts)),
        streams=said.stream is True,
    )


def read_answer(body: bytes) -> Said:
    """What a whole body says. Total."""
    try:
        said = _answers.decode(body)
    except UNREADABLE as error:
        return unread(error)
    reader = CompletionStream()
    reader.read(said)
    answer = reader.said()
    if said.error or said.choices:
        return answer
    none = Failure(type="no_answer", message="there are no choices")
    return msgspec.structs.replace(answer, error=none)


class CompletionStream:
    """A streamed completion; the texts of several stand below each other."""

    def __init__(self) -> None:
        self._texts: dict[int, list[str]] = {}
        self._unfinished: set[int] = set()
        self._model: str | None = None
        self._id: str | None = None
        self._finish: str | None = None
        self._usage = NOTHING
        self._error: Failure | None = None
        self._done = False

    def take(self, data: bytes) -> None:
        if data == b"[DONE]":
            self._done = True
            return
        try:
            self.read(_answers.decode(data))
        except UNREADABLE:
            return  # an event of a kind of its own

    def read(self, said: _Answer) -> None:
        """One body, or one event of a stream."""
        self._model = self._model or named(said.model)
        self._id = self._id or named(said.id)
        if said.usage != b"null":
            self._usage = said.usage.copy()
        if said.error:
            self._error = failure(said.error)
        for choice in said.choices or ():
            self._choice(choice)

    def said(self) -> Said:
        return Said(
            text="\n\n".join("".join(self._texts[at]) for at in sorted(self._texts)),
            model=self._model,
            finish_reason=self._finish,
            id=self._id,
            **accounts(self._usage)._asdict(),
            error=self._error or self._lacks(),
        )

    def _choice(self, choice: _Choice) -> None:
        at = choice.index if isinstance(choice.index, int) else 0
        text = self._texts.setdefault(at, [])
        if isinstance(choice.text, str):
            text.append(choice.text)
        if choice.finish_reason is None:
            self._unfinished.add(at)
        else:
            self._unfinished.discard(at)
            self._finish = choice.finish_reason

    def _lacks(self) -> Failure | None:
        if self._done or (self._finish is not None and not self._unfinished):
            return None
        return Failure(type="cut_off", message="the stream ended before the answer did")


def _prompts(said: Any) -> list[Any]:
    """A text, tokens by number, or several of either."""
    if not isinstance(said, list):
        return [] if said is None else [said]
    return [said] if said and all(isinstance(one, int) for one in said) else said


def _words(prompt: Any) -> str:
    if isinstance(prompt, list):
        return f"{len(prompt)} token{'s' if len(prompt) != 1 else ''}"
    return str(prompt)
