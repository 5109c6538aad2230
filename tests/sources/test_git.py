"""What git says, read from its files or asked of the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlmboard.sources import git_state, head_branch, head_commit, top_level
from rlmboard.sources.git import blob


def test_the_commit_is_read_as_git_tells_it(repository: Path, git, commit) -> None:
    sha = commit(a_py="1\n")
    (repository / "sub").mkdir()
    assert head_commit(repository / "sub") == sha == git("rev-parse", "HEAD")
    assert top_level(repository / "sub" / "nothing") == str(repository)
    assert head_branch(repository) == "main"


def test_packed_and_detached_heads_are_read_too(repository: Path, git, commit) -> None:
    sha = commit(a_py="1\n")
    git("pack-refs", "--all")
    assert head_commit(repository) == sha
    git("checkout", "--quiet", "--detach")
    assert head_commit(repository) == sha
    assert head_branch(repository) is None


def test_a_worktree_has_a_head_of_its_own(repository: Path, git, commit, tmp_path: Path) -> None:
    first = commit(a_py="1\n")
    git("worktree", "add", "--quiet", str(tmp_path / "tree"), "-b", "other")
    second = commit(a_py="2\n")
    assert head_commit(tmp_path / "tree") == first
    assert head_branch(tmp_path / "tree") == "other"
    assert head_commit(repository) == second
    git("pack-refs", "--all")
    assert head_commit(tmp_path / "tree") == first


def test_before_the_first_commit_there_is_none(repository: Path) -> None:
    assert head_commit(repository) is None
    assert head_branch(repository) == "main"


def test_outside_a_repository_everything_is_unknown(tmp_path: Path) -> None:
    assert (top_level(tmp_path), head_commit(tmp_path), git_state(tmp_path)) == (None, None, None)


def test_a_changed_file_makes_it_dirty_and_an_unknown_one_does_not(
    repository: Path, commit
) -> None:
    sha = commit(a_py="1\n")
    (repository / "new.txt").write_text("x")
    state = git_state(repository)
    assert state == (str(repository), sha, "main", False)
    (repository / "a.py").write_text("2\n")
    state = git_state(repository)
    assert state is not None and state.dirty is True


def test_without_git_the_dirt_is_unknown_and_the_commit_is_not(
    repository: Path, commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = commit(a_py="1\n")
    monkeypatch.setenv("PATH", "")
    state = git_state(repository)
    assert state is not None and (state.commit, state.dirty) == (sha, None)


def test_the_repository_asked_about_is_the_one_that_answers_inside_a_hook_too(
    repository: Path, commit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = commit(a_py="1\n")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "elsewhere"))
    state = git_state(repository)
    assert state is not None and state.dirty is False
    content = blob(str(repository), sha, "a.py")
    assert content is not None
    with content:
        assert content.read() == b"1\n"


@pytest.mark.parametrize("revision", ["--help", "HEAD", "main", "0" * 40, "", "0" * 39 + "\n"])
def test_only_a_commit_that_is_there_has_a_blob(repository: Path, commit, revision: str) -> None:
    commit(a_py="1\n")
    assert blob(str(repository), revision, "a.py") is None


def test_a_program_that_a_repository_names_is_not_run(repository: Path, git, commit) -> None:
    commit(a_py="1\n")
    ran = repository / "ran"
    git("config", "core.fsmonitor", f"touch {ran}")
    assert git_state(repository) is not None
    assert not ran.exists()
