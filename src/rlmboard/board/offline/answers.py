"""Answers of the board, packed so that a page can carry them: found by what was asked."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

BLOCK_BYTES = 1 << 20


class Answer(NamedTuple):
    """What the board says to a question. `body` is JSON; a JSON string is said as plain text."""

    asked: str
    body: bytes


def question(path: str, **params: object) -> str:
    """A question as the page looks it up: its path and parameters, in order, nothing escaped."""
    given = (f"{name}={value}" for name, value in params.items() if value is not None)
    return "\n".join([path, *given])


def blocks(answers: Iterable[Answer]) -> Iterator[str]:
    """Answers as gzip in base64, some to a block and one to a line; the last block says where.

    Of base64 nothing can be read as markup, whatever stands in a prompt.
    """
    places: dict[str, tuple[int, int]] = {}
    number, lines, size = 0, list[bytes](), 0
    for answer in answers:
        places[answer.asked] = (number, len(lines))
        lines.append(answer.body)
        size += len(answer.body)
        if size >= BLOCK_BYTES:
            yield _packed(lines)
            number, lines, size = number + 1, [], 0
    yield _packed(lines)
    yield _packed([msgspec.json.encode(places)])


def _packed(lines: list[bytes]) -> str:
    return base64.b64encode(gzip.compress(b"\n".join(lines), 6, mtime=0)).decode()
