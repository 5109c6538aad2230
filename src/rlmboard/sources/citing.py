"""Making a SpanRef: some lines of a file, hashed as they stand now."""

from __future__ import annotations

from ..trace import SpanRef
from .git import head_commit, top_level
from .places import StrPath, located, real, written
from .reading import bytes_of_lines, hash_of, open_regular


def cite(
    path: StrPath, start_line: int, end_line: int | None = None, root: StrPath | None = None
) -> SpanRef:
    """Lines `start_line` to `end_line` (from 1, inclusive) of a file, and the hash of their bytes.

    The path is written relative to `root`, by default the git repository that holds the file. Lines
    beyond the end are left out. A file that cannot be read gives a SpanRef without a hash; lines
    that no file can have, or that lie wholly beyond its end, raise ValueError.
    """
    last = start_line if end_line is None else end_line
    if start_line < 1 or last < start_line:
        raise ValueError(f"lines {start_line}-{last} make no sense: they count from 1 and go up")
    file = real(path)
    top = top_level(file)
    name = written(file, real(root) if root is not None else top)
    commit = head_commit(top) if top else None
    try:
        return _hashed(file, name, start_line, last, commit)
    except OSError:
        return SpanRef(
            id=span_id(name, start_line, last),
            path=name,
            start_line=start_line,
            end_line=last,
            commit=commit,
        )


def cite_in(root: StrPath, path: str, start_line: int, end_line: int) -> SpanRef | None:
    """The citation that somebody wrote: `path` as SpanRefs have it, relative to `root`.

    None where there are no such lines to be read, or the path leads out of `root`.
    """
    try:
        span = cite(located(path, root), start_line, end_line, root)
    except (OSError, ValueError):
        return None
    return span if span.content_hash and span.end_line == end_line else None


def span_id(path: str, start_line: int, end_line: int) -> str:
    """The ancestor's form: `span-src-a_py-10-50`."""
    return f"span-{path.replace('/', '-').replace('.', '_')}-{start_line}-{end_line}"


def _hashed(file: str, name: str, start_line: int, end_line: int, commit: str | None) -> SpanRef:
    with open_regular(file) as content:
        found = bytes_of_lines(content, start_line, end_line)
        if found is None:
            raise ValueError(f"{name} has no line {start_line}")
        start_byte, end_byte, last = found
        return SpanRef(
            id=span_id(name, start_line, last),
            path=name,
            start_line=start_line,
            end_line=last,
            start_byte=start_byte,
            end_byte=end_byte,
            commit=commit,
            content_hash=hash_of(content, start_byte, end_byte),
        )
