"""What is read of files and folders, and what is left out."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.errors import BadInput
from rlmboard.sources.documents import LINE_BYTES, Document, Skipped, documents, source_root


def write(folder: Path, **files: str | bytes) -> None:
    for name, content in files.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())


def names(*paths: Path, **settings: object) -> list[str]:
    return [Path(document.file).name for document in documents(paths, **settings)]  # type: ignore[arg-type]


def reasons(*paths: Path) -> dict[str, str]:
    skipped: list[Skipped] = []
    list(documents(paths, skipped=skipped))
    return {Path(path).name: reason for path, reason in skipped}


def test_files_come_in_the_order_of_their_names_whatever_the_disk_says(tmp_path: Path) -> None:
    write(tmp_path, c_txt="c", a_txt="a", b__z_txt="z", b__a_txt="a")
    found = [d.path.removeprefix(f"{tmp_path}/") for d in documents([tmp_path])]
    assert found == ["a.txt", "b/a.txt", "b/z.txt", "c.txt"]


def test_a_path_is_relative_to_the_repository_and_absolute_outside_one(
    repository: Path, tmp_path: Path
) -> None:
    write(repository, src__a_py="a")
    write(tmp_path, lone_txt="x")
    found = [d.path for d in documents([repository / "src", tmp_path / "lone.txt"])]
    assert found == ["src/a.py", str(tmp_path / "lone.txt")]
    assert source_root([repository / "src"]) == str(repository)
    assert source_root([tmp_path]) is None
    assert source_root([]) is None


def test_a_document_in_a_repository_knows_the_commit(repository: Path, commit) -> None:
    sha = commit(a_py="x = 1\n")
    assert [d.commit for d in documents([repository])] == [sha]


def test_what_git_ignores_is_left_out_by_nested_rules_too(repository: Path) -> None:
    write(repository, _gitignore="*.log\nbuild/\n/top.txt\n", a_log="x", keep_txt="x", top_txt="x")
    write(repository, build__a_txt="x", sub__top_txt="x", sub__b_log="x", sub__c_tmp="x")
    write(repository, sub___gitignore="!b.log\n*.tmp\n", sub__deep__d_tmp="x", sub__deep__e_txt="x")
    (repository / ".git/info/exclude").write_text("keep.txt\n")
    assert names(repository) == ["b.log", "e.txt", "top.txt"]


def test_rules_from_above_hold_when_only_a_part_of_a_repository_is_named(repository: Path) -> None:
    write(repository, _gitignore="*.log\n", sub__a_log="x", sub__a_txt="x")
    assert names(repository / "sub") == ["a.txt"]


def test_an_ignored_path_that_is_named_itself_is_read(repository: Path) -> None:
    write(repository, _gitignore="out/\n*.log\n", out__a_txt="x", out__b_log="x", c_log="x")
    assert names(repository / "out") == ["a.txt", "b.log"]
    assert names(repository / "c.log") == ["c.log"]


def test_a_pattern_that_makes_no_sense_does_not_undo_the_others(repository: Path) -> None:
    write(repository, _gitignore="!\n*.log\n", a_log="x", b_txt="x")
    assert names(repository) == ["b.txt"]


def test_hidden_names_and_stored_packages_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, _env="secret", _venv__a_py="x")
    write(tmp_path, a_txt="x")
    for folder in ("node_modules", "__pycache__", ".git"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "b.txt").write_text("x")
    assert names(tmp_path) == ["a.txt"]


def test_what_is_no_text_is_skipped_with_a_reason(tmp_path: Path) -> None:
    write(tmp_path, a_bin=b"ab\0cd", b_pdf=b"%PDF-1.7\n", c_txt=b"", d_txt=bytes(range(1, 9)) * 9)
    write(tmp_path, e_svg=b'<?xml version="1.0"?><svg viewBox="0 0 1 1"/>')
    assert names(tmp_path) == []
    assert reasons(tmp_path) == {
        "a.bin": "binary",
        "b.pdf": "binary",
        "c.txt": "empty",
        "d.txt": "binary",
        "e.svg": "a picture",
    }


def test_text_that_is_not_utf8_is_text(tmp_path: Path) -> None:
    write(tmp_path, a_txt="Straße\n".encode("latin-1"))
    assert names(tmp_path) == ["a.txt"]


def test_a_link_is_never_followed_and_a_named_one_is(tmp_path: Path) -> None:
    outside, tree = tmp_path / "outside", tmp_path / "tree"
    write(outside, secret_txt="x")
    write(tree, a_txt="x")
    (tree / "out").symlink_to(outside)
    (tree / "loop").symlink_to(tree)
    (tree / "link.txt").symlink_to(outside / "secret.txt")
    (tree / "dangling").symlink_to(tmp_path / "nowhere")
    assert names(tree) == ["a.txt"]
    assert reasons(tree).keys() == {"out", "loop", "link.txt", "dangling"}
    assert names(tree / "link.txt") == ["secret.txt"]


def test_a_pipe_is_skipped_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert names(tmp_path) == names(tmp_path / "pipe") == []
    assert reasons(tmp_path) == {"pipe": "not a regular file"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_reported_and_not_fatal(tmp_path: Path) -> None:
    write(tmp_path, a_txt="x", b_txt="x")
    (tmp_path / "a.txt").chmod(0)
    assert names(tmp_path) == ["b.txt"]
    assert reasons(tmp_path) == {"a.txt": "permission denied"}


def test_a_file_that_vanishes_while_the_tree_is_walked_is_reported(tmp_path: Path) -> None:
    write(tmp_path, a_txt="x", b_txt="x")
    skipped: list[Skipped] = []
    found = documents([tmp_path], skipped=skipped)
    next(found)
    (tmp_path / "b.txt").unlink()
    assert list(found) == []
    assert [reason for _, reason in skipped] == ["no such file or directory"]


def test_a_path_that_does_not_exist_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"there is no file or folder .*nowhere"):
        names(tmp_path / "nowhere")


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, a_txt="x", b_txt="x")
    assert names(tmp_path / "b.txt", tmp_path, tmp_path) == ["b.txt", "a.txt"]


def test_too_many_files_are_refused_with_their_number_before_any_is_read(tmp_path: Path) -> None:
    for number in range(1_200):
        (tmp_path / f"{number}.txt").write_text("x")
    found = documents([tmp_path], max_files=1_000)
    with pytest.raises(BadInput, match="1,200 files, and at most 1,000 are read"):
        next(found)
    assert len(names(tmp_path, max_files=1_200)) == 1_200


def test_a_deep_tree_is_walked_to_its_end(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(900):
        folder = folder / "d"
    os.makedirs(folder)
    (folder / "a.txt").write_text("x")
    assert names(tmp_path) == ["a.txt"]


def test_a_name_that_is_not_utf8_is_written_as_valid_text_and_still_opens(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    try:
        Path(os.fsdecode(name)).write_text("one\ntwo\n")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    (document,) = documents([tmp_path])
    assert document.path == f"{tmp_path}/caf\\xe9.txt"
    assert list(document.lines()) == [b"one\n", b"two\n"]


@given(content=st.binary(max_size=300))
def test_the_lines_of_a_document_are_its_bytes(content: bytes, tmp_path_factory) -> None:
    file = tmp_path_factory.getbasetemp() / "lines.txt"
    file.write_bytes(content)
    document = Document(path="x", file=str(file), size_bytes=len(content))
    assert list(document.lines()) == list(io.BytesIO(content))


def test_an_overlong_line_comes_in_pieces_cut_between_characters(tmp_path: Path) -> None:
    text = "x" + "€" * (LINE_BYTES // 2) + "\nend"
    file = tmp_path / "long.txt"
    file.write_text(text)
    pieces = list(Document(path="x", file=str(file), size_bytes=0).lines())
    assert b"".join(pieces).decode() == text
    assert all(len(piece) <= LINE_BYTES for piece in pieces)
    assert len(pieces) == 3
    assert [piece.decode()[-1] for piece in pieces] == ["€", "\n", "d"]
