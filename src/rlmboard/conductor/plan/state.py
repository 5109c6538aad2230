"""What a plan keeps in mind: the tree of RLMs, the sub-queries under way, and their attempts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

import msgspec

from ...sources import Fragment
from ...trace import Failure, SubQuerySubmit
from ..provider import Answer
from ..question import Finding, Question
from ..route import Lane

Stage: TypeAlias = Literal["selecting", "reading", "reducing", "done"]


class Level(msgspec.Struct, eq=False):
    """One level of reducers: `size` batches; `node_id` names the child RLM that it is, if one."""

    size: int
    node_id: str | None
    results: list[Finding] = []
    ended: int = 0


class Node(msgspec.Struct, eq=False):
    """An RLM: the root, or a child that reads the pieces of one fragment of its parent.

    Its units are its fragments: each is one sub-query, or a child RLM of its own. `routers` names,
    for each fragment, the sub-query that chose it.
    """

    id: str | None = None
    parent: Node | None = None
    depth: int = 0
    order: int = 0
    fragment: Fragment | None = None
    fragments: Sequence[Fragment] = ()
    routers: Sequence[str] = ()
    required: int | None = None
    taken: int = 0
    successes: int = 0
    failures: int = 0
    findings: list[Finding] = []
    stage: Stage = "selecting"
    level: Level | None = None

    @property
    def total(self) -> int:
        return len(self.fragments)

    @property
    def ended(self) -> int:
        return self.successes + self.failures

    @property
    def reachable(self) -> bool:
        """Whether the units that have not failed are enough."""
        return self.total - self.failures >= (self.required or 0)

    def within(self, other: Node) -> bool:
        """Whether this is `other` or lies below it."""
        node: Node | None = self
        while node is not None and node is not other:
            node = node.parent
        return node is other


class Replica(msgspec.Struct, eq=False):
    """One of the workers that answer the same question; without redundancy there is one."""

    number: int = 0
    attempts: int = 0
    failures: int = 0
    hedged: bool = False
    flying: list[Attempt] = []
    answer: Answer | None = None
    given_up: bool = False

    @property
    def settled(self) -> bool:
        return self.given_up or self.answer is not None


class SubQuery(msgspec.Struct, eq=False):
    """A question under way. `tried`: the lanes of its attempts, by index."""

    id: str
    node: Node
    question: Question
    order: int
    replicas: tuple[Replica, ...]
    submit: SubQuerySubmit | None
    tried: list[int] = []
    error: Failure | None = None
    done: bool = False
    unresolved: int = 0

    def flying(self) -> Iterator[Attempt]:
        for replica in self.replicas:
            yield from tuple(replica.flying)


class Attempt(msgspec.Struct, eq=False):
    """One try at one provider."""

    key: str
    query: SubQuery
    replica: Replica
    number: int
    lane: Lane
    started: float
    hedge: bool = False
