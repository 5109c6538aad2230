"""What holds for any tree of spans, in any order, cut into any requests, sent again."""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from rlmboard.folder import Home, read_trace
from rlmboard.formats.otel import Request, Span
from rlmboard.gateway.otlp import Receiver, spots
from rlmboard.store import Store, StoredRun
from rlmboard.trace.order import problems
from rlmboard.trace.picture import PictureFold


def tree(run: StoredRun) -> dict[str, str]:
    """Every thing that was told of, with what it hangs on."""
    p = PictureFold().take(run.events())
    names, found = p.things.id, {}
    for table in (p.queries, p.nodes):
        for row in range(table.rows):
            found[names[table.thing[row]]] = names[table.parent[row]]
    return {short(child): short(parent) for child, parent in found.items()}


def short(name: str) -> str:
    return name.rpartition(".")[2].lstrip("0")


@st.composite
def traces(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A tree of spans of any kinds. Inside a call is no other: which one counts is told apart."""
    kinds = ("agent", "chain", "call", "tool", "plain")
    made: list[dict[str, Any]] = [{"number": 1, "parent": None, "kind": "agent", "closed": False}]
    for number in range(2, draw(st.integers(1, 12)) + 1):
        parent = draw(st.integers(1, number - 1))
        closed = made[parent - 1]["closed"]
        kind = draw(st.sampled_from(("tool", "plain") if closed else kinds))
        closed = kind == "call" or (closed and kind == "plain")
        made.append({"number": number, "parent": parent, "kind": kind, "closed": closed})
    return made


_KINDS = {
    "agent": {"gen_ai.operation.name": "invoke_agent"},
    "chain": {"openinference.span.kind": "CHAIN"},
    "call": {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 7},
    "tool": {"gen_ai.operation.name": "execute_tool"},
    "plain": {},
}


def told(
    batches: list[list[Span]], remembered: int = spots.REMEMBERED
) -> tuple[dict[str, str], Any, list[Any]]:
    """The tree, the sums and the faults of the one run that these requests make."""
    with TemporaryDirectory() as folder, patch.object(spots, "REMEMBERED", remembered):
        home = Home(folder)
        receiver = Receiver(home, lambda: 1_767_700_000 * 10**9, lambda: 0.0)
        for batch in batches:
            receiver.take(Request(batch))
        receiver.close()
        store = Store(home)
        (row,) = store.runs()
        run = store.run(row.run_id)
        s = row.summary
        sums = (s.sub_queries, s.attempts, s.input_tokens, s.nodes, s.tools, s.max_depth, s.status)
        faults = problems(read_trace(run.folder.trace))
        depths = {q.query_id: q.depth for q in run.sub_queries()}
        found = tree(run)
        store.close()
        return found, (sums, depths), faults


@settings(max_examples=100)
@given(st.data(), traces())
def test_in_any_order_and_batches_and_with_any_memory_the_same_run_comes_of_it(
    data: st.DataObject, trace: list[dict[str, Any]]
) -> None:
    spans = [
        Span(
            trace_id="ab" * 16,
            span_id=f"{one['number']:016x}",
            parent_id=f"{one['parent']:016x}" if one["parent"] else None,
            start_ns=1_767_600_000 * 10**9 + one["number"] * 1000,
            end_ns=1_767_600_001 * 10**9 - one["number"] * 1000,
            attributes=_KINDS[one["kind"]],
        )
        for one in trace
    ]
    shuffled = data.draw(st.permutations(spans))
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(spans) - 1)), max_size=4)))
    batches = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(spans)], strict=True)]
    again = data.draw(st.sampled_from(batches))
    remembered = data.draw(st.sampled_from((0, 2, spots.REMEMBERED)))
    first, second = told([spans]), told([*batches, again], remembered)
    assert second[:2] == first[:2]
    assert first[2] == second[2] == []
