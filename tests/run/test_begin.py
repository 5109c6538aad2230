"""A run begins: new, taken up again, joined, or not recorded at all."""

from __future__ import annotations

import os
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

import rlmboard
from rlmboard import Note, RunDone, RunInit, RunResumed, Stamped
from rlmboard.errors import BadInput, HomeUnusable, RunTaken
from rlmboard.folder import Home, read_trace
from rlmboard.run import new_run_id, resuming

Read = Callable[..., list[Any]]
Program = Callable[..., "subprocess.CompletedProcess[str]"]


def test_a_run_is_one_folder_with_its_record_and_its_first_event(events: Read) -> None:
    run = rlmboard.init("Summarize", config={"method": "rlm", "lr": 0.1}, tags=["nightly"])
    record = run.folder.record()
    assert record is not None
    assert (record.run_id, record.query) == (run.id, "Summarize")
    assert (record.config.method, record.config.params) == ("rlm", {"lr": 0.1})
    assert record.config.tags == ("nightly",)
    assert (record.pid, record.cwd) == (os.getpid(), os.getcwd())
    (first,) = events(run, RunInit)
    assert (first.program, first.query, first.format) == ("Summarize", "Summarize", 1)
    assert run.folder.liveness() == "owned"
    assert run.home.live_ids() == [run.id]


def test_ids_sort_by_time() -> None:
    first = new_run_id()
    time.sleep(0.002)
    assert first < new_run_id()
    assert len({new_run_id() for _ in range(1000)}) == 1000


def test_what_takes_time_is_captured_beside_the_run(events: Read) -> None:
    run = rlmboard.init("q")
    run.finish()
    (found,) = events(run, rlmboard.Environment)
    assert found.packages["msgspec"]
    record = run.folder.record()
    assert record is not None and record.packages == found.packages


def test_an_id_that_exists_is_refused_unless_it_is_to_be_resumed() -> None:
    rlmboard.init("q", id="r1").finish()
    with pytest.raises(RunTaken, match='resume="allow"'):
        rlmboard.init("q", id="r1")


def test_a_second_owner_is_refused_and_told_who_owns_it() -> None:
    rlmboard.init("q", id="r1")
    with pytest.raises(RunTaken, match=f"by process {os.getpid()}"):
        rlmboard.init("q", id="r1", resume="allow")


def test_a_second_owner_in_another_process_is_refused_clearly(program: Program) -> None:
    rlmboard.init("q", id="r1")
    done = program("import rlmboard; rlmboard.init('q', id='r1', resume='must')")
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert f"run r1 is being recorded by process {os.getpid()}; wait for it" in last


@pytest.mark.parametrize("word", ["allow", "must"])
def test_a_resumed_run_goes_on_where_it_stopped(word: Any, events: Read) -> None:
    run = rlmboard.init("q", id="r1")
    run.log({"loss": 3.0})
    run.log({"loss": 2.0})
    run.finish()
    again = rlmboard.init("q", id="r1", resume=word)
    again.log({"loss": 1.0})
    again.finish()
    assert [event.step for event in events(run, rlmboard.Metric)] == [0, 1, 2]
    names = [type(event).__name__ for event in events(run)]
    assert names[-3:] == ["RunResumed", "Metric", "RunDone"]
    assert names.count("RunInit") == 1


def test_must_refuses_a_run_that_does_not_exist_and_leaves_no_trace_of_it(home: Home) -> None:
    with pytest.raises(RunTaken, match="no run r9"):
        rlmboard.init("q", id="r9", resume="must")
    assert home.run_ids() == home.live_ids() == []


def test_a_resumed_run_keeps_its_settings_and_takes_new_ones() -> None:
    rlmboard.init("q", id="r1", config={"method": "rlm", "lr": 0.1}).finish()
    run = rlmboard.init("q", id="r1", resume="allow", config={"lr": 0.2, "seed": 3})
    assert dict(run.config) == {"method": "rlm", "lr": 0.2, "seed": 3}
    record = run.folder.record()
    assert record is not None and (record.config.seed, record.config.params) == (3, {"lr": 0.2})


def times(run: rlmboard.Run) -> list[float]:
    return [x.timestamp_ms for x in read_trace(run.folder.trace) if isinstance(x, Stamped)]


