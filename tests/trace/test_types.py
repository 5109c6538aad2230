"""What the page knows of Python's types is written by a tool, and never stale."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """What writes the types of the page."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    return importlib.import_module("write_types")


def test_the_generated_types_are_those_of_python(tool: ModuleType) -> None:
    stale = [
        name
        for name, text in tool.written().items()
        if (ROOT / "ui/src/trace" / name).read_text() != text
    ]
    assert not stale, "run `make types`"


class Shape(msgspec.Struct, kw_only=True):
    """A struct of every form that a field can have."""

    known: int
    unknown: int | None
    left_out: str = ""
    either: str | list[str] | None = None
    pair: tuple[int, int] = (0, 0)
    by_name: dict[str, float] = {}
    anything: dict[str, Any] = {}


def test_a_field_with_a_default_may_be_left_out(tool: ModuleType) -> None:
    _, parts = msgspec.json.schema_components([Shape], ref_template="{name}")
    assert tool.interface("Shape", parts["Shape"], whole=False).splitlines() == [
        "/** A struct of every form that a field can have. */",
        "export interface Shape {",
        "  known: number;",
        "  unknown: number | null;",
        "  left_out?: string;",
        "  either?: string | string[] | null;",
        "  pair?: [number, number];",
        "  by_name?: Record<string, number>;",
        "  anything?: Record<string, unknown>;",
        "}",
    ]
