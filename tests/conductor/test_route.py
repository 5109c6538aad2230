"""Which provider is asked."""

from __future__ import annotations

from rlmboard.conductor import Answer, Record, parse_verification
from rlmboard.trace import SubQueryExecute


def test_spread_asks_all_in_turn(stage, offer):
    stage.documents(6)
    stage.offers = [offer(name) for name in "abc"]
    stage.run(fanout=6)
    assert stage.asked_providers()[:6] == list("abcabc")


def test_spread_gives_more_to_those_who_can_take_more(stage, offer):
    stage.documents(40)
    stage.offers = [offer("small", 2), offer("large", 8)]
    stage.run(fanout=10)
    assert stage.asked_providers().count("large") > 2 * stage.asked_providers().count("small")


def test_cheapest_prefers_the_lowest_price_while_it_has_a_place(stage, offer):
    stage.documents(5)
    stage.offers = [offer("dear", 8, 9), offer("cheap", 3, 1), offer("unknown", 8, None)]
    stage.run(fanout=5, routing="cheapest")
    assert stage.asked_providers()[:5] == ["cheap"] * 3 + ["dear"] * 2


def test_fastest_prefers_the_lowest_recorded_latency(stage, offer):
    stage.documents(3)
    stage.offers = [offer("slow"), offer("quick")]
    stage.records = {"slow": Record(latency_s=3.0), "quick": Record(latency_s=0.5)}
    stage.run(fanout=1, routing="fastest")
    assert set(stage.asked_providers()) == {"quick"}


def test_fastest_tries_the_unknown_and_learns_from_this_run(stage, offer):
    stage.documents(20)
    stage.offers = [offer("slow"), offer("quick")]
    stage.script = lambda ask: (5.0 if ask.provider == "slow" else 1.0, Answer(text="x"))
    stage.run(fanout=1, routing="fastest")
    assert stage.asked_providers().count("slow") == 1


def test_best_weighs_latency_by_success(stage, offer):
    stage.documents(3)
    stage.offers = [offer("flaky"), offer("solid")]
    stage.records = {
        "flaky": Record(success=0.2, latency_s=0.5),
        "solid": Record(success=0.99, latency_s=1.5),
    }
    stage.run(fanout=1, routing="best")
    assert set(stage.asked_providers()) == {"solid"}


def test_best_turns_from_a_provider_that_keeps_failing(stage, offer, error):
    stage.documents(30)
    stage.offers = [offer("broken"), offer("solid")]
    stage.script = lambda ask: (
        (0.1, error(retryable=True)) if ask.provider == "broken" else (1.0, Answer(text="x"))
    )
    stage.run(fanout=1, routing="best")
    assert stage.asked_providers().count("broken") < 15


def test_workers_of_one_fragment_are_distinct_providers_where_there_are_enough(stage, offer):
    stage.documents(1)
    stage.offers = [offer("cheap", 8, 1), offer("dear", 8, 9)]
    stage.script = lambda ask: (1.0, Answer(text="x"))
    stage.run(routing="cheapest", verification=parse_verification("redundancy:3/3"))
    mine = [e.provider_id for e in stage.of(SubQueryExecute) if e.query_id == "q1"]
    assert sorted(mine) == ["cheap", "cheap", "dear"]


def test_the_same_run_is_routed_the_same_way(stage, offer):
    runs = []
    for _ in range(2):
        stage.events.clear()
        stage.documents(9)
        stage.offers = [offer(name, 2) for name in "abc"]
        stage.run(seed=3)
        runs.append(list(stage.events))
    assert runs[0] == runs[1]
