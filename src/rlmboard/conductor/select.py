"""Which fragments are read: the best by their words, or by catalogs for a model to choose from."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import NamedTuple

from ..sources import Fragment
from .bm25 import Bm25, words
from .prompts import catalog_chars
from .question import Read

MOST_IN_CATALOG = 100


class Ranking(NamedTuple):
    """Places of fragments, the best first; `matched` is False when none shares a word."""

    order: tuple[int, ...]
    matched: bool


def rank(fragments: Sequence[Fragment], read: Read, query: str, top_k: int) -> Ranking:
    """The `top_k` fragments by BM25 over title and text, in one pass that keeps counts alone.

    Where none shares a word with the query: the first ones. An unreadable one matches by its title.
    """
    scorer = Bm25(words(query))
    for fragment in fragments:
        scorer.add(words(f"{fragment.title or ''}\n{_text(fragment, read)}"))
    scores = scorer.scores()
    best = heapq.nsmallest(top_k, range(len(scores)), key=lambda place: (-scores[place], place))
    matching = tuple(place for place in best if scores[place] > 0)
    return Ranking(matching or tuple(range(min(top_k, len(scores)))), bool(matching))


def catalogs(
    fragments: Sequence[Fragment], room_chars: int, most: int = MOST_IN_CATALOG
) -> list[tuple[Fragment, ...]]:
    """The fragments in lists that a router can carry in one prompt."""
    made: list[tuple[Fragment, ...]] = []
    page: list[Fragment] = []
    used = 0
    for fragment in fragments:
        size = catalog_chars(fragment)
        if page and (used + size > room_chars or len(page) == most):
            made.append(tuple(page))
            page, used = [], 0
        page.append(fragment)
        used += size
    return [*made, tuple(page)] if page else made


def _text(fragment: Fragment, read: Read) -> str:
    try:
        return read(fragment)
    except OSError:
        return ""
