"""A git repository of one's own for each test that asks for one."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Runs git in a new repository, or in the folder `cwd`, as nobody in particular."""
    repository = tmp_path / "repository"
    repository.mkdir()

    def run(*words: str, cwd: Path | None = None) -> str:
        who = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false"]
        command = ["git", *who, *words]
        done = subprocess.run(command, cwd=cwd or repository, capture_output=True, check=True)
        return done.stdout.decode().strip()

    run("init", "--quiet", "--initial-branch=main")
    return run


@pytest.fixture
def repository(tmp_path: Path, git: Git) -> Path:
    return tmp_path / "repository"


@pytest.fixture
def commit(repository: Path, git: Git) -> Callable[..., str]:
    """Writes files, commits them and gives the commit."""

    def committed(**files: str) -> str:
        for name, text in files.items():
            (repository / name.replace("_py", ".py")).write_text(text)
        git("add", "--all")
        git("commit", "--quiet", "--allow-empty", "--message=x")
        return git("rev-parse", "HEAD")

    return committed
