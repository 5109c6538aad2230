"""Bytes and lines of a file, in blocks: a file of any size costs a megabyte of memory."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from typing import BinaryIO

from ..trace import SpanRef
from .places import StrPath, located

BLOCK_BYTES = 1 << 20


def open_regular(file: str) -> BinaryIO:
    """A regular file, opened to be read. OSError also for a pipe or a device: never waits."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{file!r} is not a regular file")
    return os.fdopen(descriptor, "rb")


def read_span(root: StrPath | None, span: SpanRef) -> str:
    """The text of a span, reading only its bytes; what is not UTF-8 is replaced.

    Raises OSError where there is no such file, or its path leads out of `root`.
    """
    with open_regular(located(span.path, root)) as file:
        content = b"".join(blocks(file, max(span.start_byte, 0), span.end_byte))
    return content.decode(errors="replace")


def blocks(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """The bytes from `start` up to `end`, or up to the end of the file."""
    file.seek(min(start, file.seek(0, os.SEEK_END)))
    while start < end and (block := file.read(min(BLOCK_BYTES, end - start))):
        start += len(block)
        yield block


def hash_of(file: BinaryIO, start: int, end: int) -> str:
    """Lower-case hex SHA-256 of the bytes from `start` up to `end`."""
    digest = hashlib.sha256()
    for block in blocks(file, start, end):
        digest.update(block)
    return digest.hexdigest()


def bytes_of_lines(file: BinaryIO, start_line: int, end_line: int) -> tuple[int, int, int] | None:
    """First byte, byte after the last, and last line that is there; None where no such line begins.

    A line's newline belongs to it. Lines beyond the end of the file are left out.
    """
    start, missing = _after_newlines(file, start_line - 1, 0)
    wanted = end_line - start_line + 1
    end, lacking = _after_newlines(file, wanted, start)
    if missing or end == start:
        return None
    unended = lacking > 0 and not _is_newline(file, end - 1)
    return start, end, start_line + wanted - lacking - 1 + unended


def _after_newlines(file: BinaryIO, count: int, offset: int) -> tuple[int, int]:
    """The byte after the next `count` newlines, and how many of them the file did not have."""
    file.seek(offset)
    while count and (block := file.read(BLOCK_BYTES)):
        found = block.count(b"\n")
        if found >= count:
            return offset + _nth_newline(block, count) + 1, 0
        count -= found
        offset += len(block)
    return offset, count


def _nth_newline(block: bytes, n: int) -> int:
    at = -1
    for _ in range(n):
        at = block.index(b"\n", at + 1)
    return at


def _is_newline(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    return file.read(1) == b"\n"
