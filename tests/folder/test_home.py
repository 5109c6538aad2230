"""The home folder: where runs lie, and what is total about reading them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.errors import BadInput, HomeUnusable
from rlmboard.folder import Home, RunFolder, RunRecord, valid_run_id, write_whole
from rlmboard.folder.record import decode_record, encode_record
from rlmboard.trace import RunConfig


def test_the_environment_names_it_and_the_argument_goes_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RLMBOARD_HOME", str(tmp_path / "a"))
    assert Home().path == tmp_path / "a"
    assert Home(tmp_path / "b").path == tmp_path / "b"
    monkeypatch.delenv("RLMBOARD_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Home().path == tmp_path / ".openagents/rlm"
    assert Home("~/c").path == tmp_path / "c"


def test_a_relative_one_is_made_absolute_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    home = Home("here")
    monkeypatch.chdir("/")
    assert home.path == tmp_path / "here"


def test_looking_makes_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert (home.run_ids(), home.live_ids()) == ([], [])
    assert not home.run("r1").exists()
    assert not home.path.exists()


def test_only_folders_with_the_name_of_a_run_are_runs(home: Home) -> None:
    (home.runs / "b").mkdir()
    (home.runs / "a").mkdir()
    (home.runs / ".hidden").mkdir()
    (home.runs / "file").write_text("x")
    assert home.run_ids() == ["a", "b"]


def test_marks_come_and_go(home: Home) -> None:
    home.mark("r1")
    home.mark("r1")
    assert home.live_ids() == ["r1"]
    home.unmark("r1")
    home.unmark("r1")
    assert home.live_ids() == []


def test_one_that_cannot_be_made_says_where_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(HomeUnusable, match=r"cannot write to .*home: .*; set RLMBOARD_HOME"):
        Home(tmp_path / "file" / "home").make()


@given(st.text())
def test_an_id_is_the_name_of_a_folder_or_refused(run_id: str) -> None:
    try:
        valid_run_id(run_id)
    except BadInput:
        return
    assert Path(run_id).name == run_id and not run_id.startswith(".")


SURROGATES = st.text(st.characters() | st.just("\udce9"))


@given(SURROGATES, SURROGATES, st.lists(SURROGATES, max_size=3))
def test_any_record_is_written_and_read_back(query: str, cwd: str, argv: list[str]) -> None:
    record = RunRecord(run_id="r", query=query, cwd=cwd, argv=tuple(argv), git={"dirty": False})
    read = decode_record(encode_record(record))
    assert read is not None and read.git == {"dirty": False}
    assert read.query == query.encode(errors="replace").decode()
    assert len(read.argv) == len(argv)


@given(st.binary(max_size=60))
def test_what_is_no_record_is_none(raw: bytes) -> None:
    assert decode_record(raw) is None


def test_a_record_may_hold_values_that_json_cannot_say() -> None:
    record = RunRecord(run_id="r", config=RunConfig(params={"object": Ellipsis}))
    read = decode_record(encode_record(record))
    assert read is not None and read.config.params == {"object": "Ellipsis"}


def test_a_run_that_is_not_there_reads_as_absent(home: Home) -> None:
    run = home.run("none")
    assert (run.record(), run.pulse(), run.read_output(), run.trace_size()) == (None,) * 3 + (0,)
    assert run.liveness() == "free"


def test_asking_to_stop_is_a_file(folder: RunFolder) -> None:
    folder.ask_to_stop()
    assert folder.cancel.exists()


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    write_whole(file, b"old")

    def fails(path: Path, target: Any) -> None:
        raise OSError("no")

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(OSError, match="no"):
        write_whole(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]
