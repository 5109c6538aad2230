"""Docs that fail when they lie."""

from __future__ import annotations

import itertools
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import click
import msgspec
import pytest
from packaging.requirements import Requirement

from rlmboard.folder import Label, Pulse, RunRecord
from rlmboard.trace import TEXTS, Event, Failure, RunConfig, SpanRef, TraceEvent, Usage
from rlmboard.trace.events import OfAttempt, OfQuery

EVENTS: tuple[type[msgspec.Struct], ...] = get_args(TraceEvent)
BASES: tuple[type[msgspec.Struct], ...] = (Event, OfQuery, OfAttempt)
VALUES: tuple[type[msgspec.Struct], ...] = (Usage, Failure, SpanRef, RunConfig)
FILES: tuple[type[msgspec.Struct], ...] = (RunRecord, Label, Pulse)


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next of its level or above; empty if there is none."""
    begin = re.search(rf"^(#+) `?{re.escape(heading)}`?$", text, re.MULTILINE)
    if begin is None:
        return ""
    rest = text[begin.end() :]
    end = re.search(rf"^#{{1,{len(begin.group(1))}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(text: str) -> list[list[str]]:
    """The cells of every row of the tables in a text, heads and rules left out."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def named(cell: str) -> str:
    return cell.strip("` ")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def own_fields(kind: type[msgspec.Struct]) -> list[str]:
    """Fields in the order of the source, without those of the bases."""
    inherited = {
        field
        for base in kind.__mro__[1:]
        if issubclass(base, msgspec.Struct)
        for field in base.__struct_fields__
    }
    return [field for field in annotations(kind) if field not in inherited]


def annotations(kind: type[msgspec.Struct]) -> list[str]:
    return list(vars(kind).get("__annotations__", {}))


def required(kind: type[msgspec.Struct]) -> set[str]:
    return {field.name for field in msgspec.structs.fields(kind) if field.required}


@pytest.fixture(scope="module")
def trace_format(root: Path) -> str:
    return (root / "docs/trace-format.md").read_text()


@pytest.mark.parametrize("kind", EVENTS + BASES + VALUES + FILES, ids=lambda kind: kind.__name__)
def test_the_trace_format_shows_every_field_and_no_other(
    kind: type[msgspec.Struct], trace_format: str
) -> None:
    shown = section(trace_format, kind.__name__)
    assert shown, f"docs/trace-format.md has no heading for {kind.__name__}"
    table = rows(shown)
    assert [named(cells[0]) for cells in table] == own_fields(kind)
    marked = {named(cells[0]) for cells in table if "required" in cells[1]}
    assert marked == required(kind) & set(own_fields(kind))


def test_the_trace_format_shows_no_event_that_there_is_not(trace_format: str) -> None:
    headings = re.findall(r"^### `(\w+)`", section(trace_format, "Events"), re.MULTILINE)
    assert sorted(headings) == sorted(kind.__name__ for kind in EVENTS + BASES)


def test_the_trace_format_tells_where_texts_are_cut(trace_format: str) -> None:
    shown = [tuple(map(named, cells)) for cells in rows(section(trace_format, "Previews"))]
    expected = [
        (kind.__name__, text.field, text.ref or "none", str(text.limit))
        for kind, texts in TEXTS.items()
        for text in texts
    ]
    assert shown == expected


def test_the_architecture_shows_the_floors_that_are_held(root: Path) -> None:
    lint = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]
    held = next(contract for contract in lint["contracts"] if contract["type"] == "layers")
    floors = [set(layer.split(" | ")) for layer in held["layers"] if layer != "__main__"]
    page = section((root / "docs/architecture.md").read_text(), "Floors")
    rooms = re.findall(r"^\| (\d) \| `(\w+)(?:/|\.py)` \|", page, re.MULTILINE)
    shown = [{room for _, room in floor} for _, floor in itertools.groupby(rooms, lambda r: r[0])]
    assert shown == floors


def command_groups() -> dict[str, click.Group]:
    """The commands by the name of their program."""
    from rlmboard import cli
    from rlmboard.cli import pylon

    return {"rlmboard": group_of(cli), "pylon": group_of(pylon)}


def group_of(module: Any) -> click.Group:
    return next(value for value in vars(module).values() if isinstance(value, click.Group))


