"""The page of the board's docs, and OpenAPI, held against the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rlmboard.board import app, shapes
from rlmboard.board.api import actions, evidence, many, parts, run, runs
from rlmboard.store import Store

PAGE = (Path(__file__).parents[2] / "docs/board.md").read_text()
HANDED_IN = {("GET", "/api/rlm/doctor")}
"""By the command that serves the board."""


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    made = app(Store(tmp_path_factory.mktemp("home")))
    return made.openapi_schema.to_schema()


def routes() -> set[tuple[str, str]]:
    handlers = [one for part in (runs, run, parts, evidence, many, actions) for one in part.ROUTES]
    return {
        (method, re.sub(r":\w+", "", path))
        for handler in handlers
        for method in handler.http_methods
        for path in handler.paths
    }


def test_every_route_stands_in_the_docs_and_no_other() -> None:
    shown = set(re.findall(r"^\| `(GET|POST|PUT|PATCH|DELETE) (/api\S+)` \|", PAGE, re.MULTILINE))
    assert shown == routes() | HANDED_IN


def test_every_parameter_stands_beside_its_route(schema: dict[str, Any]) -> None:
    missing = [
        f"{path} {parameter['name']}"
        for path, item in schema["paths"].items()
        for parameter in item.get("get", {}).get("parameters", ())
        if parameter["in"] == "query" and f"`{parameter['name']}`" not in row_of(path)
    ]
    assert not missing


def row_of(path: str) -> str:
    (row,) = re.findall(rf"^\| `GET {re.escape(path)}` \|(.*)$", PAGE, re.MULTILINE)
    return str(row)


SHAPES = {
    name: value
    for name in shapes.__all__
    if isinstance(value := getattr(shapes, name), type) and issubclass(value, msgspec.Struct)
}


def fields_shown(name: str) -> list[str]:
    """The fields of a type as the page has it, those of types within it left out."""
    _, found, rest = PAGE.partition(f"type {name} = {{")
    assert found, f"docs/board.md has no type {name}"
    depth, told = 1, ""
    for char in rest:
        depth += (char in "{<") - (char in "}>")
        if depth == 0:
            break
        told += char if depth == 1 else ""
    return re.findall(r"(?:^|[;\n])\s*(\w+)\??:", told)


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_every_shape_stands_in_the_docs_field_by_field(name: str) -> None:
    assert fields_shown(name) == list(SHAPES[name].__struct_encode_fields__)


def test_the_docs_show_no_shape_that_there_is_not() -> None:
    shown = set(re.findall(r"^type (\w+) =", PAGE, re.MULTILINE))
    assert shown - set(SHAPES) == {"Finding"}


def test_openapi_is_served_and_names_every_route(board: Any, schema: dict[str, Any]) -> None:
    served = board.get("openapi.json")
    assert served["paths"].keys() == schema["paths"].keys()
    assert {path for _, path in routes()} == set(schema["paths"])
    assert "RunItem" in str(schema["components"]["schemas"].keys())


def test_answers_are_what_openapi_promises(board: Any, schema: dict[str, Any]) -> None:
    """The fields that a schema requires are there, in answers about real runs."""
    for path, name in (("runs", "RunPage"), ("home", "HomeFacts"), ("overview", "Overview")):
        (component,) = [
            one
            for key, one in schema["components"]["schemas"].items()
            if key.split("_")[-1] == name
        ]
        assert set(component["required"]) <= board.get(path).keys()
