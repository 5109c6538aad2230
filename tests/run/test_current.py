"""The run that code is inside of: in nests, tasks and threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import rlmboard
from rlmboard import Note, SubQuerySubmit, current_run

Read = Callable[..., list[Any]]


def test_outside_of_all_runs_there_is_none() -> None:
    assert current_run() is None


def test_nested_runs_are_current_in_turn() -> None:
    with rlmboard.init("outer") as outer:
        assert current_run() is outer
        with rlmboard.init("inner") as inner:
            assert current_run() is inner
        assert current_run() is outer
    assert current_run() is None


def test_the_only_open_run_is_current_without_a_with_and_in_threads() -> None:
    run = rlmboard.init("q")
    seen: list[rlmboard.Run | None] = [current_run()]
    thread = threading.Thread(target=lambda: seen.append(current_run()))
    thread.start()
    thread.join()
    assert seen == [run, run]


def test_a_thread_beside_several_open_runs_is_in_none() -> None:
    first, second = rlmboard.init("1"), rlmboard.init("2")
    assert current_run() is None
    second.finish()
    assert current_run() is first


async def test_tasks_have_runs_of_their_own(events: Read) -> None:
    async def work(name: str) -> rlmboard.Run:
        with rlmboard.init(name) as run:
            for n in range(5):
                here = current_run()
                assert here is run
                with run.subquery(f"{name}/{n}") as q:
                    await asyncio.sleep(0)
                    here.note(name)
                    with run.subquery("inner") as inner:
                        await asyncio.sleep(0)
                        inner.returned("a")
                    q.returned("b")
        return run

    runs = await asyncio.gather(*(work(name) for name in "abc"))
    for run, name in zip(runs, "abc", strict=True):
        assert {note.message for note in events(run, Note)} == {name}
        submits = events(run, SubQuerySubmit)
        parents = {submit.parent_id for submit in submits if submit.prompt_preview == "inner"}
        assert parents == {s.query_id for s in submits if s.prompt_preview != "inner"}


async def test_a_run_left_by_a_cancelled_task_is_cancelled(events: Read) -> None:
    started = asyncio.Event()
    runs: list[rlmboard.Run] = []

    async def work() -> None:
        with rlmboard.init("q") as run:
            runs.append(run)
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await started.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(events(runs[0], rlmboard.RunCancelled)) == 1


def test_eight_threads_share_one_run(events: Read) -> None:
    run = rlmboard.init("q")

    def work() -> None:
        for _ in range(100):
            with run.subquery("p" * 300) as q:
                q.returned("a" * 300)
            run.log({"x": 1})

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    submits = events(run, SubQuerySubmit)
    assert len({submit.query_id for submit in submits}) == len(submits) == 800
    assert len(events(run, rlmboard.SubQueryReturn)) == 800
    assert len(events(run, rlmboard.Metric)) == 800
    assert run.lost == 0
