"""Lines of files that may be huge, torn or still growing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.integrations.imports import lines
from rlmboard.integrations.imports.lines import LineFile


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines") / "lines.jsonl"


@given(
    st.lists(st.binary(max_size=20).map(lambda said: said.replace(b"\n", b"")), max_size=12),
    st.binary(max_size=9).map(lambda said: said.replace(b"\n", b"")),
    st.integers(1, 7),
    st.lists(st.integers(0, 300), max_size=4),
)
def test_lines_are_the_same_however_the_file_grew_and_was_read(
    place: Path, whole: list[bytes], rest: bytes, chunk: int, looks: list[int]
) -> None:
    content = b"".join(line + b"\n" for line in whole) + rest
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lines, "CHUNK_BYTES", chunk)
        file = LineFile(place)
        found: list[bytes | None] = []
        for upto in [*sorted(looks), len(content)]:
            place.write_bytes(content[:upto])
            found += file.new()
        assert found == whole
        assert (file.seq, file.rest()) == (len(whole), rest)


def test_a_line_that_is_too_long_is_none_and_the_next_is_read(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "CHUNK_BYTES", 8)
    monkeypatch.setattr(lines, "LONGEST_BYTES", 20)
    file = LineFile(place)
    place.write_bytes(b"one\n" + b"x" * 50)
    assert list(file.new()) == [b"one"]
    assert file.rest() == b""
    place.write_bytes(b"one\n" + b"x" * 60 + b"\ntwo\n")
    assert list(file.new()) == [None, b"two"]
    assert file.seq == 3
