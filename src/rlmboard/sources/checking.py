"""Holding SpanRefs against what stands on disk now, and against the commit they were taken from."""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Literal, TypeAlias

import msgspec

from ..trace import SpanRef, content_hash
from .git import blob, top_level
from .places import StrPath, located, real, relative
from .reading import BLOCK_BYTES, bytes_of_lines, open_regular
from .search import Content, found_by_hash, lines_of, nearest

CheckState: TypeAlias = Literal["verified", "moved", "changed", "missing"]
_MAPPED_BYTES = 64 << 20

Where: TypeAlias = Literal["working tree", "commit"]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a cited span.

    `state` speaks of the working tree: the bytes stand where they stood (verified) or elsewhere in
    the file, at the lines `moved_to` (moved); they are gone (changed), or so is the file (missing).
    `where` names the place that still holds the cited bytes: the working tree, only the commit, or
    None when neither does.
    """

    span: SpanRef
    state: CheckState
    where: Where | None = None
    moved_to: tuple[int, int] | None = None
    detail: str = ""

    @property
    def holds(self) -> bool:
        """Whether the bytes stand in the working tree at the very lines cited."""
        return self.state == "verified"


def check(span: SpanRef, root: StrPath | None = None) -> Check:
    """Holds one span against the working tree; see `check_all`."""
    return check_all([span], root)[0]


def check_all(spans: Iterable[SpanRef], root: StrPath | None = None) -> list[Check]:
    """A check for each span, in their order; each file is read once.

    Relative paths lie below `root`, by default the repository that holds the current folder. Never
    raises for what a span says or a disk does.
    """
    asked = list(spans)
    top = real(root if root is not None else top_level(".") or ".")
    by_file: dict[str, list[int]] = {}
    for place, span in enumerate(asked):
        by_file.setdefault(span.path, []).append(place)
    checks: dict[int, Check] = {}
    for path, places in by_file.items():
        in_file = _check_file(path, [asked[place] for place in places], top)
        checks.update(zip(places, in_file, strict=True))
    return [checks[place] for place in range(len(asked))]


def _check_file(path: str, spans: list[SpanRef], root: str) -> list[Check]:
    try:
        file = located(path, root)
    except FileNotFoundError as error:
        return [Check(span=span, state="missing", detail=str(error)) for span in spans]
    with _Committed(file) as committed:
        try:
            with _opened(file) as content:
                return [_against(_with_bytes(span, file), content, committed) for span in spans]
        except OSError as error:
            reason = error.strerror or str(error)
            return [_not_there(span, "missing", reason, committed) for span in spans]


def _against(span: SpanRef, content: Content, committed: _Committed) -> Check:
    if span.content_hash is None:
        return Check(span=span, state="missing", detail="it was cited without a hash")
    if not 0 <= span.start_byte <= span.end_byte or not 1 <= span.start_line <= span.end_line:
        return Check(span=span, state="missing", detail="it names bytes that no file can have")
    if _hash(content, span) == span.content_hash:
        start: int | None = span.start_byte
    else:
        start = _found_again(span, content, committed)
    if start is None:
        return _not_there(span, "changed", "other bytes stand there now", committed)
    lines = lines_of(content, start, start + span.end_byte - span.start_byte)
    if lines == (span.start_line, span.end_line):
        return Check(span=span, state="verified", where="working tree")
    detail = f"the same bytes stand at {span.path}:{lines[0]}-{lines[1]}"
    return Check(span=span, state="moved", where="working tree", moved_to=lines, detail=detail)


def _found_again(span: SpanRef, content: Content, committed: _Committed) -> int | None:
    """Where the cited bytes stand now: sought as bytes if the commit has them, else by hash."""
    cited = committed.bytes_of(span)
    if cited is not None:
        return nearest(content, cited, span.start_byte)
    length = span.end_byte - span.start_byte
    if length <= 0 or not isinstance(content, bytes):
        return None
    lines = (span.start_line, span.end_line)
    return found_by_hash(content, span.content_hash or "", length, lines)


def _not_there(span: SpanRef, state: CheckState, reason: str, committed: _Committed) -> Check:
    if committed.bytes_of(span) is None:
        return Check(span=span, state=state, detail=reason)
    detail = f"{reason}; it still stands so in commit {(span.commit or '')[:7]}"
    return Check(span=span, state=state, where="commit", detail=detail)


class _Committed:
    """One file as the commits have it; each commit is asked once."""

    def __init__(self, file: str) -> None:
        self._root = top_level(file)
        self._path = relative(file, self._root) if self._root else ""
        self._blobs: dict[str, IO[bytes] | None] = {}

    def __enter__(self) -> _Committed:
        return self

    def __exit__(self, *_: object) -> None:
        for content in self._blobs.values():
            if content is not None:
                content.close()

    def bytes_of(self, span: SpanRef) -> bytes | None:
        """The cited bytes, where the commit of the citation has them."""
        content = self._blob(span.commit) if span.commit else None
        if content is None or span.content_hash is None:
            return None
        if not 0 <= span.start_byte <= span.end_byte <= content.seek(0, os.SEEK_END):
            return None
        content.seek(span.start_byte)
        cited = content.read(span.end_byte - span.start_byte)
        return cited if content_hash(cited) == span.content_hash else None

    def _blob(self, commit: str) -> IO[bytes] | None:
        if self._root is None:
            return None
        if commit not in self._blobs:
            self._blobs[commit] = blob(self._root, commit, self._path)
        return self._blobs[commit]


@contextmanager
def _opened(file: str) -> Iterator[Content]:
    """The bytes of a file; those of a large one are mapped, not read."""
    with open_regular(file) as opened:
        if opened.seek(0, os.SEEK_END) > _MAPPED_BYTES:
            with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                yield mapped
        else:
            opened.seek(0)
            yield opened.read()


def _with_bytes(span: SpanRef, file: str) -> SpanRef:
    """The span with the bytes of its lines, where it names lines only."""
    if span.end_byte > span.start_byte or span.start_line < 1:
        return span
    with open_regular(file) as opened:
        found = bytes_of_lines(opened, span.start_line, span.end_line)
    if found is None:
        return span
    return msgspec.structs.replace(span, start_byte=found[0], end_byte=found[1])


def _hash(content: Content, span: SpanRef) -> str:
    digest = hashlib.sha256()
    for at in range(span.start_byte, min(span.end_byte, len(content)), BLOCK_BYTES):
        digest.update(content[at : min(at + BLOCK_BYTES, span.end_byte)])
    return digest.hexdigest()
