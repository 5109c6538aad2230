"""Finding cited bytes again in a file that has changed. Pure: bytes in, places out."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from io import BytesIO
from itertools import accumulate
from typing import TypeAlias

from ..trace import content_hash

Content: TypeAlias = bytes | mmap.mmap

SEARCHED_BYTES = 256 << 20
"""How much is hashed in search of one span before it is given up: about a second."""
_ONE_HASH_BYTES = 512  # what a hash costs beyond its bytes, in bytes


def lines_of(content: Content, start: int, end: int) -> tuple[int, int]:
    """First and last line, from 1, of the bytes from `start` up to `end`."""
    first = 1 + _newlines(content, 0, start)
    return first, first + _newlines(content, start, max(end - 1, start))


def nearest(content: Content, wanted: bytes, start: int) -> int | None:
    """Where `wanted` stands, as near to `start` as it does."""
    after = content.find(wanted, start)
    before = content.rfind(wanted, 0, max(start + len(wanted) - 1, 0))
    found = [place for place in (before, after) if place >= 0]
    return min(found, key=lambda place: abs(place - start)) if found else None


def found_by_hash(
    content: bytes, wanted_hash: str, length: int, lines: tuple[int, int]
) -> int | None:
    """Where `length` bytes with this hash stand over as many lines, as near to `lines` as they do.

    Exact, without knowing the bytes: every place where they could begin is hashed. None also when
    that would be more than `SEARCHED_BYTES`.
    """
    left = SEARCHED_BYTES
    for start in _beginnings(content, length, lines):
        if content_hash(content[start : start + length]) == wanted_hash:
            return start
        left -= length + _ONE_HASH_BYTES
        if left < 0:
            return None
    return None


def _beginnings(content: bytes, length: int, lines: tuple[int, int]) -> Iterator[int]:
    """Where `length` bytes can begin so that they span as many lines as `lines` do."""
    further = lines[1] - lines[0]
    starts = list(accumulate(map(len, BytesIO(content)), initial=0))
    candidates = range(max(len(starts) - 1 - further, 0))
    for line in sorted(candidates, key=lambda line: abs(line + 1 - lines[0])):
        last_begins, last_ends = starts[line + further], starts[line + further + 1]
        first = max(starts[line], last_begins - length + 1)
        yield from range(first, min(starts[line + 1], last_ends - length + 1))


def _newlines(content: Content, start: int, end: int) -> int:
    if isinstance(content, bytes):
        return content.count(b"\n", start, end)
    step = 1 << 20
    return sum(content[at : min(at + step, end)].count(b"\n") for at in range(start, end, step))
