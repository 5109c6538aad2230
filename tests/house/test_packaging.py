"""What a person gets who installs rlmboard."""

from __future__ import annotations

import importlib.metadata as metadata
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

MAX_PACKAGES = 37
MAX_BYTES = 75_000_000


@pytest.fixture(scope="module")
def archive(root: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(root)).build(directory=str(folder), versions=["standard"])
    return zipfile.ZipFile(built)


@pytest.fixture(scope="module")
def wheel(archive: zipfile.ZipFile) -> list[str]:
    return archive.namelist()


def test_the_wheel_holds_every_module(
    wheel: list[str], source_files: list[Path], root: Path
) -> None:
    modules = {str(path.relative_to(root / "src")) for path in source_files}
    assert modules <= set(wheel)


def test_the_wheel_is_typed_and_knows_prices(wheel: list[str]) -> None:
    assert "rlmboard/py.typed" in wheel
    assert [name for name in wheel if name.endswith("/prices.toml")]


def test_the_wheel_has_its_license_and_both_commands(
    wheel: list[str], archive: zipfile.ZipFile, root: Path
) -> None:
    (license_file,) = [name for name in wheel if name.endswith("/licenses/LICENSE")]
    assert archive.read(license_file) == (root / "LICENSE").read_bytes()
    (commands,) = [name for name in wheel if name.endswith("/entry_points.txt")]
    assert {b"rlmboard", b"pylon"} <= set(archive.read(commands).split())


def test_the_wheel_holds_nothing_but_the_package(wheel: list[str]) -> None:
    strangers = [n for n in wheel if not n.startswith(("rlmboard/", "rlmboard-"))]
    assert not strangers


def needed(requirements: list[str], seen: set[str]) -> set[str]:
    """Names of all packages that an installation brings, without extras."""
    for line in requirements:
        wanted = Requirement(line)
        name = canonicalize_name(wanted.name)
        if name not in seen and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            seen.add(name)
            needed(metadata.requires(name) or [], seen)
    return seen


def size_bytes(package: str) -> int:
    files = metadata.files(package) or []
    places = [Path(str(file.locate())) for file in files if file.suffix != ".pyc"]
    return sum(place.stat().st_size for place in places if place.exists())


def test_an_installation_is_small(project: dict[str, Any]) -> None:
    packages = needed(project["dependencies"], set())
    assert len(packages) + 1 <= MAX_PACKAGES
    assert sum(map(size_bytes, packages)) <= MAX_BYTES


def python(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environ},
    )


LOADED = """
import sys
import msgspec
msgspec.json.Decoder(msgspec.defstruct("Any", [("a", int)]))  # msgspec loads parts on demand
before = set(sys.modules)
import rlmboard
rlmboard.init("What is loaded?").finish()
roots = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(roots - set(sys.stdlib_module_names)))
"""


def test_recording_loads_msgspec_and_the_standard_library_only() -> None:
    done = python(LOADED)
    assert done.stderr == ""
    assert done.stdout.split() == ["rlmboard"]


def test_another_system_is_refused_in_one_line() -> None:
    done = python("import sys; sys.platform = 'win32'; import rlmboard")
    assert done.returncode != 0
    assert "rlmboard runs on Linux and macOS" in done.stderr.strip().splitlines()[-1]
