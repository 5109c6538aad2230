"""BM25: how well texts match a query, by the words that they share with it.

Streaming: of each text only the counts of the query's words and the length are kept, so that
100,000 texts cost a few megabytes and none of them has to be held.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_NAMES = re.compile(r"\w+")
_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_ENDINGS = ("ings", "ing", "ers", "er", "ed", "es", "s", "e")

_STOP = """
a about all also an and any are as at be been but by can could did do does for from get had happen
happened happens has have how i if in into is it its me my no not of on or our out shall should so
some such than that the their them then there these they this those to up us was we were what when
where which while who whom why will with would you your
"""
STOP_WORDS = frozenset(_STOP.split())
"""Words that say nothing of what a text is about: two texts that share only these do not match."""


def words(text: str) -> list[str]:
    """The words of prose or code, in lower case and bare of common endings.

    Stop words and single letters and digits are left out: they say nothing of what a text is about.

    `readLines` and `read_lines` are both `read`, `line`; a name of several parts also counts as one
    word (`readlines`), so that the very name weighs more than its parts.
    """
    found: list[str] = []
    for name in _NAMES.findall(text):
        found += _of_name(name)
    return found


@lru_cache(maxsize=1 << 16)  # the same names come again and again: three times as fast
def _of_name(name: str) -> tuple[str, ...]:
    parts = [part.lower() for part in _parts(name)]
    whole = ("".join(parts),) if len(parts) > 1 else ()
    return (*whole, *(stem(part) for part in parts if part not in STOP_WORDS and len(part) > 1))


def stem(word: str) -> str:
    """The word without a common ending: `walks`, `walking`, `walked`, `walker` are all `walk`."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def _parts(name: str) -> list[str]:
    if name.islower() and "_" not in name:
        return [name]
    if not name.isascii():
        return [part for part in name.split("_") if part]
    return _PARTS.findall(name)


class Bm25:
    """Scores texts against one query. `k1` and `b` are BM25's own, with their usual values."""

    def __init__(self, query: Iterable[str], k1: float = 1.2, b: float = 0.75) -> None:
        self.terms = tuple(dict.fromkeys(query))
        self._k1 = k1
        self._b = b
        self._place = {term: index for index, term in enumerate(self.terms)}
        self._counts: list[dict[int, int]] = []
        self._lengths: list[int] = []
        self._holders = [0] * len(self.terms)

    def fit(self, texts: Iterable[Sequence[str]]) -> Bm25:
        """Takes in many texts, each as its words."""
        for text in texts:
            self.add(text)
        return self

    def add(self, text: Sequence[str]) -> None:
        """Takes in one text, as its words."""
        counts: dict[int, int] = {}
        for word in text:
            place = self._place.get(word)
            if place is not None:
                counts[place] = counts.get(place, 0) + 1
        for place in counts:
            self._holders[place] += 1
        self._counts.append(counts)
        self._lengths.append(len(text))

    def scores(self) -> list[float]:
        """One score for each text in the order they came; 0.0 where no word of the query stands."""
        mean = sum(self._lengths) / len(self._lengths) if self._lengths else 0.0
        weights = [self._weight(holders) for holders in self._holders]
        return [
            sum(
                (weights[place] * self._saturated(count, length, mean) for place, count in found),
                start=0.0,
            )
            for found, length in self._found()
        ]

    def _found(self) -> Iterable[tuple[list[tuple[int, int]], int]]:
        # Summed in the order of the query's words: equal texts get equal scores to the last bit.
        for counts, length in zip(self._counts, self._lengths, strict=True):
            yield sorted(counts.items()), length

    def _weight(self, holders: int) -> float:
        texts = len(self._lengths)
        return math.log(1 + (texts - holders + 0.5) / (holders + 0.5))

    def _saturated(self, count: int, length: int, mean: float) -> float:
        stretch = self._k1 * (1 - self._b + self._b * length / mean) if mean else self._k1
        return count * (self._k1 + 1) / (count + stretch)
