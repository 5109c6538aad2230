"""Sub-agents of a Claude Code session: child RLMs, each below the tool that called it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ...trace import Failure, RlmEnd, RlmStart, SubQuerySubmit
from ..foreign import Said
from ..loose import mapping, name, text
from .claude_messages import tool_calls, words
from .conversation import Conversation

CALLERS = ("Task", "Agent")
_NAMED_IN_RESULT = re.compile(r"\bagent_?[iI]d: ?([\w@.-]+)")
_OF_THE_PROGRAM = re.compile(r"a([a-z_]+)-[0-9a-f]+")
"""Agents that no tool calls: those that compact a conversation, or suggest a prompt."""


class Task:
    """What a tool was called with that calls a sub-agent, and who called it."""

    def __init__(self, args: Mapping[str, Any], caller: SubAgent) -> None:
        self.prompt = text(args.get("prompt")).strip()
        self.kind = name(args.get("subagent_type")) or name(args.get("name"))
        self.model = name(args.get("model"))
        self.caller = caller


class SubAgent:
    """One agent: the root, or a sub-agent, whose events wait until its place is known."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.placed = talk.node_id == "root"
        self.prompt: str | None = None
        self.began_us: int | None = None
        self.parent: str | None = None
        self.ended = False
        self.waiting: list[Said] = []


class Agents:
    """All agents of a session. `alone`: the one whose file was found without its session's."""

    def __init__(self, key: str, alone: str | None = None) -> None:
        self.root = SubAgent(Conversation(key))
        self._key = key
        self._alone = alone
        self._agents: dict[str, SubAgent] = {}
        self._chains: dict[str, str] = {}
        self._tasks: dict[str, Task] = {}

    @property
    def last_us(self) -> int:
        """When any of them did something last."""
        return max([self.root.talk.last_us, *(a.talk.last_us for a in self._agents.values())])

    def of(self, line: Mapping[str, Any]) -> SubAgent:
        """Whose line it is. A side chain without an id is known by its first line."""
        agent_id = name(line.get("agentId"))
        if agent_id == self._alone and agent_id is not None:
            return self.root
        if agent_id is None:
            if line.get("isSidechain") is not True:
                return self.root
            uuid, parent = text(line.get("uuid")), text(line.get("parentUuid"))
            agent_id = self._chains.get(parent, uuid[:8] or "side chain")
            self._chains[uuid] = agent_id
        return self._agents.setdefault(agent_id, SubAgent(Conversation(self._key, agent_id, 1)))

    def told(self, agent: SubAgent, said: Iterable[Said]) -> Iterator[Said]:
        """What it did, now or once its place is known."""
        if agent.placed:
            yield from said
        else:
            agent.waiting += said

    def heard(
        self, agent: SubAgent, said: str, line: Mapping[str, Any], at_us: int
    ) -> Iterator[Said]:
        """The first that a sub-agent hears is its task, by which its caller is found."""
        agent.talk.hears(said, at_us)
        if agent is self.root:
            return
        if agent.began_us is None:
            agent.began_us, agent.prompt = at_us, said
        yield from self._place(agent)

    def calls(self, agent: SubAgent, line: Mapping[str, Any]) -> Iterator[Said]:
        """Tools that call sub-agents are remembered; one that waited for this takes its place."""
        for tool_id, tool, args in tool_calls(line):
            task = mapping(args)
            if tool in CALLERS and name(task.get("prompt")):
                self._tasks[tool_id] = Task(task, agent)
        yield from self._place_all()

    def progress(self, line: Mapping[str, Any]) -> Iterator[Said]:
        """Some versions say which tool an agent works for."""
        data = mapping(line.get("data"))
        agent_id, tool_id = name(data.get("agentId")), name(line.get("parentToolUseID"))
        if data.get("type") == "agent_progress" and agent_id in self._agents and tool_id:
            yield from self._place(self._agents[agent_id], tool_id)

    def answered(
        self, agent_id: str, tool_id: str, line: Mapping[str, Any], result: str,
        error: Failure | None, at_us: int,
    ) -> Iterator[Said]:  # fmt: skip
        """The tool that called a sub-agent has its answer."""
        agent = self._agents.setdefault(agent_id, SubAgent(Conversation(self._key, agent_id, 1)))
        agent.parent = tool_id
        yield from self._place(agent, tool_id)
        if mapping(line.get("toolUseResult")).get("status") == "async_launched":
            return
        agent.ended = True
        end = RlmEnd(
            node_id=agent_id,
            answer=words(mapping(line.get("toolUseResult")).get("content")) or result,
            end_reason="errors" if error else "answer",
            error=error,
        )
        yield from self.told(agent, [Said(self._key, at_us, end)])

    def finish(self) -> Iterator[Said]:
        """No caller will turn up any more; and what answered last has ended with that."""
        for agent_id, agent in self._agents.items():
            yield from self._start(agent, agent.parent)
            answer = agent.talk.answer
            if not agent.ended and agent.talk.has_answered and answer is not None:
                end = RlmEnd(
                    node_id=agent_id, answer=answer.text, end_reason="answer", inferred=True
                )
                yield Said(self._key, agent.talk.last_us, end)

    # -------------------------------------------------------------- finding the caller

    def _place_all(self) -> Iterator[Said]:
        for agent in self._agents.values():
            if not agent.placed and agent.began_us is not None:
                yield from self._place(agent)

    def _place(self, agent: SubAgent, tool_id: str | None = None) -> Iterator[Said]:
        if agent.placed or agent.began_us is None:
            return
        tool_id = tool_id or agent.parent or self._caller(agent)
        if tool_id is not None or _OF_THE_PROGRAM.fullmatch(agent.talk.node_id):
            yield from self._start(agent, tool_id)

    def _caller(self, agent: SubAgent) -> str | None:
        asked = (agent.prompt or "").strip()
        return next((tool for tool, task in self._tasks.items() if task.prompt == asked), None)

    def _start(self, agent: SubAgent, tool_id: str | None) -> Iterator[Said]:
        if agent.placed or agent.began_us is None:
            return
        agent.placed = True
        task = self._tasks.pop(tool_id or "", None)
        agent.talk.depth = task.caller.talk.depth + 1 if task else 1
        program = _OF_THE_PROGRAM.fullmatch(agent.talk.node_id)
        start = RlmStart(
            node_id=agent.talk.node_id,
            parent_id=tool_id,
            name=task.kind if task else program[1] if program else None,
            depth=agent.talk.depth,
            model=task.model if task else None,
            query=agent.prompt,
        )
        yield Said(self._key, agent.began_us, start)
        waiting, agent.waiting = agent.waiting, []
        for said in waiting:
            yield _at_depth(said, agent.talk.depth)


def _at_depth(said: Said, depth: int) -> Said:
    if not isinstance(said.event, SubQuerySubmit):
        return said
    return said._replace(event=msgspec.structs.replace(said.event, depth=depth))


def sub_agent_of(line: Mapping[str, Any], result: str) -> str | None:
    """The sub-agent that a result of a tool is of, where it says so."""
    told = name(mapping(line.get("toolUseResult")).get("agentId"))
    if told is not None:
        return told
    found = _NAMED_IN_RESULT.search(result[-400:])
    return found[1] if found else None
