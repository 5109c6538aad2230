"""What people say of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlmboard.folder import Label, RunFolder


def said(field: str, value: object, query_id: str | None = None) -> Label:
    return Label(at="2026-01-02T03:04:05Z", field=field, value=value, query_id=query_id)


def test_the_last_statement_of_a_field_holds(folder: RunFolder) -> None:
    for label in (said("name", "a"), said("star", True), said("name", "b"), said("star", None)):
        folder.label(label)
    labels = folder.labels()
    assert (labels["name"].value, labels["star"].value) == ("b", None)
    assert len(folder.label_history()) == 4


def test_a_score_of_one_sub_query_is_none_of_the_run(folder: RunFolder) -> None:
    folder.label(said("score", 1))
    folder.label(said("score", 0, query_id="q-1"))
    assert folder.labels()["score"].value == 1


def test_damaged_lines_are_passed_over(folder: RunFolder) -> None:
    folder.label(said("name", "a"))
    with folder.labels_file.open("ab") as file:
        file.write(b'\xff\n{}\n[[[\n{"at":"torn')
    folder.label(said("name", "b"))
    assert [label.value for label in folder.label_history()] == ["a", "b"]


def test_a_person_hears_that_a_statement_was_not_kept(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        RunFolder(tmp_path / "gone").label(said("name", "a"))


def test_nothing_said_is_no_labels(folder: RunFolder) -> None:
    assert (folder.labels(), folder.labels_size()) == ({}, 0)
