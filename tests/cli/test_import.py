"""`rlmboard import`: what it says, what it refuses, and that it may be repeated."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rlmboard.cli import main

FIXTURES = Path(__file__).parents[1] / "formats" / "agents" / "fixtures"
SESSION = next((FIXTURES / "claude-code").glob("*.jsonl"))


def rlmboard(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_an_import_says_what_became_of_each_run_and_may_be_repeated() -> None:
    first = rlmboard("import", FIXTURES)
    assert first.exit_code == 0
    assert "imported 3 runs: 3 new" in first.stdout
    assert "passed over 1 file of other kinds" in first.stderr
    assert "imported 3 runs: 3 unchanged" in rlmboard("import", FIXTURES).stdout


def test_a_dry_run_writes_nothing(home_of_its_own: Path) -> None:
    said = rlmboard("import", FIXTURES, "--dry-run")
    assert "would import 3 runs: 3 new" in said.stdout
    assert not home_of_its_own.exists()


def test_json_has_every_run() -> None:
    said = json.loads(rlmboard("import", SESSION, "--json").stdout)
    assert [(run["producer"], run["state"]) for run in said["runs"]] == [("claude-code", "new")]


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    copy = tmp_path / "session.jsonl"
    lines = SESSION.read_text().splitlines(keepends=True)
    copy.write_text("".join([*lines[:4], "{broken\n", *lines[4:]]))
    said = rlmboard("import", copy)
    assert said.exit_code == 0
    assert "skipped session.jsonl line 5: it is no JSON object" in said.stderr


def test_one_damaged_file_does_not_keep_the_others_out(tmp_path: Path) -> None:
    shutil.copy(SESSION, tmp_path / "z.jsonl")
    for name in ("a.eval", "b.eval"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("header.json", "{}")
            archive.writestr("samples/x_epoch_1.json", "{" + "y" * 500)
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole.replace(b"yyyy", b"zzzz", 1))
    said = rlmboard("import", tmp_path)
    assert said.exit_code == 2
    assert "claude-code" in said.stdout
    assert "a.eval cannot be read" in said.stderr
    assert "b.eval cannot be read" in said.stderr
    assert "Traceback" not in said.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["import"], "say what to import"),
        (["import", "README.md"], "README.md is no record that rlmboard reads; it reads Claude"),
        (["import", "nothing"], "nothing: No such file"),
        (["import", "--watch", "README.md"], "README.md"),
        (["import", "--watch", ".", "--dry-run"], "--watch goes on until Ctrl-C"),
    ],
)
def test_what_makes_no_sense_is_refused(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "README.md").write_text("# Hello")
    monkeypatch.chdir(tmp_path)
    said = rlmboard(*words)
    assert said.exit_code == 2
    assert message in said.stderr
    assert "Traceback" not in said.output


def test_a_folder_that_is_not_there_yet_is_followed_from_when_it_is(tmp_path: Path) -> None:
    """And a service, which is ended by SIGTERM, ends what it follows."""
    later = tmp_path / "sessions"
    command = [sys.executable, "-m", "rlmboard", "import", "--watch", str(later)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watch:
        assert watch.stdout is not None and watch.stderr is not None
        assert b"watching" in watch.stderr.readline()
        assert b"sessions is not there yet" in watch.stderr.readline()
        later.mkdir()
        (later / SESSION.name).write_bytes(SESSION.read_bytes())
        assert b"claude-code  began" in watch.stdout.readline()
        watch.terminate()
        rest, _ = watch.communicate(timeout=30)
    assert watch.returncode == 0
    assert b"is over" in rest


def test_a_watch_tells_of_a_session_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    shutil.copy(SESSION, tmp_path / SESSION.name)
    (tmp_path / SESSION.name).touch()
    command = [sys.executable, "-m", "rlmboard", "import", "--watch", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watch:
        assert watch.stdout is not None and watch.stderr is not None
        began = watch.stdout.readline()
        assert b"claude-code  began" in began
        assert b"watching" in watch.stderr.readline()
        watch.send_signal(signal.SIGINT)
        rest = watch.stdout.read()  # `communicate` knows nothing of what `readline` has read ahead
    assert watch.returncode == 0
    assert b"is over" in rest
