"""What is common to all APIs of language models: what was asked, what was said. Values only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

import msgspec

from ...trace import Failure, Usage

Api: TypeAlias = Literal[
    "chat", "completions", "responses", "messages", "embeddings",
    "ollama_chat", "ollama_generate", "ollama_embed",
]  # fmt: skip
"""Chat completions, completions, responses and embeddings as OpenAI does them, messages as
Anthropic does, and Ollama's own."""
OLLAMA: frozenset[Api | None] = frozenset({"ollama_chat", "ollama_generate", "ollama_embed"})

ToolCalls: TypeAlias = tuple[tuple[str, str], ...]
"""Name and arguments of each."""


class Turn(NamedTuple):
    """A message as far as a conversation is known by it.

    `raw` is the JSON of it as it was sent; None where a model said it. A client sends back what a
    model said in words of its own, so that only text and tool calls tell.
    """

    raw: bytes | None
    text: str = ""
    tools: ToolCalls = ()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request. `messages` are JSON texts as they were sent, `text` is that of the last one.

    `max_tokens` bounds each of `choices` answers. `after` names the answer that it goes on from.
    `unreadable` says why nothing could be read.
    """

    model: str | None = None
    messages: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()
    text: str = ""
    max_tokens: int | None = None
    choices: int = 1
    streams: bool = False
    after: str | None = None
    unreadable: str | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What came back. `error` is set where it is no answer, or not a whole one.

    `turns` are what a client sends back to go on. `cost_usd` is the server's own statement.
    `written` are tokens of the input that went into a cache: for minutes, and for an hour.
    `only_tokens` is false where the tokens alone do not tell what it costs.
    """

    text: str = ""
    turns: tuple[Turn, ...] = ()
    model: str | None = None
    finish_reason: str | None = None
    usage: Usage | None = None
    cost_usd: Decimal | None = None
    id: str | None = None
    written: tuple[int, int] = (0, 0)
    only_tokens: bool = True
    error: Failure | None = None


class StreamReader(Protocol):
    """Folds the events of one streamed answer."""

    def take(self, data: bytes) -> None:
        """The data of one event. Never raises."""

    def said(self) -> Said:
        """What was said so far; with an error where that is not the whole answer."""


def shown(text: str, tools: ToolCalls) -> str:
    """An answer as a reader wants it: its text, and what it calls."""
    calls = [f"{name}({arguments})" for name, arguments in tools]
    return "\n".join([text, *calls] if text else calls)


def unread(error: Exception) -> Said:
    """An answer whose words nobody understands."""
    return Said(error=Failure(type="unreadable", message=f"the answer could not be read: {error}"))


def failure(said: Any, otherwise: str = "error") -> Failure:
    """What a server says of its own failure, in a field `error`."""
    if not isinstance(said, dict):
        return Failure(type=otherwise, message=str(said)[:4000])
    kind = said.get("type") or said.get("code") or otherwise
    message = said.get("message") or msgspec.json.encode(said).decode()
    return Failure(type=str(kind)[:100], message=str(message)[:4000])
