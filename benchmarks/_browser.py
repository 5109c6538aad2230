"""A real Chromium, driven through playwright-core, and what processes cost while it works."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).parent
PLAYWRIGHT = HERE.parent / "ui" / "node_modules" / "playwright-core" / "index.js"
TICKS_S = os.sysconf("SC_CLK_TCK")


class Trouble(Exception):
    """The browser could not do what it was asked."""


class Browser:
    """One page at a time; each `open` is in a profile that has nothing in its cache."""

    def __init__(self, chromium: str) -> None:
        self._process = subprocess.Popen(
            ["node", HERE / "_browser.mjs", PLAYWRIGHT, chromium],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, why: BaseException | None, at: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    @property
    def pid(self) -> int:
        return self._process.pid

    def do(self, command: str, **given: Any) -> Any:
        """What the page says. Raises Trouble."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"command": command, **given}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"trouble": "it ended"}')
        if "trouble" in answer:
            raise Trouble(answer["trouble"])
        return answer["said"]

    def ask(self, code: str) -> Any:
        return self.do("ask", code=code)

    def wait(self, code: str, within_s: float = 120, every_ms: int = 50) -> bool:
        """Whether the page came to this within the time."""
        given = {"code": code, "within_ms": within_s * 1000, "every_ms": every_ms}
        return bool(self.do("until", **given))

    def cpu_s(self) -> float:
        """Of the whole browser so far, without the program that drives it."""
        return sum(cpu_s(pid) for pid in tree(self.pid)[1:])


# ------------------------------------------------------------------ processes


def tree(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for one in found:
        found += [int(child) for child in _children(one)]
    return found


def _children(pid: int) -> list[str]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def cpu_s(pid: int) -> float:
    """User and system time of a process; none for one that has ended."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(after_name[11]) + int(after_name[12])) / TICKS_S


def memory_mb(pid: int) -> float:
    """Proportional share of memory (PSS) of a process and all below it, in MB."""
    return sum(_pss_kb(one) for one in tree(pid)) * 1024 / 1e6


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def version(chromium: str) -> str:
    """Which browser it is; empty where it is not there."""
    try:
        done = subprocess.run([chromium, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return " ".join(done.stdout.split()[:2])


class Samples:
    """CPU seconds of something, with the time, every so often."""

    def __init__(self) -> None:
        self.taken: list[tuple[float, float]] = []


@contextmanager
def sampled(pids: list[int], every_s: float = 0.5) -> Iterator[Samples]:
    """CPU time of these processes while the block runs; times as of `time.time`."""
    samples, done = Samples(), threading.Event()

    def sample() -> None:
        while True:
            samples.taken.append((time.time(), sum(cpu_s(pid) for pid in pids)))
            if done.wait(every_s):
                return

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()
