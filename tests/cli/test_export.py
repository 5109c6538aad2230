"""Runs to take away: as a page in one file, and for Perfetto."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import rlmboard
from rlmboard.board.offline import document
from rlmboard.folder import Home

Typing = Callable[..., Result]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page as the build leaves it, in place of the real one."""
    folder = tmp_path / "built"
    folder.mkdir()
    (folder / "page.js").write_text("export const page = 1\n")
    (folder / "page.css").write_text("")
    monkeypatch.setattr(document.run_document, "__kwdefaults__", _with(document, folder, "run"))
    monkeypatch.setattr(
        document.comparison_document, "__kwdefaults__", _with(document, folder, "comparison")
    )
    return folder
