"""Findings of an RLM become its answer: by one reducer, or by levels of reducers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ...trace import Aggregate, Note, RlmEnd, SpanRef
from ..aggregate import Joined, batches, is_cut, join
from ..prompts import NO_EVIDENCE, is_no_evidence
from ..provider import Answer
from ..question import Finding
from .actions import Action
from .questions import Questions
from .state import Level, Node, SubQuery

Conclude: TypeAlias = Callable[[Node, str, tuple[SpanRef, ...], bool], None]
"""Takes the answer of an RLM, its spans, and whether it is only partial."""


class Reduction:
    """Hands `conclude` the answer of each node that it was begun for."""

    def __init__(
        self, questions: Questions, room_chars: int, out: list[Action], conclude: Conclude
    ) -> None:
        self._questions = questions
        self._room = room_chars
        self._out = out
        self._conclude = conclude
        self._partial: set[Node] = set()

    def begin(self, node: Node) -> list[SubQuery]:
        """The sub-queries to be asked now. Without findings nothing is asked."""
        findings = sorted(node.findings, key=lambda finding: finding.order)
        node.findings = findings
        if not findings:
            self._out.append(Aggregate(input_count=0, output_preview=NO_EVIDENCE))
            self._conclude(node, NO_EVIDENCE, (), node in self._partial)
            return []
        packed = batches(findings, self._room)
        self._note_cuts(findings)
        if len(packed) == 1:
            return [self._questions.reducer(node, packed[0])]
        if len(packed) >= len(findings):
            self._locally(node, findings, "findings do not fit together in one prompt")
            return []
        return self._level(node, packed)

    def ended(self, query: SubQuery, answer: Answer | None) -> list[SubQuery]:
        """A reducer answered or was given up; what is to be asked now."""
        node = query.node
        if node.level is None:
            self._final(node, query, answer)
            return []
        return self._in_level(node, node.level, query, answer)

    # -------------------------------------------------------------- one reducer

    def _final(self, node: Node, query: SubQuery, answer: Answer | None) -> None:
        findings = query.question.findings
        if answer is None:
            self._locally(node, findings, "the reducer did not answer")
            return
        self._tell(findings, answer.text, query.id)
        self._conclude(node, answer.text, answer.span_refs, node in self._partial)

    def _locally(self, node: Node, findings: Sequence[Finding], why: str) -> None:
        self._warn(f"{why}: findings are joined as they stand")
        joined = self._joined(findings)
        self._conclude(node, joined.text, joined.spans, True)

    # -------------------------------------------------------------- levels

    def _level(self, node: Node, packed: list[tuple[Finding, ...]]) -> list[SubQuery]:
        """A set of findings too large for one query is a child RLM, as deep as one is allowed."""
        node_id = self._questions.node_id() if self._questions.may_recurse(node) else None
        node.level = level = Level(len(packed), node_id)
        if node_id is not None:
            what: dict[str, object] = {"findings": len(node.findings), "batches": len(packed)}
            self._out.append(self._questions.rlm_start(node_id, node, what))
        return list(self._questions.reducers(node, level, packed))

    def _in_level(
        self, node: Node, level: Level, query: SubQuery, answer: Answer | None
    ) -> list[SubQuery]:
        result = self._result(node, query, answer)
        level.ended += 1
        if result is not None:
            level.results.append(result)
        if level.ended < level.size:
            return []
        node.findings, node.level = level.results, None
        if level.node_id is not None:
            results = sorted(level.results, key=lambda finding: finding.order)
            answer_text = join(results, self._room).text
            self._out.append(RlmEnd(node_id=level.node_id, answer=answer_text, end_reason="answer"))
        return self.begin(node)

    def _result(self, node: Node, query: SubQuery, answer: Answer | None) -> Finding | None:
        findings = query.question.findings
        if answer is None:
            self._warn("a reducer did not answer: its findings are joined as they stand")
            self._partial.add(node)
            joined = self._joined(findings)
            return Finding(query.order, joined.text, None, joined.spans)
        self._tell(findings, answer.text, query.id)
        if is_no_evidence(answer.text):
            return None
        return Finding(query.order, answer.text, None, answer.span_refs)

    # -------------------------------------------------------------- telling

    def _joined(self, findings: Sequence[Finding]) -> Joined:
        joined = join(findings, self._room)
        self._tell(findings, joined.text, None)
        return joined

    def _tell(self, findings: Sequence[Finding], text: str, query_id: str | None) -> None:
        self._out.append(
            Aggregate(input_count=len(findings), output_preview=text, query_id=query_id)
        )

    def _note_cuts(self, findings: Sequence[Finding]) -> None:
        cut = sum(is_cut(finding, self._room) for finding in findings)
        if cut:
            self._warn(f"{cut} findings were too long for one prompt and were truncated")

    def _warn(self, message: str) -> None:
        self._out.append(Note(message=message, level="warning"))
