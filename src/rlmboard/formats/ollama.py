"""Ollama's own chat words (`/api/chat`, not streamed). Pure; as total as `chat` is."""

from __future__ import annotations

from typing import Any

import msgspec

from ..trace import Usage
from .chat import ChatAnswer, ChatError, ChatMessage, tokens

_encoder = msgspec.json.Encoder()


class OllamaRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sent. `format` is a JSON schema, `options` holds the bound as `num_predict`."""

    model: str
    messages: tuple[ChatMessage, ...]
    stream: bool
    format: dict[str, Any] | None = None
    options: dict[str, Any] = {}


class _Message(msgspec.Struct, frozen=True):
    content: str = ""


class _Body(msgspec.Struct, frozen=True):
    message: _Message | None = None
    model: str | None = None
    done_reason: str | None = None
    prompt_eval_count: Any = None
    eval_count: Any = None
    error: str | None = None


_bodies = msgspec.json.Decoder(_Body)


def encode_request(request: OllamaRequest) -> bytes:
    return _encoder.encode(request)


def decode_answer(body: bytes) -> ChatAnswer:
    """The answer in a body. Raises ChatError where there is none."""
    try:
        said = _bodies.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ChatError(f"the answer is not in Ollama's form: {error}") from error
    if said.error:
        raise ChatError(said.error)
    if said.message is None:
        raise ChatError("the answer has no message")
    return ChatAnswer(
        text=said.message.content,
        model=said.model,
        finish_reason=said.done_reason,
        usage=_usage(said),
    )


def _usage(said: _Body) -> Usage | None:
    """`prompt_eval_count` is left out by Ollama when the whole prompt was cached: then unknown."""
    input_tokens, output_tokens = tokens(said.prompt_eval_count), tokens(said.eval_count)
    if input_tokens is None and output_tokens is None:
        return None
    return Usage(input=input_tokens, output=output_tokens)