@pytest.mark.parametrize("clock", ["same boot", "another boot", "a clock set back a year"])
def test_time_never_goes_backwards_when_a_run_is_resumed(
    clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = rlmboard.init("q", id="r1")
    run.emit(Note(message="far on"), at_ms=3_600_000)
    run.finish()
    record = run.folder.record()
    assert record is not None
    if clock != "same boot":
        monkeypatch.setattr(resuming, "boot_id", lambda: "another")
    if clock == "a clock set back a year":
        started_at = f"{int(record.started_at[:4]) + 1}{record.started_at[4:]}"
        run.folder.write_record(msgspec.structs.replace(record, started_at=started_at))
    again = rlmboard.init("q", id="r1", resume="allow")
    again.note("later")
    assert times(run)[-1] >= 3_600_000
    assert times(run)[-1] < 3_660_000


def test_a_record_that_is_broken_or_gone_does_not_hinder_resuming(events: Read) -> None:
    run = rlmboard.init("q", id="r1")
    run.finish()
    run.folder.config.write_text("{")
    rlmboard.init("q", id="r1", resume="allow").finish()
    assert len(events(run, RunResumed)) == 1


def test_a_cancel_that_was_asked_of_the_past_is_forgotten() -> None:
    run = rlmboard.init("q", id="r1")
    run.folder.ask_to_stop()
    assert run.cancel_requested
    run.cancel()
    assert not rlmboard.init("q", id="r1", resume="allow").cancel_requested


def test_another_process_that_finds_the_run_in_its_environment_joins_it(
    events: Read, program: Program
) -> None:
    code = "import rlmboard; r = rlmboard.init('mine'); r.note('hello'); r.finish(); print(r.id)"
    with rlmboard.init("q") as run:
        done = program(code, **run.env)
        assert done.stdout.strip() == run.id, done.stderr
        run.note("still mine")
    names = [type(event).__name__ for event in events(run)]
    assert names == ["RunInit", "Note", "Note", "RunDone"]


def test_sub_queries_of_joined_processes_have_names_of_their_own(
    events: Read, program: Program
) -> None:
    code = "import rlmboard; r = rlmboard.init(); r.subquery('a').returned('b'); r.finish()"
    with rlmboard.init("q") as run:
        run.subquery("mine").returned("b")
        for _ in range(2):
            assert program(code, **run.env).returncode == 0
    ids = [event.query_id for event in events(run, rlmboard.SubQuerySubmit)]
    assert len(set(ids)) == 3


def test_times_of_a_joined_process_are_on_the_clock_of_the_run(program: Program) -> None:
    with rlmboard.init("q") as run:
        program("import rlmboard; rlmboard.init().note('from the child')", **run.env)
        run.note("after it")
    assert sorted(times(run)) == times(run)


def test_the_owner_itself_does_not_join_its_own_run(monkeypatch: pytest.MonkeyPatch) -> None:
    outer = rlmboard.init("outer")
    for name, value in outer.env.items():
        monkeypatch.setenv(name, value)
    inner = rlmboard.init("inner")
    assert inner.id != outer.id and inner.owns
    record = inner.folder.record()
    assert record is not None and record.parent_run_id == outer.id


def test_a_run_of_another_boot_is_a_parent_and_not_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLMBOARD_RUN_ID", "elsewhere")
    run = rlmboard.init("q")
    record = run.folder.record()
    assert record is not None and record.parent_run_id == "elsewhere"


def test_a_disabled_run_takes_everything_and_keeps_nothing(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("x")
    with rlmboard.init("q", mode="disabled") as run:
        run.subquery("p" * 500).returned("a" * 500)
        run.log({"f1": "not a number"})
        run.config["x"] = 1
        run.output = "x"
        assert run.artifact(file) is None
    assert (run.lost, run.problem) == (0, None)
    assert not home.path.exists()


def test_the_environment_can_disable_recording(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLMBOARD_MODE", "disabled")
    rlmboard.init("q").finish()
    assert not home.path.exists()


def test_a_home_that_cannot_be_made_loses_events_and_never_the_program(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with rlmboard.init("q", home=file / "home") as run:
        run.subquery("p").returned("a")
        run.output = "x"
    assert run.lost > 0
    assert run.problem and str(file) in run.problem and "RLMBOARD_HOME" in run.problem


def test_strict_hears_of_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(HomeUnusable, match="RLMBOARD_HOME"):
        rlmboard.init("q", home=tmp_path / "file" / "home", strict=True)


READ_ONLY = """
import os, rlmboard
os.setuid(65534)
with rlmboard.init("q") as run: run.note("x")
print(run.lost > 0, run.problem)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="needs another user to be")
def test_a_home_of_somebody_else_loses_events_and_never_the_program(
    home: Home, program: Program
) -> None:
    home.make()
    done = program(READ_ONLY)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith(f"True cannot write to {home.path}: Permission denied")


def test_the_home_is_readable_by_its_owner_alone(home: Home) -> None:
    rlmboard.init("q").finish()
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


@pytest.mark.parametrize("word", ["yes", "", "ALLOW"])
def test_bad_words_are_refused_with_the_good_ones(word: Any) -> None:
    with pytest.raises(BadInput, match="'never', 'allow' or 'must'"):
        rlmboard.init("q", resume=word)
    with pytest.raises(BadInput, match="'full', 'preview' or 'none'"):
        rlmboard.init("q", payloads=word)


@pytest.mark.parametrize("run_id", ["../x", "a/b", ".hidden", "x" * 200, "a\n"])
def test_an_id_that_could_be_a_path_is_refused(run_id: str) -> None:
    with pytest.raises(BadInput, match="cannot be a run id"):
        rlmboard.init("q", id=run_id)


@pytest.mark.parametrize(
    "config",
    [
        {"object": object()},
        {"budget_sats": "lots", "budget_usd": float("nan")},
        {"text": "\udce9", ("a",): {1: {2}}},
        {"chunk_size": None, "seed": 10**40},
    ],
)
def test_any_config_can_be_recorded(config: dict[Any, Any]) -> None:
    with rlmboard.init("q\udce9", config=config, tags="one") as run:
        pass
    record = run.folder.record()
    assert record is not None and record.config.tags == ("one",)
    assert (run.lost, record.query) == (0, "q?")


def test_a_working_directory_that_is_gone_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with rlmboard.init("q") as run:
        pass
    assert run.lost == 0


def test_the_working_directory_may_change_with_a_relative_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, events: Read
) -> None:
    monkeypatch.chdir(tmp_path)
    run = rlmboard.init("q", home="here")
    monkeypatch.chdir("/")
    run.subquery("p" * 500).returned("a" * 500)
    run.output = "x"
    run.finish()
    assert len(events(run, RunDone)) == 1
    assert (run.folder.read_output(), run.lost) == ("x", 0)
    assert run.folder.path.is_relative_to(tmp_path)


def test_environment_variables_are_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "hunter2-hunter2")
    run = rlmboard.init("q")
    run.finish()
    for file in run.folder.path.rglob("*"):
        assert file.is_dir() or b"hunter2" not in file.read_bytes()
