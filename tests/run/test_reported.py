"""Runs that another program reports, after the fact and in any order."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rlmboard.errors import RunTaken
from rlmboard.folder import Home, RunFolder, read_trace
from rlmboard.run import ReportedRun
from rlmboard.run.current import open_runs
from rlmboard.trace import (
    RunDone,
    RunInit,
    RunResumed,
    Stamped,
    SubQuerySubmit,
)
from rlmboard.trace.order import problems
from rlmboard.trace.summary import summarize

BEGAN = datetime(2026, 1, 5, 10, tzinfo=UTC)


def reported(at: datetime = BEGAN) -> ReportedRun:
    return ReportedRun("otlp-1", "otlp", at, config={"name": "scout"})


def folder() -> RunFolder:
    return Home().run("otlp-1")


def stamped() -> list[Stamped]:
    return [line for line in read_trace(folder().trace) if isinstance(line, Stamped)]


def test_times_are_those_of_the_other_program() -> None:
    run = reported()
    assert run.emit(SubQuerySubmit(query_id="call"), 40.5)
    assert run.emit(SubQuerySubmit(query_id="early"), -3)
    run.end(RunDone(end_reason="answer"), 100)
    assert [line.timestamp_ms for line in stamped()] == [0, 40.5, -3, 100]
    record = folder().record()
    assert record is not None and record.started_at == "2026-01-05T10:00:00.000+00:00"
    assert problems(read_trace(folder().trace)) == []


def test_nothing_of_this_process_stands_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLMBOARD_RUN_ID", "something-else")
    hook = sys.excepthook
    reported().let_go()
    record = folder().record()
    assert record is not None
    around = (record.host, record.user, record.cwd, record.git, record.packages, record.python)
    assert around == (None, None, None, None, None, None)
    assert record.argv == () and record.parent_run_id is None
    assert sys.excepthook is hook


def test_it_is_announced_again_when_more_is_known() -> None:
    run = reported()
    run.announce("Which module is the largest?", {"experiment": "sizes"})
    run.end(RunDone(end_reason="answer"), 10, output="trace")
    row = summarize(read_trace(folder().trace)).run
    assert (row.query, row.output_preview) == ("Which module is the largest?", "trace")
    record = folder().record()
    assert record is not None
    assert (record.query, record.config.experiment) == (row.query, "sizes")
    assert (record.config.name, folder().read_output()) == ("scout", "trace")
    assert problems(read_trace(folder().trace)) == []


def test_it_goes_on_when_its_next_part_began_and_never_before_its_past() -> None:
    run = reported()
    run.end(RunDone(end_reason="answer"), 100)
    again = reported(BEGAN + timedelta(seconds=7))
    assert again.started_at == BEGAN
    again.end(RunDone(end_reason="answer"), 9_000)
    late = reported(BEGAN)
    late.end(RunDone(end_reason="answer"), 9_000.002)
    resumed = [line.timestamp_ms for line in stamped() if isinstance(line.event, RunResumed)]
    assert resumed == [7_000, 9_000.001]
    row = summarize(read_trace(folder().trace)).run
    assert (row.status, row.ended_ms) == ("completed", 9_000.002)


def test_a_run_that_is_let_go_is_open_for_another_process_and_not_ended() -> None:
    run = reported()
    with pytest.raises(RunTaken):
        reported()
    run.let_go()
    assert not open_runs
    assert folder().liveness() == "free"
    reported().let_go()
    assert [type(line.event) for line in stamped()] == [RunInit, RunResumed]


def test_who_joined_a_run_does_not_end_it_and_no_run_ends_twice() -> None:
    run = reported()
    joined = ReportedRun.joined("otlp-1", Home().path)
    assert joined is not None
    joined.end(RunDone(end_reason="idle"), 5)
    assert folder().liveness() == "owned"
    run.end(RunDone(end_reason="answer"), 10)
    run.end(RunDone(end_reason="idle"), 20)
    ends = [line.event for line in stamped() if isinstance(line.event, RunDone)]
    assert [end.end_reason for end in ends] == ["answer"]


def test_a_home_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    run = ReportedRun("otlp-1", "otlp", BEGAN, home=os.fspath(blocked / "home"))
    assert not run.emit(SubQuerySubmit(query_id="call"), 0)
    assert "cannot write" in (run.problem or "")
    run.let_go()
