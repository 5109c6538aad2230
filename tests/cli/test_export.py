"""Runs to take away: as a page in one file, and for Perfetto."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import rlmboard
from rlmboard.board.offline import document
from rlmboard.folder import Home

Typing = Callable[..., Result]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page as the build leaves it, in place of the real one."""
    folder = tmp_path / "built"
    folder.mkdir()
    (folder / "page.js").write_text("export const page = 1\n")
    (folder / "page.css").write_text("")
    monkeypatch.setattr(document, "BUILT", folder)
    return folder


def test_a_run_becomes_one_file_and_a_line_says_what_is_in_it(
    type_in: Typing, built: Path, recorded: str, tmp_path: Path
) -> None:
    file = tmp_path / "run.html"
    result = type_in("export", recorded, "--html", file)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith(f"{file}: run, with whole prompts and answers, 0.")
    assert file.read_text().startswith("<!doctype html>")
    short = tmp_path / "short.html"
    assert "without" in type_in("export", recorded, "--html", short, "--no-payloads").stderr
    assert short.stat().st_size < file.stat().st_size


def test_several_runs_become_their_comparison(type_in: Typing, built: Path, tmp_path: Path) -> None:
    for number in range(2):
        with rlmboard.init("q", id=f"run-{number}", experiment="doc-analysis"):
            pass
    file = tmp_path / "runs.html"
    chosen = ("--filter", "experiment:doc-analysis")
    assert f"{file}: comparison" in type_in("export", *chosen, "--html", file).stderr
    assert "comparison" in type_in("export", "run-0", "run-1", "--html", file).stderr
    assert "no run fits" in type_in("export", "--filter", "tag:none", "--html", file).stderr


def test_a_file_that_cannot_be_written_leaves_nothing_behind(
    type_in: Typing, built: Path, recorded: str, tmp_path: Path
) -> None:
    result = type_in("export", recorded, "--html", tmp_path / "no" / "where.html")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
    assert type_in("export", "nobody", "--html", tmp_path / "x.html").exit_code == 2
    assert [path.name for path in tmp_path.glob("*.html*")] == []


def test_a_run_is_written_for_perfetto(
    type_in: Typing, home: Home, recorded: str, tmp_path: Path
) -> None:
    file = tmp_path / "run.perfetto.json"
    assert type_in("export", recorded, "--perfetto", "-o", file).stderr == ""
    told = json.loads(file.read_text())
    assert told["otherData"]["run_id"] == recorded
    assert sum(event["ph"] == "X" for event in told["traceEvents"]) == 1 + 4
    assert json.loads(type_in("export", recorded, "--perfetto").stdout) == told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--no-payloads",), "--no-payloads goes with --html"),
        (("--html", "x.html", "--perfetto"), "leave --perfetto out"),
        (("--html", "x.html", "-o", "y"), "leave --output out"),
        (("--perfetto", "--filter", ""), "--perfetto takes one"),
        (("--otlp", "http://x", "--perfetto"), "leave the other options out"),
        (("--otlp", "localhost:4318"), "is no address"),
        (("--otlp", "file:///etc/passwd"), "is no address"),
        (("--otlp", "http://x", "--otlp-header", "key"), "write NAME=VALUE"),
        (("--otlp", "http://127.0.0.1:9"), "did not take the spans: [Errno"),
    ],
)
def test_options_that_make_no_sense_together_are_refused(
    type_in: Typing, recorded: str, words: tuple[str, ...], said: str
) -> None:
    rlmboard.init("another").finish()
    result = type_in("export", recorded, *words)
    assert result.exit_code == 2
    assert said in result.stderr
