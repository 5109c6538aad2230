"""The tree of RLMs: units are read, weighed against the quorum, reduced, and concluded."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

from ...sources import Fragment
from ...trace import Aggregate, Failure, Note, RlmEnd, SpanRef, VerifyCitations
from ..aggregate import join
from ..program import Outcome, Program, Status
from ..prompts import NO_EVIDENCE, is_no_evidence
from ..provider import Answer
from ..question import Finding
from .actions import Action, Check, Divide, Finish
from .attempts import Attempts
from .happenings import Divided, Ranked
from .questions import Questions
from .reduction import Reduction
from .selection import Chosen, Selection, loaded
from .state import Node, SubQuery


class Tree:
    """Says which sub-query comes next, and takes what became of each."""

    def __init__(self, program: Program, attempts: Attempts, out: list[Action]) -> None:
        self.open: dict[str, SubQuery] = {}
        self.over = False
        self._program = program
        self._settings = program.settings
        self._attempts = attempts
        self._out = out
        self._questions = Questions(program.query, program.settings)
        self._selection = Selection(program, self._questions, out)
        self._room = self._questions.room_of("reducer")
        self._reduction = Reduction(self._questions, self._room, out, self._conclude)
        self._root = Node()
        self._children: dict[str, Node] = {}
        self._reading: list[Node] = []
        self._ready: deque[SubQuery] = deque()
        self._last_error: Failure | None = None
        self._broke = False
        self._outcome: Outcome | None = None
        self._unresolved = 0

    # -------------------------------------------------------------- choosing

    def begin(self) -> None:
        choice, routers = self._selection.begin(self._root)
        self._ready.extend(routers)
        self._chosen(choice)

    def ranked(self, happened: Ranked) -> None:
        self._chosen(self._selection.ranked(happened))

    def _chosen(self, choice: Chosen | None) -> None:
        if choice is None or self.ending:
            return
        fragments = [self._program.fragments[place] for place in choice.order]
        self._root.routers = choice.routers
        self._read(self._root, fragments)

    # -------------------------------------------------------------- reading

    @property
    def waiting(self) -> bool:
        """Whether there is a question that has not been asked."""
        return bool(self._ready or self._unread())

    def next_query(self) -> SubQuery | None:
        """The question to ask next; whoever does not ask it brings it `back`."""
        if self._ready:
            return self._ready.popleft()
        while self._reading and not self.ending:
            node = self._reading[-1]
            if node.stage == "reading" and node.taken < node.total:
                return self._unit(node)
            self._reading.pop()
        return None

    def back(self, query: SubQuery) -> None:
        self._ready.appendleft(query)

    def _read(self, node: Node, fragments: Sequence[Fragment]) -> None:
        node.fragments = fragments
        required = self._settings.quorum.required(node.total)
        if node.parent is not None and required is not None:
            required = min(required, node.total)
        node.required = required
        node.stage = "reading"
        self._reading.append(node)
        self._weigh(node)

    def _unit(self, node: Node) -> SubQuery | None:
        """A sub-query for the next fragment; None when it becomes an RLM of its own."""
        order, fragment = node.taken, node.fragments[node.taken]
        node.taken += 1
        if not self._questions.too_large(fragment):
            return self._questions.extractor(node, fragment, order, cut=False)
        if self._questions.may_recurse(node):
            self._divide(node, fragment, order)
            return None
        return self._truncated(node, fragment, order)

    def _truncated(self, node: Node, fragment: Fragment, order: int) -> SubQuery:
        self._warn(f"{fragment.id} is too large for one prompt and is read truncated")
        return self._questions.extractor(node, fragment, order, cut=True)

    def _divide(self, node: Node, fragment: Fragment, order: int) -> None:
        node_id = self._questions.node_id()
        child = Node(node_id, node, node.depth + 1, order, fragment)
        self._children[node_id] = child
        self._out.append(self._questions.rlm_start(node_id, node, {"fragment": fragment.id}))
        self._out.append(Divide(node_id, fragment, self._questions.piece_chars(fragment)))

    def divided(self, happened: Divided) -> None:
        child = self._children.get(happened.node_id)
        if child is None or child.fragment is None or self.ending:
            return
        if self._broke:
            self._fail(child, "budget")
        elif len(happened.parts) > 1:
            self._out.extend(map(loaded, happened.parts))
            self._read(child, happened.parts)
        else:
            child.fragments, child.required, child.taken = (child.fragment,), 1, 1
            child.stage = "reading"
            self._ready.append(self._truncated(child, child.fragment, 0))

    # -------------------------------------------------------------- what became of a sub-query

    def ended(self, query: SubQuery, answer: Answer | None) -> None:
        """It answered as it should, or it did not."""
        self.open.pop(query.id, None)
        query.done = True
        self._last_error = query.error or self._last_error
        match query.question.role:
            case "router":
                self._chosen(self._selection.routed(query, answer))
            case "reducer":
                self._unresolved = query.unresolved
                self._ready.extend(self._reduction.ended(query, answer))
            case _:
                self._unit_ended(query.node, answer is not None, _finding(query, answer))

    def unaffordable(self, query: SubQuery) -> None:
        """The budget does not allow this question, nor any other that was not asked yet."""
        self._broke = True
        query.error = Failure(type="budget", message="the budget does not allow it")
        if query.question.role != "extractor":
            self.ended(query, None)
            return
        dropped = [query, *(held for held in self._ready if held.question.role == "extractor")]
        self._ready = deque(held for held in self._ready if held.question.role != "extractor")
        short = Counter(held.node for held in dropped)
        for node in self._unread():
            short[node] += node.total - node.taken
            node.taken = node.total
        self._warn(f"{short.total()} fragments were not asked: the budget does not allow it")
        for node, count in short.items():
            node.failures += count
        for node in sorted(short, key=lambda node: node.depth, reverse=True):
            self._weigh(node)

    def _unread(self) -> list[Node]:
        return [n for n in self._reading if n.stage == "reading" and n.taken < n.total]

    def _unit_ended(self, node: Node, success: bool, finding: Finding | None) -> None:
        if success:
            node.successes += 1
        else:
            node.failures += 1
        if finding is not None:
            node.findings.append(finding)
        self._weigh(node)

    def _weigh(self, node: Node) -> None:
        """Enough, not enough any more, or neither yet."""
        if node.stage != "reading" or self.ending:
            return
        if node.required is None:
            if node.ended == node.total:
                self._collected(node) if node.successes else self._fail(node, "errors")
        elif node.successes >= node.required:
            self._collected(node)
        elif not node.reachable:
            self._fail(node, "budget" if self._broke else "quorum")

    def _collected(self, node: Node) -> None:
        self._cancel_below(node, "straggler", "quorum")
        node.stage = "reducing"
        self._ready.extend(self._reduction.begin(node))

    # -------------------------------------------------------------- ends of RLMs

    def _conclude(self, node: Node, text: str, spans: tuple[SpanRef, ...], partial: bool) -> None:
        node.stage = "done"
        if node.parent is None:
            short = partial or (node.required is None and node.failures > 0)
            reason = "budget" if short and self._broke else "answer"
            self._finish("completed", reason, text, spans, short)
            return
        self._end_child(node, "answer", text)
        span = node.fragment.span if node.fragment else None
        found = None if is_no_evidence(text) else Finding(node.order, text, span, spans)
        self._unit_ended(node.parent, True, found)

    def _fail(self, node: Node, reason: str) -> None:
        error = self._shortage(node, reason)
        if node.parent is None:
            self.stop("failed", reason, error, "straggler")
            return
        self._cancel_below(node, "straggler", reason)
        self._end_child(node, reason, error=error)
        self._unit_ended(node.parent, False, None)

    def _shortage(self, node: Node, reason: str) -> Failure:
        needed = "one" if node.required is None else str(node.required)
        message = f"{node.successes} of {node.total} sub-queries succeeded, {needed} had to"
        if self._last_error is not None:
            message += f"; last error: {self._last_error.type}: {self._last_error.message}"
        kinds = {"budget": "BudgetExhausted", "quorum": "QuorumNotMet"}
        return Failure(type=kinds.get(reason, "NoAnswer"), message=message)

    def _cancel_below(self, node: Node, reason: str, end_reason: str) -> None:
        """Gives up what is under way in a node and in all RLMs below it; the node itself stays."""
        for query in [query for query in self.open.values() if query.node.within(node)]:
            self._give_up(query, reason)
        self._ready = deque(query for query in self._ready if not query.node.within(node))
        below = [child for child in self._children.values() if child.within(node)]
        self._end_level(node, end_reason)
        for child in below:
            if child is not node:
                self._end_level(child, end_reason)
                self._end_child(child, end_reason)

    def _end_child(
        self, child: Node, reason: str, answer: str | None = None, error: Failure | None = None
    ) -> None:
        child.stage = "done"
        node_id = str(child.id)
        del self._children[node_id]
        self._out.append(RlmEnd(node_id=node_id, answer=answer, end_reason=reason, error=error))

    def _end_level(self, node: Node, reason: str) -> None:
        if node.level is not None and node.level.node_id is not None:
            self._out.append(RlmEnd(node_id=node.level.node_id, end_reason=reason))
        node.level = None

    def _give_up(self, query: SubQuery, reason: str) -> None:
        for attempt in query.flying():
            self._attempts.give_up(attempt, reason)
        query.done = True
        del self.open[query.id]

    # -------------------------------------------------------------- the end

    @property
    def ending(self) -> bool:
        """Whether it is decided how the run ends; only the citations are still to be checked."""
        return self._outcome is not None

    @property
    def answering(self) -> bool:
        """Whether enough was collected, so that what is left is only how it is put together."""
        best_effort = self._root.stage == "reading" and self._root.required is None
        return self._root.stage == "reducing" or (best_effort and self._root.successes > 0)

    def stop(self, status: Status, reason: str, error: Failure | None, cancel: str) -> None:
        """Ends the run as it stands: what was found so far is joined into a partial answer."""
        if self.ending:
            return
        findings = self._gathered(self._root)
        self._cancel_below(self._root, cancel, reason)
        nothing = NO_EVIDENCE if status == "completed" else ""
        joined = join(findings, self._settings.max_prompt_chars)
        text = joined.text or nothing
        if findings:
            self._out.append(Aggregate(input_count=len(findings), output_preview=text))
        self._finish(status, reason, text, joined.spans, True, error)

    def _gathered(self, node: Node) -> list[Finding]:
        below = [self._gathered_child(c) for c in self._children.values() if c.parent is node]
        return sorted([*node.findings, *filter(None, below)], key=lambda found: found.order)

    def _gathered_child(self, child: Node) -> Finding | None:
        findings = self._gathered(child)
        span = child.fragment.span if child.fragment else None
        joined = join(findings, self._settings.max_prompt_chars)
        return Finding(child.order, joined.text, span, joined.spans) if findings else None

    def _finish(
        self, status: Status, reason: str, text: str, spans: tuple[SpanRef, ...],
        partial: bool, error: Failure | None = None,
    ) -> None:  # fmt: skip
        self._outcome = Outcome(
            status=status,
            end_reason=reason,
            answer=text,
            span_refs=spans,
            partial=partial,
            error=error,
        )
        self._out.append(Check(None, spans))

    def checked(self, missing: int) -> None:
        """The citations of the answer were held against their sources: the last step."""
        outcome = self._outcome
        assert outcome is not None
        unresolved = self._unresolved if outcome.status == "completed" else 0
        wrong, checked = missing + unresolved, len(outcome.span_refs) + unresolved
        strict = self._settings.verification.tier == "citations"
        proven = wrong == 0 and (checked > 0 or not strict or is_no_evidence(outcome.answer))
        if checked or (strict and outcome.answer):
            self._out.append(VerifyCitations(checked=checked, missing=wrong, passed=proven))
        if strict and not proven and outcome.status == "completed":
            outcome = _unproven(outcome, wrong, checked)
        self.over = True
        self._out.append(Finish(outcome))

    def _warn(self, message: str) -> None:
        self._out.append(Note(message=message, level="warning"))


def _finding(query: SubQuery, answer: Answer | None) -> Finding | None:
    if answer is None or is_no_evidence(answer.text):
        return None
    fragment = query.question.fragment
    span = fragment.span if fragment else None
    return Finding(query.order, answer.text, span, answer.span_refs)


def _unproven(outcome: Outcome, wrong: int, checked: int) -> Outcome:
    what = f"{wrong} of {checked} citations of the answer do not hold" if checked else "no citation"
    return Outcome(
        status="failed",
        end_reason="errors",
        answer=outcome.answer,
        span_refs=outcome.span_refs,
        partial=outcome.partial,
        error=Failure(type="VerificationFailed", message=what),
    )
