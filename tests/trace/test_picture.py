"""A run as a page: what the fold of its trace promises."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.trace import Foreign, Hole, Stamped, TraceLine, Usage, decode_line
from rlmboard.trace import events as e
from rlmboard.trace.picture import (
    STATES,
    Picture,
    PictureFold,
    decode_picture,
    encode_picture,
)
from rlmboard.trace.picture.encode import next_name
from rlmboard.trace.picture.fold import TAKERS
from rlmboard.trace.picture.tables import ASKED, HEDGE, INFERRED, THING_KINDS, UNKNOWN_COST
from rlmboard.trace.picture.times import microseconds
from rlmboard.trace.summary import AttemptRow, summarize

IDS = st.sampled_from(["q-1", "q-2", "q-3"])
AMOUNTS = st.none() | st.integers(0, 9)
ATTEMPT = {"query_id": IDS, "attempt": st.integers(0, 2), "replica": st.integers(0, 1)}
ANYTHING = {"root", "q-1", "q-2", "node-1", "cell-1", "tool-1"}
PARENTS = st.none() | st.sampled_from(sorted(ANYTHING))


def told(event: type[e.Event], **fields: Any) -> st.SearchStrategy[e.Event]:
    return st.builds(event, inferred=st.sampled_from([None, True]), **fields)


OF_QUERIES = st.one_of(
    told(
        e.SubQuerySubmit,
        query_id=IDS,
        parent_id=PARENTS,
        depth=AMOUNTS,
        role=st.sampled_from([None, "root", "sub"]),
        fragment_id=st.sampled_from([None, "c-1", "c-2"]),
    ),
    told(
        e.SubQueryExecute,
        **ATTEMPT,
        provider_id=st.sampled_from(["a", "b"]),
        model_id=st.just("m"),
        venue=st.sampled_from([None, "local"]),
        simulated=st.sampled_from([None, True]),
    ),
    told(
        e.SubQueryReturn,
        **ATTEMPT,
        success=st.booleans(),
        duration_ms=st.none() | st.integers(0, 50).map(float),
        provider_id=st.sampled_from(["a", "c"]),
        usage=st.none() | st.builds(Usage, input=AMOUNTS, output=AMOUNTS),
        usage_quality=st.sampled_from([None, "exact", "estimated"]),
        cost_msat=AMOUNTS,
        cost_usd_nanos=AMOUNTS,
        error=st.sampled_from([None, e.Failure(type="http_500", message="no")]),
    ),
    told(e.SubQueryTimeout, **ATTEMPT, elapsed_ms=st.just(7.5)),
    told(e.SubQueryCancel, **ATTEMPT, reason=st.sampled_from(["", "hedge"])),
)
BUDGET = st.one_of(
    told(e.BudgetReserve, **ATTEMPT, amount_msat=AMOUNTS, amount_usd_nanos=AMOUNTS),
    told(e.BudgetSettle, **ATTEMPT, actual_msat=AMOUNTS, overage_msat=AMOUNTS),
)
OTHERS = st.one_of(
    told(e.RunInit, query=st.sampled_from([None, "why"]), fragment_count=st.integers(0, 2)),
    told(e.RunDone, output=st.sampled_from(["", "so"]), lost=st.integers(0, 2)),
    told(e.RunFailed, error=st.sampled_from([None, e.Failure(type="x")])),
    told(e.RunCancelled),
    told(e.RunResumed),
    told(e.Environment, python=st.sampled_from([None, "3.11"])),
    told(e.EnvLoadFragment, fragment_id=st.sampled_from(["c-1", "c-2"]), size_bytes=st.just(9)),
    told(e.EnvSelectFragments, fragment_ids=st.sampled_from([(), ("c-1",), ("c-2", "c-1")])),
    told(e.VerifyRedundant, query_id=IDS, agreement=st.just(0.5), n_of_m=st.just((1, 2)),
         passed=st.booleans()),
    told(e.VerifyObjective, query_id=IDS, check_type=st.just("hash"), passed=st.booleans()),
    told(e.VerifyAttestation, query_id=IDS, pubkey=st.just("02"), passed=st.booleans()),
    told(e.VerifyCitations, query_id=st.none() | IDS, checked=st.just(2), missing=st.just(1),
         passed=st.booleans()),
    told(e.Aggregate, input_count=st.just(2), query_id=st.none() | IDS),
    told(e.FallbackLocal, reason=st.just("alone")),
    told(e.RlmStart, node_id=st.sampled_from(["root", "node-1", "q-1"]), parent_id=PARENTS),
    told(e.RlmEnd, node_id=st.sampled_from(["node-1", "q-1"]), end_reason=st.just("answer")),
    told(e.IterationStart, n=st.integers(1, 2)),
    told(e.IterationEnd, n=st.integers(1, 2)),
    told(e.CellStart, cell_id=st.just("cell-1"), node_id=st.sampled_from(["root", "node-1"])),
    told(e.CellEnd, cell_id=st.just("cell-1"), error=st.sampled_from([None, e.Failure(type="x")])),
    told(e.ToolStart, tool_id=st.just("tool-1"), name=st.just("grep"), parent_id=PARENTS),
    told(e.ToolEnd, tool_id=st.just("tool-1")),
    told(e.Metric, name=st.sampled_from(["f1", "loss"]), value=st.none() | st.just(0.25),
         step=st.none() | st.integers(0, 3), special=st.sampled_from([None, "nan", "-inf"]),
         summary=st.sampled_from([None, True])),
    told(e.Score, name=st.just("s"), value=st.integers(0, 3).map(float), scorer=st.just("x"),
         query_id=st.none() | IDS),
    told(e.Artifact, name=st.sampled_from(["a", "b"]), sha256=st.just("00"), bytes=st.just(1)),
    told(e.Note, message=st.sampled_from(["hm", "ah"])),
)  # fmt: skip


def lines(events: st.SearchStrategy[e.Event]) -> st.SearchStrategy[list[Stamped]]:
    """Events of one run in any order, each at a time of its own."""
    return st.lists(st.tuples(events, st.integers(-50, 500)), unique_by=lambda one: one[1]).map(
        lambda told: [
            Stamped(seq, "r", at_ms / 4, event) for seq, (event, at_ms) in enumerate(told, 1)
        ]
    )


TRACES = lines(OF_QUERIES | BUDGET | OTHERS)


def fold(trace: list[Any], picture: Picture | None = None) -> Picture:
    return PictureFold(picture).take(trace)


def sent_and_received(picture: Picture) -> Picture:
    return decode_picture(json.loads(json.dumps(encode_picture(picture))))


@given(TRACES, st.integers(0, 40))
def test_a_picture_that_was_sent_and_the_lines_after_it_are_the_whole(
    trace: list[Stamped], k: int
) -> None:
    half = sent_and_received(fold(trace[:k]))
    assert half.as_dict() == fold(trace[:k]).as_dict()
    assert fold(trace[k:], half).as_dict() == fold(trace).as_dict()


@given(TRACES)
def test_lines_that_are_in_a_picture_already_change_nothing(trace: list[Stamped]) -> None:
    picture = fold(trace)
    before = picture.as_dict()
    assert fold(trace, picture).as_dict() == before


@given(TRACES, st.data())
def test_a_statement_told_again_changes_nothing(trace: list[Stamped], data: st.DataObject) -> None:
    if not trace:
        return
    line = data.draw(st.sampled_from(trace))
    picture = fold(trace)
    before = what_was_said(picture)
    again = Stamped(len(trace) + 1, line.run_id, line.timestamp_ms, line.event)
    if isinstance(line.event, e.Environment | e.EnvLoadFragment):
        return  # what is said of where it ran is said once, and the last time counts
    assert what_was_said(fold([again], picture)) == before


def what_was_said(picture: Picture) -> dict[str, Any]:
    """The picture without the places where it was said."""
    said = picture.as_dict()
    del said["seq"], said["attempts"]["last_seq"], said["nodes"]["last_seq"], said["replaced"]
    del said["scores"]["seq"], said["artifacts"]["seq"]
    return said


@given(lines(OF_QUERIES))
def test_a_picture_says_of_attempts_what_the_rows_of_the_summary_say(trace: list[Stamped]) -> None:
    picture, summary = fold(trace), summarize(trace)
    rows = {(row.query_id, row.replica, row.attempt): row for row in summary.attempts}
    assert len(rows) == picture.attempts.rows
    for row in range(picture.attempts.rows):
        seen = seen_attempt(picture, row)
        told_row = rows[seen["query_id"], seen["replica"], seen["attempt"]]
        assert seen == {name: told_value(told_row, name) for name in seen}


@given(lines(OF_QUERIES | BUDGET))
def test_a_picture_says_of_sub_queries_what_the_rows_of_the_summary_say(
    trace: list[Stamped],
) -> None:
    picture, summary = fold(trace), summarize(trace)
    assert [row.query_id for row in summary.sub_queries] == [
        picture.things.id[thing] for thing in picture.queries.thing[: picture.queries.rows]
    ]
    states = [STATES[state] for state in picture.queries.state[: picture.queries.rows]]
    assert states == [row.status for row in summary.sub_queries]
    ended = picture.queries.as_dict()["ended_us"]
    assert ended == [us(row.ended_ms) for row in summary.sub_queries]


def seen_attempt(picture: Picture, row: int) -> dict[str, Any]:
    cells = {name: column[row] for name, column in picture.attempts.as_dict().items()}
    provider = cells["provider"]
    return {
        "query_id": picture.things.id[picture.queries.thing[cells["query"]]],
        "replica": cells["replica"],
        "attempt": cells["attempt"],
        "status": STATES[cells["state"]],
        "hedge": bool(cells["flags"] & HEDGE),
        "inferred": bool(cells["flags"] & INFERRED),
        "provider": None if provider < 0 else picture.names["provider"].all[provider],
        "started_ms": cells["started_us"],
        "ended_ms": cells["ended_us"],
        "cost_msat": cells["cost_msat"],
        "cost_usd_nanos": cells["cost_usd_nanos"],
        "input_tokens": cells["input_tokens"],
        "output_tokens": cells["output_tokens"],
        "error_message": cells["error"],
    }


def told_value(row: AttemptRow, name: str) -> Any:
    value = getattr(row, name)
    return us(value) if name.endswith("_ms") else value


def us(ms: float | None) -> float | None:
    return None if ms is None else ms * 1000


def test_every_event_has_a_place_in_the_picture() -> None:
    assert set(TAKERS) == set(e.TraceEvent.__args__)  # type: ignore[attr-defined]


@given(st.lists(st.binary(max_size=60) | st.sampled_from([b"", b'{"run_id":"r"', b'{"a":1}'])))
def test_no_line_makes_the_fold_raise(raw: list[bytes]) -> None:
    trace: list[TraceLine] = [decode_line(line, seq) for seq, line in enumerate(raw, 1)]
    holes = [line for line in trace if isinstance(line, Hole) and line.reason != "blank"]
    assert sum(fold(trace).run.holes.values()) == len(holes)


def test_an_event_of_a_later_version_is_counted() -> None:
    later = b'{"run_id":"r","timestamp_ms":1,"event":{"type":"Dream"}}'
    line = decode_line(later, 1)
    assert isinstance(line, Foreign)
    run = fold([line]).run
    assert (run.foreign, run.status, run.last_us) == (1, "running", 1000)


def test_a_parent_may_come_after_its_child() -> None:
    submit = Stamped(1, "r", 1, e.SubQuerySubmit(query_id="q", parent_id="node"))
    picture = fold([submit])
    parent = picture.queries.parent[0]
    assert (picture.things.id[parent], picture.things.kind[parent]) == ("node", 0)
    fold([Stamped(2, "r", 2, e.RlmStart(node_id="node"))], picture)
    assert THING_KINDS[picture.things.kind[parent]] == "rlm"
    assert picture.nodes.thing[picture.things.row[parent]] == parent


def test_an_id_that_another_kind_has_taken_is_told_apart() -> None:
    picture = fold(
        [
            Stamped(1, "r", 1, e.CellStart(cell_id="one")),
            Stamped(2, "r", 2, e.SubQuerySubmit(query_id="one")),
        ]
    )
    assert picture.things.id[: picture.things.rows] == ["root", "one", "one (sub-query)"]


def test_an_answer_without_a_price_has_an_unknown_cost() -> None:
    picture = fold(
        [
            Stamped(1, "r", 1, e.SubQueryReturn(query_id="free", cost_msat=0)),
            Stamped(2, "r", 2, e.SubQueryReturn(query_id="unknown")),
            Stamped(3, "r", 3, e.SubQueryCancel(query_id="never asked")),
        ]
    )
    flags = picture.attempts.flags[:3].tolist()
    assert [bool(flag & UNKNOWN_COST) for flag in flags] == [False, True, False]
    assert not any(flag & ASKED for flag in flags)


def test_a_cell_that_began_again_runs() -> None:
    picture = fold(
        [
            Stamped(1, "r", 1, e.CellStart(cell_id="c")),
            Stamped(2, "r", 2, e.CellEnd(cell_id="c")),
            Stamped(3, "r", 3, e.CellStart(cell_id="c")),
        ]
    )
    assert STATES[picture.nodes.state[0]] == "running"


def test_a_picture_can_be_sent_without_its_texts() -> None:
    submit = e.SubQuerySubmit(query_id="q", prompt_preview="why?", prompt_ref="ab")
    sent = encode_picture(fold([Stamped(1, "r", 1, submit)]), texts=False)
    assert {"prompt", "prompt_ref"}.isdisjoint(sent["tables"]["queries"]["columns"])
    assert decode_picture(sent).queries.prompt[0] is None


def test_texts_that_are_few_are_always_sent() -> None:
    said = e.CellStart(cell_id="c", code_preview="print(1)")
    sent = encode_picture(fold([Stamped(1, "r", 1, said)]), texts=False)
    assert decode_picture(sent).nodes.input[0] == "print(1)"


def test_names_that_count_on_are_sent_as_nothing() -> None:
    names = ["q-8", "q-9", "q-10", "other", "q-11", "q-12", "q-12b", "x09", "x10", "x011"]
    picture = fold(
        Stamped(n, "r", n, e.SubQuerySubmit(query_id=name)) for n, name in enumerate(names, 1)
    )
    sent = encode_picture(picture)
    told = ["root", "q-8", 0, 0, "other", "q-11", 0, "q-12b", "x09", 0, "x011"]
    assert sent["tables"]["things"]["columns"]["id"] == told
    assert decode_picture(sent).things.cells("id") == ["root", *names]


def test_times_too_far_away_are_as_far_as_can_be_told() -> None:
    assert [microseconds(ms) for ms in (0.0015, -0.0015, 1e13, -1e300)] == [2, -1, 2**52, -(2**52)]


@pytest.mark.parametrize(
    ("name", "after"),
    [("q-009", "q-010"), ("q-99", "q-100"), ("7", "8"), ("q", None), ("٣", None)],
)
def test_names_count_on(name: str, after: str | None) -> None:
    assert next_name(name) == after


def test_the_state_of_a_tool_follows_from_its_times_in_whichever_order_they_are_told() -> None:
    start, end = e.ToolStart(tool_id="t", name="grep"), e.ToolEnd(tool_id="t")
    told = [(1.0, start), (4.0, end), (0.0, end)]
    states = {
        fold([Stamped(seq, "r", *one) for seq, one in enumerate(order, 1)]).nodes.state[0]
        for order in ([told[1], told[0], told[2]], told)
    }
    assert [STATES[state] for state in states] == ["running"]
