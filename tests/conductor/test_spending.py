"""A run under a budget: reserved before asked, settled after, never more than allowed."""

from __future__ import annotations

import pytest

from rlmboard.conductor import BEST_EFFORT, Answer, parse_quorum, parse_verification
from rlmboard.errors import BadInput
from rlmboard.money import Budget
from rlmboard.trace import (
    BudgetReserve,
    BudgetSettle,
    Note,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
)


def costing(msat):
    return lambda ask: (1.0, Answer(text="x", cost_msat=msat, cost_source="provider"))


def test_without_a_budget_nothing_is_reserved(stage):
    stage.run()
    assert not stage.of(BudgetReserve, BudgetSettle)


def test_each_attempt_is_reserved_before_it_is_submitted_and_settled_after_it_returned(
    stage, offer
):
    stage.documents(1)
    stage.offers = [offer(most_msat=1500)]
    stage.script = costing(400)
    stage.run(budget_msat=10_000)
    mine = [e for e in stage.events if getattr(e, "query_id", None) == "q1"]
    kinds = [BudgetReserve, SubQuerySubmit, SubQueryExecute, SubQueryReturn, BudgetSettle]
    assert [type(e) for e in mine] == kinds
    assert (mine[0].amount_msat, mine[0].amount_sats, mine[0].remaining_sats) == (1500, 2, 8)
    assert (mine[4].actual_msat, mine[4].released_msat, mine[4].overage_msat) == (400, 1100, None)


def test_what_does_not_fit_now_waits_for_what_is_released(stage, offer):
    stage.documents(4)
    stage.offers = [offer(most_msat=1000)]
    stage.script = costing(100)
    outcome = stage.run(budget_msat=2000)
    assert outcome.status == "completed"
    assert stage.times_of(SubQueryExecute)[:3] == [0.0, 0.0, 1.0]


def test_fragments_beyond_the_budget_are_not_asked_and_the_partial_answer_is_kept(stage, offer):
    stage.documents(5)
    stage.offers = [offer(most_msat=1000)]
    stage.script = costing(1000)
    outcome = stage.run(budget_msat=3000)
    assert (outcome.status, outcome.end_reason) == ("failed", "budget")
    assert outcome.error.type == "BudgetExhausted"
    assert len(stage.asked) == 3
    assert outcome.answer.count("x") > 3
    assert "2 fragments were not asked" in stage.of(Note)[0].message


def test_a_quorum_met_within_the_budget_is_met(stage, offer):
    stage.documents(5)
    stage.offers = [offer(most_msat=1000)]
    stage.script = costing(900)
    outcome = stage.run(budget_msat=5000, quorum=parse_quorum(3))
    assert (outcome.status, outcome.end_reason, outcome.partial) == ("completed", "answer", False)


def test_a_reducer_beyond_the_budget_leaves_findings_joined(stage, offer):
    stage.documents(3)
    stage.offers = [offer(most_msat=1000)]
    stage.script = costing(1000)
    outcome = stage.run(budget_msat=3000)
    assert (outcome.status, outcome.end_reason, outcome.partial) == ("completed", "budget", True)


def test_best_effort_takes_what_the_budget_allowed(stage, offer):
    stage.documents(5)
    stage.offers = [offer(most_msat=1000)]
    stage.script = costing(1000)
    outcome = stage.run(budget_msat=3000, quorum=BEST_EFFORT)
    assert (outcome.status, outcome.end_reason, outcome.partial) == ("completed", "budget", True)


def test_an_unknown_cost_settles_at_the_whole_reservation(stage, offer):
    stage.documents(1)
    stage.offers = [offer(most_msat=1000)]
    stage.run(budget_msat=10_000)
    first = stage.of(BudgetSettle)[0]
    assert (first.actual_msat, first.released_msat) == (1000, 0)


