"""Reading a trace: lines get their numbers here, and nothing that lies in the file can raise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ..trace import LINE_START, Hole, TraceLine, decode_line
from .own_files import open_own

CHUNK_BYTES = 256 << 10
"""With batches of a thousand lines what is read stays in the cache of the processor."""
LONGEST_LINE_BYTES = 64 << 20


class Cursor(NamedTuple):
    """How far a reader has come: so many lines, up to that byte."""

    seq: int = 0
    offset: int = 0


START = Cursor()


def batches(
    trace: Path, after: Cursor = START, size: int = 20_000
) -> Iterator[tuple[list[TraceLine], Cursor]]:
    """Whole lines after the cursor, about `size` at a time, each batch with the cursor behind it.

    A last line without its newline is still being written and is left for the next look.
    """
    seq, offset = after
    lines: list[TraceLine] = []
    for raw, length in _whole_lines(trace, offset):
        if raw is None:
            lines.append(Hole(seq + 1, "too_long", offset, length))
            seq += 1
        else:
            line = decode_line(raw, seq + 1, offset)
            found = _unglued(raw, line) if isinstance(line, Hole) else (line,)
            lines += found
            seq += len(found)
        offset += length + 1
        if len(lines) >= size:
            yield lines, Cursor(seq, offset)
            lines = []
    if lines:
        yield lines, Cursor(seq, offset)


def read_trace(trace: Path, after: Cursor = START) -> Iterator[TraceLine]:
    """Every whole line after the cursor."""
    for lines, _ in batches(trace, after):
        yield from lines


def _unglued(raw: bytes, hole: Hole) -> Sequence[TraceLine]:
    """A line onto which others were glued when a kill tore it off, as the several that it is."""
    starts = [0]
    while (found := raw.find(LINE_START, starts[-1] + 1)) > 0:
        starts.append(found)
    if len(starts) == 1:
        return (hole,)
    ends = [*starts[1:], len(raw)]
    return [
        decode_line(raw[start:end], hole.seq + n, hole.offset + start)
        for n, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def _whole_lines(trace: Path, offset: int) -> Iterator[tuple[bytes | None, int]]:
    """Each finished line with its length in bytes; None for one too long to be held."""
    try:
        file = open_own(trace)
    except OSError:
        return
    with file:
        file.seek(offset)
        yield from _split(file)


def _split(file: BinaryIO) -> Iterator[tuple[bytes | None, int]]:
    begun: list[bytes] = []
    begun_bytes = 0
    while chunk := file.read(CHUNK_BYTES):
        *whole, rest = chunk.split(b"\n")
        if whole:
            whole[0] = b"".join((*begun, whole[0]))
            begun, begun_bytes = [], 0
        for raw in whole:
            yield raw if len(raw) <= LONGEST_LINE_BYTES else None, len(raw)
        begun.append(rest)
        begun_bytes += len(rest)
        if begun_bytes > LONGEST_LINE_BYTES:
            length = _skip_line(file, begun_bytes)
            if length is None:
                return
            yield None, length
            begun, begun_bytes = [], 0


def _skip_line(file: BinaryIO, length: int) -> int | None:
    """Reads to the end of an endless line; its length, or None when it is not finished."""
    while chunk := file.read(CHUNK_BYTES):
        end = chunk.find(b"\n")
        if end >= 0:
            file.seek(end + 1 - len(chunk), 1)
            return length + end
        length += len(chunk)
    return None
