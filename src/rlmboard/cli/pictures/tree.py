"""The recursion tree: who asked whom, as the events say, with what each one found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.text import Text

from ...trace import (
    Aggregate,
    CellEnd,
    CellStart,
    RlmEnd,
    RlmStart,
    SpanRef,
    Stamped,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    ToolEnd,
    ToolStart,
    TraceLine,
    VerifyCitations,
    VerifyObjective,
    VerifyRedundant,
)
from . import amounts
from .glyphs import Glyphs, fit, fit_end, one_line

ROOT = "root"
MOST_SIBLINGS = 20
"""More children of one kind than this are folded, the worst shown first."""
_WORST_FIRST = ("failed", "timeout", "running", "submitted", "cancelled", "returned")
_SAYS = {"router": "select fragments", "reducer": "aggregate"}


@dataclass
class Branch:
    """One thing in the tree. `facts` are what it found, in words; `spans` what it cites."""

    id: str
    parent_id: str | None = None
    role: str = "sub"
    label: str = ""
    status: str = "submitted"
    facts: list[str] = field(default_factory=list)
    spans: tuple[SpanRef, ...] = ()
    no_evidence: bool = False
    children: list[Branch] = field(default_factory=list)


class TreeGathering:
    """Takes the lines of a trace and gives its tree. Total: whatever the parents are, each thing
    stands in it once. `no_evidence` knows the answer that says that there is nothing."""

    def __init__(self, no_evidence: Callable[[str], bool]) -> None:
        self._no_evidence = no_evidence
        self._branches: dict[str, Branch] = {}
        self._verdicts: list[Branch] = []
        self._takers: dict[type, Callable[[Any], None]] = {
            SubQuerySubmit: self._submit,
            SubQueryExecute: self._execute,
            SubQueryReturn: self._return,
            SubQueryTimeout: self._timeout,
            SubQueryCancel: self._cancel,
            VerifyRedundant: self._redundant,
            VerifyObjective: self._objective,
            VerifyCitations: self._citations,
            Aggregate: self._aggregate,
            RlmStart: self._rlm_start,
            RlmEnd: self._rlm_end,
            CellStart: self._cell_start,
            CellEnd: self._cell_end,
            ToolStart: self._tool_start,
            ToolEnd: self._tool_end,
        }

    def take(self, lines: Iterable[TraceLine]) -> None:
        for line in lines:
            if isinstance(line, Stamped) and (taker := self._takers.get(type(line.event))):
                taker(line.event)

    def root(self) -> Branch:
        """The tree; what names a parent that is not there, or itself, hangs on the root."""
        root = Branch(ROOT, role="root", label="root-query", status="returned")
        for branch in self._branches.values():
            branch.children = []
        for branch in self._branches.values():
            self._parent(branch, root).children.append(branch)
        root.children += self._verdicts
        return root

    def _parent(self, branch: Branch, root: Branch) -> Branch:
        parent = self._branches.get(branch.parent_id or ROOT)
        return root if parent is None or self._leads_back(branch) else parent

    def _leads_back(self, branch: Branch) -> bool:
        """Whether its parents lead to itself; the first of such a circle hangs on the root."""
        seen = {branch.id}
        above = self._branches.get(branch.parent_id or ROOT)
        while above is not None and above.id not in seen:
            seen.add(above.id)
            above = self._branches.get(above.parent_id or ROOT)
        return above is not None and above.id == branch.id

    def _of(self, id: str) -> Branch:
        return self._branches.setdefault(id, Branch(id, label=id))

    # -------------------------------------------------------------- sub-queries

    def _submit(self, event: SubQuerySubmit) -> None:
        branch = self._of(event.query_id)
        branch.parent_id = event.parent_id
        branch.role = event.role or "sub"
        branch.label = event.fragment_id or event.query_id

    def _execute(self, event: SubQueryExecute) -> None:
        branch = self._of(event.query_id)
        if branch.status == "submitted":
            branch.status = "running"

    def _return(self, event: SubQueryReturn) -> None:
        branch = self._of(event.query_id)
        if event.success:
            branch.status = "returned"
            branch.spans = event.span_refs
            branch.no_evidence = self._no_evidence(event.result_preview)
        elif branch.status != "returned":
            branch.status = "failed"
            branch.facts = [event.error.type if event.error else "failed"]

    def _timeout(self, event: SubQueryTimeout) -> None:
        branch = self._of(event.query_id)
        if branch.status != "returned":
            branch.status = "timeout"
            branch.facts = [f"timeout after {amounts.duration(event.elapsed_ms)}"]

    def _cancel(self, event: SubQueryCancel) -> None:
        branch = self._of(event.query_id)
        if branch.status in ("running", "submitted"):
            branch.status = "cancelled"
            branch.facts = [event.reason or "cancelled"]

    # -------------------------------------------------------------- checks and aggregation

    def _redundant(self, event: VerifyRedundant) -> None:
        n, m = event.n_of_m
        verdict = f"{n} of {m} agree" if event.passed else f"only {n} of {m} agree"
        self._of(event.query_id).facts.append(verdict)

    def _objective(self, event: VerifyObjective) -> None:
        verdict = "fits" if event.passed else f"does not fit: {event.detail or ''}"
        self._of(event.query_id).facts.append(f"{event.check_type} {verdict}")

    def _citations(self, event: VerifyCitations) -> None:
        word = "passed" if event.passed else "failed"
        fact = f"{word} ({amounts.count(event.missing, 'missing citation')})"
        if event.query_id is not None:
            self._of(event.query_id).facts.append(f"citations {fact}")
            return
        status = "returned" if event.passed else "failed"
        verdict = Branch("verdict", role="verdict", label=fact, status=status)
        self._verdicts = [
            Branch("verifier", role="verifier", label="verifier", status=status, children=[verdict])
        ]

    def _aggregate(self, event: Aggregate) -> None:
        fact = f"from {amounts.count(event.input_count, 'finding')}"
        if event.query_id is not None:
            self._of(event.query_id).facts.append(fact)
        else:
            id = f"aggregate {len(self._branches)}"
            self._branches[id] = Branch(id, None, "aggregate", "aggregate", "returned", [fact])

    # -------------------------------------------------------------- nodes, cells, tools

    def _rlm_start(self, event: RlmStart) -> None:
        branch = self._of(event.node_id)
        branch.parent_id = event.parent_id
        branch.role = "RLM"
        of = (event.config or {}).get("fragment")
        name = event.name or event.node_id
        branch.label = f"{name} of {of}" if isinstance(of, str) else name
        branch.status = "running"

    def _rlm_end(self, event: RlmEnd) -> None:
        branch = self._of(event.node_id)
        branch.role = "RLM"
        branch.status = "failed" if event.error else "returned"
        if event.end_reason not in (None, "answer"):
            branch.facts = [str(event.end_reason)]

    def _cell_start(self, event: CellStart) -> None:
        branch = self._of(event.cell_id)
        branch.parent_id, branch.role, branch.status = event.node_id, "cell", "running"

    def _cell_end(self, event: CellEnd) -> None:
        self._of(event.cell_id).status = "failed" if event.error else "returned"

    def _tool_start(self, event: ToolStart) -> None:
        branch = self._of(event.tool_id)
        branch.parent_id, branch.role, branch.status = event.parent_id, "tool", "running"
        branch.label = event.name

    def _tool_end(self, event: ToolEnd) -> None:
        self._of(event.tool_id).status = "failed" if event.error else "returned"


# ------------------------------------------------------------------ drawing


def tree_lines(
    root: Branch, width: int, glyphs: Glyphs, most: int = MOST_SIBLINGS
) -> Iterator[Text]:
    """The tree, a line for each branch that is not folded away."""
    yield Text(f"{root.label} {glyphs.joint.strip() * max((width - 12) // 2, 0)}", no_wrap=True)
    open_branches = [_below(root, "    ", glyphs, most)]
    while open_branches:
        entry = next(open_branches[-1], None)
        if entry is None:
            open_branches.pop()
            continue
        lead, indent, branch = entry
        if isinstance(branch, Text):
            yield Text.assemble((lead, "dim"), branch)
        else:
            yield _line(lead, branch, width, glyphs)
            open_branches.append(_below(branch, indent, glyphs, most))


def totals_line(root: Branch, cost: str) -> Text:
    """`Depth: 2    Branches: 4    SpanRefs: 3    Cost: 47 sats`."""
    depth = inner = 0
    spans: set[tuple[str, int, int]] = set()
    row = [root]
    while row:
        inner += sum(bool(branch.children) for branch in row)
        spans |= {(s.path, s.start_byte, s.end_byte) for branch in row for s in branch.spans}
        row = [child for branch in row for child in branch.children]
        depth += bool(row)
    return Text(f"Depth: {depth}    Branches: {inner}    SpanRefs: {len(spans)}    Cost: {cost}")


def _below(
    branch: Branch, indent: str, glyphs: Glyphs, most: int
) -> Iterator[tuple[str, str, Branch | Text]]:
    """The children with what stands before each, groups of too many folded."""
    entries = list(_folded(branch.children, glyphs, most))
    for place, entry in enumerate(entries, 1):
        last = place == len(entries)
        lead = indent + (glyphs.last_branch if last else glyphs.branch)
        yield lead, indent + ("    " if last else glyphs.trunk), entry


def _folded(children: list[Branch], glyphs: Glyphs, most: int) -> Iterator[Branch | Text]:
    groups: dict[str, list[Branch]] = {}
    for child in children:
        groups.setdefault(child.role, []).append(child)
    for role, group in groups.items():
        if len(group) <= most:
            yield from group
            continue
        worst_first = sorted(group, key=_badness)
        yield from worst_first[:most]
        yield _counts(role, worst_first[most:], glyphs)


def _badness(branch: Branch) -> tuple[int, bool]:
    known = branch.status in _WORST_FIRST
    return _WORST_FIRST.index(branch.status) if known else 0, branch.no_evidence


def _counts(role: str, branches: list[Branch], glyphs: Glyphs) -> Text:
    text = Text(f"{glyphs.more} and {len(branches):,} more {role}:", "dim", no_wrap=True)
    for status, number in Counter(branch.status for branch in branches).items():
        state = glyphs.state(status)
        text.append(f"  {state.sign} {number:,}", state.style)
    nothing = sum(branch.no_evidence for branch in branches)
    if nothing:
        text.append(f", {nothing:,} without evidence", "dim")
    return text


def _line(lead: str, branch: Branch, width: int, glyphs: Glyphs) -> Text:
    line = Text(no_wrap=True)
    line.append(lead, "dim")
    room = max(width - len(lead), 8)
    state = glyphs.state(branch.status)
    title = one_line(_title(branch))
    if len(title) > room // 2:
        title = fit_end(title, room // 2, glyphs.more)
    said = [one_line(part) for part in (_role(branch), _found(branch)) if part]
    text = glyphs.joint.join([title, *said])
    if branch.status not in ("returned",) or branch.role == "verdict":
        text = f"{state.sign} {text}"
        line.append(fit(text, room, glyphs.more).rstrip(), state.style)
    else:
        line.append(fit(text, room, glyphs.more).rstrip())
    return line


def _title(branch: Branch) -> str:
    says = _SAYS.get(branch.role)
    return f"{branch.role} ({says})" if says else branch.label


def _role(branch: Branch) -> str:
    return "" if branch.role in (*_SAYS, "verifier", "verdict", "aggregate") else branch.role


def _found(branch: Branch) -> str:
    facts = list(branch.facts)
    if branch.status == "returned" and branch.role in ("extractor", "sub", "reducer"):
        if branch.no_evidence:
            facts.insert(0, "(no evidence)")
        elif branch.spans:
            facts.insert(0, spans_text(branch.spans))
    return ", ".join(facts)


def spans_text(spans: tuple[SpanRef, ...]) -> str:
    """One or two citations by the name of the file, more by number."""
    if len(spans) > 2:
        return f"{len(spans)} SpanRefs"
    return ", ".join(f"SpanRef[{str(span).rpartition('/')[2]}]" for span in spans)
