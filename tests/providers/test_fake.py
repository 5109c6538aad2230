"""Providers that are not there."""

from __future__ import annotations

import asyncio
from random import Random
from statistics import median

import pytest

from rlmboard.conductor.provider import Answer, ProviderError
from rlmboard.money.prices import Price
from rlmboard.providers import Constant, FakeProvider, LongTail, Normal, simulated_swarm

PRICE = Price(unit="msat", input=1_000_000, output=3_000_000, version="simulated")


class Sleeps:
    """A sleep that takes no time and remembers how long it was asked to take."""

    def __init__(self) -> None:
        self.taken_s: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken_s.append(seconds)
        await asyncio.sleep(0)


async def outcome(provider: FakeProvider, request) -> str:
    try:
        return (await provider.answer(request)).text
    except ProviderError as error:
        return error.kind


async def test_a_script_answers_by_query_in_order_or_by_a_function(request_for) -> None:
    by_query = FakeProvider(script={"a": "1", "k": "2"})
    assert (await by_query.answer(request_for("a"))).text == "1"
    assert (await by_query.answer(request_for("b", key="k"))).text == "2"
    in_order = FakeProvider(script=["1", Answer(text="2", model_id="m")])
    assert (await in_order.answer(request_for())).text == "1"
    assert await in_order.answer(request_for()) == Answer(text="2", model_id="m")
    by_function = FakeProvider(script=lambda request: request.query.upper())
    assert (await by_function.answer(request_for("a"))).text == "A"
    assert [request.query for request in by_query.asked] == ["a", "b"]


async def test_a_script_that_has_no_answer_says_so(request_for) -> None:
    assert await outcome(FakeProvider(script={}), request_for("?")) == "unscripted"
    assert await outcome(FakeProvider(script=[]), request_for("?")) == "unscripted"


async def test_a_scripted_error_is_raised(request_for) -> None:
    error = ProviderError("rate_limited", "wait", retryable=True, retry_after_s=3)
    with pytest.raises(ProviderError) as caught:
        await FakeProvider(script=[error]).answer(request_for())
    assert caught.value is error


async def test_without_a_script_its_answers_are_true_quotes(passage, request_for) -> None:
    request = request_for("what does a kill lose?", passage("A kill loses nothing.\n"))
    answer = await FakeProvider().answer(request)
    assert answer.text == '"A kill loses nothing." [notes.md:1-1]'
    assert answer.span_refs[0].start_line == 1


async def test_tokens_are_estimated_and_priced_within_the_bound(passage, request_for) -> None:
    provider = FakeProvider(price=PRICE)
    request = request_for("kill", passage("A kill loses nothing. " * 9), max_tokens=5)
    answer = await provider.answer(request)
    assert answer.usage_quality == "estimated"
    assert answer.usage is not None and answer.usage.output == 5
    bound = provider.bound(len(request.prompt), 5)
    assert answer.cost_msat is not None and bound.msat is not None
    assert 0 < answer.cost_msat <= bound.msat
    assert (answer.cost_source, answer.price_version) == ("price_table", "simulated")


async def test_what_happens_to_a_request_depends_on_seed_and_key_alone(request_for) -> None:
    requests = [request_for("x", key=f"q{number}/0/0") for number in range(40)]

    async def fates(order, seed: int) -> dict[str, tuple[str, float]]:
        sleeps = Sleeps()
        provider = FakeProvider(
            script=lambda _: "yes",
            latency=LongTail(100, 900),
            failure_rate=0.3,
            timeout_rate=0.1,
            seed=seed,
            sleep=sleeps,
        )
        kinds = {r.key: (await outcome(provider, r), sleeps.taken_s[-1]) for r in order}
        return dict(sorted(kinds.items()))

    first = await fates(requests, seed=1)
    assert first == await fates(reversed(requests), seed=1)
    assert first != await fates(requests, seed=2)
    assert {kind for kind, _ in first.values()} == {"yes", "simulated", "timeout"}


async def test_failures_and_silence_come_at_their_rates_and_are_worth_another_try(
    request_for,
) -> None:
    sleeps = Sleeps()
    provider = FakeProvider(
        script=lambda _: "yes", failure_rate=0.2, timeout_rate=0.1, hang_s=77.0, sleep=sleeps
    )
    kinds = [await outcome(provider, request_for(key=str(number))) for number in range(1_000)]
    assert 150 < kinds.count("simulated") < 250
    assert 60 < kinds.count("timeout") < 140
    assert sleeps.taken_s.count(77.0) == kinds.count("timeout")


def test_latencies_are_drawn_as_they_are_named() -> None:
    random = Random(1)
    assert {Constant(5).draw_ms(random) for _ in range(9)} == {5}
    normal = [Normal(500, 200).draw_ms(random) for _ in range(2_000)]
    assert min(normal) >= 0 and 480 < median(normal) < 520
    tail = sorted(LongTail(100, 1_000).draw_ms(random) for _ in range(2_000))
    assert 95 < median(tail) < 110
    assert tail[-1] > 1_000 and sum(ms > 1_000 for ms in tail) < 60


async def test_the_swarm_has_providers_of_every_kind_all_marked_simulated(request_for) -> None:
    swarm = simulated_swarm(seed=3, sleep=Sleeps())
    assert len({provider.name for provider in swarm}) == len(swarm) >= 4
    assert {provider.venue for provider in swarm} == {"swarm", "datacenter", "local"}
    assert all(provider.simulated for provider in swarm)
    bounds = [provider.bound(4_000, 1_000).msat for provider in swarm]
    assert len(set(bounds)) == len(swarm) and None not in bounds
    seen = {
        await outcome(provider, request_for("x", key=str(number)))
        for provider in swarm
        for number in range(60)
    }
    assert seen == {"No relevant content.", "simulated", "timeout"}


async def test_a_hundred_thousand_questions_leave_nothing_behind(request_for) -> None:
    provider = FakeProvider(sleep=Sleeps())
    await provider.answer(request_for())
    assert provider.asked == []
