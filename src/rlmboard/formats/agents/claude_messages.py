"""Messages of a Claude Code transcript: blocks that come line by line, with usage that repeats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...trace import Failure, Usage
from ..foreign import Said
from ..loose import count, mapping, name, nanos, rows, text
from .conversation import Answer, Conversation, called

_MACHINE_WORDS = (
    "<command-",
    "<local-command",
    "<task-notification",
    "<system-reminder",
    "<bash-",
    "Caveat: The messages below",
    "[Request interrupted by user",
)
_PROVIDERS = (("msg_bdrk_", "bedrock"), ("msg_vrtx_", "vertex"), ("msg_", "anthropic"))


class Messages:
    """Puts the lines of each message together; what is known so far is stated with every line."""

    def __init__(self) -> None:
        self._answers: dict[str, Answer] = {}

    def assistant(self, talk: Conversation, line: Mapping[str, Any], at_us: int) -> Iterator[Said]:
        """A line of an answer. One whose id was seen adds to it, and its usage counts once."""
        message = mapping(line.get("message"))
        query_id = query_of(line)
        if query_id is None:
            return
        model = name(message.get("model"))
        model = None if model == "<synthetic>" else model
        before = self._answers.get(query_id)
        if before is None:
            yield from talk.asks(query_id, _provider(query_id), model)
        answer = _grown(before or Answer(), line, message, model)
        self._answers[query_id] = answer
        yield from talk.gets(query_id, answer, at_us)
        for tool_id, tool, args in tool_calls(line):
            yield from talk.calls_tool(tool_id, tool, args, query_id, at_us)


def query_of(line: Mapping[str, Any]) -> str | None:
    """The message's id, which names the call; the line's own where a message has none."""
    return name(mapping(line.get("message")).get("id")) or name(line.get("uuid"))


def tool_calls(line: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Each tool that this line calls: id, name, arguments."""
    for block in map(mapping, rows(mapping(line.get("message")).get("content"))):
        tool_id = name(block.get("id"))
        if tool_id and block.get("type") in ("tool_use", "server_tool_use"):
            yield tool_id, text(block.get("name")) or "tool", block.get("input")


def tool_results(line: Mapping[str, Any]) -> Iterator[tuple[str, str, Failure | None]]:
    """Each tool that this line answers: id, result, and the error where it is one."""
    for block in map(mapping, rows(mapping(line.get("message")).get("content"))):
        tool_id = name(block.get("tool_use_id"))
        if tool_id and block.get("type") == "tool_result":
            result = words(block.get("content"))
            failed = block.get("is_error") is True
            yield (
                tool_id,
                result,
                Failure(type="ToolError", message=result[:500]) if failed else None,
            )


def question_of(line: Mapping[str, Any]) -> tuple[str, bool]:
    """What a user's line says beside results of tools, and whether a person asked it."""
    content = mapping(line.get("message")).get("content")
    said = words([block for block in rows(content) if mapping(block).get("type") == "text"])
    said = (content if isinstance(content, str) else said).strip()
    machine = line.get("isMeta") is True or line.get("isCompactSummary") is True
    return said, bool(said) and not machine and not said.startswith(_MACHINE_WORDS)


def words(content: Any) -> str:
    """The text of a content, which is a text or blocks; what is no text is named."""
    if isinstance(content, str):
        return content
    return "\n".join(_block(mapping(block)) for block in rows(content))


def _block(block: Mapping[str, Any]) -> str:
    if block.get("type") == "text":
        return text(block.get("text"))
    return f"[{text(block.get('type')) or 'block'}]"


def _grown(
    before: Answer, line: Mapping[str, Any], message: Mapping[str, Any], model: str | None
) -> Answer:
    """The answer with one more line of it."""
    told, thought = [before.text] if before.text.strip() else [], [before.thought]
    for block in map(mapping, rows(message.get("content"))):
        if block.get("type") == "text":
            told.append(text(block.get("text")))
        elif block.get("type") == "thinking":
            thought.append(text(block.get("thinking")))
    if isinstance(message.get("content"), str):
        told.append(text(message.get("content")))
    tools = (called(tool, args) for _, tool, args in tool_calls(line))
    said = "\n".join(told)
    usage, attributes = _usage(before, mapping(message.get("usage")))
    finish = name(message.get("stop_reason")) or before.finish_reason
    cost = before.cost_usd_nanos or nanos(line.get("costUSD"))
    failed = line.get("isApiErrorMessage") is True
    return Answer(
        text=said if said.strip() else "",
        thought="\n".join(filter(None, thought)),
        tools=(*before.tools, *tools),
        model=model or before.model,
        usage=usage,
        quality="none" if usage is None else "exact" if finish else "estimated",
        cost_usd_nanos=cost,
        cost_source="none" if cost is None else "provider",
        finish_reason=finish,
        attributes=attributes,
        error=Failure(type="ApiError", message=said[:500]) if failed else None,
    )


def _usage(before: Answer, said: Mapping[str, Any]) -> tuple[Usage | None, dict[str, Any] | None]:
    """Input is what was read, wherever from. Of repeated counts of output the last is the largest.

    A message without its end has the output that was counted at its beginning: a lower bound.
    """
    parts = [
        count(said.get(f"{part}input_tokens")) for part in ("", "cache_creation_", "cache_read_")
    ]
    fresh, made, read = parts
    output = count(said.get("output_tokens"))
    if fresh is None or output is None:
        return before.usage, before.attributes
    if before.usage is not None:
        output = max(output, before.usage.output or 0)
    usage = Usage(input=fresh + (made or 0) + (read or 0), output=output, cached=read)
    hour = count(mapping(said.get("cache_creation")).get("ephemeral_1h_input_tokens"))
    kept = {"cache_creation_tokens": made, "cache_creation_1h_tokens": hour}
    return usage, {name: tokens for name, tokens in kept.items() if tokens} or None


def _provider(query_id: str) -> str | None:
    return next((provider for start, provider in _PROVIDERS if query_id.startswith(start)), None)
