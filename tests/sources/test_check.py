"""SpanRefs held against the working tree and the commit."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlmboard.sources import check, check_all, cite
from rlmboard.trace import SpanRef, content_hash

CHECKING = importlib.import_module("rlmboard.sources.checking")
TEXT = "".join(f"line {number}\n" for number in range(1, 11))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "a.txt"
    file.write_text(TEXT)
    return file


def test_untouched_lines_are_verified(file: Path) -> None:
    checked = check(cite(file, 3, 4))
    assert (checked.state, checked.where, checked.moved_to) == ("verified", "working tree", None)
    assert checked.holds


def test_a_change_elsewhere_on_later_lines_does_not_matter(file: Path) -> None:
    span = cite(file, 3, 4)
    file.write_text(TEXT + "more\n")
    assert check(span).state == "verified"


def test_lines_that_stand_elsewhere_now_have_moved_and_it_is_said_where(file: Path) -> None:
    span = cite(file, 3, 4)
    file.write_text("new\nnew\n" + TEXT)
    checked = check(span)
    assert (checked.state, checked.moved_to) == ("moved", (5, 6))
    assert checked.detail == f"the same bytes stand at {file}:5-6"


def test_of_several_places_the_nearest_is_named(file: Path) -> None:
    file.write_text("a\n" * 3 + "cited\n" + "a\n" * 3)
    span = cite(file, 4, 4)
    file.write_text("cited\n" + "a\n" * 4 + "cited\n")
    assert check(span).moved_to == (6, 6)


def test_a_part_of_a_line_is_found_again_by_its_hash_alone(file: Path) -> None:
    content = b"It began. The sentence that was cited stands here. It ended.\n"
    file.write_bytes(content)
    start, end = 10, 50
    span = SpanRef(
        id="s",
        path=str(file),
        start_line=1,
        end_line=1,
        start_byte=start,
        end_byte=end,
        content_hash=content_hash(content[start:end]),
    )
    assert check(span).state == "verified"
    file.write_bytes(b"Before.\nAnd now: " + content[start:])
    assert (check(span).state, check(span).moved_to) == ("moved", (2, 2))


@settings(max_examples=50)
@given(before=st.text("ab\n", max_size=30), after=st.text("ab\n", max_size=30), data=st.data())
def test_whatever_is_put_around_it_a_span_is_found_at_its_lines(
    before: str, after: str, data, tmp_path_factory
) -> None:
    file = tmp_path_factory.getbasetemp() / "moving.txt"
    file.write_text("xyz\nuvw\n" * 3)
    first = data.draw(st.integers(1, 6))
    span = cite(file, first, data.draw(st.integers(first, 6)))
    file.write_text(before + "\n" + "xyz\nuvw\n" * 3 + after)
    checked = check(span)
    assert checked.state in ("verified", "moved")
    lines = checked.moved_to or (span.start_line, span.end_line)
    assert cite(file, *lines).content_hash == span.content_hash


def test_other_bytes_are_changed_and_a_file_that_is_gone_is_missing(file: Path) -> None:
    span = cite(file, 3, 4)
    file.write_text(TEXT.replace("line 3", "line iii"))
    assert (check(span).state, check(span).where) == ("changed", None)
    file.unlink()
    assert (check(span).state, check(span).where) == ("missing", None)
    assert check(span).detail == "No such file or directory"


def test_a_changed_file_is_also_held_against_the_commit(repository: Path, commit) -> None:
    sha = commit(a_py=TEXT)
    span = cite(repository / "a.py", 3, 4)
    (repository / "a.py").write_text("nothing of it\n")
    checked = check(span, repository)
    assert (checked.state, checked.where) == ("changed", "commit")
    assert sha[:7] in checked.detail
    (repository / "a.py").unlink()
    checked = check(span, repository)
    assert (checked.state, checked.where) == ("missing", "commit")


def test_a_span_of_uncommitted_bytes_stands_nowhere_when_they_change(
    repository: Path, commit
) -> None:
    commit(a_py="committed\n")
    (repository / "a.py").write_text("not committed\n")
    span = cite(repository / "a.py", 1)
    (repository / "a.py").write_text("something else\n")
    assert (check(span, repository).state, check(span, repository).where) == ("changed", None)


def test_a_part_of_a_line_is_found_again_by_the_bytes_of_the_commit(
    repository: Path, commit
) -> None:
    commit(a_py="x = 1; y = 2\n")
    whole = cite(repository / "a.py", 1)
    part = msgspec.structs.replace(
        whole, start_byte=7, end_byte=12, content_hash=content_hash(b"y = 2")
    )
    (repository / "a.py").write_text("import z\n\nif z: y = 2\n")
    assert check(part, repository).moved_to == (3, 3)


def test_a_large_file_is_mapped_and_checked_as_a_small_one(
    repository: Path, commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(a_py=TEXT)
    span = cite(repository / "a.py", 3, 4)
    monkeypatch.setattr(CHECKING, "_MAPPED_BYTES", 10)
    assert check(span, repository).state == "verified"
    (repository / "a.py").write_text("new\n" + TEXT)
    assert check(span, repository).moved_to == (4, 5)
    (repository / "a.py").write_text("nothing of it\n" * 9)
    assert check(span, repository).state == "changed"


def test_many_spans_are_checked_in_their_order_and_each_file_is_opened_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(TEXT)
    spans = [cite(tmp_path / name, line) for line in (1, 2, 3) for name in ("a", "b")]
    (tmp_path / "b").write_text("")
    opened: list[str] = []

    really_open = CHECKING.open_regular
    monkeypatch.setattr(
        CHECKING, "open_regular", lambda path: opened.append(path) or really_open(path)
    )
    states = [checked.state for checked in check_all(spans)]
    assert states == ["verified", "changed"] * 3
    assert len(opened) == 2


def span_of(path: str, **fields: object) -> SpanRef:
    known = {"id": "s", "path": path, "start_line": 1, "end_line": 1, "end_byte": 7}
    return SpanRef(**(known | {"content_hash": content_hash(b"line 1\n")} | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"path": "../a.txt"}, "leads out of"),
        ({"path": "no\0name"}, "the name of no file"),
        ({"content_hash": None}, "without a hash"),
        ({"start_byte": -5}, "no file can have"),
        ({"start_line": 0}, "no file can have"),
        ({"path": "."}, "not a regular file"),
        ({"path": ""}, "not a regular file"),
    ],
)
def test_a_span_that_cannot_be_held_against_anything_is_missing_and_says_why(
    file: Path, fields: dict[str, object], said: str
) -> None:
    checked = check(
        span_of("a.txt", **fields) if "path" not in fields else span_of(**fields), file.parent
    )  # type: ignore[arg-type]
    assert checked.state == "missing"
    assert said in checked.detail


@pytest.mark.parametrize(
    "fields", [{"start_byte": 1 << 70, "end_byte": 1 << 71}, {"end_byte": 1 << 62}]
)
def test_a_span_beyond_any_file_is_changed(file: Path, fields: dict[str, object]) -> None:
    assert check(span_of("a.txt", **fields), file.parent).state == "changed"


def test_a_span_that_names_lines_only_is_held_against_their_bytes(file: Path) -> None:
    assert check(span_of("a.txt", end_byte=0), file.parent).state == "verified"
    assert (
        check(span_of("a.txt", end_byte=0, start_line=2, end_line=2), file.parent).state
        != "verified"
    )


def test_true_bytes_at_wrong_lines_have_moved(file: Path) -> None:
    checked = check(span_of("a.txt", start_line=4, end_line=4), file.parent)
    assert (checked.state, checked.moved_to) == ("moved", (1, 1))


def test_a_pipe_is_missing_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert check(span_of("pipe"), tmp_path).state == "missing"
