"""One agent's side of a session: what it heard, what it asked of its model, the tools it called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ...trace import (
    CostSource,
    Failure,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    ToolEnd,
    ToolStart,
    TraceEvent,
    Usage,
    UsageQuality,
)
from ..foreign import Said
from ..loose import json_text
from ..secrets import masked_tree


class Answer(NamedTuple):
    """What is known of a model's answer so far; each statement takes the place of the one before.

    `tools` are shown where there is no text. `thought` is kept with the whole text.
    """

    text: str = ""
    thought: str = ""
    tools: tuple[str, ...] = ()
    model: str | None = None
    usage: Usage | None = None
    quality: UsageQuality = "none"
    cost_usd_nanos: int | None = None
    cost_source: CostSource = "none"
    finish_reason: str | None = None
    attributes: dict[str, Any] | None = None
    error: Failure | None = None


class Conversation:
    """Makes the events of one node: the root, or a sub-agent. Times are the run's microseconds.

    A transcript says when an answer was there, not when it was asked for: that is taken to be when
    the agent last heard something, and marked inferred.
    """

    def __init__(self, key: str, node_id: str = "root", depth: int = 0) -> None:
        self.node_id = node_id
        self.depth = depth
        self.last_us = 0
        self.calls = 0
        self.open_tools: set[str] = set()
        self.answer: Answer | None = None
        self._key = key
        self._heard: list[str] = []

    def hears(self, text: str, at_us: int) -> None:
        """Something new stands in the prompt of its next call."""
        self._heard.append(text)
        self.last_us = at_us

    def asks(self, query_id: str, provider: str | None, model: str | None) -> Iterator[Said]:
        """A call of its model begins."""
        self.calls += 1
        heard, self._heard = self._heard, []
        submit = SubQuerySubmit(
            query_id=query_id,
            prompt_preview=heard[-1] if heard else "",
            parent_id=None if self.node_id == "root" else self.node_id,
            depth=self.depth,
            role="root",
            inferred=True,
        )
        yield self._said(submit, self.last_us, {"prompt_ref": heard} if heard else {})
        venue = "datacenter" if provider else None
        execute = SubQueryExecute(
            query_id=query_id, provider_id=provider, venue=venue, model_id=model, inferred=True
        )
        yield self._said(execute, self.last_us)

    def gets(self, query_id: str, answer: Answer, at_us: int) -> Iterator[Said]:
        """The call's answer, or more of it."""
        self.answer = answer
        self.last_us = at_us
        shown = answer.text or "; ".join(answer.tools)
        returned = SubQueryReturn(
            query_id=query_id,
            result_preview=shown,
            success=answer.error is None,
            model_id=answer.model,
            usage=answer.usage,
            usage_quality=answer.quality,
            cost_usd_nanos=answer.cost_usd_nanos,
            cost_source=answer.cost_source,
            finish_reason=answer.finish_reason,
            attributes=answer.attributes,
            error=answer.error,
        )
        thought = f"<thinking>\n{answer.thought}\n</thinking>\n\n" if answer.thought else ""
        yield self._said(returned, at_us, {"result_ref": thought + shown} if thought else {})

    def calls_tool(
        self, tool_id: str, tool: str, args: Any, query_id: str | None, at_us: int
    ) -> Iterator[Said]:
        """A tool begins to work for it."""
        self.open_tools.add(tool_id)
        parent = query_id or (None if self.node_id == "root" else self.node_id)
        shown = json_text(masked_tree(args))
        yield self._said(
            ToolStart(tool_id=tool_id, name=tool, parent_id=parent, args_preview=shown), at_us
        )

    def tool_answers(
        self, tool_id: str, result: str, error: Failure | None, at_us: int
    ) -> Iterator[Said]:
        """A tool's result is there, and stands in the next prompt."""
        self.open_tools.discard(tool_id)
        self.hears(result, at_us)
        yield self._said(ToolEnd(tool_id=tool_id, result_preview=result, error=error), at_us)

    @property
    def has_answered(self) -> bool:
        """Whether its last word is an answer that waits for nothing."""
        said = self.answer
        return not self.open_tools and said is not None and bool(said.text) and not self._heard

    def _said(self, event: TraceEvent, at_us: int, whole: dict[str, Any] | None = None) -> Said:
        return Said(self._key, at_us, event, whole or {})


def called(tool: str, args: Any) -> str:
    """A call of a tool as one short line."""
    return f"{tool}({json_text(masked_tree(args))[:500]})"
