"""Citations in answers: `[path:10-50]` or `[path:10]`, found and turned into SpanRefs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

from ..sources import Passage
from ..trace import SpanRef, content_hash

Cite: TypeAlias = Callable[[str, int, int], SpanRef | None]
"""A SpanRef for lines of a path; None when there are no such lines."""

Place: TypeAlias = tuple[str, int, int]
"""Path, first and last line."""

MOST_CITATIONS = 500
"""More of them in one answer are not looked up: each may cost a file to be read."""

_CITED = re.compile(r"\[([^\[\]\n]{1,500}?):(\d{1,9})(?:-(\d{1,9}))?\]")


class Resolved(NamedTuple):
    """What an answer cites: the spans, each once, and how many citations lead nowhere."""

    spans: tuple[SpanRef, ...]
    unresolved: int


def cited(text: str) -> list[Place]:
    """Path, first and last line of every citation in a text, each once, in order."""
    found = {
        (path.strip(), int(first), int(last or first)): None
        for path, first, last in _CITED.findall(text)
    }
    return list(found)


def resolve(
    text: str, given: Iterable[SpanRef], known: Iterable[SpanRef], passages: Iterable[Passage],
    cite: Cite | None,
) -> Resolved:  # fmt: skip
    """The spans of an answer: those that its provider gave, and those that its text cites.

    A citation is looked for among the spans given and known, then in the passages that were read,
    and only then in the source by `cite`. They stand in the order in which the text cites them.
    """
    spans = list(dict.fromkeys(given))
    places = cited(text)
    if not places:
        return Resolved(tuple(spans), 0)
    had = set(map(_place, spans))
    source = _Source(known, passages, cite)
    unresolved = len(places[MOST_CITATIONS:])
    for place in places[:MOST_CITATIONS]:
        if place in had:
            continue
        if (span := source.span(place)) is not None:
            spans.append(span)
        elif _is_path(place[0]):
            unresolved += 1
    order = {place: number for number, place in enumerate(places)}
    spans.sort(key=lambda span: order.get(_place(span), len(order)))
    return Resolved(tuple(spans), unresolved)


def _is_path(name: str) -> bool:
    """Whether it was meant as a path: `[i:10]` is a slice of something, and no citation."""
    return "." in name or "/" in name


def _place(span: SpanRef) -> Place:
    return span.path, span.start_line, span.end_line


class _Source:
    """Where the lines that one answer cites may be found; each passage is cut into lines once."""

    def __init__(
        self, known: Iterable[SpanRef], passages: Iterable[Passage], cite: Cite | None
    ) -> None:
        self._known = {_place(span): span for span in known}
        self._passages = list(passages)
        self._lines: dict[int, list[bytes] | None] = {}
        self._cite = cite

    def span(self, place: Place) -> SpanRef | None:
        found = self._known.get(place) or self._within(place)
        if found is None and self._cite is not None:
            return self._cite(*place)
        return found

    def _within(self, place: Place) -> SpanRef | None:
        path, first, last = place
        for number, passage in enumerate(self._passages):
            span = passage.span
            if span.path == path and span.start_line <= first <= last <= span.end_line:
                if number not in self._lines:
                    self._lines[number] = _exact_lines(passage)
                lines = self._lines[number]
                return None if lines is None else _sub_span(span, lines, first, last)
        return None


def _exact_lines(passage: Passage) -> list[bytes] | None:
    """The lines of a passage; None where its text is not byte for byte what its span covers."""
    content = passage.text.encode(errors="surrogatepass")
    span = passage.span
    return _lines(content) if len(content) == span.end_byte - span.start_byte else None


def _sub_span(span: SpanRef, lines: list[bytes], first: int, last: int) -> SpanRef:
    start = sum(map(len, lines[: first - span.start_line]))
    cut = b"".join(lines[first - span.start_line : last - span.start_line + 1])
    return SpanRef(
        id=f"{span.path}:{first}-{last}",
        path=span.path,
        start_line=first,
        end_line=last,
        start_byte=span.start_byte + start,
        end_byte=span.start_byte + start + len(cut),
        commit=span.commit,
        content_hash=content_hash(cut),
    )


def _lines(content: bytes) -> list[bytes]:
    """Lines end at newlines alone, as they are counted in files."""
    parts = content.split(b"\n")
    ended = [part + b"\n" for part in parts[:-1]]
    return [*ended, parts[-1]] if parts[-1] else ended
