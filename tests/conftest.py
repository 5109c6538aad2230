"""What holds for every test."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes depends on what else the machine does: no property of what is tested.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")

# A shell lets what it starts in the background ignore Ctrl-C, and so would the programs that are
# started here.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parents[1]
NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def home_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Each test records below a temporary folder, whatever its surroundings say of recording."""
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(NUMBERS))
    monkeypatch.setenv("RLMBOARD_HOME", str(home))
    monkeypatch.setenv("HOME", str(home / "person"))
    for name in ("RLMBOARD_RUN_ID", "RLMBOARD_MODE", "RLMBOARD_WEBHOOK"):
        monkeypatch.delenv(name, raising=False)
    return home


class Producer:
    """A program that is recorded, in its own environment: `tests/producers/<name>.txt`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.python = ROOT / ".producers" / name / "bin" / "python"

    def run(
        self, script: Path, *args: str, home: Path | str, check: bool = True, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """The script, run to its end with this home; what it printed."""
        done = subprocess.run(
            [str(self.python), str(script), *args],
            capture_output=True,
            text=True,
            timeout=120,
            env=self.environ(home, **environ),
            cwd=script.parent,
        )
        if check and done.returncode:
            raise AssertionError(f"{script.name} in {self.name}:\n{done.stdout}\n{done.stderr}")
        return done

    def start(
        self, script: Path, *args: str, home: Path | str, **environ: str
    ) -> subprocess.Popen[str]:
        """The script, under way."""
        return subprocess.Popen(
            [str(self.python), str(script), *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environ(home, **environ),
            cwd=script.parent,
        )

    def environ(self, home: Path | str, **more: str) -> dict[str, str]:
        """Without what the surroundings say of recording, of keys and of proxies."""
        kept = {
            name: said
            for name, said in os.environ.items()
            if not name.startswith(("RLMBOARD_", "OPENAI_", "ANTHROPIC_", "OTEL_"))
            and "proxy" not in name.lower()
        }
        return {**kept, "RLMBOARD_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", **more}


@pytest.fixture(scope="session")
def producer() -> Callable[[str], Producer]:
    """The environment of that name; without it the test is skipped, or fails where `CI` is set."""

    def found(name: str) -> Producer:
        made = Producer(name)
        assert (ROOT / f"tests/producers/{name}.txt").exists(), f"there are no pins for {name}"
        if not made.python.exists():
            missing = f"no environment of {name}: make .producers/{name}/.ok"
            pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
        return made

    return found
