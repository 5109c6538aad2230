"""Sub-queries made: each with an id of its own and its place in the tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...sources import Fragment
from ...trace import RlmStart, Role, SubQuerySubmit
from ..prompts import prompt_chars
from ..question import Finding, Question
from ..settings import Settings
from .state import Level, Node, Replica, SubQuery


class Questions:
    """Asks the program's query of fragments, findings and catalogs. Ids count up: `q1`, `rlm1`."""

    def __init__(self, query: str, settings: Settings) -> None:
        self._query = query
        self._settings = settings
        self._asked = 0
        self._nodes = 0
        self._levels = 0

    # -------------------------------------------------------------- fragments

    def too_large(self, fragment: Fragment) -> bool:
        """Whether a fragment does not fit in one prompt."""
        return prompt_chars(self._about(fragment)) > self._settings.max_prompt_chars

    def piece_chars(self, fragment: Fragment) -> int:
        """How large the pieces of a fragment may be so that, as a rule, each fits in one prompt."""
        empty = prompt_chars(self._about(fragment, cut_chars=0))
        numbered = prompt_chars(self._about(fragment)) - empty
        room = self._settings.max_prompt_chars - empty
        text = fragment.chars or fragment.size_bytes
        return max(min(self._settings.chunk_size, room * text * 9 // (numbered * 10)), 16)

    def extractor(self, node: Node, fragment: Fragment, order: int, *, cut: bool) -> SubQuery:
        question = self._about(fragment)
        if cut:
            empty = prompt_chars(self._about(fragment, cut_chars=0))
            question = self._about(fragment, self._settings.max_prompt_chars - empty)
        router = node.routers[order] if node.routers else None
        replicas = tuple(map(Replica, range(self._settings.verification.replicas)))
        return self._made(
            node, question, order, replicas, router or node.id, node.depth + (2 if router else 1)
        )

    # -------------------------------------------------------------- catalogs

    def routers(self, node: Node, catalogs: Sequence[tuple[Fragment, ...]]) -> Iterator[SubQuery]:
        for order, catalog in enumerate(catalogs):
            question = Question(role="router", query=self._query, catalog=catalog)
            batch = (f"{_name(node)}-route", order, len(catalogs))
            yield self._made(node, question, order, (Replica(),), node.id, node.depth + 1, batch)

    def room_of(self, role: Role) -> int:
        """Characters that findings, or a catalog, may take in a prompt."""
        head = prompt_chars(Question(role=role, query=self._query))
        return self._settings.max_prompt_chars - head

    # -------------------------------------------------------------- findings

    def reducer(self, node: Node, findings: tuple[Finding, ...]) -> SubQuery:
        """The one that gives the answer of an RLM."""
        question = Question(role="reducer", query=self._query, findings=findings)
        return self._made(node, question, 0, (Replica(),), node.id, node.depth + 1)

    def reducers(
        self, node: Node, level: Level, batches: Iterable[tuple[Finding, ...]]
    ) -> Iterator[SubQuery]:
        """Those of one level, whose results are findings again."""
        self._levels += 1
        parent, depth = level.node_id or node.id, node.depth + (2 if level.node_id else 1)
        for order, findings in enumerate(batches):
            question = Question(role="reducer", query=self._query, findings=findings)
            batch = (f"{_name(node)}-reduce-{self._levels}", order, level.size)
            yield self._made(node, question, order, (Replica(),), parent, depth, batch)

    # -------------------------------------------------------------- nodes

    def may_recurse(self, node: Node) -> bool:
        return node.depth + 1 < self._settings.max_depth

    def node_id(self) -> str:
        self._nodes += 1
        return f"rlm{self._nodes}"

    def rlm_start(self, node_id: str, parent: Node, what: dict[str, object]) -> RlmStart:
        return RlmStart(
            node_id=node_id,
            parent_id=parent.id,
            depth=parent.depth + 1,
            query=self._query,
            config=what,
        )

    # -------------------------------------------------------------- making

    def _about(self, fragment: Fragment, cut_chars: int | None = None) -> Question:
        return Question(
            role="extractor",
            query=self._query,
            fragment=fragment,
            cut_chars=cut_chars,
            schema=self._settings.verification.schema,
        )

    def _made(
        self, node: Node, question: Question, order: int, replicas: tuple[Replica, ...],
        parent_id: str | None, depth: int, batch: tuple[str, int, int] | None = None,
    ) -> SubQuery:  # fmt: skip
        self._asked += 1
        query_id = f"q{self._asked}"
        batch_id, batch_index, batch_size = batch or (None, None, None)
        submit = SubQuerySubmit(
            query_id=query_id,
            fragment_id=question.fragment.id if question.fragment else None,
            parent_id=parent_id,
            depth=depth,
            role=question.role,
            batch_id=batch_id,
            batch_index=batch_index,
            batch_size=batch_size,
        )
        return SubQuery(query_id, node, question, order, replicas, submit)


def _name(node: Node) -> str:
    return node.id or "root"
