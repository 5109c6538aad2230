"""The hot path: what `append` returned for is on disk, and what is not is counted."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlmboard.folder import RunFolder, Writer, read_trace
from rlmboard.trace import Hole, Note, Score, Stamped, TraceEvent

SEC = 1_000_000_000


@pytest.fixture
def writer(folder: RunFolder) -> Iterator[Writer]:
    writer = Writer(folder.trace, "r1", 0)
    yield writer
    writer.close()


def notes(folder: RunFolder) -> list[str]:
    lines = read_trace(folder.trace)
    return [
        line.event.message
        for line in lines
        if isinstance(line, Stamped) and isinstance(line.event, Note)
    ]


def put_behind(writer: Writer, path: str, flags: int) -> None:
    """Another file behind the writer's number, as when a program closed and opened on its own."""
    other = os.open(path, flags)
    os.dup2(other, writer._file)
    os.close(other)


def test_what_append_returned_for_is_on_disk_at_once(folder: RunFolder, writer: Writer) -> None:
    assert writer.append(Note(message="a"))
    assert notes(folder) == ["a"]


def test_two_events_of_one_moment_are_one_write_in_their_order(
    folder: RunFolder, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bytes] = []
    write = os.write

    def seen(file: int, lines: bytes) -> int:
        written.append(lines)
        return write(file, lines)

    monkeypatch.setattr(os, "write", seen)
    assert writer.append_both(Note(message="a"), Note(message="b"))
    assert [lines.count(b"\n") for lines in written] == [2]
    first, second = read_trace(folder.trace)
    assert isinstance(first, Stamped) and isinstance(second, Stamped)
    assert (first.timestamp_ms, notes(folder)) == (second.timestamp_ms, ["a", "b"])


@pytest.mark.parametrize("is_first", [True, False])
def test_of_two_events_the_one_that_can_be_written_is(
    is_first: bool, folder: RunFolder, writer: Writer
) -> None:
    unsayable = Score(name="f1", value=..., scorer="s")  # type: ignore[arg-type]
    kept = Note(message="kept")
    pair = (unsayable, kept) if is_first else (kept, unsayable)
    assert not writer.append_both(*pair)
    assert (notes(folder), writer.lost) == (["kept"], 1)


def test_two_events_that_find_no_room_are_two_losses(folder: RunFolder, writer: Writer) -> None:
    put_behind(writer, "/dev/full", os.O_WRONLY)
    assert not writer.append_both(Note(message="a"), Note(message="b"))
    assert writer.lost == 2


def test_time_is_microseconds_since_the_start(folder: RunFolder) -> None:
    writer = Writer(folder.trace, "r1", 5 * SEC, clock=lambda: 6 * SEC + 1_234_999)
    writer.append(Note(message="now"))
    writer.append(Note(message="reported late"), at_us=-1_500)
    writer.close()
    times = [line.timestamp_ms for line in read_trace(folder.trace) if isinstance(line, Stamped)]
    assert times == [1001.234, -1.5]


def test_a_clock_that_steps_back_changes_times_and_not_the_order(folder: RunFolder) -> None:
    readings = iter([3 * SEC, 2 * SEC, -SEC, 4 * SEC])
    writer = Writer(folder.trace, "r1", 0, clock=lambda: next(readings))
    for message in "abcd":
        assert writer.append(Note(message=message))
    writer.close()
    assert notes(folder) == list("abcd")


