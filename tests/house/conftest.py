"""The repository as its tests see it."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pathspec
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def project(root: Path) -> dict[str, Any]:
    """The `[project]` table of pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="session")
def files(root: Path) -> list[Path]:
    """Every file of the repository that `.gitignore` lets stand; git itself is not needed."""
    ignored = pathspec.GitIgnoreSpec.from_lines((root / ".gitignore").read_text().splitlines())
    found: list[Path] = []
    for folder, folders, names in os.walk(root):
        here = Path(folder).relative_to(root)
        folders[:] = [f for f in folders if f != ".git" and not ignored.match_file(here / f / "_")]
        found += [root / here / n for n in names if not ignored.match_file(here / n)]
    return sorted(path for path in found if path.name != ".git")


@pytest.fixture(scope="session")
def python_files(files: list[Path]) -> list[Path]:
    return [path for path in files if path.suffix == ".py"]


@pytest.fixture(scope="session")
def source_files(python_files: list[Path], root: Path) -> list[Path]:
    return [path for path in python_files if path.is_relative_to(root / "src")]
