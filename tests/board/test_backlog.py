"""What new readers of a run have missed: read and encoded once for all of them."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

import pytest

import rlmboard
from rlmboard.board.live.backlog import Backlog, Backlogs
from rlmboard.folder import Cursor, batches
from rlmboard.trace import Metric

START = Cursor()


def test_what_was_missed_is_read_once_for_all_who_missed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x")
    log(run, 4_500)
    run.finish()
    read = count_lines_read(monkeypatch)
    backlogs = Backlogs()
    first, second = (backlogs.after(run.folder, 0, START, START) for _ in range(2))
    last = first.head.seq
    assert [(one.after, one.to) for one in first.batches] == [
        (0, 2_000),
        (2_000, 4_000),
        (4_000, last),
    ]
    assert all(one is other for one, other in zip(first.batches, second.batches, strict=True))
    assert len(read) == last
    midway = backlogs.after(run.folder, 2_500, START, START)
    assert [(one.after, one.to) for one in midway.batches] == [(2_500, 4_000), (4_000, last)]
    assert midway.batches[1] is first.batches[2]
    assert len(read) == last


def test_what_was_missed_goes_on_where_the_run_went_on(tmp_path: Path) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x")
    log(run, 100)
    backlogs = Backlogs()
    before = backlogs.after(run.folder, 0, START, START)
    log(run, 100)
    run.finish()
    after = backlogs.after(run.folder, 50, START, START)
    assert before.head.seq < after.head.seq
    (batch,) = after.batches
    assert (batch.after, batch.to) == (50, after.head.seq)


def test_a_trace_that_took_the_place_of_another_is_read_anew(tmp_path: Path) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x")
    log(run, 2_500)
    run.finish()
    backlogs = Backlogs()
    backlogs.after(run.folder, 0, START, START)
    other = tmp_path / "other"
    other.write_bytes(run.folder.trace.read_bytes().replace(b'"x"', b'"y"'))
    shutil.move(other, run.folder.trace)
    (first, *_) = backlogs.after(run.folder, 0, START, START).batches
    assert '"name":"y"' in first.frame


def test_what_is_kept_of_backlogs_has_a_bound_and_goes_with_the_last_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x")
    log(run, 9_000)
    run.finish()
    frame = len(Backlogs().after(run.folder, 0, START, START).batches[1].frame)
    read = count_lines_read(monkeypatch)
    small, enough = Backlogs(frame * 2), Backlogs()
    for backlogs in (small, enough):
        for _ in range(2):
            backlogs.after(run.folder, 0, START, START)
    last = read[-1]
    assert len(read) == last * 3  # the small one read it twice
    enough.forget("x")
    enough.after(run.folder, 0, START, START)
    assert len(read) == last * 4


def test_a_backlog_that_is_surely_too_long_is_counted_from_the_last_known_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x")
    log(run, 25_000)
    run.finish()
    whole = Backlogs().after(run.folder, 0, START, START)
    *_, (_, known) = itertools.takewhile(
        lambda read: read[1].seq <= 24_000, batches(run.folder.trace, size=1_000)
    )
    read = count_lines_read(monkeypatch)
    told = Backlogs().after(run.folder, 0, Cursor(), known)
    assert whole == told == Backlog([], True, whole.head)
    assert len(read) == whole.head.seq - known.seq


def count_lines_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of each line that is read of a trace from now on for a backlog."""
    read: list[int] = []

    def counted(trace: Path, after: Cursor, size: int = 20_000) -> Any:
        for lines, end in batches(trace, after, size):
            read.extend(line.seq for line in lines)
            yield lines, end

    monkeypatch.setattr("rlmboard.board.live.backlog.batches", counted)
    return read


def log(run: rlmboard.Run, count: int) -> None:
    for number in range(count):
        run.emit(Metric(name="x", value=float(number), step=number))
