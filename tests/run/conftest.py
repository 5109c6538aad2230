"""Runs of a test, read back from disk, and programs that are run beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import rlmboard
from rlmboard.folder import Home, read_trace
from rlmboard.run.current import open_runs
from rlmboard.trace import Stamped, TraceEvent

Read = Callable[..., list[Any]]
Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def no_run_stays_open() -> Iterator[None]:
    yield
    for run in list(open_runs):
        run.finish()


@pytest.fixture
def events() -> Read:
    """All events of a run, or those of the given types; without the captured environment."""

    def read(run: rlmboard.Run, *types: type[TraceEvent]) -> list[Any]:
        lines = [line for line in read_trace(run.folder.trace) if isinstance(line, Stamped)]
        found = [line.event for line in lines]
        if types:
            return [event for event in found if isinstance(event, types)]
        return [event for event in found if not isinstance(event, rlmboard.Environment)]

    return read


@pytest.fixture
def home() -> Home:
    return Home()


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts Python code in a process of its own; its words are in `sys.argv`."""

    def started(code: str, *words: object, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", code, *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={**os.environ, **environ},
        )

    return started


@pytest.fixture
def program(start: Callable[..., subprocess.Popen[str]]) -> Program:
    """Runs Python code to its end; returns its exit code and what it printed."""

    def run(code: str, *words: object, **environ: str) -> subprocess.CompletedProcess[str]:
        with start(code, *words, **environ) as process:
            out, err = process.communicate(timeout=60)
            return subprocess.CompletedProcess(code, process.returncode, out, err)

    return run
