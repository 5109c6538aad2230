"""Every call belongs to a run: named, or its client's; ended when idle, reopened, linked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import rlmboard
from rlmboard.folder import Home
from rlmboard.gateway import Settings
from rlmboard.gateway.naming import RunName
from rlmboard.gateway.runs import Runs
from rlmboard.run import ReportedRun
from rlmboard.testing import Reply, reconcile
from rlmboard.trace import (
    RunDone,
    RunInit,
    RunResumed,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
)

from .conftest import Client, Place

ECHO = Reply(text="an answer")


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


# ------------------------------------------------------------------ which run


async def test_a_run_is_named_by_header_or_by_path(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    await client.chat(headers={"X-Rlmboard-Run": "by-header"})
    await client.chat(run="by-path")
    await client.chat(run="by-path")
    assert place.run_ids() == ["by-header", "by-path"]
    assert len(place.named(SubQueryReturn, "by-path")) == 2


async def test_without_a_name_a_client_has_one_run(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    await client.chat()
    await client.chat()
    await client.chat(headers={"Authorization": "Bearer another-key-of-somebody"})
    await client.chat(headers={"User-Agent": "another program"})
    assert len(place.run_ids()) == 3
    assert all(run_id.startswith("client-") for run_id in place.run_ids())


async def test_the_same_client_finds_its_run_after_a_restart(place: Place) -> None:
    server = await place.server()
    for _ in range(2):
        client = await place.gateway_to(server.url)
        await client.chat()
        await place.gateway.__aexit__()
    assert len(place.run_ids()) == 1
    assert len(place.named(RunResumed)) == 1
    assert [end.end_reason for end in place.named(RunDone)] == ["stopped", "stopped"]


@pytest.mark.parametrize(
    "name",
    ["..%2F..%2Fetc", "%2e%2e", "a%2Fb", ".hidden", "a%00b", "-x", "%20", "x" * 200, "%C3%BC"],
)
async def test_a_name_that_could_be_no_folder_is_refused(place: Place, name: str) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    before = sorted(place.home.path.rglob("*"))
    response = await client.chat(run=name)
    assert response.status in (400, 404)
    assert (await response.json())["error"]["message"]
    assert sorted(place.home.path.rglob("*")) == before
    assert len(server.book) == 0


@pytest.mark.parametrize("name", ["../../etc", "/q", "a b", "..", "a/ü", "a/" + "q" * 300])
async def test_a_header_that_could_be_no_folder_is_refused(place: Place, name: str) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    response = await client.chat(headers={"X-Rlmboard-Run": name})
    assert response.status == 400
    assert place.run_ids() == []


async def test_a_run_of_a_gateway_says_nothing_of_the_gateways_own_program(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    await client.chat("Why is the sky blue?", run="one")
    record = place.home.run("one").record()
    assert (record.producer, record.query) == ("gateway", "Why is the sky blue?")
    assert record.git is None and record.argv == () and record.cwd is None
    assert place.named(RunInit)[0].producer == "gateway"


# ------------------------------------------------------------------ its end


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_run_that_is_idle_ends_and_the_next_call_reopens_it(home_of_its_own: Any) -> None:
    clock = Clock()
    runs = Runs(Home(home_of_its_own), Settings(idle_s=120), lambda model: None, clock)
    for _ in range(2):
        run = await runs.enter(RunName("one"), "")
        clock.now += 500
        await runs.end_idle()
        assert not run.ended, "a call is under way"
        runs.leave(run)
        clock.now += 119
        await runs.end_idle()
        assert not run.ended
        clock.now += 2
        await runs.end_idle()
        assert run.ended
    await runs.close()
    kinds = [type(event) for event in Place(None, home_of_its_own).events("one")]  # type: ignore[arg-type]
    assert kinds == [RunInit, RunDone, RunResumed, RunDone]


async def test_calls_that_come_while_a_run_ends_find_it_open_again(home_of_its_own: Any) -> None:
    clock = Clock()
    runs = Runs(Home(home_of_its_own), Settings(idle_s=1), lambda model: None, clock)

    async def call() -> None:
        run = await runs.enter(RunName("one"), "")
        assert run.emit(SubQuerySubmit(query_id="q"))
        runs.leave(run)

    for _ in range(20):
        clock.now += 2
        await asyncio.gather(call(), runs.end_idle(), call(), runs.end_idle(), call())
    await runs.close()
    place = Place(None, home_of_its_own)  # type: ignore[arg-type]
    assert len(place.named(SubQuerySubmit, "one")) == 60
    ends, begins = place.named(RunDone, "one"), place.named(RunResumed, "one")
    assert len(ends) == len(begins) + 1


async def test_a_run_that_is_asked_to_stop_makes_no_further_calls(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    assert (await client.chat(run="one")).status == 200
    place.home.run("one").ask_to_stop()
    await place.gateway.runs.end_idle()
    response = await client.chat(run="one")
    assert response.status == 403
    assert "asked this run to stop" in (await response.json())["error"]["message"]
    assert len(server.book) == 1
    await place.gateway.__aexit__()
    assert place.named(SubQueryCancel, "one")[0].reason == "user"
    assert place.summary("one").run.status == "cancelled"


async def test_ever_new_names_do_not_use_files_up(home_of_its_own: Any) -> None:
    from rlmboard.gateway import runs as room

    runs = Runs(Home(home_of_its_own), Settings(), lambda model: None)
    for n in range(room.MOST_OPEN + 20):
        runs.leave(await runs.enter(RunName(f"run-{n}"), ""))
    assert len(runs) <= room.MOST_OPEN
    await runs.close()


# ------------------------------------------------------------------ who goes on from whom


async def test_a_conversation_that_goes_on_has_its_earlier_call_as_parent(place: Place) -> None:
    server = await place.server(then=ECHO)
    client = await place.gateway_to(server.url)
    first = [user("one")]
    answer = {"role": "assistant", "content": "an answer", "refusal": None}
    second = [*first, answer, user("two")]
    await client.chat(messages=first)
    await client.chat(messages=second, stream=True)
    await client.chat(messages=[*second, answer, user("three")])
    await client.chat(messages=[user("else")])
    one, two, three, other = place.named(SubQuerySubmit)
    assert (one.parent_id, one.parent_inferred) == (None, None)
    assert (two.parent_id, two.parent_inferred) == (one.query_id, True)
    assert (three.parent_id, three.parent_inferred) == (two.query_id, True)
    assert other.parent_id is None


async def test_a_response_that_names_its_earlier_one_has_a_parent_that_was_stated(
    place: Place,
) -> None:
    server = await place.server(then=ECHO)
    client = await place.gateway_to(server.url)
    said = await (await client.post("responses", {"model": "m", "input": "one"})).json()
    await client.post("responses", {"model": "m", "input": "x", "previous_response_id": said["id"]})
    one, two = place.named(SubQuerySubmit)
    assert (two.parent_id, two.parent_inferred) == (one.query_id, None)


async def test_conversations_of_different_runs_are_no_family(place: Place) -> None:
    server = await place.server(then=ECHO)
    client = await place.gateway_to(server.url)
    await client.chat(messages=[user("one")], run="a")
    second = [user("one"), {"role": "assistant", "content": "an answer"}, user("two")]
    await client.chat(messages=second, run="b")
    assert place.named(SubQuerySubmit, "b")[0].parent_id is None


async def test_a_request_that_its_client_sends_again_is_one_more_attempt(place: Place) -> None:
    server = await place.server([Reply.too_many_requests(), Reply.refused(500)], then=ECHO)
    client = await place.gateway_to(server.url)
    for retry in range(3):
        await client.chat(headers={"X-Stainless-Retry-Count": str(retry)})
    (query,) = place.summary().sub_queries
    assert (query.attempts, query.status) == (3, "returned")
    (run_id,) = place.run_ids()
    reconcile(run_id, server.book, home=place.home.path).check()


async def test_a_request_that_is_merely_the_same_is_another_call(place: Place) -> None:
    server = await place.server([Reply.refused(500)], then=ECHO)
    client = await place.gateway_to(server.url)
    await client.chat()
    await client.chat()
    assert len(place.summary().sub_queries) == 2


# ------------------------------------------------------------------ runs of others


async def recorded_call(client: Client, run: rlmboard.Run, text: str) -> Any:
    """A program that records its own call, and sends it through the gateway."""
    with run.subquery(text, provider="http", model="m") as query:
        headers = {"X-Rlmboard-Run": f"{run.id}/{query.id}"}
        response = await client.chat(text, headers=headers)
        if response.status != 200:
            query.failed(str(response.status))
            return response
        said = await response.json()
        usage = said["usage"]
        tokens = (usage["prompt_tokens"], usage["completion_tokens"])
        query.returned(
            said["choices"][0]["message"]["content"], tokens=tokens, cost_usd=usage.get("cost")
        )
        return response


async def test_a_call_that_its_own_program_records_counts_once(place: Place) -> None:
    server = await place.server(then=Reply.counting("a", 3, 2, cost=0.01))
    client = await place.gateway_to(server.url)
    with rlmboard.init("twice?", home=place.home.path) as run:
        await asyncio.gather(*(recorded_call(client, run, f"question {n}") for n in range(5)))
    found = reconcile(run, server.book)
    found.check()
    assert found.run.calls == 5
    assert place.run_ids() == [run.id]


async def test_the_gateway_adds_nothing_to_the_trace_of_such_a_run(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    with rlmboard.init("twice?", home=place.home.path) as run:
        await client.chat(headers={"X-Rlmboard-Run": f"{run.id}/q-1"})
    assert not place.named(SubQueryReturn) and not place.named(SubQueryExecute)


async def test_a_program_that_does_not_record_its_calls_has_them_in_its_run(place: Place) -> None:
    server = await place.server(then=Reply.counting("a", 3, 2))
    client = await place.gateway_to(server.url)
    with rlmboard.init("once?", home=place.home.path) as run:
        await client.chat(headers={"X-Rlmboard-Run": run.id})
        with run.subquery("its own") as query:
            query.returned("yes")
    assert len(place.named(SubQueryReturn)) == 2
    assert len({event.query_id for event in place.named(SubQuerySubmit)}) == 2
    assert place.summary().run.status == "completed"


async def test_a_run_of_another_program_that_has_ended_takes_no_calls(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    with rlmboard.init("over", home=place.home.path) as run:
        pass
    response = await client.chat(headers={"X-Rlmboard-Run": run.id})
    assert response.status == 409
    assert len(server.book) == 0


async def test_a_link_to_a_run_that_is_not_here_is_recorded_here_once(place: Place) -> None:
    server = await place.server()
    client = await place.gateway_to(server.url)
    for _ in range(2):
        await client.chat(headers={"X-Rlmboard-Run": "elsewhere/q-7"})
    first, second = place.named(SubQueryExecute, "elsewhere")
    assert (first.query_id, first.attempt, second.attempt) == ("q-7", 0, 1)


async def test_what_a_kill_left_open_is_ended_when_its_run_goes_on(place: Place) -> None:
    killed = ReportedRun("client-x", "gateway", home=place.home.path)
    killed.emit(SubQuerySubmit(query_id="q-1"))
    killed.emit(SubQueryExecute(query_id="q-1"))
    killed.let_go()
    server = await place.server()
    client = await place.gateway_to(server.url)
    await client.chat(run="client-x")
    (cancel,) = place.named(SubQueryCancel)
    assert (cancel.query_id, cancel.reason) == ("q-1", "interrupted")
    assert len({event.query_id for event in place.named(SubQuerySubmit)}) == 2
