"""The laws of the fold: any steps give the same, a replay changes no count, nothing raises."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import pairwise

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.trace import (
    BudgetReserve,
    BudgetSettle,
    EnvLoadFragment,
    EnvSelectFragments,
    Failure,
    Foreign,
    Hole,
    IterationStart,
    Metric,
    Note,
    RlmStart,
    RunCancelled,
    RunDone,
    RunFailed,
    RunInit,
    RunResumed,
    Score,
    Stamped,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    TraceEvent,
    TraceLine,
    Usage,
    VerifyCitations,
    VerifyRedundant,
)
from rlmboard.trace.picture import PictureFold
from rlmboard.trace.summary import (
    Fold,
    RunState,
    RunSummary,
    SubQuery,
    Summary,
    attempt_rows,
    metric_rows,
    run_summary,
    sub_query_row,
    summarize,
)

AMOUNTS = st.none() | st.integers(0, 50) | st.sampled_from([-7, 1 << 70])
NAMES = st.none() | st.sampled_from(["a", "b"])
TIMES_MS = st.integers(-3, 12).map(float)
OF_QUERY = {"query_id": st.sampled_from(["q1", "q2", "q3"])}
OF_ATTEMPT = OF_QUERY | {"attempt": st.integers(0, 2), "replica": st.integers(0, 1)}
USAGE = st.none() | st.builds(Usage, input=AMOUNTS, output=AMOUNTS, cached=AMOUNTS)

EVENTS: st.SearchStrategy[TraceEvent] = st.one_of(
    st.builds(RunInit, program=st.just("p"), query=NAMES, fragment_count=st.integers(0, 3)),
    st.builds(RunDone, output=st.just("o"), usage=USAGE, cost_msat=AMOUNTS),
    st.builds(RunFailed, error=st.just(Failure(type="E")), output=NAMES),
    st.builds(RunCancelled, end_reason=NAMES),
    st.builds(RunResumed),
    st.builds(EnvLoadFragment, fragment_id=st.sampled_from("abc"), size_bytes=st.just(1)),
    st.builds(EnvSelectFragments, fragment_ids=st.just(("a", "b"))),
    st.builds(
        SubQuerySubmit,
        **OF_QUERY,
        depth=st.none() | st.integers(0, 3),
        role=st.sampled_from([None, "root", "extractor"]),
    ),
    st.builds(
        SubQueryExecute,
        **OF_ATTEMPT,
        provider_id=NAMES,
        model_id=NAMES,
        simulated=st.sampled_from([None, True]),
    ),
    st.builds(
        SubQueryReturn,
        **OF_ATTEMPT,
        success=st.booleans(),
        provider_id=NAMES,
        cost_msat=AMOUNTS,
        cost_usd_nanos=AMOUNTS,
        usage=USAGE,
        usage_quality=st.sampled_from([None, "exact", "estimated"]),
        duration_ms=st.none() | st.floats(0, 20),
        result_preview=st.sampled_from(["", "yes", "no"]),
    ),
    st.builds(SubQueryTimeout, **OF_ATTEMPT, elapsed_ms=st.just(5.0)),
    st.builds(SubQueryCancel, **OF_ATTEMPT, reason=st.sampled_from(["", "straggler"])),
    st.builds(BudgetReserve, **OF_ATTEMPT, amount_msat=AMOUNTS, amount_usd_nanos=AMOUNTS),
    st.builds(BudgetSettle, **OF_ATTEMPT, actual_msat=AMOUNTS, overage_msat=AMOUNTS),
    st.builds(
        VerifyRedundant,
        **OF_QUERY,
        agreement=st.just(1.0),
        n_of_m=st.just((2, 3)),
        passed=st.booleans(),
    ),
    st.builds(VerifyCitations, checked=st.just(3), missing=st.just(1), passed=st.booleans()),
    st.builds(RlmStart, node_id=st.sampled_from("nm"), depth=st.integers(0, 2)),
    st.builds(IterationStart, n=st.integers(1, 3)),
    st.builds(Metric, name=st.sampled_from("xy"), value=st.floats(0, 1), summary=st.none()),
    st.builds(Score, name=st.just("s"), value=st.floats(0, 1), scorer=st.sampled_from("kl")),
    st.builds(Note, message=st.sampled_from(["m", "n"]), level=st.sampled_from(["info", "error"])),
)
STAMPED = st.builds(Stamped, st.just(0), st.just("r"), TIMES_MS, EVENTS)
LINES: st.SearchStrategy[TraceLine] = st.one_of(
    STAMPED,
    STAMPED,
    STAMPED,
    st.builds(Hole, st.just(0), st.sampled_from(["torn", "damaged", "blank"])),
    st.builds(Foreign, st.just(0), st.just("r"), TIMES_MS, st.just("New"), st.just(msgspec.Raw())),
)
TRACES = st.lists(LINES, max_size=40).map(
    lambda lines: [
        msgspec.structs.replace(line, seq=n, offset=n * 10, length=9)
        for n, line in enumerate(lines, 1)
    ]
)


class Kept:
    """What a store keeps between steps, as bytes: nothing of the fold itself survives."""

    def __init__(self) -> None:
        self.state = msgspec.json.encode(RunState())
        self.queries: dict[str, bytes] = {}
        self.marks: dict[str, set[str]] = {}

    def sub_queries(self, query_ids: Collection[str]) -> Iterable[SubQuery]:
        for query_id in query_ids:
            if query_id in self.queries:
                yield msgspec.msgpack.decode(self.queries[query_id], type=SubQuery)

    def seen(self, kind: str, keys: Collection[str]) -> Iterable[str]:
        return [key for key in keys if key in self.marks.get(kind, ())]

    def step(self, lines: list[TraceLine]) -> None:
        fold = Fold(msgspec.json.decode(self.state, type=RunState), self)
        fold.take(lines)
        changes = fold.settle()
        self.state = msgspec.json.encode(fold.state)
        for query in changes.sub_queries:
            self.queries[query.query_id] = msgspec.msgpack.encode(query)
        for kind, marks in changes.marks.items():
            self.marks.setdefault(kind, set()).update(marks)

    def rows(self) -> tuple[object, ...]:
        state = msgspec.json.decode(self.state, type=RunState)
        queries = sorted(self.sub_queries(self.queries), key=lambda query: query.number)
        return (
            run_summary(state),
            [sub_query_row(query) for query in queries],
            [row for query in queries for row in attempt_rows(query)],
            metric_rows(state),
        )


def at_once(summary: Summary) -> tuple[object, ...]:
    return (summary.run, summary.sub_queries, summary.attempts, summary.metrics)


VALUES = {
    "lines", "holes", "foreign", "started_at", "ended_ms", "query", "producer", "environment",
    "end_reason", "error_type", "error_message", "output_preview", "span_refs", "partial", "lost",
    "citations", "citations_checked", "citations_missing",
}  # fmt: skip
COUNTS_AND_SUMS = set(RunSummary.__struct_fields__) - VALUES


@given(TRACES, st.lists(st.integers(0, 40), max_size=4))
def test_folded_in_any_steps_a_trace_gives_the_same_as_at_once(
    lines: list[TraceLine], cuts: list[int]
) -> None:
    kept = Kept()
    bounds = [0, *sorted(cuts), len(lines)]
    for begin, end in pairwise(bounds):
        kept.step(lines[begin:end])
    assert kept.rows() == at_once(summarize(lines))


@given(TRACES, st.lists(st.integers(0, 40), max_size=4))
def test_a_fold_that_goes_on_in_memory_settles_to_the_same(
    lines: list[TraceLine], cuts: list[int]
) -> None:
    fold = Fold()
    bounds = [0, *sorted(cuts), len(lines)]
    for begin, end in pairwise(bounds):
        fold.take(lines[begin:end])
        fold.settle()
    assert run_summary(fold.state) == summarize(lines).run


@given(TRACES, st.data())
def test_a_line_replayed_changes_no_count_and_no_sum(
    lines: list[TraceLine], data: st.DataObject
) -> None:
    replays = data.draw(st.lists(st.sampled_from(lines), max_size=3)) if lines else []
    once, again = summarize(lines).run, summarize([*lines, *replays]).run
    for name in COUNTS_AND_SUMS:
        assert getattr(again, name) == getattr(once, name), name


@given(TRACES)
def test_run_totals_are_what_the_rows_add_up_to(lines: list[TraceLine]) -> None:
    summary = summarize(lines)
    executed = [row for row in summary.attempts if row.executed]
    fan_out = [row for row in summary.sub_queries if row.role != "root"]
    assert summary.run.attempts == len(executed)
    assert summary.run.sub_queries == len(fan_out)
    assert summary.run.returned == sum(row.status == "returned" for row in fan_out)
    assert summary.run.running == sum(row.status == "running" for row in fan_out)
    if executed:
        costs = [row.cost_msat for row in executed if row.cost_msat is not None]
        assert summary.run.cost_msat == (sum(costs) if costs else None)
        tokens = [row.input_tokens for row in executed if row.input_tokens is not None]
        assert summary.run.input_tokens == (sum(tokens) if tokens else None)


def test_of_two_announcements_the_later_moment_holds_and_the_earlier_fills_what_it_left_out() -> (
    None
):
    def at(moment_ms: float, **said: int | str) -> TraceLine:
        return Stamped(0, "r", moment_ms, RunInit(program="p", **said))  # type: ignore[arg-type]

    first, second, late = at(1, fragment_count=3), at(2, query="q"), at(1.5, fragment_count=9)
    for lines in ([first, second], [second, first], [first, second, late, first, late]):
        run = summarize(lines).run
        assert (run.query, run.fragments) == ("q", 3)
    assert summarize([first, late]).run.fragments == 9


def test_of_two_announcements_of_one_moment_the_one_that_was_written_later_holds() -> None:
    """A session that is imported again, with another beginning, is about what it begins with."""

    said = RunInit(query="first", query_ref="a" * 64), RunInit(query="second"), RunInit()
    lines = [Stamped(seq, "r", 0, event) for seq, event in enumerate(said, 1)]
    assert summarize(lines).run.query == "second"
    run = PictureFold().take(lines).run
    assert (run.query, run.query_ref) == ("second", None)
