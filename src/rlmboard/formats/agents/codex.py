"""Session transcripts of Codex: `~/.codex/sessions/<date>/rollout-<time>-<session>.jsonl`.

Known from transcripts of versions 0.46 to 0.142. A line is `{timestamp, type, payload}`; tokens
stand in `token_count` events, one behind or before the items of each call of the model. A
sub-agent has a transcript of its own, and becomes a run of its own with this one as its parent.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from ...trace import Failure, Note, RlmEnd, RlmStart, RunCancelled, RunDone
from ..foreign import ForeignRun, Said, Told, Unread, foreign_run_id, moment, us_between
from ..loose import decoded, mapping, name, text
from .codex_calls import Calls, arguments_of, output_of

PRODUCER = "codex"
_ADDED = ("<environment_context>", "<user_instructions>", "# AGENTS.md", "<turn_aborted>")
_CALLS = {
    "function_call": "arguments",
    "custom_tool_call": "input",
    "local_shell_call": "action",
    "tool_search_call": "arguments",
}


class Codex:
    """Takes the lines of one transcript."""

    def __init__(self) -> None:
        self._run: ForeignRun | None = None
        self._calls: Calls | None = None
        self._asked: set[str] = set()
        self._over: str | None = None
        self._tells_of_tasks = False
        self._answer = ""
        self._last_us = 0

    def feed(self, record: bytes) -> Iterable[Told]:
        line = decoded(record)
        key = self._run.key if self._run else None
        if not isinstance(line, dict):
            return [Unread("", "it is no JSON object", key)]
        payload, at = mapping(line.get("payload")), moment(line.get("timestamp"))
        if line.get("type") == "session_meta":
            return list(self._begun(payload, at)) if self._run is None else []
        if self._run is None or self._calls is None:
            return []
        if at is not None:
            self._last_us = us_between(self._run.started_at, at)
        return list(self._record(text(line.get("type")), payload))

    def finish(self) -> Iterable[Told]:
        if self._run is None or self._calls is None:
            return []
        talk = self._calls.talk
        if self._over == "aborted":
            end: Any = RunCancelled(end_reason="user")
        elif self._over == "complete" or (not self._tells_of_tasks and talk.has_answered):
            said = self._answer or (talk.answer.text if talk.answer else "")
            end = RunDone(output=said, iterations=talk.calls, end_reason="answer")
        else:
            return []
        return [Said(self._run.key, self._last_us, end)]

    def _begun(self, meta: Mapping[str, Any], at: datetime | None) -> Iterator[Told]:
        session = name(meta.get("id"))
        began = _time_of(session) or moment(meta.get("timestamp")) or at
        if session is None or began is None:
            yield Unread("", "session_meta has no id, or no time")
            return
        spawn = mapping(mapping(mapping(meta.get("source")).get("subagent")).get("thread_spawn"))
        parent = name(meta.get("parent_thread_id")) or name(spawn.get("parent_thread_id"))
        parent_began = _time_of(parent)
        git = mapping(meta.get("git"))
        known = {"sha": name(git.get("commit_hash")), "branch": name(git.get("branch"))}
        source = meta.get("source")
        said = {
            "version": name(meta.get("cli_version")),
            "originator": name(meta.get("originator")),
            "source": name(source),
            "provider": name(meta.get("model_provider")),
            "agent_role": name(meta.get("agent_role")),
            "agent": name(meta.get("agent_nickname")),
        }
        self._run = ForeignRun(
            key=session,
            producer=PRODUCER,
            started_at=began,
            cwd=name(meta.get("cwd")),
            git={key: value for key, value in known.items() if value} or None,
            config={"method": PRODUCER} | {key: value for key, value in said.items() if value},
            parent_run_id=foreign_run_id(PRODUCER, parent, parent_began)
            if parent and parent_began
            else None,
            parent_id=session if parent and parent_began else None,
        )
        self._calls = Calls(session, name(meta.get("model_provider")))
        yield self._run

    def _know(self, **facts: Any) -> Iterator[Told]:
        assert self._run is not None
        known = msgspec.structs.replace(self._run, **facts)
        if known != self._run:
            self._run = known
            yield known

    def _note(self, message: str, title: str | None = None, level: str = "info") -> Iterator[Told]:
        assert self._run is not None
        yield Said(self._run.key, self._last_us, Note(message=message, title=title, level=level))

    def _record(self, kind: str, payload: Mapping[str, Any]) -> Iterator[Told]:
        assert self._run is not None and self._calls is not None
        if kind == "response_item":
            yield from self._item(payload)
        elif kind == "event_msg":
            yield from self._event(text(payload.get("type")), payload)
        elif kind == "turn_context":
            model, effort = name(payload.get("model")), name(payload.get("effort"))
            self._calls.model = model or self._calls.model
            first = {"model": model, "effort": effort}
            config = {key: value for key, value in first.items() if value} | self._run.config
            yield from self._know(config=config)
        elif kind == "compacted":
            yield from self._note("The conversation was compacted.", "compaction")

    # -------------------------------------------------------------- what the model said and heard

    def _item(self, item: Mapping[str, Any]) -> Iterator[Told]:
        assert self._calls is not None
        kind, at_us = text(item.get("type")), self._last_us
        tool_id = name(item.get("call_id")) or name(item.get("id"))
        if kind == "message":
            yield from self._message(item)
        elif kind == "reasoning":
            yield from self._calls.thinks(item, at_us)
        elif kind in _CALLS and tool_id:
            args = arguments_of(item.get(_CALLS[kind]))
            space = name(item.get("namespace"))
            tool = name(item.get("name")) or kind.removesuffix("_call")
            yield from self._calls.tool(tool_id, f"{space}.{tool}" if space else tool, args, at_us)
        elif kind == "web_search_call":
            yield from self._calls.search(mapping(item.get("action")), at_us)
        elif kind.endswith("_output") and tool_id:
            result, error = output_of(item.get("output", item.get("tools")))
            yield from self._calls.tool_answers(tool_id, result, error, at_us)

    def _message(self, item: Mapping[str, Any]) -> Iterator[Told]:
        assert self._calls is not None
        said = _words(item)
        if item.get("role") == "assistant":
            yield from self._calls.says(said, self._last_us)
        elif item.get("role") == "user" and not said.lstrip().startswith(_ADDED):
            yield from self._question(said)

    def _question(self, said: str) -> Iterator[Told]:
        """A question stands twice in newer transcripts, as an item and as an event."""
        assert self._run is not None and self._calls is not None
        said = said.strip()
        if not said or said in self._asked:
            return
        self._asked.add(said)
        self._calls.talk.hears(said, self._last_us)
        self._over = "asked"
        if not self._run.query:
            yield from self._know(query=said)
        else:
            yield from self._note(said, "the user said")

    def _event(self, kind: str, event: Mapping[str, Any]) -> Iterator[Told]:
        assert self._run is not None and self._calls is not None
        if kind == "token_count":
            yield from self._calls.counted(mapping(event.get("info")), self._last_us)
        elif kind == "user_message":
            yield from self._question(text(event.get("message")))
        elif kind == "task_started":
            self._over, self._asked, self._tells_of_tasks = "asked", set(), True
        elif kind == "task_complete":
            self._tells_of_tasks = True
            self._over, self._answer = "complete", text(event.get("last_agent_message"))
        elif kind == "turn_aborted":
            self._over = "aborted"
            yield from self._note(f"The turn was aborted: {text(event.get('reason'))}".rstrip(": "))
        elif kind in ("error", "stream_error"):
            yield from self._note(text(event.get("message")) or kind, level="error")
        elif kind == "thread_name_updated":
            title = name(event.get("thread_name")) or name(event.get("name"))
            yield from self._know(config=self._run.config | ({"name": title} if title else {}))
        elif kind == "collab_agent_spawn_end":
            yield from self._spawned(event)
        elif kind in ("collab_waiting_end", "collab_close_end"):
            yield from self._child_ended(event)

    # -------------------------------------------------------------- sub-agents

    def _spawned(self, event: Mapping[str, Any]) -> Iterator[Told]:
        assert self._run is not None
        child = name(event.get("new_thread_id"))
        if child is None:
            return
        role, nickname = name(event.get("new_agent_role")), name(event.get("new_agent_nickname"))
        start = RlmStart(
            node_id=child,
            parent_id=name(event.get("call_id")),
            name=nickname or role,
            depth=1,
            model=name(event.get("model")),
            query=name(event.get("prompt")),
        )
        yield Said(self._run.key, self._last_us, start)

    def _child_ended(self, event: Mapping[str, Any]) -> Iterator[Told]:
        assert self._run is not None
        statuses = mapping(event.get("statuses"))
        if receiver := name(event.get("receiver_thread_id")):
            statuses = {receiver: event.get("status")}
        for child, status in statuses.items():
            said = mapping(status)
            if not child or not ("completed" in said or "errored" in said):
                continue
            wrong = name(said.get("errored"))
            end = RlmEnd(
                node_id=child,
                answer=name(said.get("completed")),
                end_reason="errors" if wrong else "answer",
                error=Failure(type="AgentError", message=wrong) if wrong else None,
            )
            yield Said(self._run.key, self._last_us, end)


def _words(item: Mapping[str, Any]) -> str:
    blocks = item.get("content")
    said = [mapping(block) for block in blocks] if isinstance(blocks, list) else []
    return "\n\n".join(text(block.get("text")) for block in said if block.get("text"))


def _time_of(session: str | None) -> datetime | None:
    """Ids of sessions are UUIDs of version 7, which begin with the time in milliseconds."""
    try:
        named = uuid.UUID(session or "")
    except ValueError:
        return None
    if named.version != 7:
        return None
    return datetime.fromtimestamp((named.int >> 80) / 1000, UTC)
