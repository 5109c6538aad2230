"""All of a home in one zip."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from rlmboard.errors import BadInput, HomeUnusable
from rlmboard.folder import Home, backup


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    (home.runs / "r").mkdir()
    (home.runs / "r" / "trace.jsonl").write_bytes(b"line\n" * 1_000)
    (home.path / "rlm.db").write_bytes(b"index")
    (home.path / "rlm.db-wal").write_bytes(b"index")
    return home


def test_everything_but_the_index_is_in_it(home: Home, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    made = backup(home, tmp_path / "out.zip", lambda done, total: heard.append((done, total)))
    with zipfile.ZipFile(tmp_path / "out.zip") as zipped:
        assert zipped.namelist() == ["runs/r/trace.jsonl"]
        assert zipped.read("runs/r/trace.jsonl") == b"line\n" * 1_000
        assert zipped.testzip() is None
    assert (made.files, made.bytes, made.skipped) == (1, 5_000, ())
    assert heard[0] == (0, 5_000) and heard[-1] == (5_000, 5_000)


def test_a_file_older_than_zips_know_is_kept_too(home: Home, tmp_path: Path) -> None:
    os.utime(home.runs / "r" / "trace.jsonl", (0, 0))
    assert backup(home, tmp_path / "out.zip").files == 1


def test_a_file_that_vanishes_meanwhile_is_named_and_no_harm(home: Home, tmp_path: Path) -> None:
    (home.runs / "r" / "zz-last").write_text("going")

    def told(done: int, total: int) -> None:
        (home.runs / "r" / "zz-last").unlink(missing_ok=True)

    made = backup(home, tmp_path / "out.zip", told)
    assert (made.files, made.skipped) == (1, ("runs/r/zz-last",))


def test_a_backup_into_the_home_itself_does_not_hold_itself(home: Home) -> None:
    backup(home, home.path / "out.zip")
    with zipfile.ZipFile(home.path / "out.zip") as zipped:
        assert zipped.namelist() == ["runs/r/trace.jsonl"]


@pytest.mark.parametrize("name", ["files", "artifacts", "elsewhere"])
def test_a_home_that_is_a_link_is_kept_whole_whatever_it_is_called(
    home: Home, tmp_path: Path, name: str
) -> None:
    home.rate.write_text("{}")
    link = tmp_path / name
    link.symlink_to(home.path)
    made = backup(Home(link), link / "b.zip")
    with zipfile.ZipFile(link / "b.zip") as zipped:
        assert "rate.json" in zipped.namelist()
        assert "b.zip" not in zipped.namelist()
    assert made.skipped == ()


def test_nothing_is_overwritten_and_nothing_half_done_stays(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    out.write_text("precious")
    with pytest.raises(BadInput, match="exists already"):
        backup(home, out)
    assert out.read_text() == "precious"

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup(home, tmp_path / "second.zip", interrupt)
    assert [path.name for path in tmp_path.iterdir() if "second" in path.name] == []


def test_a_place_that_cannot_be_written_is_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(HomeUnusable, match="cannot write"):
        backup(home, tmp_path / "no" / "where.zip")
