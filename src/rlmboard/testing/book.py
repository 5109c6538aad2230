"""The book of a scripted server: every call that it served, and what it said of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

import msgspec

from ..formats.chat import usage_of
from ..money.units import usd_nanos
from ..trace import Usage
from .reply import Reply

Protocol: TypeAlias = Literal[
    "chat", "completions", "responses", "messages", "embeddings", "models",
    "ollama_chat", "ollama_generate", "ollama_embed",
]  # fmt: skip
LINK = "x-rlmboard-run"


class Served(msgspec.Struct, kw_only=True):
    """One request in the book.

    `key` is what the client showed of itself, as it was sent. `headers` have lower-case names.
    Times are of `time.monotonic_ns`: it arrived, its answer was about to be sent whole, it was
    over. `status` is absent until something was sent. `whole` is false where the answer was cut,
    hung, or its reader gone.
    """

    number: int
    path: str
    protocol: Protocol
    body: dict[str, Any]
    key: str | None
    reply: Reply
    headers: dict[str, str] = {}
    status: int | None = None
    whole: bool = False
    arrived_ns: int = 0
    answered_ns: int | None = None
    ended_ns: int | None = None

    @property
    def prompt(self) -> str:
        """The text of the last message."""
        body = self.body
        return _text(body.get("messages", body.get("input", body.get("prompt"))))

    @property
    def model(self) -> str | None:
        """The model that was asked for."""
        model = self.body.get("model")
        return model if isinstance(model, str) else None

    @property
    def streams(self) -> bool:
        """Ollama streams unless it is told not to."""
        if self.protocol in ("ollama_chat", "ollama_generate"):
            return self.body.get("stream") is not False
        return self.body.get("stream") is True

    @property
    def ok(self) -> bool:
        """An answer was sent whole."""
        return self.whole and self.status == 200

    @property
    def usage(self) -> Usage | None:
        """The tokens that the client was told of; None where it was told of none."""
        told = usage_of(self.reply.usage) if self._was_told else None
        if told is None or self.protocol in ("chat", "completions", "embeddings"):
            return told
        if self.protocol.startswith("ollama"):
            made = None if self.protocol == "ollama_embed" else told.output
            return Usage(input=told.input, output=made)
        reasoning = told.reasoning or 0 if self.protocol == "responses" else None
        return msgspec.structs.replace(told, cached=told.cached or 0, reasoning=reasoning)

    @property
    def cost_usd_nanos(self) -> int | None:
        """The cost that the client was told of, in 10⁻⁹ dollar."""
        if not self._was_told or self.reply.usage is None or self.reply.cost is None:
            return None
        if self.protocol.startswith("ollama"):
            return None
        return usd_nanos(self.reply.cost)

    @property
    def run(self) -> str | None:
        """The run that the request says it is recorded in, by its header."""
        return self._link()[0]

    @property
    def query_id(self) -> str | None:
        """The sub-query that the request says it is recorded as."""
        return self._link()[1]

    @property
    def _was_told(self) -> bool:
        if not self.ok or self.reply.raw is not None:
            return False
        if self.protocol == "ollama_embed" and "input" not in self.body:
            return False
        options = self.body.get("stream_options") or {}
        asks = self.protocol not in ("chat", "completions") or options.get("include_usage")
        return bool(asks) or not self.streams

    def _link(self) -> tuple[str | None, str | None]:
        run, _, query_id = self.headers.get(LINK, "").partition("/")
        return run or None, query_id or None


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Calls in sum. A number is None while no call stated it."""

    calls: int
    answered: int
    input: int | None
    output: int | None
    cached: int | None
    reasoning: int | None
    cost_usd_nanos: int | None


class Book(list[Served]):
    """What a server served, in the order of arrival."""

    @property
    def calls(self) -> Book:
        """Without the questions that are put to no model, such as for the list of models."""
        return Book(served for served in self if served.protocol != "models")

    def of(self, *, run: str | None = None, key: str | None = None, path: str = "") -> Book:
        """Those of one run by their header, of one key, or below a path."""
        return Book(
            served
            for served in self
            if (run is None or served.run == run)
            and (key is None or served.key == key)
            and served.path.startswith(path)
        )

    @property
    def totals(self) -> Totals:
        """What clients were told in all."""
        return totals(self.calls)


def totals(calls: Iterable[Served]) -> Totals:
    """Calls in sum."""
    calls = list(calls)
    usages = [usage for served in calls if (usage := served.usage) is not None]
    return Totals(
        calls=len(calls),
        answered=sum(served.ok for served in calls),
        input=_sum(usage.input for usage in usages),
        output=_sum(usage.output for usage in usages),
        cached=_sum(usage.cached for usage in usages),
        reasoning=_sum(usage.reasoning for usage in usages),
        cost_usd_nanos=_sum(served.cost_usd_nanos for served in calls),
    )


def _sum(parts: Iterable[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _text(said: Any) -> str:
    """The text of the last of some messages, of a list of parts, or of a text."""
    if isinstance(said, str):
        return said
    if isinstance(said, dict):
        return _text(said.get("content", said.get("text", "")))
    if not isinstance(said, list) or not said:
        return ""
    if all(isinstance(part, dict) and isinstance(part.get("text"), str) for part in said):
        return "".join(part["text"] for part in said)
    return _text(said[-1])
