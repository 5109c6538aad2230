"""What holds for every test."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

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