def test_eight_threads_at_full_speed_break_no_line(folder: RunFolder, writer: Writer) -> None:
    def record(thread: int) -> None:
        for n in range(5_000):
            writer.append(Note(message=f"{thread}/{n}"))

    threads = [threading.Thread(target=record, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = notes(folder)
    assert writer.lost == 0
    assert sorted(found) == sorted(f"{t}/{n}" for t in range(8) for n in range(5_000))
    for t in range(8):  # each thread's own are in its order
        own = [message for message in found if message.startswith(f"{t}/")]
        assert own == [f"{t}/{n}" for n in range(5_000)]


def test_a_torn_last_line_is_ended_before_anything_is_appended(folder: RunFolder) -> None:
    folder.trace.write_bytes(b'{"run_id":"r1","timestamp_ms":1,"ev')
    writer = Writer(folder.trace, "r1", 0)
    writer.append(Note(message="after the kill"))
    writer.close()
    torn, whole = read_trace(folder.trace)
    assert isinstance(torn, Hole) and torn.reason == "torn"
    assert isinstance(whole, Stamped) and whole.seq == 2


@pytest.mark.skipif(sys.platform != "linux", reason="needs devices that fail as Linux has them")
@pytest.mark.parametrize(
    ("device", "why"),
    [("/dev/full", "No space left"), ("/proc/self/mem", "Input/output error")],
)
def test_a_full_or_broken_disk_loses_events_and_counts_them(
    folder: RunFolder, writer: Writer, device: str, why: str
) -> None:
    writer.append(Note(message="before"))
    put_behind(writer, device, os.O_WRONLY)
    assert not writer.append(Note(message="lost"))
    assert not writer.append(Note(message="lost too"))
    assert writer.lost == 2
    assert why in (writer.problem or "")
    assert str(folder.trace) in (writer.problem or "")
    assert notes(folder) == ["before"]


def test_a_closed_descriptor_is_opened_anew_and_nothing_is_lost(
    folder: RunFolder, writer: Writer
) -> None:
    os.close(writer._file)
    assert writer.append(Note(message="a"))
    assert (writer.lost, notes(folder)) == (0, ["a"])


def test_a_file_of_somebody_else_behind_our_number_is_let_alone(
    folder: RunFolder, writer: Writer, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("precious")
    number = writer._file
    put_behind(writer, str(theirs), os.O_RDWR | os.O_APPEND)
    writer.beat()
    assert writer.append(Note(message="ours"))
    writer.close()
    assert theirs.read_text() == "precious"
    assert notes(folder) == ["ours"]
    os.close(number)  # still theirs: not closed by us, or this would raise


def test_our_descriptor_lies_far_from_those_that_programs_get(writer: Writer) -> None:
    assert writer._file >= 200


def test_an_event_that_cannot_be_written_is_counted_and_the_next_is_recorded(
    folder: RunFolder, writer: Writer
) -> None:
    assert not writer.append(Score(name="f1", value=..., scorer="s"))  # type: ignore[arg-type]
    assert writer.append(Note(message="b"))
    assert (writer.lost, notes(folder)) == (1, ["b"])
    assert "Score" in (writer.problem or "")


def test_a_folder_that_is_gone_loses_events_and_says_which(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "gone" / "trace.jsonl", "r1", 0)
    assert writer.problem and "gone" in writer.problem
    assert not writer.append(Note(message="a"))
    assert writer.lost == 1
    writer.close()


def test_what_comes_after_the_end_is_recorded_and_keeps_no_file_open(
    folder: RunFolder, writer: Writer
) -> None:
    writer.close()
    assert writer.append(Note(message="late"))
    assert (writer._file, notes(folder)) == (-1, ["late"])


def test_the_working_directory_may_change(
    folder: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.path)
    writer = Writer(Path("trace.jsonl").absolute(), "r1", 0)
    monkeypatch.chdir("/")
    writer.close()
    assert writer.append(Note(message="a"))
    assert notes(folder) == ["a"]


def test_two_writers_share_a_file_line_by_line(folder: RunFolder, writer: Writer) -> None:
    other = Writer(folder.trace, "r1", 0)
    events: list[TraceEvent] = [Note(message=str(n)) for n in range(100)]
    for n, event in enumerate(events):
        (writer if n % 2 else other).append(event)
    other.close()
    assert notes(folder) == [str(n) for n in range(100)]


def test_what_is_gathered_is_written_at_once_when_it_is_flushed(
    folder: RunFolder, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[bytes] = []
    write = os.write

    def noted(file: int, lines: bytes) -> int:
        writes.append(lines)
        return write(file, lines)

    monkeypatch.setattr("os.write", noted)
    writer.gather()
    for message in "abc":
        assert writer.append(Note(message=message))
    assert notes(folder) == []
    assert writer.flush()
    assert notes(folder) == ["a", "b", "c"]
    assert len(writes) == 1
    assert writer.append(Note(message="d"))
    assert notes(folder) == ["a", "b", "c", "d"]


def test_of_what_was_gathered_each_line_that_found_no_room_is_lost(
    folder: RunFolder, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    writer.gather()
    for message in "abc":
        writer.append(Note(message=message))
    with monkeypatch.context() as full:
        full.setattr("os.write", lambda file, lines: write(file, lines[: len(lines) // 2]))
        assert not writer.flush()
    assert writer.lost == 2
    assert writer.append(Note(message="after"))
    assert notes(folder) == ["a", "after"]


def test_what_was_gathered_and_finds_no_room_at_all_is_counted(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: int, lines: bytes) -> int:
        raise OSError(28, "No space left on device")

    writer.gather()
    for message in "abc":
        writer.append(Note(message=message))
    with monkeypatch.context() as full:
        full.setattr("os.write", refuse)
        assert not writer.flush()
    assert writer.lost == 3
    assert writer.problem is not None
    assert "No space left" in writer.problem
