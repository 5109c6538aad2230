"""The programs as a shell starts them: real processes, real terminals, real signals."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlmboard.folder import Home
from rlmboard.store import Store

HANGS = '[slow]\nkind = "simulated"\nlatency_ms = 60000\n[fast]\nkind = "simulated"\n'


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "rlmboard", *map(str, words)]


def ran(*words: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words), capture_output=True, text=True, env={**os.environ, **settings}, timeout=30
    )


class Screen:
    """A terminal of so many rows and columns with a program in it."""

    def __init__(self, words: list[str], rows: int = 40, columns: int = 100) -> None:
        self._file, inside = os.openpty()
        size = {"TERM": "xterm-256color", "LINES": str(rows), "COLUMNS": str(columns)}
        self.program = subprocess.Popen(
            words,
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
            env={**os.environ, **size},
        )
        os.close(inside)
        self.shown = ""

    def read_until(self, pattern: str, timeout_s: float = 20.0) -> str:
        """What is shown once the pattern is."""
        ends = time.monotonic() + timeout_s
        while not re.search(pattern, self.shown):
            left = ends - time.monotonic()
            if left <= 0 or not select.select([self._file], [], [], left)[0]:
                raise AssertionError(f"{pattern} was not shown in:\n{self.shown}")
            if not self._read():
                break
        return self.shown

    def end(self) -> int:
        """The exit code, once the program has ended."""
        while self._read():
            pass
        os.close(self._file)
        return self.program.wait(timeout=20)

    def _read(self) -> bool:
        try:
            some = os.read(self._file, 65_536)
        except OSError:
            return False
        self.shown += some.decode(errors="replace")
        return bool(some)


@pytest.fixture
def slow_home(home: Home) -> Iterator[Home]:
    """A home with a provider that takes a minute, and one that answers at once."""
    home.path.mkdir(parents=True)
    (home.path / "providers.toml").write_text(HANGS)
    yield home


def test_the_module_is_the_program() -> None:
    said = ran("version")
    assert said.returncode == 0
    assert said.stdout.startswith("rlmboard ")


def test_the_help_loads_nothing_heavy() -> None:
    heavy = ("sqlalchemy", "aiohttp", "asyncio", "rich.console", "rlmboard.conductor")
    code = (
        "import sys; from rlmboard.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert said.stdout.splitlines()[-1] == "[]"


def test_every_command_has_a_help_with_an_example() -> None:
    from rlmboard.cli import main

    for name, one in main.commands.items():
        assert one.help and f"rlmboard {name}" in one.help, name


def test_a_pipe_that_is_closed_is_no_error(home: Home, recorded: str) -> None:
    said = subprocess.run(
        f"{sys.executable} -m rlmboard export latest --what events --format jsonl | head -c 10",
        shell=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert said.stderr == ""


def test_a_terminal_without_utf_8_gets_ascii(texts: Path) -> None:
    (texts / "owner.md").write_text("The owner – it holds a lock – is né in a run.\n")
    said = ran("run", "Who holds the lock?", texts, PYTHONIOENCODING="ascii")
    assert said.returncode == 0
    assert "ok completed | " in said.stderr
    shown = ran("show", PYTHONIOENCODING="ascii")
    assert shown.returncode == 0
    assert "+- FANOUT TIMELINE" in shown.stdout
    assert shown.stdout.isascii()


def test_a_run_in_a_terminal_is_alive(texts: Path, home: Home) -> None:
    screen = Screen(command("run", "Who holds the lock?", texts, "--provider", "simulated",
                            "--quorum", "best-effort", "--budget", "100"))  # fmt: skip
    assert screen.end() == 0
    frames = screen.shown.count("FANOUT TIMELINE")
    assert frames >= 2
    for part in ("◉ LIVE", "✓ completed", "BUDGET", "QUORUM", "LATENCY", "simulated"):
        assert part in screen.shown
    assert screen.shown.count("\x1b[?25l") == screen.shown.count("\x1b[?25h")
    last = screen.shown[screen.shown.rindex("FANOUT TIMELINE") :]
    assert last.index("LATENCY") < last.index("lock") < last.index("next: rlmboard show")


def test_the_picture_is_as_high_as_the_terminal_allows(texts: Path) -> None:
    for n in range(60):
        (texts / f"more-{n}.md").write_text("The owner of a run holds a lock.\n")
    screen = Screen(command("run", "Who holds the lock?", texts), rows=24, columns=80)
    assert screen.end() == 0
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.shown)
    last = shown[shown.rindex("RLM RUN") : shown.rindex("LATENCY")]
    assert len(last.splitlines()) <= 24
    assert re.search(r"… and \d+ more:", last)
    assert max(len(line.rstrip()) for line in last.splitlines()) <= 80


def test_ctrl_c_ends_the_run_as_cancelled_with_what_is_known(texts: Path, slow_home: Home) -> None:
    screen = Screen(command("run", "Who holds the lock?", texts, "--provider", "fast",
                            "--provider", "slow", "--fanout", "3"))  # fmt: skip
    screen.read_until("✓ 1|returned|✓ [0-9]")
    screen.program.send_signal(signal.SIGINT)
    assert screen.end() == 130
    assert "stopping: what is known is kept" in screen.shown
    assert "cancelled (interrupted)" in screen.shown
    run = Store(slow_home).run("latest")
    assert (run.row.status, run.row.summary.end_reason) == ("cancelled", "interrupted")
    assert run.row.summary.running == 0


def test_rlmboard_cancel_ends_a_run_of_another_process(texts: Path, slow_home: Home) -> None:
    words = command("run", "Who holds the lock?", texts, "--provider", "slow")
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        assert one.stderr is not None
        run_id = one.stderr.readline().split()[1].rstrip(":")
        while Store(slow_home).run(run_id).row.summary.running == 0:
            time.sleep(0.02)
        assert ran("cancel", run_id[:12]).returncode == 0
        said, _ = one.communicate(timeout=20)
        assert one.returncode == 130
    assert said == "(no answer)\n"
    assert Store(slow_home).run(run_id).row.status == "cancelled"


def test_watch_follows_a_run_of_another_process_to_its_end(texts: Path, slow_home: Home) -> None:
    words = command("run", "Who holds the lock?", texts, "--provider", "slow")
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        assert one.stderr is not None
        run_id = one.stderr.readline().split()[1].rstrip(":")
        screen = Screen(command("watch", run_id))
        screen.read_until("◉ LIVE")
        one.send_signal(signal.SIGTERM)
        one.communicate(timeout=20)
        assert screen.end() == 130
        assert "⊘ cancelled" in screen.shown


def test_a_run_that_is_killed_is_shown_as_interrupted(texts: Path, slow_home: Home) -> None:
    words = command("run", "Who holds the lock?", texts, "--provider", "slow")
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        assert one.stderr is not None
        run_id = one.stderr.readline().split()[1].rstrip(":")
        one.kill()
        one.communicate(timeout=20)
    assert "⊘ interrupted" in ran("show", run_id).stdout
    assert ran("watch", run_id).returncode == 1