def test_a_failed_attempt_is_released(stage, offer, error):
    stage.documents(1)
    stage.offers = [offer(most_msat=1000)]
    stage.by_key({"q1/0/0": (1.0, error(retryable=True))})
    stage.run(budget_msat=10_000)
    first = stage.of(BudgetSettle)[0]
    assert (first.actual_msat, first.released_msat) == (None, 1000)


def test_a_timeout_and_a_cancelled_hedge_are_released_and_their_cost_stays_unknown(stage, offer):
    stage.documents(2)
    stage.offers = [offer(most_msat=1000)]
    stage.by_key({"q1/0/0": None, "q2/0/0": (50.0, Answer(text="late"))})
    stage.run(budget_msat=100_000, hedge_after=3.0, per_query_timeout_s=3.5)
    ended = {(e.query_id, e.attempt): e for e in stage.of(BudgetSettle)}
    assert ended["q1", 0].actual_msat is None
    assert ended["q1", 0].released_msat == 1000


def test_a_provider_that_charges_more_than_its_bound_closes_the_budget(stage, offer):
    stage.documents(4)
    stage.offers = [offer(most_msat=1000)]
    stage.script = costing(1300)
    outcome = stage.run(budget_msat=1_000_000, fanout=1)
    assert (outcome.status, outcome.end_reason) == ("failed", "budget")
    assert len(stage.asked) == 1
    assert [e.overage_msat for e in stage.of(BudgetSettle)] == [300]
    assert "charged more than the most" in stage.of(Note)[0].message


def test_a_cheaper_provider_is_asked_where_the_dearer_one_does_not_fit(stage, offer):
    stage.documents(2)
    stage.offers = [offer("dear", most_msat=9000), offer("cheap", most_msat=100)]
    stage.script = costing(50)
    outcome = stage.run(budget_msat=1000)
    assert outcome.status == "completed"
    assert set(stage.asked_providers()) == {"cheap"}


def test_a_provider_without_a_price_is_refused_under_a_budget(stage, offer):
    stage.offers = [offer("mystery", price_msat=None)]
    with pytest.raises(BadInput, match=r"no price is known .* for mystery"):
        stage.run(budget_msat=1000)


def test_a_price_in_sats_is_none_for_a_budget_in_dollars(stage, offer):
    stage.offers = [offer("sats")]
    with pytest.raises(BadInput, match="no price is known"):
        stage.run(budget_usd_nanos=1000)


def test_a_provider_without_a_price_is_left_out_beside_one_with_a_price(stage, offer):
    stage.offers = [offer("mystery", price_msat=None), offer("known")]
    stage.run(budget_msat=1_000_000)
    assert set(stage.asked_providers()) == {"known"}
    assert "mystery has no known price" in stage.of(Note)[0].message


def test_unknown_cost_may_be_allowed(stage, offer):
    stage.offers = [offer("mystery", price_msat=None)]
    outcome = stage.run(budget_msat=1000, allow_unknown_cost=True)
    assert outcome.status == "completed"
    assert {e.amount_msat for e in stage.of(BudgetReserve)} == {None}


def test_free_providers_fit_any_budget(stage, offer):
    stage.offers = [offer(price_msat=0)]
    stage.script = costing(0)
    assert stage.run(budget_msat=0).status == "completed"


def test_each_redundant_worker_is_paid_for(stage, offer):
    stage.documents(1)
    stage.offers = [offer(most_msat=1000)]
    stage.script = costing(700)
    stage.run(budget_msat=100_000, verification=parse_verification("redundancy:3/3"))
    assert [e.replica for e in stage.of(BudgetSettle) if e.query_id == "q1"] == [0, 1, 2]


def test_the_budget_can_be_rebuilt_from_the_trace(stage, offer):
    stage.documents(5)
    stage.offers = [offer(most_msat=1000)]
    stage.script = costing(300)
    stage.run(budget_msat=100_000)
    purse = Budget(100_000).replay(stage.events).msat
    assert (purse.spent, purse.reserved) == (6 * 300, 0)
