"""Calls of the model in a Codex transcript, put together from items and counts of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...trace import Failure, Usage
from ..foreign import Said
from ..loose import count, decoded, json_text, mapping, rows, text
from .conversation import Answer, Conversation, called

_PARTS = ("input_tokens", "output_tokens", "cached_input_tokens", "reasoning_output_tokens")


AT_ONCE_US = 1_000_000
"""Items that a count stands before were written with it; later ones are of another call."""


class Calls:
    """A call is what the model said between two results of tools, and a count of its tokens.

    Newer versions write the count behind the items of a call, older ones right before them.
    """

    def __init__(self, key: str, provider: str | None) -> None:
        self.talk = Conversation(key)
        self.model: str | None = None
        self._provider = provider
        self._answer: Answer | None = None
        self._query_id = ""
        self._is_closed = True
        self._counted_us: int | None = None
        self._total: Mapping[str, Any] = {}
        self._searches = 0

    def says(self, said: str, at_us: int) -> Iterator[Said]:
        """A message of the model."""
        yield from self._open(at_us)
        before = self._now.text
        yield from self._more(at_us, text=f"{before}\n\n{said}" if before else said)

    def thinks(self, item: Mapping[str, Any], at_us: int) -> Iterator[Said]:
        """What it thought, where that is readable."""
        parts = [*rows(item.get("summary")), *rows(item.get("content"))]
        thought = "\n".join(filter(None, (text(mapping(part).get("text")) for part in parts)))
        yield from self._open(at_us)
        before = self._now.thought
        yield from self._more(at_us, thought="\n".join(filter(None, (before, thought))))

    def tool(self, tool_id: str, tool: str, args: Any, at_us: int) -> Iterator[Said]:
        """It calls a tool."""
        yield from self._open(at_us)
        yield from self._more(at_us, tools=(*self._now.tools, called(tool, args)))
        yield from self.talk.calls_tool(tool_id, tool, args, self._query_id, at_us)

    def search(self, action: Mapping[str, Any], at_us: int) -> Iterator[Said]:
        """A search of the web, of which only the question is written down."""
        self._searches += 1
        tool_id = f"web-search-{self._searches}"
        yield from self.tool(tool_id, "web_search", dict(action), at_us)
        yield from self.talk.tool_answers(tool_id, "", None, at_us)

    def tool_answers(
        self, tool_id: str, result: str, error: Failure | None, at_us: int
    ) -> Iterator[Said]:
        """A tool's result; what the model says next is another call."""
        if tool_id in self.talk.open_tools:
            yield from self.talk.tool_answers(tool_id, result, error, at_us)
            self._is_closed = self._is_closed or not self.talk.open_tools

    def counted(self, info: Mapping[str, Any], at_us: int) -> Iterator[Said]:
        """Tokens of the call before; of one that left no item, where there is none."""
        total, last = mapping(info.get("total_token_usage")), mapping(info.get("last_token_usage"))
        if not (total or last) or (total and total == self._total):
            return
        usage, attributes = _usage(last) if last else _between(self._total, total), _written(last)
        self._total = total or self._total
        if usage is None:
            return
        if self._answer is None or self._answer.usage is not None:
            yield from self._open(at_us, anew=True)
            self._counted_us = at_us
        yield from self._more(at_us, usage=usage, quality="exact", attributes=attributes)
        self._is_closed = True

    @property
    def _now(self) -> Answer:
        return self._answer or Answer()

    def _open(self, at_us: int, anew: bool = False) -> Iterator[Said]:
        counted_us, self._counted_us = self._counted_us, None
        if counted_us is not None and not anew and 0 <= at_us - counted_us <= AT_ONCE_US:
            self._is_closed = False
            return
        if not (self._is_closed or anew):
            return
        self._is_closed = False
        self._answer = Answer(model=self.model)
        self._query_id = f"answer-{self.talk.calls + 1}"
        yield from self.talk.asks(self._query_id, self._provider, self.model)

    def _more(self, at_us: int, **known: Any) -> Iterator[Said]:
        self._answer = self._now._replace(**known)
        yield from self.talk.gets(self._query_id, self._answer, at_us)


def arguments_of(said: Any) -> Any:
    """Arguments of a tool, which are JSON in a text, or a text."""
    if isinstance(said, str):
        tree = decoded(said.encode(errors="replace"))
        return tree if isinstance(tree, dict) else said
    return said


def output_of(said: Any) -> tuple[str, Failure | None]:
    """What a tool gave, and the error where a command ended with one."""
    tree = decoded(said.encode(errors="replace")) if isinstance(said, str) else said
    if not isinstance(tree, dict):
        blocks = said if isinstance(said, list) else []
        words = "\n".join(text(mapping(block).get("text")) for block in blocks)
        return (said if isinstance(said, str) else words or json_text(said or "")), None
    result = tree.get("output", tree.get("content"))
    result = json_text(result if result is not None else tree)
    code = mapping(tree.get("metadata")).get("exit_code")
    if isinstance(code, int) and code != 0:
        return result, Failure(type="ExitCode", message=f"exit code {code}")
    return result, Failure(type="ToolError", message=result[:500]) if tree.get(
        "success"
    ) is False else None


def _usage(said: Mapping[str, Any]) -> Usage | None:
    read, wrote, cached, thought = (count(said.get(part)) for part in _PARTS)
    if read is None or wrote is None:
        return None
    return Usage(input=read, output=wrote, cached=cached, reasoning=thought)


def _between(before: Mapping[str, Any], now: Mapping[str, Any]) -> Usage | None:
    """Of running totals alone, what was added; a session that was resumed counts anew."""
    rest = {part: (count(now.get(part)) or 0) - (count(before.get(part)) or 0) for part in _PARTS}
    return _usage(rest if all(amount >= 0 for amount in rest.values()) else now)


def _written(last: Mapping[str, Any]) -> dict[str, Any] | None:
    """Tokens that went into a cache, which have a price of their own."""
    amount = count(last.get("cache_write_input_tokens"))
    return {"cache_creation_tokens": amount} if amount else None
