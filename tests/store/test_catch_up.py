"""Catching up: incremental, idempotent, and right whatever happened to the folders."""

from __future__ import annotations

import os
import shutil
from typing import Any

import msgspec
import pytest

import rlmboard
from rlmboard.folder import Home, Pulse, RunFolder, boot_id, take
from rlmboard.folder.beat import beat_all
from rlmboard.run import ReportedRun
from rlmboard.store import Store, catch_up, run_step
from rlmboard.trace import (
    BudgetReserve,
    Environment,
    Metric,
    RunDone,
    RunInit,
    RunResumed,
    Score,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    encode_line,
)
from rlmboard.trace.summary import summarize

ANOTHER_BOOT = "another boot"


def alive(folder: RunFolder, **more: Any) -> Any:
    owner = take(folder.heartbeat, Pulse(pid=os.getpid(), boot_id=boot_id(), **more))
    assert owner is not None
    return owner


def as_folded(store: Store, run_id: str) -> None:
    """The index says of the run what a fold of its whole trace says."""
    run = store.run(run_id)
    summary = summarize(run.events())
    assert run.row.summary == summary.run
    assert run.sub_queries() == summary.sub_queries
    assert run.attempts() == summary.attempts
    assert run.scores() == summary.scores
    assert run.artifacts() == summary.artifacts


def test_a_recorded_run_is_there_at_the_next_question(
    store: Store, record: Any, small_run: Any
) -> None:
    assert store.runs() == []
    record("r1", small_run(), method="rlm-2")
    (row,) = store.runs()
    assert (row.run_id, row.status, row.config.method) == ("r1", "completed", "rlm-2")
    assert (row.cost_sats, row.tokens_used, row.summary.sub_queries) == (20.0, 220, 2)


def test_a_run_is_taken_in_as_it_grows(
    store: Store, record: Any, append: Any, small_run: Any
) -> None:
    told = small_run(5)
    folder = record("r1")
    owner = alive(folder)
    for event in told:
        append(folder, [event])
        as_folded(store, "r1")
    owner.release()
    as_folded(store, "r1")


