"""A run that its own program records is held to its budget, and its calls count once."""

from __future__ import annotations

import rlmboard
from rlmboard.gateway import Limits
from rlmboard.gateway.reservations import Reservations
from rlmboard.money.prices import Cost
from rlmboard.testing import Reply
from rlmboard.trace import BudgetReserve, Note, SubQueryCancel, Usage

from .conftest import CHEAP, PRICES, Place, budget


async def test_a_linked_run_is_held_to_its_own_budget(place: Place) -> None:
    server = await place.server(then=CHEAP)
    client = await place.gateway_to(server.url, prices=PRICES)
    with rlmboard.init("x", home=place.home.path, config={"budget_usd": 0.02}) as run:
        statuses = []
        for n in range(20):
            with run.subquery(f"question {n}") as query:
                headers = {"X-Rlmboard-Run": f"{run.id}/{query.id}"}
                response = await client.chat(headers=headers, max_tokens=100)
                statuses.append(response.status)
                if response.status == 402:
                    break
                query.returned("ok", tokens=(10, 5), cost_usd=0.0006)
    assert statuses[-1] == 402 and 1 < len(statuses) < 20
    assert len(server.book) == len(statuses) - 1
    cancel = place.named(SubQueryCancel)[0]
    assert (cancel.query_id, cancel.reason) == (query.id, "budget")
    assert not place.named(BudgetReserve)


async def test_two_gateways_do_not_keep_the_budget_of_a_linked_run(place: Place) -> None:
    server = await place.server(then=CHEAP)
    first = await place.gateway_to(server.url, **budget(1))
    second = await place.gateway_to(server.url, **budget(1))
    with rlmboard.init("x", home=place.home.path) as run:
        headers = {"X-Rlmboard-Run": f"{run.id}/q-1"}
        assert (await first.chat(headers=headers, max_tokens=10)).status == 200
        refused = await second.chat(headers=headers, max_tokens=10)
    assert refused.status == 409
    assert "second gateway" in (await refused.json())["error"]["message"]


async def test_an_answer_of_unknown_cost_counts_whole_after_a_restart_too(place: Place) -> None:
    """The program of a linked run does not know it either."""
    server = await place.server(then=Reply(usage=None))
    with rlmboard.init("x", home=place.home.path) as run:
        statuses = []
        for number in range(3):
            client = await place.gateway_to(server.url, **budget(0.02))
            headers = {"X-Rlmboard-Run": f"{run.id}/q-{number}"}
            statuses.append((await client.chat(headers=headers, max_tokens=90)).status)
            await place.gateway.__aexit__()
    assert statuses == [200, 402, 402]
    assert not place.named(Note)


async def test_a_linked_call_counts_once_after_a_restart(place: Place) -> None:
    """What its program says, and what the gateway settled, are the same call."""
    server = await place.server(then=CHEAP)
    with rlmboard.init("x", home=place.home.path) as run:
        statuses = []
        for _ in range(4):
            client = await place.gateway_to(server.url, **budget(0.0149))
            with run.subquery("hi", model="m") as query:
                headers = {"X-Rlmboard-Run": f"{run.id}/{query.id}"}
                response = await client.chat(headers=headers, max_tokens=100)
                statuses.append(response.status)
                query.returned("ok", tokens=(10, 5), cost_usd=0.0006)
            await place.gateway.__aexit__()
    assert statuses == [200, 200, 200, 402]


async def test_what_is_torn_or_foreign_in_the_file_of_reservations_says_nothing(
    place: Place,
) -> None:
    with rlmboard.init("x", home=place.home.path) as run:
        folder = place.home.run(run.id)
        written = b'{"key":"1","query_id":"a","usd_nanos":7}\n{"key":"1","usd_nanos":5}\n[]\n'
        open_one = b'{"key":"1","query_id":"b","usd_nanos":9}\n{"key":"2","que'
        folder.reservations.write_bytes(written + open_one)
        for left_open in ([Cost(9, 0)], []):
            held = Reservations(folder)
            assert held.counted == {"a": Cost(5, 0), "b": Cost(9, 0)}
            assert held.left_open == left_open
            held.close()


async def test_a_refusal_for_now_is_no_end_of_a_linked_call(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url, limits=Limits(requests_per_minute=1))
    with rlmboard.init("x", home=place.home.path) as run:
        for _ in range(2):
            response = await client.chat(headers={"X-Rlmboard-Run": f"{run.id}/q-1"})
    assert response.status == 429
    assert not place.named(SubQueryCancel)
    assert "for now" in place.named(Note)[0].message


async def test_what_a_linked_run_spent_before_a_restart_counts(place: Place) -> None:
    server = await place.server(then=CHEAP)
    client = await place.gateway_to(server.url, prices=PRICES)
    with rlmboard.init("x", home=place.home.path, config={"budget_usd": 0.02}) as run:
        with run.subquery("before", model="m") as query:
            query.returned("ok", tokens=Usage(input=1000, output=100))  # 0.02 by the table
        response = await client.chat(headers={"X-Rlmboard-Run": f"{run.id}/q"}, max_tokens=1)
    assert response.status == 402
