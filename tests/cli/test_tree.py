"""The recursion tree, by exact text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rlmboard.cli.pictures.glyphs import ASCII, UNICODE
from rlmboard.cli.pictures.tree import Branch, TreeGathering, totals_line, tree_lines
from rlmboard.conductor.prompts import is_no_evidence
from rlmboard.trace import (
    Failure,
    RlmEnd,
    RlmStart,
    Stamped,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    TraceEvent,
    TraceLine,
    VerifyRedundant,
)

TREE = """\
root-query ────────────────────────────────────────────────────────────────────
    ├── chunk-001 ── extractor ── SpanRef[file.rs:10-50]
    ├── chunk-002 ── extractor ── SpanRef[file.rs:10-50]
    ├── chunk-003 ── extractor ── (no evidence)
    ├── chunk-004 ── extractor ── SpanRef[file.rs:10-50]
    ├── ⏱ chunk-005 ── extractor ── timeout after 500ms
    ├── reducer (aggregate) ── SpanRef[file.rs:10-50]
    └── verifier
        └── ✓ passed (0 missing citations)"""


def tree_of(lines: list[TraceLine]) -> Branch:
    gathering = TreeGathering(is_no_evidence)
    gathering.take(lines)
    return gathering.root()


def tree_from(*events: TraceEvent) -> Branch:
    return tree_of([Stamped(n, "r", n * 1.0, event) for n, event in enumerate(events, 1)])


def drawn(root: Branch, most: int = 20, width: int = 80) -> list[str]:
    return [line.plain for line in tree_lines(root, width, UNICODE, most)]


def test_the_tree_of_the_design_document(ended: list[TraceLine]) -> None:
    assert "\n".join(drawn(tree_of(ended))) == TREE


def test_the_totals_count_levels_inner_branches_and_each_span_once(
    ended: list[TraceLine],
) -> None:
    said = totals_line(tree_of(ended), "47 sats").plain
    assert said == "Depth: 2    Branches: 2    SpanRefs: 1    Cost: 47 sats"


def test_a_plain_terminal_gets_the_same_tree_in_ascii(ended: list[TraceLine]) -> None:
    shown = [line.plain for line in tree_lines(tree_of(ended), 80, ASCII)]
    assert all(line.isascii() for line in shown)
    assert shown[-1] == "        `-- ok passed (0 missing citations)"


def test_a_router_and_a_child_rlm_stand_above_what_they_asked() -> None:
    root = tree_from(
        SubQuerySubmit(query_id="q1", role="router", depth=1),
        SubQueryReturn(query_id="q1", result_preview="[1]"),
        SubQuerySubmit(query_id="q2", role="extractor", parent_id="q1", fragment_id="a.py:1-9"),
        SubQueryReturn(query_id="q2", success=False, error=Failure(type="http_500")),
        RlmStart(node_id="rlm1", parent_id="q1", depth=1, config={"fragment": "b.py"}),
        SubQuerySubmit(query_id="q3", role="extractor", parent_id="rlm1", fragment_id="b.py:1-4"),
        SubQueryReturn(query_id="q3", result_preview="No relevant content."),
        VerifyRedundant(query_id="q3", agreement=0.9, n_of_m=(2, 3), passed=True),
        RlmEnd(node_id="rlm1", end_reason="answer"),
    )
    assert drawn(root)[1:] == [
        "    └── router (select fragments)",
        "        ├── ✗ a.py:1-9 ── extractor ── http_500",
        "        └── rlm1 of b.py ── RLM",
        "            └── b.py:1-4 ── extractor ── (no evidence), 2 of 3 agree",
    ]


def test_many_siblings_are_folded_and_the_worst_stay() -> None:
    events: list[TraceEvent] = []
    for n in range(200):
        events.append(SubQuerySubmit(query_id=f"q{n}", role="extractor", fragment_id=f"f{n}"))
        events.append(SubQueryExecute(query_id=f"q{n}"))
        if n == 150:
            events.append(SubQueryTimeout(query_id="q150", elapsed_ms=60_000))
        else:
            events.append(SubQueryReturn(query_id=f"q{n}", result_preview="No relevant content."))
    lines = drawn(tree_from(*events), most=3)
    assert lines[1] == "    ├── ⏱ f150 ── extractor ── timeout after 1m 00s"
    assert lines[-1] == "    └── … and 197 more extractor:  ✓ 197, 197 without evidence"
    assert len(lines) == 5


def test_what_comes_before_its_parent_finds_it() -> None:
    root = tree_from(
        SubQuerySubmit(query_id="child", parent_id="parent"),
        SubQuerySubmit(query_id="parent", role="router"),
    )
    assert [child.id for child in root.children] == ["parent"]
    assert [child.id for child in root.children[0].children] == ["child"]


ids = st.sampled_from(["a", "b", "c", "d", "e"])


@given(st.lists(st.tuples(ids, st.none() | ids), max_size=12))
def test_whatever_the_parents_are_each_thing_stands_in_the_tree_once(
    told: list[tuple[str, str | None]],
) -> None:
    root = tree_from(*(SubQuerySubmit(query_id=a, parent_id=b) for a, b in told))
    met: list[str] = []
    row = root.children
    while row:
        met += [branch.id for branch in row]
        row = [child for branch in row for child in branch.children]
    assert sorted(met) == sorted({a for a, _ in told})


def test_a_tree_a_thousand_levels_deep_is_drawn() -> None:
    events = [SubQuerySubmit(query_id=f"q{n}", parent_id=f"q{n - 1}") for n in range(1, 1_001)]
    assert len(drawn(tree_from(*events))) == 1_001


def test_text_from_outside_is_cleaned_and_cut() -> None:
    root = tree_from(SubQuerySubmit(query_id="q", fragment_id="x\x1b[31m" + "y" * 200))
    line = drawn(root, width=60)[1]
    assert "\x1b" not in line and len(line) <= 60 and "…yyy" in line
