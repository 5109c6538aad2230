"""What holds for every run, whatever providers do."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlmboard.conductor import Answer, ProviderError, parse_quorum, parse_verification
from rlmboard.money import Budget
from rlmboard.trace import (
    BudgetReserve,
    BudgetSettle,
    RlmEnd,
    RlmStart,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
)

BOUND_MSAT = 1_000

DELAYS = st.sampled_from([0.0, 0.5, 1.0, 3.0, 7.0, 40.0])
TEXTS = st.sampled_from(["red", "green", "No relevant content.", "", "[1, 2]", "x" * 3000])
ANSWERS = st.builds(
    lambda text, cost: Answer(text=text, cost_msat=cost),
    TEXTS,
    st.sampled_from([None, 0, 400, BOUND_MSAT]),
)
ERRORS = st.builds(
    lambda retryable, after: ProviderError("e", "m", retryable=retryable, retry_after_s=after),
    st.booleans(),
    st.sampled_from([None, 0.0, 5.0]),
)
REPLIES = st.one_of(st.none(), st.tuples(DELAYS, st.one_of(ANSWERS, ANSWERS, ANSWERS, ERRORS)))

RUNS = st.fixed_dictionaries(
    {
        "fanout": st.integers(1, 6),
        "select": st.sampled_from(["all", "bm25", "router"]),
        "top_k": st.integers(1, 6),
        "quorum": st.sampled_from(["all", "50%", "2", "best-effort"]).map(parse_quorum),
        "verification": st.sampled_from(
            ["none", "redundancy:3/2", "redundancy:2/2", "citations", 'objective:{"type":"string"}']
        ).map(parse_verification),
        "routing": st.sampled_from(["spread", "cheapest", "fastest", "best"]),
        "hedge_after": st.sampled_from([None, 2.0, "p95"]),
        "max_attempts": st.integers(1, 3),
        "timeout_s": st.sampled_from([10.0, 60.0]),
        "per_query_timeout_s": st.sampled_from([5.0, None]),
        "max_depth": st.integers(1, 3),
        "max_prompt_chars": st.sampled_from([2000, 20_000]),
        "seed": st.integers(0, 3),
        "budget_msat": st.sampled_from([None, 0, 2_500, 7_000, 10**9]),
    }
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    run=RUNS,
    replies=st.lists(REPLIES, min_size=1, max_size=12),
    sizes=st.lists(st.sampled_from([5, 300, 6000]), min_size=1, max_size=7),
    cancel_at=st.sampled_from([None, None, 0.0, 4.0]),
)
def test_every_run_keeps_the_laws(stage, make_fragment, offer, run, replies, sizes, cancel_at):
    stage.__init__()
    texts = ["word " * (size // 5) for size in sizes]
    stage.fragments = [make_fragment(i, text) for i, text in enumerate(texts)]
    stage.texts = {f.id: text for f, text in zip(stage.fragments, texts, strict=True)}
    stage.offers = [offer("a", 2, most_msat=BOUND_MSAT), offer("b", 3, most_msat=BOUND_MSAT)]
    stage.script = lambda ask: replies[len(stage.asked) % len(replies)]
    outcome = stage.run(cancel_at, **run)
    assert stage.took_s <= run["timeout_s"]
    assert (outcome.error is None) == (outcome.status != "failed")
    attempts_begin_and_end_once(stage)
    nobody_gets_more_than_it_can_take(stage, run["fanout"])
    money_is_never_overdrawn(stage, run["budget_msat"])
    parents_are_known(stage)


def key(event):
    return event.query_id, event.replica, event.attempt


def attempts_begin_and_end_once(stage):
    begun = Counter(map(key, stage.of(SubQueryExecute)))
    ended = Counter(map(key, stage.of(SubQueryReturn, SubQueryTimeout, SubQueryCancel)))
    assert begun == ended
    assert set(begun.values()) <= {1}
    submitted = Counter(e.query_id for e in stage.of(SubQuerySubmit))
    assert set(submitted.values()) <= {1}
    assert set(submitted) == {query_id for query_id, _, _ in begun}


def nobody_gets_more_than_it_can_take(stage, fanout):
    where = {}
    for event in stage.events:
        if isinstance(event, SubQueryExecute):
            where[key(event)] = event.provider_id
            busy = Counter(where.values())
            assert busy["a"] <= 2
            assert busy["b"] <= 3
            assert len({query_id for query_id, _, _ in where}) <= fanout
        elif isinstance(event, SubQueryReturn | SubQueryTimeout | SubQueryCancel):
            del where[key(event)]


def money_is_never_overdrawn(stage, limit):
    if limit is None:
        assert not stage.of(BudgetReserve, BudgetSettle)
        return
    budget = Budget(limit)
    for event in stage.of(BudgetReserve, BudgetSettle):
        budget.replay([event])
        assert budget.msat.spent + budget.msat.reserved <= limit
    assert budget.open_keys == ()
    assert Counter(map(key, stage.of(BudgetReserve))) == Counter(map(key, stage.of(BudgetSettle)))
    assert set(map(key, stage.of(SubQueryExecute))) == set(map(key, stage.of(BudgetReserve)))


def parents_are_known(stage):
    nodes = [e.node_id for e in stage.of(RlmStart)]
    assert Counter(nodes) == Counter(e.node_id for e in stage.of(RlmEnd))
    known = {None, *nodes, *(e.query_id for e in stage.of(SubQuerySubmit) if e.role == "router")}
    assert {e.parent_id for e in stage.of(SubQuerySubmit, RlmStart)} <= known
