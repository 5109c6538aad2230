"""A run's folder on disk, and programs that are run beside the test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rlmboard.folder import Home, RunFolder

Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    return home


@pytest.fixture
def folder(home: Home) -> RunFolder:
    folder = home.run("r1")
    folder.path.mkdir()
    return folder


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Runs Python code in a process of its own; its words are in `sys.argv`."""

    def run(code: str, *words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, words)],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=tmp_path,
        )

    return run
