"""The budget: never overdrawn, settled once, rebuilt from the trace."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from rlmboard.money import Budget, Refusal
from rlmboard.trace import BudgetReserve, BudgetSettle, Note


def test_what_fits_is_set_aside_and_what_does_not_is_refused():
    budget = Budget(1000)
    assert budget.reserve("a", 600).msat == 600
    assert budget.reserve("b", 401) == Refusal("full")
    assert budget.reserve("c", 400).msat == 400
    assert budget.msat.remaining == 0


def test_what_an_attempt_did_not_cost_is_free_again():
    budget = Budget(1000)
    budget.reserve("a", 900)
    settled = budget.settle("a", 100).msat
    assert (settled.actual, settled.released, settled.overage) == (100, 800, 0)
    assert budget.reserve("b", 900).msat == 900


def test_a_reservation_ends_once():
    budget = Budget(1000)
    budget.reserve("a", 500)
    budget.settle("a", 500)
    assert budget.settle("a", 500) is None
    assert budget.release("a") is None
    assert budget.msat.spent == 500


def test_an_open_reservation_is_not_made_again():
    budget = Budget(1000)
    budget.reserve("a", 1)
    with pytest.raises(ValueError, match="a has a reservation already"):
        budget.reserve("a", 1)


def test_unknown_cost_settles_at_the_whole_reservation():
    budget = Budget(1000)
    budget.reserve("a", 300)
    assert budget.settle("a").msat.actual == 300
    assert budget.msat.spent == 300


def test_a_cost_below_zero_is_a_lie_and_counts_as_unknown():
    budget = Budget(1000)
    budget.reserve("a", 300)
    assert budget.settle("a", -5).msat.actual == 300


def test_a_released_attempt_costs_nothing():
    budget = Budget(1000)
    budget.reserve("a", 300)
    assert budget.release("a").msat.released == 300
    assert (budget.msat.spent, budget.msat.reserved) == (0, 0)


def test_an_overage_is_recorded_and_stops_further_reserving():
    budget = Budget(1_000_000)
    budget.reserve("a", 100)
    assert budget.settle("a", 150).msat.overage == 50
    assert budget.overdrawn
    assert budget.reserve("b", 1) == Refusal("overdrawn")


def test_both_limits_must_hold():
    budget = Budget(1000, 1000)
    assert budget.reserve("a", 10, 2000) == Refusal("full")
    assert budget.reserve("a", 2000, 10) == Refusal("full")
    assert budget.reserve("a", 10, 10).usd_nanos == 10
    assert budget.settle("a", 5, None).usd_nanos.actual == 10


def test_a_price_in_another_unit_is_unknown():
    assert Budget(1000).reserve("a", None, 5) == Refusal("unknown")
    assert Budget(1000, allow_unknown=True).reserve("a", None, 5).msat is None


def test_an_allowed_unknown_cost_counts_once_it_is_known():
    budget = Budget(1000, allow_unknown=True)
    budget.reserve("a")
    assert budget.settle("a", 1200).msat.overage == 0
    assert budget.reserve("b", 1) == Refusal("full")


def test_without_a_limit_everything_fits():
    budget = Budget()
    assert budget.reserve("a", 10**18).msat is None
    assert budget.settle("a", 10**18).msat is None
    assert not budget.may_free


def test_nothing_may_free_what_was_never_reserved():
    budget = Budget(1000)
    assert not budget.may_free
    budget.reserve("a", 1)
    assert budget.may_free


def test_other_events_pass_when_a_trace_is_replayed():
    reserve = BudgetReserve(query_id="q", replica=1, attempt=2, amount_msat=10)
    budget = Budget(1000).replay([Note(message="x"), reserve])
    assert budget.open_keys == ("q/1/2",)


class Spending(RuleBasedStateMachine):
    """Any order of reserving, settling and releasing; a trace of it kept beside."""

    keys = Bundle("keys")

    def __init__(self):
        super().__init__()
        self.limit = 10_000
        self.budget = Budget(self.limit)
        self.trace = []
        self.count = 0
        self.charged = 0

    @rule(target=keys, amount=st.integers(0, 4_000))
    def reserve(self, amount):
        self.count += 1
        key = f"q{self.count}/0/0"
        held = self.budget.reserve(key, amount)
        if isinstance(held, Refusal):
            assert self.budget.msat.spent + self.budget.msat.reserved + amount > self.limit
            return f"refused {key}"
        self.trace.append(BudgetReserve(query_id=f"q{self.count}", amount_msat=held.msat))
        return key

    @rule(key=keys, share=st.one_of(st.none(), st.floats(0, 1)))
    def settle(self, key, share):
        held = self.budget._open.get(key)
        cost = None if held is None or share is None else int(held.msat * share)
        self.tell(key, self.budget.settle(key, cost))
        if held is not None:
            self.charged += held.msat if cost is None else cost

    @rule(key=consumes(keys))
    def release(self, key):
        self.tell(key, self.budget.release(key))

    def tell(self, key, settled):
        if settled is not None:
            self.trace.append(
                BudgetSettle(
                    query_id=key.split("/")[0],
                    actual_msat=settled.msat.actual,
                    released_msat=settled.msat.released,
                )
            )

    @invariant()
    def it_is_never_overdrawn(self):
        purse = self.budget.msat
        assert purse.reserved >= 0
        assert purse.spent + purse.reserved <= self.limit
        assert purse.spent == self.charged

    @invariant()
    def the_trace_rebuilds_it(self):
        again = Budget(self.limit).replay(self.trace)
        mine, theirs = self.budget.msat, again.msat
        assert (mine.spent, mine.reserved) == (theirs.spent, theirs.reserved)
        assert self.budget.open_keys == again.open_keys


TestSpending = Spending.TestCase
