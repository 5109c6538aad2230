"""Which API it is, and who reads it."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from ...trace import Failure
from ..chat import error_message
from . import chat, completions, embeddings, messages, ollama, responses
from .ndjson import LineStream
from .sse import EventStream
from .turns import UNREADABLE
from .values import OLLAMA, Api, Asked, Said, StreamReader

_REQUESTS: dict[Api, Callable[[bytes], Asked]] = {
    "chat": chat.read_request,
    "completions": completions.read_request,
    "responses": responses.read_request,
    "messages": messages.read_request,
    "embeddings": embeddings.read_request,
    "ollama_chat": ollama.read_chat,
    "ollama_generate": ollama.read_generate,
    "ollama_embed": ollama.read_embed,
}
_ANSWERS: dict[Api, Callable[[bytes], Said]] = {
    "chat": chat.read_answer,
    "completions": completions.read_answer,
    "responses": responses.read_answer,
    "messages": messages.read_answer,
    "embeddings": embeddings.read_answer,
    "ollama_chat": ollama.read_answer,
    "ollama_generate": ollama.read_answer,
    "ollama_embed": ollama.read_answer,
}
_STREAMS: dict[Api, Callable[[], StreamReader]] = {
    "chat": chat.ChatStream,
    "completions": completions.CompletionStream,
    "responses": responses.ResponseStream,
    "messages": messages.MessageStream,
    "embeddings": chat.ChatStream,
    "ollama_chat": ollama.OllamaStream,
    "ollama_generate": ollama.OllamaStream,
    "ollama_embed": ollama.OllamaStream,
}
_ELSEWHERE = re.compile(
    rb'"(?:previous_response_id|conversation|file_id|vector_store_ids|container)"\s*:\s*["\[{]'
    rb'|"(?:url|image_url|file_url)"\s*:\s*"(?!data:)'
)


def read_request(api: Api, body: bytes) -> Asked:
    """What is asked. Total: `unreadable` says why nothing could be read."""
    try:
        return _REQUESTS[api](body)
    except UNREADABLE as error:
        return Asked(unreadable=str(error))


def read_answer(api: Api, body: bytes) -> Said:
    """What a whole body of a good status says. Total."""
    return _ANSWERS[api](body)


def read_refusal(status: int, body: bytes) -> Said:
    """What a body of another status says."""
    said = error_message(body, 4000) or "no reason given"
    return Said(error=Failure(type=f"http_{status}", message=said))


def asks_for_more(body: bytes) -> bool:
    """Whether the model is to read what does not stand in this request, of unknown length."""
    return _ELSEWHERE.search(body) is not None


class StreamedAnswer:
    """Reads a streamed answer while it passes."""

    def __init__(self, api: Api) -> None:
        self._events = LineStream() if api in OLLAMA else EventStream()
        self._reader = _STREAMS[api]()

    def feed(self, piece: bytes) -> None:
        """Some more of its bytes. Never raises."""
        for data in self._events.feed(piece):
            self._reader.take(data)

    def said(self) -> Said:
        """What was said; with an error where that is not the whole answer."""
        for data in self._events.end():
            self._reader.take(data)
        said = self._reader.said()
        if self._events.overlong and said.error is None:
            return msgspec.structs.replace(said, text=f"{said.text}\n[an event was too long]")
        return said
