"""What a run may do is enforced: money, pace, calls at once, models."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.gateway import Limits
from rlmboard.gateway.ledger import Ledger
from rlmboard.gateway.past import past_of
from rlmboard.gateway.refusals import Refusal
from rlmboard.money.prices import Cost, read_prices
from rlmboard.run import ReportedRun
from rlmboard.testing import Reply, reconcile
from rlmboard.trace import (
    BudgetReserve,
    BudgetSettle,
    Note,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
)

from .conftest import CHEAP, Place, budget

IN_CACHE = read_prices(
    'version = "t"\n[models.m]\ninput_usd = 10\noutput_usd = 100\n'
    "cache_write_usd = 20\ncache_write_1h_usd = 30\n"
)
IN_SATS = read_prices('version = "t"\n[models.m]\ninput_sats = 1000\noutput_sats = 1000\n')
CHEAP_NANOS = 600_000


# ------------------------------------------------------------------ money


async def test_a_call_is_reserved_at_its_most_and_settled_at_its_cost(place: Place) -> None:
    server = await place.server(then=CHEAP)
    client = await place.gateway_to(server.url, **budget(1))
    await client.chat(max_tokens=100)
    (reserve,), (settle,) = place.named(BudgetReserve), place.named(BudgetSettle)
    sent = len(
        b'{"model": "m", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 100}'
    )
    assert reserve.amount_usd_nanos == (sent + 256) * 10_000 + 100 * 100_000
    assert settle.actual_usd_nanos == CHEAP_NANOS
    assert settle.released_usd_nanos == reserve.amount_usd_nanos - CHEAP_NANOS
    (attempt,) = place.summary().attempts
    assert (attempt.cost_usd_nanos, attempt.cost_source) == (CHEAP_NANOS, "price_table")


@pytest.mark.parametrize("path", ["chat/completions", "completions", "messages"])
async def test_past_the_budget_no_upstream_is_asked_and_the_trace_says_so(
    place: Place, path: str
) -> None:
    server = await place.server(then=CHEAP)
    client = await place.gateway_to(server.url, **budget(0.02))
    hi = (
        {"prompt": "hi"}
        if path == "completions"
        else {"messages": [{"role": "user", "content": "hi"}]}
    )
    body = {"model": "m", **hi, "max_tokens": 100}
    answers = [await client.post(path, body) for _ in range(30)]
    good = [answer for answer in answers if answer.status == 200]
    assert 1 <= len(good) < 30 and len(server.book) == len(good)
    last = await answers[-1].json()
    assert answers[-1].status == 402
    assert (last["type"] == "error") if path == "messages" else ("param" in last["error"])
    assert last["error"]["code"] == "rlmboard_budget"
    assert "of $0.02 are left" in last["error"]["message"]
    cancels = place.named(SubQueryCancel)
    assert [cancel.reason for cancel in cancels] == ["budget"] * (30 - len(good))
    assert len(place.named(SubQuerySubmit)) == 30
    assert len(place.named(SubQueryExecute)) == len(good)
    (run_id,) = place.run_ids()
    reconcile(run_id, server.book, home=place.home.path).check()


async def test_a_budget_in_sats_is_one_too(place: Place) -> None:
    server = await place.server(then=Reply.counting("ok", 300, 10))  # 310 msat
    client = await place.gateway_to(server.url, limits=Limits(budget_sats=0.6), prices=IN_SATS)
    answers = [await client.chat(max_tokens=10) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 402]
    assert "0.29 of 0.6 sats are left" in (await answers[1].json())["error"]["message"]
    assert place.named(BudgetSettle)[0].actual_msat == 310


async def test_what_the_server_says_it_costs_goes_before_the_table(place: Place) -> None:
    server = await place.server(then=Reply.counting("ok", 10, 5, cost=0.0003))
    client = await place.gateway_to(server.url, **budget(1))
    await client.chat(max_tokens=10)
    (attempt,) = place.summary().attempts
    assert (attempt.cost_usd_nanos, attempt.cost_source) == (300_000, "provider")
    assert place.named(BudgetSettle)[0].actual_usd_nanos == 300_000


async def test_a_cost_that_nobody_knows_is_refused_under_a_budget(place: Place) -> None:
    server = await place.server(then=CHEAP)
    client = await place.gateway_to(server.url, **budget(1))
    response = await client.chat(model="unlisted", max_tokens=10)
    assert response.status == 402
    assert "--allow-unknown-cost" in (await response.json())["error"]["message"]
    assert place.named(SubQueryCancel)[0].reason == "budget"
    assert len(server.book) == 0


async def test_a_cost_that_nobody_knows_may_be_allowed(place: Place) -> None:
    server = await place.server(then=CHEAP)
    client = await place.gateway_to(server.url, allow_unknown_cost=True, **budget(1))
    assert (await client.chat(model="unlisted", max_tokens=10)).status == 200
    (attempt,) = place.summary().attempts
    assert (attempt.cost_usd_nanos, attempt.cost_source) == (None, "none")


async def test_what_a_model_reads_elsewhere_has_no_bound(place: Place) -> None:
    server = await place.server(then=CHEAP)
    client = await place.gateway_to(server.url, **budget(1))
    picture = {"type": "image_url", "image_url": {"url": "https://a.example/huge.png"}}
    messages = [{"role": "user", "content": [picture]}]
    assert (await client.chat(messages=messages, max_tokens=1)).status == 402


async def test_an_answer_without_its_tokens_counts_as_all_that_was_reserved(place: Place) -> None:
    server = await place.server(then=CHEAP)
    client = await place.gateway_to(server.url, **budget(1))
    await client.chat(max_tokens=100, stream=True)  # no include_usage: no tokens
    (reserve,), (settle,) = place.named(BudgetReserve), place.named(BudgetSettle)
    assert settle.actual_usd_nanos == reserve.amount_usd_nanos
    (attempt,) = place.summary().attempts
    assert (attempt.input_tokens, attempt.cost_usd_nanos) == (None, None)


async def test_a_call_that_the_upstream_refused_is_given_back(place: Place) -> None:
    server = await place.server(then=Reply.refused(500))
    client = await place.gateway_to(server.url, **budget(1))
    await client.chat(max_tokens=100)
    (settle,) = place.named(BudgetSettle)
    assert settle.actual_usd_nanos is None and settle.released_usd_nanos


async def test_a_call_that_never_reached_its_upstream_is_given_back(place: Place) -> None:
    client = await place.gateway_to("http://127.0.0.1:9/v1", **budget(1))
    assert (await client.chat(max_tokens=100)).status == 502
    (reserve,), (settle,) = place.named(BudgetReserve), place.named(BudgetSettle)
    assert settle.released_usd_nanos == reserve.amount_usd_nanos
    assert settle.actual_usd_nanos is None


async def test_an_upstream_that_heard_and_hung_up_may_have_charged(place: Place) -> None:
    async def upstream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        writer.close()

    async with await asyncio.start_server(upstream, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = await place.gateway_to(f"http://127.0.0.1:{port}/v1", **budget(1))
        response = await client.chat(max_tokens=100)
    assert response.status == 502
    assert "gave no answer" in (await response.json())["error"]["message"]
    (reserve,), (settle,) = place.named(BudgetReserve), place.named(BudgetSettle)
    assert settle.actual_usd_nanos == reserve.amount_usd_nanos


async def test_an_answer_longer_than_was_assumed_does_not_close_the_budget(place: Place) -> None:
    server = await place.server(then=Reply.counting("ok", 10, 2000))
    client = await place.gateway_to(server.url, assumed_max_tokens=100, **budget(1))
    statuses = [(await client.chat()).status for _ in range(3)]
    assert statuses == [200, 200, 200]
    assert place.named(BudgetSettle)[0].overage_usd_nanos


async def test_an_answer_longer_than_it_could_be_closes_the_budget(place: Place) -> None:
    server = await place.server(then=Reply.counting("ok", 10, 2000))
    client = await place.gateway_to(server.url, **budget(1))
    statuses = [(await client.chat(max_tokens=5)).status for _ in range(2)]
    assert statuses == [200, 402]


async def test_a_restart_remembers_what_was_spent(place: Place) -> None:
    server = await place.server(then=CHEAP)
    good = []
    for _ in range(3):
        client = await place.gateway_to(server.url, **budget(0.02))
        good.append([(await client.chat(run="one", max_tokens=100)).status for _ in range(15)])
        await place.gateway.__aexit__()
    assert good[0].count(200) >= 1
    assert good[1] == good[2] == [402] * 15
    spent = sum(one.cost_usd_nanos or 0 for one in place.summary("one").attempts)
    assert spent <= 20_000_000


async def test_what_was_spent_before_there_was_a_budget_counts(place: Place) -> None:
    server = await place.server(then=Reply.counting("ok", 10, 5, cost=0.5))
    await (await place.gateway_to(server.url)).chat(run="one")
    await place.gateway.__aexit__()
    client = await place.gateway_to(server.url, **budget(0.5))
    assert (await client.chat(run="one", max_tokens=1)).status == 402


async def test_what_went_into_a_cache_before_there_was_a_budget_counts_at_its_price(
    place: Place,
) -> None:
    usage = {"input_tokens": 10, "cache_creation_input_tokens": 20, "output_tokens": 0}
    hour = {"ephemeral_5m_input_tokens": 15, "ephemeral_1h_input_tokens": 5}
    said = {"content": [], "model": "m", "usage": {**usage, "cache_creation": hour}}
    server = await place.server(then=Reply(raw=json.dumps(said).encode()))
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
    await (await place.gateway_to(server.url)).post("messages", body, run="one")
    await place.gateway.__aexit__()
    (returned,) = place.named(SubQueryReturn)
    attributes = {"cache_creation_tokens": 20, "cache_creation_1h_tokens": 5}
    assert (returned.attributes, returned.cost_usd_nanos) == (attributes, None)
    past = past_of(place.home.run("one"), IN_CACHE.price)
    assert past.spent.usd_nanos == 10 * 10_000 + 15 * 20_000 + 5 * 30_000


async def test_a_reservation_that_a_kill_left_open_counts_whole(place: Place) -> None:
    killed = ReportedRun("one", "gateway", home=place.home.path)
    killed.emit(SubQuerySubmit(query_id="q-1"))
    killed.emit(BudgetReserve(query_id="q-1", amount_usd_nanos=19_000_000))
    killed.emit(SubQueryExecute(query_id="q-1"))
    killed.let_go()
    server = await place.server(then=CHEAP)
    client = await place.gateway_to(server.url, **budget(0.02))
    assert (await client.chat(run="one", max_tokens=100)).status == 402
    assert place.named(BudgetSettle)[0].actual_usd_nanos == 19_000_000
    (note,) = place.named(Note)
    assert note.message.startswith("1 calls were under way") and "$0.019000" in note.message


async def test_two_gateways_do_not_keep_one_budget(place: Place) -> None:
    server = await place.server(then=CHEAP)
    first = await place.gateway_to(server.url, **budget(1))
    second = await place.gateway_to(server.url, **budget(1))
    assert (await first.chat(run="one", max_tokens=10)).status == 200
    refused = await second.chat(run="one", max_tokens=10)
    assert refused.status == 409
    assert "second gateway" in (await refused.json())["error"]["message"]
    assert len(server.book) == 1


async def test_a_run_may_have_a_budget_of_its_own(place: Place) -> None:
    server = await place.server(then=CHEAP)
    runs = {"rich-*": Limits(budget_usd=5)}
    client = await place.gateway_to(server.url, runs=runs, **budget(0.0001))
    assert (await client.chat(run="poor", max_tokens=10)).status == 402
    assert (await client.chat(run="rich-1", max_tokens=10)).status == 200


# ------------------------------------------------------------------ pace, calls at once, models


async def test_a_pace_is_kept(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url, limits=Limits(requests_per_minute=3))
    answers = [await client.chat() for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert [cancel.reason for cancel in place.named(SubQueryCancel)] == ["rate", "rate"]
    assert len(server.book) == 3


async def test_no_more_calls_at_once_than_may_be(place: Place) -> None:
    go = asyncio.Event()
    server = await place.server(then=Reply(delay_s=1), sleep=lambda _: go.wait())
    client = await place.gateway_to(server.url, limits=Limits(concurrency=2))
    asking = [asyncio.create_task(client.chat()) for _ in range(2)]
    while len(server.book) < 2:
        await asyncio.sleep(0.001)
    third = await client.chat()
    assert third.status == 429
    go.set()
    assert [(await one).status for one in asking] == [200, 200]
    assert (await client.chat()).status == 200
    assert [cancel.reason for cancel in place.named(SubQueryCancel)] == ["concurrency"]


async def test_only_the_models_that_are_allowed_are_asked(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url, limits=Limits(models=("small-*",)))
    assert (await client.chat(model="small-1")).status == 200
    response = await client.chat(model="large")
    assert response.status == 403
    assert "small-*" in (await response.json())["error"]["message"]
    assert [cancel.reason for cancel in place.named(SubQueryCancel)] == ["model"]


# ------------------------------------------------------------------ the law

ANSWERS = st.lists(
    st.tuples(
        st.integers(0, 40),  # bound
        st.none() | st.integers(0, 40),  # cost, at most its bound
        st.sampled_from(["settle", "release", "go away"]),
        st.integers(0, 3),  # how long it takes
    ),
    max_size=30,
)


@given(calls=ANSWERS, limit=st.integers(0, 100), order=st.randoms())
def test_no_order_of_calls_overdraws_a_budget(calls: Any, limit: int, order: Any) -> None:
    async def performed() -> int:
        ledger = Ledger(Limits(budget_usd=limit / 1e9))
        purse = ledger.budget.usd_nanos
        assert purse is not None
        charged = 0

        async def call(key: str, bound: int, cost: int | None, end: str, turns: int) -> None:
            nonlocal charged
            held = await ledger.reserve(key, Cost(usd_nanos=bound))
            if isinstance(held, Refusal):
                return
            actual = None if cost is None or end == "go away" else min(cost, bound)
            try:
                for _ in range(turns):
                    assert purse.spent + purse.reserved <= limit
                    await asyncio.sleep(0)
            except asyncio.CancelledError:
                actual = None
            if end == "release":
                ledger.release(key)
                return
            ledger.settle(key, Cost(usd_nanos=actual), False)
            charged += bound if actual is None else actual

        tasks = [asyncio.ensure_future(call(str(n), *one)) for n, one in enumerate(calls)]
        for task in tasks:
            if order.random() < 0.1:
                task.cancel()
            if order.random() < 0.5:
                await asyncio.sleep(0)
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
        assert purse.reserved == 0
        return charged

    assert asyncio.run(performed()) <= limit


async def test_a_call_that_would_never_fit_is_refused_at_once(place: Place) -> None:
    server = await place.server(then=Reply(hangs=True))
    client = await place.gateway_to(server.url, **budget(0.03))
    asking = asyncio.create_task(client.chat(max_tokens=100))
    while not server.book:
        await asyncio.sleep(0.001)
    assert (await client.chat(max_tokens=1000)).status == 402
    asking.cancel()


async def test_calls_that_do_not_fit_now_wait_for_others_to_end(place: Place) -> None:
    """Sixteen at once, each may cost half of the budget and costs almost nothing."""
    server = await place.server(then=CHEAP)
    client = await place.gateway_to(server.url, **budget(0.03))
    answers = await asyncio.gather(*(client.chat(max_tokens=100) for _ in range(16)))
    assert [answer.status for answer in answers] == [200] * 16
