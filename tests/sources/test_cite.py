"""SpanRefs made from lines of a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.sources import cite, cite_in, read_span
from rlmboard.sources.reading import BLOCK_BYTES
from rlmboard.trace import content_hash


def test_a_citation_hashes_exactly_the_bytes_of_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"one\ntwo\r\nthree\n")
    span = cite(file, 2, 3)
    assert (span.start_byte, span.end_byte) == (4, 15)
    assert span.content_hash == content_hash(b"two\r\nthree\n")
    assert (span.path, span.commit, str(span)) == (str(file), None, f"{file}:2-3")
    assert read_span(None, span) == "two\r\nthree\n"
    assert cite(file, 2).end_line == 2


def test_in_a_repository_the_path_is_relative_and_the_commit_named(
    repository: Path, commit
) -> None:
    sha = commit(a_py="one\ntwo\n")
    span = cite(repository / "a.py", 1, 2)
    assert (span.path, span.commit, span.id) == ("a.py", sha, "span-a_py-1-2")
    assert cite(repository / "a.py", 1, root=repository.parent).path == "repository/a.py"


@given(
    lines=st.lists(st.binary(max_size=8).map(lambda b: b.replace(b"\n", b" ")), min_size=1),
    ended=st.booleans(),
    data=st.data(),
)
def test_bytes_and_lines_agree_for_any_file(lines, ended, data, tmp_path_factory) -> None:
    file = tmp_path_factory.getbasetemp() / "any.txt"
    content = b"\n".join(lines) + (b"\n" if ended else b"")
    file.write_bytes(content)
    there = content.count(b"\n") + (not content.endswith(b"\n") and content != b"")
    if not there:
        return
    start = data.draw(st.integers(1, there))
    end = data.draw(st.integers(start, there + 3))
    span = cite(file, start, end)
    kept = content.split(b"\n")[start - 1 : end]
    assert span.end_line == min(end, there)
    assert content[span.start_byte : span.end_byte].rstrip(b"\n") == b"\n".join(kept).rstrip(b"\n")
    assert span.content_hash == content_hash(content[span.start_byte : span.end_byte])


def test_a_file_of_many_blocks_is_cited_as_one_of_few_bytes(tmp_path: Path) -> None:
    file = tmp_path / "big.txt"
    line = b"x" * 999 + b"\n"
    file.write_bytes(line * (3 * BLOCK_BYTES // 1000))
    span = cite(file, 1_500, 2_700)
    assert (span.start_byte, span.end_byte) == (1_499_000, 2_700_000)
    assert span.content_hash == content_hash(line * 1_201)


def test_a_file_that_cannot_be_read_is_cited_without_a_hash(tmp_path: Path) -> None:
    span = cite(tmp_path / "gone.txt", 3, 4)
    assert (span.content_hash, span.start_line, span.end_line) == (None, 3, 4)
    assert cite(tmp_path, 1).content_hash is None


@pytest.mark.parametrize(("start", "end"), [(0, 1), (-1, 1), (3, 2)])
def test_lines_that_no_file_can_have_are_refused(tmp_path: Path, start: int, end: int) -> None:
    with pytest.raises(ValueError, match="make no sense"):
        cite(tmp_path / "gone.txt", start, end)


def test_lines_beyond_the_end_are_left_out_and_a_line_that_is_not_there_refused(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one\ntwo")
    assert cite(file, 2, 99).end_line == 2
    with pytest.raises(ValueError, match="has no line 3"):
        cite(file, 3, 4)
    file.write_text("")
    with pytest.raises(ValueError, match="has no line 1"):
        cite(file, 1)


def test_a_span_is_read_up_to_the_end_of_a_file_that_became_shorter(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one\ntwo\n")
    span = cite(file, 1, 2)
    file.write_text("one")
    assert read_span(None, span) == "one"


def test_a_citation_that_somebody_wrote_is_looked_up_below_the_root(
    repository: Path, commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(a_py="one\ntwo\n")
    (repository / "sub").mkdir()
    monkeypatch.chdir(repository / "sub")
    assert cite_in(repository, "a.py", 1, 2) == cite(repository / "a.py", 1, 2)


@pytest.mark.parametrize("place", [("b.py", 1, 1), ("a.py", 1, 3), ("a.py", 0, 1), ("../a", 1, 1)])
def test_a_citation_of_lines_that_are_not_there_is_none(repository: Path, commit, place) -> None:
    commit(a_py="one\ntwo\n")
    (repository.parent / "a").write_text("outside\n")
    assert cite_in(repository, *place) is None
