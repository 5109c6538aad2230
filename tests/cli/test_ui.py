"""`rlmboard ui`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_check_asks_for_the_page_once_and_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rlmboard", "--home", str(tmp_path / "home"), "ui"]
    done = subprocess.run(
        [*command, "--port", "0", "--check"], capture_output=True, text=True, timeout=60
    )
    address, said = done.stdout.splitlines()
    assert address.startswith("http://127.0.0.1:")
    assert said in ("the page answers", "the board answers, but not with its page")
    assert done.returncode == (0 if said == "the page answers" else 1), done.stderr
