"""The lines of a trace about one sub-query: found as bytes, then read with their numbers."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from ..folder import Cursor, RunFolder, batches, open_own
from ..trace import Stamped

NEAR_BYTES = 1 << 20
MOST = 2_000
STEP_LINES = 200

Place = Callable[[int], Cursor]
"""The last known place at or before a byte of the trace."""


def mentions(folder: RunFolder, query_id: str, place: Place) -> list[Stamped]:
    """Every line about this sub-query, in order; the first 2,000 of them."""
    return list(_read(folder, query_id, _offsets(folder.trace, query_id), place))


def _offsets(trace: Path, query_id: str) -> list[int]:
    """Where it is named. Lines of other writers may have a space after the colon."""
    name = msgspec.json.encode(query_id)
    for wanted in (b'"query_id":' + name, b'"query_id": ' + name):
        if found := _found(trace, wanted):
            return found
    return []


def _found(trace: Path, wanted: bytes) -> list[int]:
    found: list[int] = []
    try:
        with open_own(trace) as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as content:
            at = content.find(wanted)
            while at >= 0 and len(found) < MOST:
                found.append(at)
                at = content.find(wanted, at + 1)
    except (OSError, ValueError):
        return []  # no trace yet, or an empty one
    return found


def _read(folder: RunFolder, query_id: str, offsets: list[int], place: Place) -> Iterator[Stamped]:
    done = 0
    stream: Iterator[Stamped] = iter(())
    for offset in offsets:
        if offset < done:
            continue
        if not done or offset - done > NEAR_BYTES:
            stream = _stamped(folder, place(offset))
        for line in stream:
            done = line.offset + line.length
            if done > offset:
                if getattr(line.event, "query_id", None) == query_id:
                    yield line
                break


def _stamped(folder: RunFolder, cursor: Cursor) -> Iterator[Stamped]:
    for lines, _ in batches(folder.trace, cursor, STEP_LINES):
        yield from (line for line in lines if isinstance(line, Stamped))
