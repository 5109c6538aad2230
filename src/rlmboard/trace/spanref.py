"""A citation: some lines of a source, and the hash that proves they were these."""

from __future__ import annotations

import msgspec


class SpanRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Lines of a file that an answer rests on.

    `path` is relative to the source root of the run (its repository), or absolute outside one.
    Lines count from 1 and are inclusive; bytes are half-open, into the bytes of the file.
    `content_hash` is the lower-case hex SHA-256 of exactly those bytes; absent when the source
    could not be read. `commit` is the git commit that held the file, where there was one.
    """

    id: str
    path: str
    start_line: int
    end_line: int
    start_byte: int = 0
    end_byte: int = 0
    commit: str | None = None
    content_hash: str | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.start_line}-{self.end_line}"


def content_hash(content: bytes) -> str:
    """What a SpanRef's `content_hash` must be for these bytes."""
    import hashlib  # costs 3 ms, and few runs cite

    return hashlib.sha256(content).hexdigest()
