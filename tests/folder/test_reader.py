"""Reading a trace: whatever lies in the file, lines have their numbers and nothing raises."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.folder import Cursor, batches, read_trace
from rlmboard.trace import Foreign, Hole, Note, Stamped, TraceLine, encode_line

READER = importlib.import_module("rlmboard.folder.reader")
FOREIGN = b'{"run_id":"r","timestamp_ms":1,"event":{"type":"Teleport"}}\n'

number = iter(range(10**9))


def note(message: str) -> bytes:
    return encode_line("r", 5, Note(message=message))


WHOLE = st.builds(note, st.text('aé{\n"', max_size=8))
TORN = st.builds(lambda raw, at: raw[: at % (len(raw) - 1)], WHOLE, st.integers(0, 500))
DAMAGED = st.sampled_from([b"\n", b"  \n", b"\xff\x00\n", b"null\n", b'{"run_id":1}\n', b"[[[\n"])
PIECES = st.lists(WHOLE | TORN | DAMAGED | st.just(FOREIGN), max_size=12)


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("traces")


def written(scratch: Path, raw: bytes) -> Path:
    trace = scratch / f"{next(number)}.jsonl"
    trace.write_bytes(raw)
    return trace


def read_on(trace: Path, after: Cursor, size: int) -> tuple[list[TraceLine], Cursor]:
    found: list[TraceLine] = []
    for lines, cursor in batches(trace, after, size):
        found += lines
        after = cursor
    return found, after


@given(PIECES)
def test_every_intact_line_is_found_among_torn_glued_damaged_and_foreign_ones(
    scratch: Path, pieces: list[bytes]
) -> None:
    lines = list(read_trace(written(scratch, b"".join(pieces))))
    intact = [raw for raw in pieces if raw.startswith(b'{"run_id":"r"') and raw.endswith(b"}}\n")]
    found = [line for line in lines if isinstance(line, Stamped | Foreign)]
    assert len(found) == len(intact)
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))


@given(PIECES, st.data(), st.integers(1, 5))
def test_a_file_that_grows_reads_as_if_read_at_once(
    scratch: Path, pieces: list[bytes], data: st.DataObject, size: int
) -> None:
    raw = b"".join(pieces)
    at = data.draw(st.integers(0, len(raw)))
    trace = written(scratch, raw[:at])
    first, cursor = read_on(trace, Cursor(), size)
    with trace.open("ab") as file:
        file.write(raw[at:])
    second, _ = read_on(trace, cursor, size)
    assert first + second == list(read_trace(trace))


@given(PIECES)
def test_offset_and_length_name_the_bytes_of_each_line(scratch: Path, pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    for line in read_trace(written(scratch, raw)):
        own = raw[line.offset : line.offset + line.length]
        assert b"\n" not in own
        if isinstance(line, Stamped):
            assert encode_line(line.run_id, 5, line.event)[:-1] == own


@given(PIECES)
def test_a_file_written_twice_over_reads_twice(scratch: Path, pieces: list[bytes]) -> None:
    raw = b"".join(pieces) + b"\n"
    once = list(read_trace(written(scratch, raw)))
    assert len(list(read_trace(written(scratch, raw + raw)))) == 2 * len(once)


@given(st.binary(max_size=300))
def test_any_file_reads_without_raising(scratch: Path, raw: bytes) -> None:
    list(read_trace(written(scratch, raw)))


def test_a_line_without_its_newline_is_still_being_written(tmp_path: Path) -> None:
    trace = written(tmp_path, note("a") + note("b")[:-1])
    assert [line.seq for line in read_trace(trace)] == [1]


def test_a_run_without_a_trace_has_no_lines(tmp_path: Path) -> None:
    assert list(read_trace(tmp_path / "none")) == []
    assert list(read_trace(tmp_path)) == []


def test_a_torn_line_and_what_was_glued_to_it_are_two(tmp_path: Path) -> None:
    first, second = read_trace(written(tmp_path, note("torn off")[:40] + note("whole")))
    assert isinstance(first, Hole) and first.reason == "torn"
    assert isinstance(second, Stamped) and second.event == Note(message="whole")


@pytest.mark.parametrize("padding", range(0, 60, 7))
def test_an_endless_line_is_one_hole_wherever_the_blocks_of_reading_fall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, padding: int
) -> None:
    monkeypatch.setattr(READER, "CHUNK_BYTES", 64)
    monkeypatch.setattr(READER, "LONGEST_LINE_BYTES", 300)
    raw = note("x" * padding) + note("y" * 300) + note("after")
    before, long, after = read_trace(written(tmp_path, raw))
    assert isinstance(before, Stamped) and isinstance(after, Stamped)
    assert isinstance(long, Hole) and long.reason == "too_long"
    assert (after.seq, after.offset) == (3, len(raw) - len(note("after")))


def test_an_endless_line_that_is_not_finished_is_left_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(READER, "CHUNK_BYTES", 64)
    monkeypatch.setattr(READER, "LONGEST_LINE_BYTES", 300)
    trace = written(tmp_path, note("a") + b"x" * 1000)
    assert [line.seq for line in read_trace(trace)] == [1]
