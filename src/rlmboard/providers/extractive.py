"""The built-in provider: no model, no network. It finds sentences that answer, and quotes them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import NamedTuple

from ..conductor.bm25 import Bm25, words
from ..conductor.prompts import NO_EVIDENCE
from ..conductor.provider import Answer, Bound, Request, Venue
from ..trace import SpanRef
from .sentences import Sentence, is_prose, sentences, span_of

PREFACE = "Extractive answer (no language model):"
QUOTES_OF_A_FINDING = 3
QUOTES_OF_AN_ANSWER = 8
_GOOD_ENOUGH = 0.1
"""A sentence is quoted beside the best one when its score is at least this share of the best."""
_CODE_WEIGHT = 0.7
"""A question is put in words; so is its answer, more often than not."""
_CHARS_PER_TOKEN = 3
_QUOTE = re.compile(r'"(?P<text>.+?)" (?P<place>\[[^\[\]\n]+:\d+(?:-\d+)?\])', re.DOTALL)


class Quote(NamedTuple):
    """Words of a source and their citation, as they stand in an answer."""

    text: str
    place: str
    span: SpanRef | None = None

    def __str__(self) -> str:
        return f'"{self.text}" {self.place}'


class ExtractiveProvider:
    """Ranks sentences by BM25 against the query and answers in quotes with exact SpanRefs.

    Free, deterministic, and plain about what it is: an answer to the user begins with `PREFACE`.
    Where nothing matches, it answers `NO_EVIDENCE`.
    """

    venue: Venue = "local"
    simulated = False
    concurrency = 16
    model: str | None = None

    def __init__(self, name: str = "extractive") -> None:
        self.name = name

    async def answer(self, request: Request) -> Answer:
        await asyncio.sleep(0)  # a thousand answers in a row must not block the loop
        if request.role == "router":
            return _free(str(chosen(request)))
        quotes = quotes_for(request)
        text = "\n".join(map(str, quotes)) or NO_EVIDENCE
        if quotes and request.role in ("root", "reducer"):
            text = f"{PREFACE}\n{text}"
        return _free(text, tuple(quote.span for quote in quotes if quote.span is not None))

    def bound(self, prompt_bytes: int, max_tokens: int) -> Bound:
        """Nothing, whatever is asked."""
        return Bound(msat=0, usd_nanos=0)

    async def aclose(self) -> None:
        """There is nothing to close."""


def _free(text: str, spans: tuple[SpanRef, ...] = ()) -> Answer:
    return Answer(
        text=text,
        cost_msat=0,
        cost_usd_nanos=0,
        cost_source="price_table",
        price_version="built-in",
        finish_reason="stop",
        span_refs=spans,
    )


def chosen(request: Request) -> list[int]:
    """Numbers, from 1, of the passages worth reading for the query, the most promising first."""
    texts = [f"{passage.span.path} {passage.text}" for passage in request.passages]
    return [place + 1 for place in _ranked(request.query, texts)]


def quotes_for(request: Request) -> list[Quote]:
    """The best quotes for a request, best first: of findings for a reducer, else of passages."""
    if request.role == "reducer":
        quotes = _best_findings(request)
    else:
        limit = QUOTES_OF_AN_ANSWER if request.role == "root" else QUOTES_OF_A_FINDING
        quotes = [_quoted(sentence) for sentence in _best_sentences(request, limit)]
    return _within(request.max_tokens * _CHARS_PER_TOKEN, quotes)


def _best_sentences(request: Request, limit: int) -> list[Sentence]:
    candidates = [sentence for passage in request.passages for sentence in sentences(passage)]
    weights = [_weight(sentence.passage.span.path) for sentence in candidates]
    best: list[Sentence] = []
    for place in _ranked(request.query, [sentence.text for sentence in candidates], weights):
        sentence = candidates[place]
        if not any(sentence.overlaps(other) or sentence.text == other.text for other in best):
            best.append(sentence)
        if len(best) == limit:
            break
    return best


def _best_findings(request: Request) -> list[Quote]:
    """Quotes of the findings, ranked anew among themselves; the same words are quoted once."""
    spans = {f"[{passage.span}]": passage.span for passage in request.passages}
    texts = [passage.text for passage in request.passages] or [request.prompt]
    found = {quote.text: quote for text in texts for quote in quotes_in(text, spans)}
    quotes = list(found.values())
    weights = [_weight(quote.place.strip("[]").rpartition(":")[0]) for quote in quotes]
    ranked = [quotes[place] for place in _ranked(request.query, list(found), weights)]
    return ranked[:QUOTES_OF_AN_ANSWER]


def quotes_in(text: str, spans: dict[str, SpanRef] | None = None) -> list[Quote]:
    """The quotes that stand in an answer of this provider; `spans` knows the SpanRefs of some."""
    known = spans or {}
    return [
        Quote(found["text"], found["place"], known.get(found["place"]))
        for found in _QUOTE.finditer(text)
    ]


def _quoted(sentence: Sentence) -> Quote:
    span = span_of(sentence)
    return Quote(sentence.text, f"[{span}]", span)


def _ranked(query: str, texts: list[str], weights: Sequence[float] = ()) -> list[int]:
    """Places of the texts that match, best first; equally good ones in their order.

    A score counts as often as different words match, and beside a text that matches several, one
    that matches a single word says nothing. A text that puts the very question is no answer to it.
    """
    query_words = words(query)
    text_words = [words(text) for text in texts]
    shared = [len(set(query_words).intersection(found)) for found in text_words]
    scores = [
        score * weight * many * (not _asks(query, text))
        for score, weight, many, text in zip(
            Bm25(query_words).fit(text_words).scores(),
            weights or [1.0] * len(texts),
            shared,
            texts,
            strict=True,
        )
    ]
    least = max(scores, default=0.0) * _GOOD_ENOUGH
    fewest = min(max(shared, default=0), 2)
    matching = [
        place
        for place, score in enumerate(scores)
        if score > 0 and score >= least and shared[place] >= fewest
    ]
    return sorted(matching, key=lambda place: -scores[place])


def _asks(query: str, text: str) -> bool:
    """Whether the question itself stands in the text, as it does where somebody else asks it."""
    wanted = " ".join(query.lower().rstrip(" ?!.").split())
    return wanted.count(" ") > 1 and wanted in " ".join(text.lower().split())


def _weight(path: str) -> float:
    return 1.0 if is_prose(path) else _CODE_WEIGHT


def _within(limit_chars: int, quotes: list[Quote]) -> list[Quote]:
    """As many quotes as fit the bound of the answer, at least one."""
    kept: list[Quote] = []
    length = 0
    for quote in quotes:
        length += len(str(quote)) + 1
        if kept and length > limit_chars:
            break
        kept.append(quote)
    return kept
