"""Ollama's own words as they pass: chat, generate and embed, whole or a line of JSON at a time."""

from __future__ import annotations

from typing import Any

import msgspec

from ...trace import Failure, Usage
from ..chat import tokens
from .chat import named
from .turns import NOTHING, UNREADABLE, asked, chat_calls, compact
from .values import Asked, Said, ToolCalls, Turn, failure, shown, unread


class _Request(msgspec.Struct, frozen=True, gc=False):
    model: Any = None
    messages: list[msgspec.Raw] = []
    prompt: Any = None
    system: Any = None
    input: Any = None
    options: Any = None
    stream: Any = None


class _Message(msgspec.Struct, frozen=True, gc=False):
    content: Any = None
    tool_calls: Any = None


class _Answer(msgspec.Struct, frozen=True, gc=False):
    message: _Message | None = None
    response: Any = None
    embeddings: list[msgspec.Raw] | None = None
    embedding: msgspec.Raw = NOTHING
    model: Any = None
    done: Any = None
    done_reason: Any = None
    prompt_eval_count: Any = None
    eval_count: Any = None
    error: Any = None


_requests = msgspec.json.Decoder(_Request)
_answers = msgspec.json.Decoder(_Answer)


def read_chat(body: bytes) -> Asked:
    """Raises what msgspec raises."""
    said = _requests.decode(body)
    return asked(map(bytes, said.messages), **_settings(said))


def read_generate(body: bytes) -> Asked:
    """A prompt without a conversation. Raises what msgspec raises."""
    said = _requests.decode(body)
    return _texts({"system": said.system, "prompt": said.prompt}, **_settings(said))


def read_embed(body: bytes) -> Asked:
    """Texts to be made vectors of. Raises what msgspec raises."""
    said = _requests.decode(body)
    given = said.prompt if said.input is None else said.input
    texts = given if isinstance(given, list) else [given]
    each = [_texts({"input": text}) for text in texts]
    return Asked(
        model=named(said.model),
        messages=tuple(message for one in each for message in one.messages),
        text=each[-1].text if each else "",
        max_tokens=0,
    )


def read_answer(body: bytes) -> Said:
    """What a whole body says. Total."""
    try:
        said = _answers.decode(body)
    except UNREADABLE as error:
        return unread(error)
    if (said.embeddings is not None or said.embedding != NOTHING) and not said.error:
        vectors = len(said.embeddings or ()) + (said.embedding != NOTHING)
        text = f"{vectors} vector{'s' if vectors != 1 else ''}"
        return Said(text=text, model=named(said.model), usage=_usage(said))
    return _said([said])


class OllamaStream:
    """A streamed answer: a piece of it in each line, the counts in the last one."""

    def __init__(self) -> None:
        self._lines: list[_Answer] = []

    def take(self, data: bytes) -> None:
        try:
            self._lines.append(_answers.decode(data))
        except UNREADABLE:
            return  # a line of a kind of its own

    def said(self) -> Said:
        return _said(self._lines)


def _said(lines: list[_Answer]) -> Said:
    last = lines[-1] if lines else _Answer()
    messages = [line.message for line in lines if line.message is not None]
    words = [message.content for message in messages] + [line.response for line in lines]
    text = "".join(word for word in words if isinstance(word, str))
    calls = [call for message in messages for call in _calls(message)]
    tools = chat_calls(calls)
    return Said(
        text=shown(text, _shown_calls(calls)),
        turns=(Turn(None, text, tools),),
        model=named(last.model),
        finish_reason=named(last.done_reason),
        usage=_usage(last),
        error=failure(last.error) if last.error else _lacks(last),
    )


def _calls(message: _Message) -> list[Any]:
    return message.tool_calls if isinstance(message.tool_calls, list) else []


def _shown_calls(calls: list[Any]) -> ToolCalls:
    """With their arguments as JSON; Ollama has them as an object."""
    functions = [call.get("function") for call in calls if isinstance(call, dict)]
    return tuple(
        (str(one.get("name")), compact(one.get("arguments")))
        for one in functions
        if isinstance(one, dict)
    )


def _lacks(last: _Answer) -> Failure | None:
    if last.done is True:
        return None
    return Failure(type="cut_off", message="the answer ended before it was done")


def _usage(said: _Answer) -> Usage | None:
    """`prompt_eval_count` is left out by Ollama when the whole prompt was cached: then unknown."""
    given, made = tokens(said.prompt_eval_count), tokens(said.eval_count)
    return None if given is None and made is None else Usage(input=given, output=made)


def _settings(said: _Request) -> dict[str, Any]:
    """Ollama streams unless it is told not to; a bound below zero is none."""
    options = said.options if isinstance(said.options, dict) else {}
    return {
        "model": named(said.model),
        "max_tokens": tokens(options.get("num_predict")),
        "streams": said.stream is not False,
    }


def _texts(texts: dict[str, Any], **settings: Any) -> Asked:
    """A request of single texts; the last one is what is asked."""
    said = [(name, text) for name, text in texts.items() if isinstance(text, str) and text]
    return Asked(
        messages=tuple(compact({name: text}) for name, text in said),
        text=said[-1][1] if said else "",
        **settings,
    )