def test_steps_of_few_lines_give_the_same_as_one(
    home: Home, record: Any, small_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    record("r1", small_run(40))
    record("r2", small_run(3))
    monkeypatch.setattr(catch_up, "STEP_LINES", 7)
    monkeypatch.setattr(run_step, "HELD_AT_MOST", 5)
    with Store(home) as store:
        as_folded(store, "r1")
        as_folded(store, "r2")


def test_catching_up_again_changes_nothing(home: Home, record: Any, small_run: Any) -> None:
    record("r1", small_run())
    with Store(home) as store:
        before = store.run("r1").row, store.providers()
    home.mark("r1")
    with Store(home) as store:
        assert (store.run("r1").row, store.providers()) == before


def test_an_ended_run_is_looked_at_no_more(
    store: Store, home: Home, record: Any, small_run: Any
) -> None:
    record("r1", small_run())
    store.runs()
    assert home.live_ids() == []


def test_a_run_that_goes_on_keeps_its_marker(store: Store, home: Home, record: Any) -> None:
    folder = record("r1", [(0, RunInit())])
    owner = alive(folder)
    assert store.run("r1").row.status == "running"
    assert home.live_ids() == ["r1"]
    owner.release()


def test_a_run_copied_in_by_hand_is_found(store: Store, record: Any, small_run: Any) -> None:
    store.runs()
    record("r1", small_run(), marked=False)
    assert [row.run_id for row in store.runs()] == ["r1"]


def test_a_run_copied_in_unfinished_is_watched(
    store: Store, record: Any, append: Any, small_run: Any
) -> None:
    told = small_run()
    folder = record("r1", told[:3], marked=False)
    assert store.run("r1").row.status == "interrupted"
    append(folder, told[3:])
    assert store.run("r1").row.status == "completed"


def test_a_line_that_came_after_the_end_is_there_when_the_run_is_asked_for(
    store: Store, home: Home, record: Any, append: Any, small_run: Any
) -> None:
    folder = record("r1", small_run())
    store.runs()
    assert home.live_ids() == []
    append(folder, [(2000, SubQuerySubmit(query_id="late"))])
    assert store.run("r1").row.summary.sub_queries == 3
    assert home.live_ids() == []


def test_what_a_program_says_of_a_run_that_is_over_is_in_the_lists(
    store: Store, home: Home
) -> None:
    with rlmboard.init("late", home=home.path) as run:
        pass
    assert store.count() == 1
    assert home.live_ids() == []
    run.emit(Score(name="accuracy", value=0.5, scorer="judge"))
    assert [row.metrics for row in store.runs()] == [{"accuracy": 0.5}]
    assert home.live_ids() == []


def test_a_process_that_joined_a_run_and_outlives_it_is_heard(store: Store, home: Home) -> None:
    run = rlmboard.init("outlived", id="r1", home=home.path)
    worker = ReportedRun.joined("r1", home.path)
    assert worker is not None
    run.finish()
    assert store.count() == 1
    assert home.live_ids() == []
    worker.emit(Score(name="accuracy", value=0.5, scorer="judge"), 10.0)
    beat_all([worker._run._recorder.writer])
    assert [row.metrics for row in store.runs()] == [{"accuracy": 0.5}]
    worker.emit(Score(name="accuracy", value=0.75, scorer="judge"), 20.0)
    worker.let_go()
    assert [row.metrics for row in store.runs()] == [{"accuracy": 0.75}]


def test_what_is_said_of_a_run_that_was_thrown_away_does_not_bring_it_back(
    store: Store, home: Home
) -> None:
    with rlmboard.init("late", id="r1", home=home.path) as run:
        pass
    assert store.count() == 1
    shutil.rmtree(home.run("r1").path)
    run.emit(Score(name="accuracy", value=0.5, scorer="judge"))
    assert (home.live_ids(), store.count()) == ([], 0)


def test_a_run_that_was_removed_is_forgotten_everywhere(
    store: Store, home: Home, record: Any, small_run: Any
) -> None:
    record("r1", small_run())
    record("r2", small_run(provider="other"))
    assert store.count() == 2
    shutil.rmtree(home.run("r1").path)
    assert [row.run_id for row in store.runs()] == ["r2"]
    assert [row.provider for row in store.providers()] == ["other"]
    assert {hit.run_id for hit in store.search("result")} == {"r2"}


def test_a_trace_replaced_by_a_shorter_one_is_read_anew(
    store: Store, home: Home, record: Any, append: Any, small_run: Any
) -> None:
    folder = record("r1", small_run(9))
    store.runs()
    folder.trace.unlink()
    append(folder, small_run(1))
    home.mark("r1")
    as_folded(store, "r1")
    assert store.providers()[0].attempts == 1


def test_a_trace_replaced_by_a_longer_one_is_read_anew(
    store: Store, home: Home, record: Any, append: Any, small_run: Any
) -> None:
    folder = record("r1", small_run(2))
    store.runs()
    folder.trace.unlink()
    append(folder, small_run(9, provider="other"))
    home.mark("r1")
    as_folded(store, "r1")
    assert [(one.provider, one.attempts) for one in store.providers()] == [("other", 9)]


def test_a_line_still_being_written_is_left_for_the_next_look(store: Store, record: Any) -> None:
    folder = record("r1", [(0, RunInit())])
    line = encode_line("r1", 5, RunDone(output="so"))
    with folder.trace.open("ab") as file:
        file.write(line[:20])
    assert store.run("r1").row.summary.lines == 1
    with folder.trace.open("ab") as file:
        file.write(line[20:])
    assert store.run("r1").row.status == "completed"


def test_damaged_foreign_and_glued_lines_keep_their_numbers(
    store: Store, record: Any, append: Any
) -> None:
    folder = record("r1", [(0, RunInit())])
    foreign = b'{"run_id":"r1","timestamp_ms":3,"event":{"type":"FromTheFuture","x":1}}\n'
    torn = encode_line("r1", 4, RunDone(output="lost"))[:40]
    with folder.trace.open("ab") as file:
        file.write(b"\xff\xfe damaged\n\n" + foreign + torn)
        file.write(encode_line("r1", 5000, SubQuerySubmit(query_id="q")))
    append(folder, [(9, RunDone(output="so"))])
    row = store.run("r1").row
    assert row.summary.holes == {"damaged": 1, "torn": 1}
    assert (row.summary.lines, row.summary.foreign, row.status) == (7, 1, "completed")
    assert [line.seq for line in store.run("r1").events()] == [1, 2, 3, 4, 5, 6, 7]
    as_folded(store, "r1")


def test_a_clock_that_steps_back_gives_no_negative_time(store: Store, record: Any) -> None:
    record(
        "r1",
        [
            (50, RunInit()),
            (40, SubQueryExecute(query_id="q", provider_id="p")),
            (-10, SubQueryReturn(query_id="q")),
            (30, RunDone()),
        ],
    )
    row, (attempt,) = store.run("r1").row, store.run("r1").attempts()
    assert (row.summary.duration_ms, attempt.duration_ms) == (30, 0)
    assert store.providers()[0].p50_ms == 0


def test_numbers_of_any_size_and_odd_ids_are_taken_in(
    store: Store, record: Any, append: Any
) -> None:
    folder = record(
        "r1",
        [
            (0, SubQuerySubmit(query_id="a\0b")),
            (1, SubQueryReturn(query_id="a\0b", cost_msat=1 << 90, attempt=1 << 70)),
            (2, SubQueryReturn(query_id="", duration_ms=1e308)),
            (3, BudgetReserve(query_id="a\0b", amount_msat=-(1 << 66))),
            (4, Environment(git={"sha": 5, "n": 1 << 80}, host={"big": 1 << 99})),
        ],
        params={"huge": 10**30, "deep": {"list": [1, {"x": None}]}},
    )
    as_folded(store, "r1")
    append(folder, [(5, SubQueryReturn(query_id="a\0b", result_preview="so"))])
    as_folded(store, "r1")
    assert len(store.run("r1").sub_queries()) == 2


def test_a_broken_or_missing_config_hides_no_run(
    store: Store, home: Home, record: Any, small_run: Any
) -> None:
    folder = record("r1", small_run())
    folder.config.write_bytes(b"{")
    record("r2", small_run()).config.unlink()
    assert {row.run_id for row in store.runs()} == {"r1", "r2"}


def test_a_config_that_is_written_again_is_read_again(store: Store, record: Any) -> None:
    folder = record("r1", [(0, RunInit())])
    assert store.run("r1").row.git_sha is None
    written = folder.record()
    assert written is not None
    folder.write_record(msgspec.structs.replace(written, git={"sha": "abc", "branch": "main"}))
    os.utime(folder.config, ns=(1, 1))
    assert store.run("r1").row.git_sha == "abc"


def test_each_step_tells_how_far_it_is(home: Home, record: Any, small_run: Any) -> None:
    for n in range(3):
        record(f"r{n}", small_run())
    told: list[tuple[int, int]] = []
    with Store(home, progress=lambda done, of: told.append((done, of))) as store:
        store.runs()
    assert told[-1] == (3, 3)


# ---------------------------------------------------------------- statuses


def test_a_folder_with_a_config_only_is_queued(store: Store, record: Any) -> None:
    record("r1")
    assert store.run("r1").row.status == "queued"


def test_a_run_whose_owner_died_is_interrupted_and_running_again_when_resumed(
    store: Store, record: Any, append: Any
) -> None:
    folder = record("r1", [(0, RunInit())])
    owner = alive(folder)
    assert store.run("r1").row.status == "running"
    owner.release()
    row = store.run("r1").row
    assert (row.status, row.presumed) == ("interrupted", False)
    assert [found.run_id for found in store.runs("status:interrupted")] == ["r1"]
    owner = alive(folder)
    append(folder, [(9, RunResumed())])
    assert store.run("r1").row.status == "running"
    owner.release()


def test_a_run_of_another_machine_is_presumed_interrupted_by_its_heartbeat(
    store: Store, record: Any
) -> None:
    folder = record("r1", [(0, RunInit())])
    take(folder.heartbeat, Pulse(pid=1, boot_id=ANOTHER_BOOT)).release()  # type: ignore[union-attr]
    assert store.run("r1").row.status == "running"
    os.utime(folder.heartbeat, (1, 1))
    row = store.run("r1").row
    assert (row.status, row.presumed) == ("interrupted", True)
    os.utime(folder.heartbeat)
    assert store.run("r1").row.status == "running"


def test_an_owner_that_found_no_room_still_says_how_the_run_ended(
    store: Store, record: Any
) -> None:
    folder = record("r1", [(0, RunInit())])
    alive(folder, ended="failed", lost=7, end_reason="errors").release()
    row = store.run("r1").row
    assert (row.status, row.summary.lost, row.summary.end_reason) == ("failed", 7, "errors")


def test_an_interrupted_run_that_was_silent_for_a_day_is_left_alone(
    store: Store, home: Home, clock: Any, record: Any
) -> None:
    folder = record("r1", [(0, RunInit())])
    with folder.trace.open("ab") as file:
        file.write(b'{"run_id":"r1","timest')
    alive(folder).release()
    clock.now_s = folder.trace.stat().st_mtime + 3600
    assert store.run("r1").row.status == "interrupted"
    assert home.live_ids() == ["r1"]
    clock.now_s += 24 * 3600
    store.runs()
    assert home.live_ids() == []


# ---------------------------------------------------------------- metrics and scores


def test_metrics_and_scores_become_values_of_the_run(store: Store, record: Any) -> None:
    told = [
        (0, Metric(name="loss", value=0.9, step=0)),
        (1, Metric(name="loss", value=0.4, step=1)),
        (2, Metric(name="broken", special="nan")),
        (3, Score(name="accuracy", value=0.8, scorer="exact")),
        (4, Score(name="of one query", value=0.1, scorer="exact", query_id="q")),
        (5, RunDone()),
    ]
    record("r1", told)
    run = store.run("r1")
    assert run.row.metrics == {"loss": 0.4, "broken": None, "accuracy": 0.8}
    assert [(point.step, point.value) for point in run.metrics()["loss"]] == [(0, 0.9), (1, 0.4)]
