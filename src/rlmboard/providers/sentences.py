"""The sentences of a passage, each with the bytes and lines it takes: exact, or not at all.

In code a sentence is a line with the lines that follow it, up to `WINDOW_LINES` or a blank one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath
from typing import NamedTuple

import msgspec

from ..sources import Passage, span_id
from ..trace import SpanRef, content_hash

WINDOW_LINES = 3
LONGEST_CHARS = 500
"""A longer sentence is cut between words: what is quoted must be short enough to be read."""

_PROSE = frozenset({"", ".md", ".markdown", ".rst", ".txt", ".text", ".adoc", ".tex", ".org"})
_PARAGRAPH_END = re.compile(r"\n[ \t]*(?:\n|(?=[-*+#|>] |\d+[.)] |#{2,6} ))")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]*_`]*(?=\s+[\"'“‘(\[*_`]*[A-ZÀ-Þ0-9\-])")
_LONG = re.compile(
    rf"\S(?:.{{0,{LONGEST_CHARS - 2}}}\S)?(?=\s|$)|\S{{1,{LONGEST_CHARS}}}", re.DOTALL
)


class Sentence(NamedTuple):
    """A quotable piece of a passage: characters `start` to `end` of its text."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]

    def overlaps(self, other: Sentence) -> bool:
        same = self.passage is other.passage
        return same and self.start < other.end and other.start < self.end


def sentences(passage: Passage) -> list[Sentence]:
    """All sentences of a passage, in their order; those of code overlap."""
    pieces = _prose(passage.text) if is_prose(passage.span.path) else _code(passage.text)
    return [Sentence(passage, start, end) for start, end in pieces]


def is_prose(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in _PROSE


def span_of(sentence: Sentence) -> SpanRef:
    """Where the sentence stands, with a hash of its own.

    A passage whose text is not what its span names byte for byte is cited whole: it held bytes that
    are no UTF-8, or is no text of a file at all.
    """
    text, span = sentence.passage.text, sentence.passage.span
    if "\ufffd" in text or len(text.encode()) > span.end_byte - span.start_byte:
        return span
    before = text[: sentence.start]
    quoted = sentence.text.encode()
    start_byte = span.start_byte + len(before.encode())
    start_line = span.start_line + before.count("\n")
    end_line = start_line + sentence.text.count("\n")
    return msgspec.structs.replace(
        span,
        id=f"{span_id(span.path, start_line, end_line)}-b{start_byte}",
        start_line=start_line,
        end_line=end_line,
        start_byte=start_byte,
        end_byte=start_byte + len(quoted),
        content_hash=content_hash(quoted),
    )


def _prose(text: str) -> Iterator[tuple[int, int]]:
    for start, end in _between(_PARAGRAPH_END, text, 0, len(text)):
        for first, last in _between(_SENTENCE_END, text, start, end):
            yield from _short(text, first, last)


def _between(ends: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    cuts = [start, *(found.end() for found in ends.finditer(text, start, end)), end]
    yield from pairwise(cuts)


def _code(text: str) -> Iterator[tuple[int, int]]:
    lines = list(_lines(text))
    for number, (start, end) in enumerate(lines):
        if not text[start:end].strip():
            continue
        for _, further in lines[number : number + WINDOW_LINES]:
            if not text[end:further].strip() and further > end:
                break
            end = further
        yield from _short(text, start, end)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


def _short(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The piece without white space around it, cut into several where it is too long to quote."""
    piece = text[start:end]
    if len(piece) <= LONGEST_CHARS:
        start, end = start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
        if start < end:
            yield start, end
        return
    for found in _LONG.finditer(text, start, end):
        yield found.span()
