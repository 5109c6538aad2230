"""Documents become fragments: by structure, streaming, with exact spans.

Every byte lies in exactly one fragment, in order. Lines end at newlines alone and count from 1.
Memory is bounded by `chunk_size`, whatever the size of the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

import msgspec

from ..sources import Fragment
from ..trace import SpanRef, content_hash
from .structure import Boundary, Find, finder, leads

_BEGINNING_LINES = 40
_BEGINNING_BYTES = 1 << 16
_TITLES = 3


def split(
    lines: Iterable[bytes], path: str, chunk_size: int, commit: str | None = None
) -> Iterator[Fragment]:
    """Fragments of at most `chunk_size` characters of a document given as lines of bytes.

    A part of the document (under a heading, of a definition) that fits stays whole, and small
    neighbours under the same parent are joined; a large one is cut at blank lines, else at line
    ends, else between characters. A line may come in several pieces, the last ending in a newline.
    """
    pieces = iter(lines)
    beginning = _beginning(pieces)
    kind, find = finder(path, b"".join(beginning).decode(errors="replace"))
    cutter = _Cutter(path, commit, chunk_size, attached=kind == "code")
    for line, boundary in _with_boundaries(chain(beginning, pieces), find):
        yield from cutter.add(line, boundary)
    yield from cutter.rest()


def _beginning(pieces: Iterator[bytes]) -> list[bytes]:
    """The first lines: as many as tell what the document is, and never many bytes."""
    taken: list[bytes] = []
    left = _BEGINNING_BYTES
    for piece in islice(pieces, _BEGINNING_LINES):
        taken.append(piece)
        left -= len(piece)
        if left <= 0:
            break
    return taken


def divide(fragment: Fragment, text: str, chunk_size: int) -> tuple[Fragment, ...]:
    """The pieces of a fragment, as spans of its document; none if `text` is not its very bytes."""
    content = text.encode(errors="surrogatepass")
    span = fragment.span
    if len(content) != fragment.size_bytes:
        return ()
    return tuple(
        _moved(part, span.start_line - 1, span.start_byte, fragment.title)
        for part in split(_lines(content), span.path, chunk_size, span.commit)
    )


def _moved(part: Fragment, lines: int, offset: int, title: str | None) -> Fragment:
    span = part.span
    moved = msgspec.structs.replace(
        span,
        start_line=span.start_line + lines,
        end_line=span.end_line + lines,
        start_byte=span.start_byte + offset,
        end_byte=span.end_byte + offset,
    )
    named = msgspec.structs.replace(
        moved, id=_name(moved, whole=span.id == _name(span, whole=True))
    )
    return Fragment(id=named.id, span=named, title=part.title or title, chars=part.chars)


def _name(span: SpanRef, *, whole: bool) -> str:
    """Path and lines, and the bytes too where it begins or ends within a line."""
    return str(span) if whole else f"{span}@{span.start_byte}-{span.end_byte}"


class _Line(msgspec.Struct, gc=False):
    """A line, or a piece of one. `title` and `parent` where a part begins here."""

    content: bytes
    chars: int
    number: int
    level: int | None = None
    title: str = ""
    parent: tuple[str, ...] = ()

    @property
    def blank(self) -> bool:
        return not self.content.strip()


class _Cutter:
    """Gathers lines, and gives a fragment away whenever it knows where that has to end."""

    def __init__(self, path: str, commit: str | None, chunk_size: int, *, attached: bool) -> None:
        self._path = path
        self._commit = commit
        self._size = chunk_size
        self._attached = attached
        self._held: list[_Line] = []
        self._chars = 0
        self._offset = 0
        self._ended = True
        self._number = 1
        self._parents: list[tuple[int, str]] = []
        self._title = ""
        self._scope: tuple[str, ...] = ()

    def add(self, content: bytes, boundary: Boundary | None) -> Iterator[Fragment]:
        for piece in _pieces(content, self._size):
            line = _Line(piece, _chars(piece), self._number)
            if boundary is not None:
                yield from self._begin_part(line, boundary)
                boundary = None
            while self._held and self._chars + line.chars > self._size:
                yield self._give(self._best_cut(), more=True)
            self._held.append(line)
            self._chars += line.chars
            self._number += piece.endswith(b"\n")

    def rest(self) -> Iterator[Fragment]:
        if self._held:
            yield self._give(len(self._held), more=False)

    # -------------------------------------------------------------- parts

    def _begin_part(self, line: _Line, boundary: Boundary) -> Iterator[Fragment]:
        """A part begins, with the comments and decorators above it where it is code."""
        while self._parents and self._parents[-1][0] >= boundary.level:
            self._parents.pop()
        parent = tuple(name for _, name in self._parents)
        self._parents.append((boundary.level, boundary.name))
        start = self._attached_from() if self._attached else len(self._held)
        first = self._held[start] if start < len(self._held) else line
        first.level, first.title, first.parent = boundary.level, boundary.name, parent
        if start and parent[: len(self._scope)] != self._scope:
            yield self._give(start, more=True)
        if start == 0 or not self._held:
            self._scope = parent

    def _attached_from(self) -> int:
        """Where the run of comments and decorators begins that stands right above the next line."""
        place = len(self._held)
        while place and leads(self._held[place - 1].content.decode(errors="replace")):
            if self._held[place - 1].level is not None:
                break
            place -= 1
        return place

    # -------------------------------------------------------------- cuts

    def _best_cut(self) -> int:
        """Where to cut what does not fit: before the last of the highest parts, else after a blank
        line, else after the last line."""
        held = self._held
        starts = [(line.level, -i) for i, line in enumerate(held) if i and line.level is not None]
        if starts:
            return -min(starts)[1]
        for place in range(len(held) - 1, len(held) // 4, -1):
            if held[place].blank:
                return place + 1
        return len(held)

    def _give(self, count: int, *, more: bool) -> Fragment:
        given, self._held = self._held[:count], self._held[count:]
        self._chars -= sum(line.chars for line in given)
        content = b"".join(line.content for line in given)
        start, self._offset = self._offset, self._offset + len(content)
        title = self._titled(given)
        if self._held and self._held[0].level is not None:
            self._scope = self._held[0].parent
        ended, self._ended = self._ended, content.endswith(b"\n")
        span = SpanRef(
            id="",
            path=self._path,
            start_line=given[0].number,
            end_line=given[-1].number,
            start_byte=start,
            end_byte=self._offset,
            commit=self._commit,
            content_hash=content_hash(content),
        )
        name = _name(span, whole=ended and (self._ended or not more))
        return Fragment(
            id=name,
            span=msgspec.structs.replace(span, id=name),
            title=title,
            chars=sum(line.chars for line in given),
        )

    def _titled(self, given: list[_Line]) -> str | None:
        """The parts that it holds: those that begin in it, and the one that it goes on with."""
        parts = [" > ".join((*line.parent, line.title)) for line in given if line.level is not None]
        if given[0].level is None and self._title:
            parts.insert(0, self._title)
        begun = [part for part in parts if part]
        self._title = begun[-1] if begun else self._title
        more = ", …" if len(begun) > _TITLES else ""
        return ", ".join(begun[:_TITLES]) + more if begun else None


# ------------------------------------------------------------------ lines


def _with_boundaries(lines: Iterable[bytes], find: Find) -> Iterator[tuple[bytes, Boundary | None]]:
    """Each line with the part that begins at it; the line after it is looked at first."""
    held, text, whole = b"", "", True
    for line in lines:
        following = _text(line)
        if held:
            yield held, find(text, following) if whole else None
            whole = held.endswith(b"\n")
        held, text = line, following
    if held:
        yield held, find(text, "") if whole else None


_LOOKED_AT_BYTES = 500


def _text(line: bytes) -> str:
    return line[:_LOOKED_AT_BYTES].decode(errors="replace").strip("\ufeff\r\n")


def _pieces(content: bytes, size: int) -> Iterator[bytes]:
    """A line in pieces of at most so many characters, none of them cut in two."""
    start = 0
    while len(content) - start > size and (end := _after(content, start, size)) < len(content):
        yield content[start:end]
        start = end
    if start < len(content):
        yield content[start:]


def _chars(content: bytes) -> int:
    return len(content) if content.isascii() else len(content.decode(errors="replace"))


def _after(content: bytes, start: int, count: int) -> int:
    """The byte after at most so many characters from `start`, where none is cut in two."""
    end = start + count
    while end < len(content) and (missing := count - _chars(content[start:end])) > 0:
        end += missing
    if end >= len(content) and _chars(content[start:]) <= count:
        return len(content)
    end = min(end, len(content))
    for back in range(4):  # a character has three continuation bytes at most: a fourth is stray
        if end - back >= len(content) or content[end - back] & 0xC0 != 0x80:
            return max(end - back, start + 1)
    return end


def _lines(content: bytes) -> list[bytes]:
    """Lines end at newlines alone."""
    parts = content.split(b"\n")
    return [*(part + b"\n" for part in parts[:-1]), *parts[-1:]]
