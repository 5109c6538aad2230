"""A gateway that is killed in the middle of calls, and started again: its budget holds."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

import rlmboard
from rlmboard.folder import Home, read_trace
from rlmboard.testing import Reply, ScriptedServer
from rlmboard.trace import BudgetReserve, BudgetSettle, Note, Stamped

# Of a call that costs 0.06 of a cent, up to 1.4 cents are reserved: 3 at once fit into 5 cents.
PRICES = 'version = "t"\n[models.m]\ninput_usd = 10\noutput_usd = 100\n'
BUDGET_USD = 0.05
CALL_USD = 0.0006
CALL = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@contextmanager
def gateway(home: Path, upstream: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    words = ["--upstream", upstream, "--port", "0", "--budget-usd", str(BUDGET_USD)]
    process = subprocess.Popen(
        [sys.executable, "-m", "rlmboard", "--home", str(home), "gateway", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip().replace("/v1", "/r/one/v1"), process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


async def ask(
    session: aiohttp.ClientSession, url: str, most: int = 100, headers: Any = None
) -> int:
    body = {**CALL, "max_tokens": most}
    try:
        async with session.post(f"{url}/chat/completions", json=body, headers=headers) as response:
            await response.read()
            return response.status
    except aiohttp.ClientError:
        return 0


async def killed_in_the_middle(home: Path, server: ScriptedServer) -> list[int]:
    """Twelve ask at once; two are answered, and the gateway is killed while three more hang."""
    with gateway(home, server.url) as (url, process):
        async with aiohttp.ClientSession() as session:
            asking = [asyncio.ensure_future(ask(session, url)) for _ in range(12)]
            while len(server.book) < 5:
                await asyncio.sleep(0.005)
            process.send_signal(signal.SIGKILL)
            return list(await asyncio.gather(*asking))


async def until_refused(home: Path, server: ScriptedServer) -> int:
    """How many were answered before the budget was used up."""
    with gateway(home, server.url) as (url, _):
        async with aiohttp.ClientSession() as session:
            answered = 0
            while (status := await ask(session, url, most=10)) == 200:
                answered += 1
            assert status == 402
            return answered


def events(home: Path, kind: type) -> list[Any]:
    lines = read_trace(Home(home).run("one").trace)
    return [one.event for one in lines if isinstance(one, Stamped) and type(one.event) is kind]


async def test_a_budget_holds_over_a_kill_in_the_middle_of_calls(tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text(PRICES)
    good = Reply.counting("ok", 10, 5)
    async with ScriptedServer([good, good, *[Reply(hangs=True)] * 3], then=good) as server:
        statuses = await killed_in_the_middle(tmp_path, server)
        left_open = len(events(tmp_path, BudgetReserve)) - len(events(tmp_path, BudgetSettle))
        answered = await until_refused(tmp_path, server)
        assert await until_refused(tmp_path, server) == 0
    assert set(statuses) <= {0, 200} and statuses.count(0) >= 10
    assert left_open == 3
    (note,) = events(tmp_path, Note)
    assert note.message.startswith("3 calls were under way when the gateway was killed")
    assert answered >= 1
    reserved = {event.query_id: event.amount_usd_nanos for event in events(tmp_path, BudgetReserve)}
    settled = {event.query_id: event.actual_usd_nanos for event in events(tmp_path, BudgetSettle)}
    assert settled.keys() == reserved.keys()
    whole = [query for query in reserved if settled[query] == reserved[query]]
    assert len(whole) == 3
    assert sum(settled.values()) <= BUDGET_USD * 1e9
    assert len(server.book) == 5 + answered
    assert CALL_USD * (2 + answered) <= BUDGET_USD


async def linked(run: rlmboard.Run, url: str, at_once: int, most: int = 10) -> list[int]:
    """A program that records its calls asks so often at once, and says what it knows of each."""

    async def one(session: aiohttp.ClientSession, number: int) -> int:
        with run.subquery(f"question {number}", model="m") as query:
            headers = {"X-Rlmboard-Run": f"{run.id}/{query.id}"}
            status = await ask(session, url.replace("/r/one", ""), most, headers)
            if status == 200:
                query.returned("ok", tokens=(10, 5), cost_usd=CALL_USD)
            else:
                query.failed(RuntimeError(f"status {status}"))
            return status

    async with aiohttp.ClientSession() as session:
        return list(await asyncio.gather(*(one(session, n) for n in range(at_once))))


async def test_calls_under_way_of_a_run_that_its_program_records_count_over_a_kill(
    tmp_path: Path,
) -> None:
    """Two are answered, three hang when the gateway is killed; then all is as if they had cost."""
    (tmp_path / "prices.toml").write_text(PRICES)
    good = Reply.counting("ok", 10, 5)
    with rlmboard.init("x", id="one", home=tmp_path) as run:
        async with ScriptedServer([good, good, *[Reply(hangs=True)] * 3], then=good) as server:
            with gateway(tmp_path, server.url) as (url, process):
                asking = asyncio.ensure_future(linked(run, url, 12, most=100))
                while len(server.book) < 5:
                    await asyncio.sleep(0.005)
                process.send_signal(signal.SIGKILL)
                assert (await asking).count(200) == 2
            answered = 0
            with gateway(tmp_path, server.url) as (url, _):
                while (await linked(run, url, 1)) == [200]:
                    answered += 1
            with gateway(tmp_path, server.url) as (url, _):
                assert await linked(run, url, 1) == [402]
    (note,) = events(tmp_path, Note)
    assert note.message.startswith("3 calls were under way when the gateway was killed")
    assert events(tmp_path, BudgetReserve) == []
    reserved_usd = float(note.message.rpartition("$")[2])
    assert len(server.book) == 5 + answered and answered >= 1
    assert reserved_usd > 3 * CALL_USD
    assert reserved_usd + CALL_USD * (2 + answered) <= BUDGET_USD
