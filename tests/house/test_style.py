"""The style of the house, as far as a machine can see it."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import pwd
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
VAGUE_NAMES = {"utils", "helpers", "common", "core", "manager", "misc", "types"}
RECORDING_ROOMS = {"errors", "trace", "folder", "run"}

# Spelled with a class of one letter, so that this file does not contain what it looks for.
REGISTRIES = re.compile(
    r"pyp[i]\.org|pythonhoste[d]\.org|registry\.npmj[s]|registry\.yarnpk[g]"
    r"|inde[x]-url|registr[y]\s*=\s*http|\"resolve[d]\":\s*\"http",
    re.IGNORECASE,
)
MACHINE_PATHS = re.compile(r"(?<![\w.)}-])/(?:ro[o]t|wo[r]k|workspac[e]|buil[d]s)/")


def where(path: Path, root: Path, line: int | None = None) -> str:
    place = str(path.relative_to(root))
    return f"{place}:{line}" if line else place


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def texts(files: list[Path]) -> Iterator[tuple[Path, str]]:
    for path in files:
        try:
            yield path, path.read_text()
        except UnicodeDecodeError:
            continue


def matches(pattern: re.Pattern[str], files: list[Path], root: Path) -> list[str]:
    return [
        f"{where(path, root, number)} {found.group()}"
        for path, text in texts(files)
        for number, line in enumerate(text.splitlines(), 1)
        if (found := pattern.search(line))
    ]


def test_a_file_has_at_most_400_lines(python_files: list[Path], root: Path) -> None:
    lengths = {path: len(path.read_bytes().splitlines()) for path in python_files}
    long = {where(path, root): n for path, n in lengths.items() if n > MAX_FILE_LINES}
    assert not long


def test_a_function_has_at_most_60_lines(python_files: list[Path], root: Path) -> None:
    long = [
        f"{where(path, root, node.lineno)} {node.name}: {lines}"
        for path in python_files
        for node in functions(path)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]
    assert not long


def test_no_file_or_folder_has_a_name_that_says_nothing(files: list[Path], root: Path) -> None:
    vague = [
        where(path, root)
        for path in files
        if VAGUE_NAMES & {part.partition(".")[0] for part in path.relative_to(root).parts}
    ]
    assert not vague


def test_the_door_of_a_room_only_re_exports(source_files: list[Path], root: Path) -> None:
    face = root / "src/rlmboard/__init__.py"
    doors = [path for path in source_files if path.name == "__init__.py" and path != face]
    more = [
        where(path, root, node.lineno)
        for path in doors
        for node in ast.parse(path.read_bytes()).body
        if not re_exports(node)
    ]
    assert not more


def re_exports(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(ast.Constant(str())):
            return True
        case ast.Assign(targets=[ast.Name("__all__")]):
            return True
        case ast.If(test=ast.Name("TYPE_CHECKING")):
            return all(map(re_exports, node.body))
        case ast.FunctionDef(name="__getattr__" | "__dir__"):
            return True
    return False


def test_the_face_defines_no_class(root: Path) -> None:
    """It re-exports, lazily where that is heavy, and refuses the systems it does not run on."""
    body = ast.parse((root / "src/rlmboard/__init__.py").read_bytes()).body
    assert not [node.name for node in body if isinstance(node, ast.ClassDef)]


def rooms(root: Path) -> list[str]:
    source = root / "src"
    inits = sorted((source / "rlmboard").glob("**/__init__.py"))
    return [".".join(path.parent.relative_to(source).parts) for path in inits]


def test_what_a_room_offers_stands_in_its_all(root: Path) -> None:
    doors = {name: importlib.import_module(name) for name in rooms(root)}
    without = [
        name
        for name, door in doors.items()
        if not hasattr(door, "__all__") and any(map(is_offered, vars(door), vars(door).values()))
    ]
    assert not without


def is_offered(name: str, value: object) -> bool:
    return not name.startswith("__") and not inspect.ismodule(value)


def test_what_a_room_offers_says_what_it_promises(root: Path) -> None:
    doors = {name: importlib.import_module(name) for name in rooms(root)}
    silent = [
        f"{name}.{item}"
        for name, door in doors.items()
        for item in getattr(door, "__all__", ())
        if needs_docstring(value := getattr(door, item)) and not value.__doc__
    ]
    assert not silent


def needs_docstring(value: object) -> bool:
    ours = getattr(value, "__module__", "") or ""
    return (inspect.isclass(value) or inspect.isroutine(value)) and ours.startswith("rlmboard")


def room_of(path: Path, root: Path) -> str:
    return path.relative_to(root / "src/rlmboard").parts[0].removesuffix(".py")


def test_only_the_command_line_prints(source_files: list[Path], root: Path) -> None:
    printing = [
        where(path, root, node.lineno)
        for path in source_files
        if room_of(path, root) != "cli"
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
    ]
    assert not printing


def test_recording_leaves_the_terminal_alone(source_files: list[Path], root: Path) -> None:
    """A recorded program may be capturing what is printed: neither output nor warnings."""
    loud = {"sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__", "warnings.warn"}
    found = [
        f"{where(path, root, node.lineno)} {ast.unparse(node)}"
        for path in source_files
        if room_of(path, root) in RECORDING_ROOMS
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in loud
    ]
    assert not found


def test_no_file_names_a_package_registry(files: list[Path], root: Path) -> None:
    assert not matches(REGISTRIES, files, root)


def test_no_file_names_a_path_of_a_machine(files: list[Path], root: Path) -> None:
    assert not matches(MACHINE_PATHS, files, root)
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    here = [re.escape(f"{path}/") for path in (root, home) if len(path.parts) > 2]
    assert not matches(re.compile("|".join(here) or r"(?!)"), files, root)


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (REGISTRIES, "https://registry.npm" + "js.org/x"),
        (REGISTRIES, '"resol' + 'ved": "https://a/b.tgz"'),
        (MACHINE_PATHS, "open('/ro" + "ot/x')"),
    ],
)
def test_what_is_looked_for_would_be_found(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)