def commands(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Every command under its whole name, `pylon rlm history`, groups included."""
    yield name, command
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            if not inner.hidden:
                yield from commands(f"{name} {inner.name}", inner)


def flags(command: click.Command) -> set[str]:
    """The long spelling of each option, both of a switch, as a user may type it."""
    options = [param for param in command.params if isinstance(param, click.Option)]
    spellings = {
        name
        for option in options
        if not option.hidden
        for name in (*option.opts, *option.secondary_opts)
    }
    return {name for name in spellings if name.startswith("--")} - {"--help"}


def test_every_command_and_every_option_stands_in_the_guides(root: Path) -> None:
    guides = "\n".join(path.read_text() for path in sorted((root / "docs/commands").glob("*.md")))
    found = {
        name: command
        for program, group in command_groups().items()
        for name, command in commands(program, group)
        if name != program
    }
    assert not [name for name in found if not section(guides, name)]
    assert not [
        f"{name} {flag}"
        for name, command in found.items()
        for flag in sorted(flags(command))
        if not re.search(rf"`{flag}(?![\w-])", section(guides, name))
    ]


def shell_lines(text: str) -> list[str]:
    lines = [line for block in blocks(text, "sh") for line in block.splitlines()]
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def test_the_commands_of_the_readme_are_the_ones_that_ci_runs(root: Path) -> None:
    """Getting the sources and the package is all that it leaves to the reader."""
    run = [line.strip() for line in (root / ".ci/run").read_text().splitlines()]
    shown = shell_lines((root / "README.md").read_text())
    checked = [line for line in shown if line.split()[0] in {"make", "rlmboard"}]
    assert {"make demo", "make test"} <= set(checked)
    assert [line for line in checked if line not in run] == []


def test_every_dependency_is_justified(root: Path, project: dict[str, Any]) -> None:
    page, _, _ = (root / "docs/dependencies.md").read_text().partition("## In the page")
    shown = {named(cells[0]) for cells in rows(page)}
    extras = project["optional-dependencies"].values()
    wanted = itertools.chain(project["dependencies"], *extras)
    assert shown == {Requirement(line).name for line in wanted}


def test_every_package_of_the_page_is_justified(root: Path) -> None:
    _, _, page = (root / "docs/dependencies.md").read_text().partition("## In the page")
    section = page.partition("## ")[0].replace("@types/*", "@types")
    shown = set(re.findall(r"`([^`]+)`", section))
    package = json.loads((root / "ui/package.json").read_text())
    used = {*package["dependencies"], *package["devDependencies"]}
    assert shown == {re.sub("^@types/.*", "@types", name) for name in used}


def test_the_changelog_has_the_current_version(root: Path, project: dict[str, Any]) -> None:
    assert re.search(
        rf"^## \[{re.escape(project['version'])}\]",
        (root / "CHANGELOG.md").read_text(),
        re.MULTILINE,
    )


def prose(text: str) -> str:
    """A page without its code."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """The targets that headings make, spelled as forges spell them."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).strip().replace(" ", "-") for line in headings}


def links(page: Path) -> Iterator[tuple[Path, str]]:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page.read_text())):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            yield (page.parent / path if path else page).resolve(), anchor


def test_links_between_pages_resolve(files: list[Path], root: Path) -> None:
    broken = [
        f"{page.relative_to(root)} -> {target.name}#{anchor}"
        for page in files
        if page.suffix == ".md"
        for target, anchor in links(page)
        if not target.exists() or (anchor and anchor not in anchors(target.read_text()))
    ]
    assert not broken


def test_files_that_the_docs_name_are_there(files: list[Path], root: Path) -> None:
    """Named from the root, from the package, or from its folder, as `folder/reader.py`."""
    pages = [path for path in files if path.suffix == ".md" and "golden" not in path.parts]
    lost = [
        f"{page.relative_to(root)}: {name}"
        for page in pages
        for name in re.findall(r"`([\w./-]+/[\w.-]+\.py)`", prose(page.read_text()))
        if not any((base / name).exists() for base in (root, root / "src/rlmboard", root / "src"))
    ]
    assert not lost


def python_examples() -> Iterator[Any]:
    root = Path(__file__).parents[2]
    for name in ("README.md", "docs/python.md", "docs/integrations.md"):
        page = root / name
        text = page.read_text() if page.exists() else ""
        for number, block in enumerate(blocks(text, "python"), 1):
            yield pytest.param(block, id=f"{name}-{number}")


@pytest.mark.parametrize("example", list(python_examples()))
def test_examples_run_as_they_stand(
    example: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in a namespace of its own, at the root of the repository."""
    monkeypatch.chdir(root)
    exec(compile(example, "example", "exec"), {"__name__": "example"})


def test_the_python_guide_has_examples(root: Path) -> None:
    assert blocks((root / "docs/python.md").read_text(), "python")


def test_every_case_in_which_a_number_may_be_unknown_has_its_reason(
    python_files: list[Path], root: Path
) -> None:
    page = section((root / "docs/integrations.md").read_text(), "What may be unknown")
    listed = {named(cells[0]) for cells in rows(page)}
    tests = [path for path in python_files if path.is_relative_to(root / "tests")]
    said = {
        case
        for path in tests
        for case in re.findall(r"check\(unknown=\"(\S+)\"\)", path.read_text())
    }
    assert listed
    assert said <= listed
