"""What the page knows of the board's shapes is written by a tool, and never stale."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_shapes_of_the_page_are_the_documented_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    tool = importlib.import_module("write_shapes")
    assert tool.TYPES.read_text() == tool.written(), "run `make types`"
