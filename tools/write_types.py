"""Write what the page must know of Python's types, so that the two cannot drift.

    ui/src/trace/events.gen.ts     events, lines, and rows, as types
    ui/src/trace/schema.gen.json   the same of lines, to check a file that nobody has read yet
    ui/src/trace/picture.gen.ts    the tables of a picture

`make types` writes them; a test fails when they are stale.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import msgspec

from rlmboard.trace import FORMAT, Hole, RunConfig, Stamped, TraceEvent
from rlmboard.trace.picture import Picture, RunHead, tables
from rlmboard.trace.picture.picture import KEYS
from rlmboard.trace.summary import AttemptRow, MetricRow, RunSummary, SubQueryRow

FOLDER = Path(__file__).parents[1] / "ui/src/trace"
FIRST_LINE = "// Written by tools/write_types.py (make types). Do not edit.\n"

LINES = (Stamped, Hole, RunConfig)
WHOLE = (RunHead, RunSummary, SubQueryRow, AttemptRow, MetricRow)
"""Structs that are sent with all their fields, null for what is unknown."""

SIMPLE = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
Schema = dict[str, Any]


def written() -> dict[str, str]:
    """Each file by name, as it should be."""
    return {
        "events.gen.ts": events_text(),
        "schema.gen.json": schema_text(),
        "picture.gen.ts": picture_text(),
    }


def events_text() -> str:
    structs = (*LINES, *WHOLE)
    _, parts = msgspec.json.schema_components(structs, ref_template="{name}")
    whole = {struct.__name__ for struct in WHOLE}
    union = "\n".join(f"  | {event.__name__}" for event in get_args(TraceEvent))
    return "\n".join(
        [
            FIRST_LINE,
            f"export const FORMAT = {FORMAT};\n",
            *(interface(name, part, name in whole) for name, part in parts.items()),
            f"export type TraceEvent =\n{union};\n",
            "/** A line of a trace, as a fold takes it. */",
            "export type TraceLine = Stamped | Hole;",
            "",
        ]
    )


def interface(name: str, part: Schema, whole: bool) -> str:
    required = part["properties"] if whole else part["required"]
    fields = [
        f"  {field}{'' if field in required else '?'}: {type_of(schema)};"
        for field, schema in part["properties"].items()
    ]
    return "\n".join([comment(part), f"export interface {name} {{", *fields, "}", ""])


def comment(part: Schema) -> str:
    """The promise of the docstring: its first paragraph."""
    promise = part["description"].partition("\n\n")[0]
    return f"/** {' '.join(promise.split())} */"


def type_of(schema: Schema) -> str:
    match schema:
        case {"$ref": name}:
            return str(name)
        case {"anyOf": options, "discriminator": _}:
            assert len(options) == len(get_args(TraceEvent))
            return "TraceEvent"
        case {"anyOf": options}:
            return " | ".join(sorted({type_of(option) for option in options}, key=last_null))
        case {"enum": values}:
            return " | ".join(json.dumps(value) for value in values)
        case {"type": "array", "prefixItems": items}:
            return f"[{', '.join(map(type_of, items))}]"
        case {"type": "array", "items": item}:
            return f"{bracketed(type_of(item))}[]"
        case {"type": "object", "additionalProperties": value}:
            return f"Record<string, {type_of(value)}>"
        case {"type": "object"}:
            return "Record<string, unknown>"
    return SIMPLE[schema["type"]] if schema else "unknown"


def last_null(type_name: str) -> tuple[bool, str]:
    return type_name == "null", type_name


def bracketed(type_name: str) -> str:
    return f"({type_name})" if "|" in type_name else type_name


def schema_text() -> str:
    _, parts = msgspec.json.schema_components(get_args(TraceEvent), ref_template="{name}")
    lines = [f"{json.dumps(name)}: {json.dumps(bare(part))}" for name, part in parts.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def bare(schema: Any) -> Any:
    """What is needed to check a value, without what is said to people."""
    if isinstance(schema, list):
        return [bare(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    fields = schema.get("properties")
    kept = {
        key: bare(value)
        for key, value in schema.items()
        if key not in ("title", "description", "default", "properties")
    }
    return kept | {"properties": {k: bare(v) for k, v in fields.items()}} if fields else kept


def picture_text() -> str:
    return "\n".join(
        [
            FIRST_LINE,
            *(constant(name) for name in ("STATES", "THING_KINDS", "CHECKS", "ROLES", "NAMED")),
            *(constant(name) for name in STATE_NAMES + KIND_NAMES + FLAG_NAMES),
            "",
            "/** By which columns a row is known when it is told again. */",
            f"export const KEYS = {js(KEYS)} as const;\n",
            "/** Of each column: what it holds, how it is sent, and what it is told from. */",
            f"export const TABLES = {js(table_columns())} as const;",
            "",
        ]
    )


STATE_NAMES = ["SUBMITTED", "RUNNING", "RETURNED", "FAILED", "TIMEOUT", "CANCELLED"]
KIND_NAMES = ["UNHEARD", "SUB_QUERY", "RLM", "TURN", "CELL", "TOOL", "ROOT"]
FLAG_NAMES = [
    *("HEDGE", "SIMULATED", "INFERRED", "CACHE_HIT", "ESTIMATED_USAGE", "UNKNOWN_COST"),
    *("ASKED", "NAMED_PROVIDER", "NAMED_MODEL", "ERROR", "PARENT_INFERRED"),
]


def constant(name: str) -> str:
    value = getattr(tables, name)
    const = " as const" if isinstance(value, tuple) else ""
    return f"export const {name} = {js(value)}{const};"


def table_columns() -> dict[str, Any]:
    return {
        name: {column: tuple(said) for column, said in table.columns.items()}
        for name, table in Picture().tables.items()
    }


def js(value: Any, indent: int = 0) -> str:
    """A literal as the page's formatter would write it, one entry of a table a line."""
    if not isinstance(value, dict):
        return json.dumps(value)
    pad = "  " * (indent + 1)
    entries = [f"{pad}{key}: {js(inner, indent + 1)},\n" for key, inner in value.items()]
    return "{\n" + "".join(entries) + "  " * indent + "}"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in written().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
