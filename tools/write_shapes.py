"""Writes `ui/src/live/shapes.gen.ts`: what the board says and is told, as types of the page.

    python tools/write_shapes.py

They come from the `ts` blocks of `docs/board.md`, which tests hold against the Python shapes: a
shape that changes fails there first, and here next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/board.md"
TYPES = ROOT / "ui/src/live/shapes.gen.ts"
HEAD = """\
/** What the board says and is told, as docs/board.md has it. Null is unknown, never zero. */

import type { SpanRef } from '../trace/events.gen'
"""
_OPENING, _CLOSING = "{<[(", "}>])"


def written() -> str:
    """The whole file."""
    blocks = re.findall(r"```ts\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    return "\n".join([HEAD, *(shape for block in blocks for shape in shapes_of(block))])


def shapes_of(block: str) -> Iterator[str]:
    """Each `type Name = ...` of a block; an object becomes an interface, a line for each field."""
    block = re.sub(r"\n\s*\|", " |", block.strip())
    for told in re.split(r"\n(?=type )", block):
        found = re.match(r"type (\w+) = (.*)", told.strip(), re.DOTALL)
        assert found is not None, told
        name, body = found[1], found[2].strip()
        if body.startswith("{"):
            body = body.replace('"', "'").replace("ID[]", "string[]")
            fields = "\n".join(f"  {field}" for field in fields_of(body[1:-1]))
            yield f"export interface {name} {{\n{fields}\n}}\n"
        else:
            yield f"export type {name} = {body}\n"


def fields_of(inside: str) -> list[str]:
    """What stands between braces, by field; a line that begins none goes on the one before."""
    fields: list[str] = []
    for part in parts_of(inside):
        if fields and not re.match(r"^\w+\??:", part):
            fields[-1] += f" {part}"
        else:
            fields.append(part)
    return fields


def parts_of(inside: str) -> Iterator[str]:
    """Split at semicolons and line ends that stand in no bracket."""
    depth, part = 0, ""
    for character in inside:
        depth += (character in _OPENING) - (character in _CLOSING)
        if character in ";\n" and depth == 0:
            if part.strip():
                yield part.strip()
            part = ""
        else:
            part += character
    if part.strip():
        yield part.strip()


if __name__ == "__main__":
    TYPES.write_text(written())
