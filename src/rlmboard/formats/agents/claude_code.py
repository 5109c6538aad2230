"""Session transcripts of Claude Code: `~/.claude/projects/<project>/<session>.jsonl`.

Known from transcripts of versions 1.0 to 2.1. A line is one block of a message; lines of one
message share its id and repeat its usage, which is counted once. Sub-agents stand in files of their
own (`<session>/subagents/agent-<id>.jsonl`) or, in older versions, as side chains in the same file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from ...trace import Note, RunCancelled, RunDone
from ..foreign import ForeignRun, Said, Told, Unread, moment, us_between
from ..loose import decoded, mapping, name, text
from .claude_agents import Agents, SubAgent, sub_agent_of
from .claude_messages import Messages, question_of, tool_results

PRODUCER = "claude-code"
INTERRUPTED = "[Request interrupted by user"
_TALK = ("user", "assistant")


class ClaudeCode:
    """Takes the lines of one session: those of the main file, and of its sub-agents in any order.

    A sub-agent is told of once the tool that called it is known, so that it stands in its place.
    """

    def __init__(self) -> None:
        self._run: ForeignRun | None = None
        self._began: datetime | None = None
        self._seen: set[str] = set()
        self._agents: Agents | None = None
        self._messages = Messages()
        self._said_last = ""
        self._title: tuple[int, str] = (-1, "")

    def feed(self, record: bytes) -> Iterable[Told]:
        line = decoded(record)
        if not isinstance(line, dict):
            key = self._run.key if self._run else None
            return [Unread("", "it is no JSON object", key)]
        return list(self._line(line))

    def finish(self) -> Iterable[Told]:
        if self._run is None or self._agents is None:
            return []
        return [*self._agents.finish(), *self._end()]

    def _line(self, line: Mapping[str, Any]) -> Iterator[Told]:
        kind = text(line.get("type"))
        at = moment(line.get("timestamp"))
        if self._began is None and at is not None and name(line.get("sessionId")):
            self._began = at
        if kind in ("summary", "ai-title", "custom-title"):
            yield from self._titled(line, kind)
        if self._is_known(line) or at is None or self._began is None:
            return
        if kind in _TALK and (self._run is not None or name(line.get("sessionId"))):
            yield from self._begun(line, at)
            yield from self._talk(line, kind, us_between(self._began, at))
        elif self._run is not None and self._agents is not None:
            at_us = us_between(self._began, at)
            if kind == "progress":
                yield from self._agents.progress(line)
            elif kind == "system":
                yield from self._system(line, at_us)

    def _is_known(self, line: Mapping[str, Any]) -> bool:
        """A resumed session repeats lines that stand in it already."""
        uuid = name(line.get("uuid"))
        if uuid is None or uuid in self._seen:
            return uuid is not None
        self._seen.add(uuid)
        return False

    # -------------------------------------------------------------- the run

    def _begun(self, line: Mapping[str, Any], at: datetime) -> Iterator[Told]:
        if self._run is not None:
            return
        session = text(line.get("sessionId"))
        question, is_question = question_of(line) if line.get("type") == "user" else ("", False)
        alone = name(line.get("agentId"))
        branch, version = name(line.get("gitBranch")), name(line.get("version"))
        config: dict[str, Any] = {"method": PRODUCER}
        if version:
            config["version"] = version
        if mode := name(line.get("permissionMode")):
            config["permission_mode"] = mode
        if self._title[1]:
            config["name"] = self._title[1]
        self._run = ForeignRun(
            key=f"{session}/{alone}" if alone else session,
            producer=PRODUCER,
            started_at=self._began or at,
            query=question if is_question and not line.get("isSidechain") else "",
            cwd=name(line.get("cwd")),
            git={"branch": branch} if branch else None,
            config=config,
        )
        self._agents = Agents(self._run.key, alone)
        yield self._run

    def _know(self, **facts: Any) -> Iterator[Told]:
        assert self._run is not None
        self._run = msgspec.structs.replace(self._run, **facts)
        yield self._run

    def _titled(self, line: Mapping[str, Any], kind: str) -> Iterator[Told]:
        """The title that says most wins: a person's, then the agent's, then a summary."""
        said = name(line.get("customTitle")) or name(line.get("aiTitle"))
        said = said or name(line.get("title")) or name(line.get("summary"))
        rank = ("summary", "ai-title", "custom-title").index(kind)
        if said and rank >= self._title[0]:
            self._title = (rank, said)
            if self._run is not None:
                yield from self._know(config={**self._run.config, "name": said})

    # -------------------------------------------------------------- what is said

    def _talk(self, line: Mapping[str, Any], kind: str, at_us: int) -> Iterator[Told]:
        assert self._agents is not None and self._run is not None
        agent = self._agents.of(line)
        if kind == "assistant":
            yield from self._agents.told(agent, self._messages.assistant(agent.talk, line, at_us))
            yield from self._modelled(agent, line)
            yield from self._agents.calls(agent, line)
            return
        results = list(tool_results(line))
        for tool_id, result, error in results:
            yield from self._agents.told(
                agent, agent.talk.tool_answers(tool_id, result, error, at_us)
            )
            called = sub_agent_of(line, result) if len(results) == 1 else None
            if called is not None:
                yield from self._agents.answered(called, tool_id, line, result, error, at_us)
        yield from self._heard(agent, line, at_us)

    def _heard(self, agent: SubAgent, line: Mapping[str, Any], at_us: int) -> Iterator[Told]:
        assert self._agents is not None and self._run is not None
        said, is_question = question_of(line)
        if not said:
            return
        yield from self._agents.heard(agent, said, line, at_us)
        if agent.talk.node_id != "root":
            return
        self._said_last = said
        if not is_question:
            return
        if not self._run.query:
            yield from self._know(query=said)
        elif self._agents.root.talk.calls or said != self._run.query:
            yield Said(self._run.key, at_us, Note(title="the user said", message=said))

    def _modelled(self, agent: SubAgent, line: Mapping[str, Any]) -> Iterator[Told]:
        assert self._run is not None
        model = name(mapping(line.get("message")).get("model"))
        if agent.talk.node_id == "root":
            self._said_last = ""
            if model and model != "<synthetic>" and "model" not in self._run.config:
                yield from self._know(config={**self._run.config, "model": model})

    def _system(self, line: Mapping[str, Any], at_us: int) -> Iterator[Told]:
        assert self._run is not None
        subtype = text(line.get("subtype"))
        if subtype == "compact_boundary":
            before = mapping(line.get("compactMetadata")).get("preTokens")
            told = f"The conversation was compacted; it had {before} tokens." if before else ""
            note = Note(title="compaction", message=told or "The conversation was compacted.")
            yield Said(self._run.key, at_us, note)
        elif subtype == "api_error":
            message = text(line.get("content")) or "The API refused or failed; it was asked again."
            yield Said(self._run.key, at_us, Note(message=message, level="warning"))

    def _end(self) -> Iterator[Told]:
        """A transcript has no end; one whose last word is an answer has ended with it."""
        assert self._run is not None and self._agents is not None
        root = self._agents.root.talk
        if self._said_last.startswith(INTERRUPTED):
            yield Said(self._run.key, root.last_us, RunCancelled(end_reason="user"))
        elif root.has_answered and root.answer is not None:
            done = RunDone(output=root.answer.text, iterations=root.calls, end_reason="answer")
            yield Said(self._run.key, max(root.last_us, self._agents.last_us), done)
