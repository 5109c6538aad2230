"""The page goes into the wheel: built from `ui/` where it is not there yet."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("src/rlmboard/board/static/index.html")


class BuildPage(BuildHookInterface):  # type: ignore[type-arg]
    """Runs for wheels; an editable installation serves what `make ui` has built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if version == "editable" or (root / PAGE).exists():
            return
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError("the wheel holds the page, and building that needs Node 20 with npm")
        if not (root / "ui/node_modules").is_dir():
            _run(root / "ui", npm, "ci", "--no-audit", "--no-fund")
        _run(root / "ui", npm, "run", "--silent", "build")


def _run(folder: Path, *words: str) -> None:
    subprocess.run(words, cwd=folder, check=True)  # noqa: S603  no shell, fixed words
