"""What is said to providers, and what they say back in fixed words. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache

from ..sources import Fragment, Passage
from ..trace import SpanRef
from .question import Finding, Question, Read

NO_EVIDENCE = "No relevant content."
"""The whole answer of a provider that found nothing in the passages: counted, never aggregated."""

PREVIEW_CHARS = 200

_EXTRACT = f"""\
You are given one piece of a larger source and a question. Report what this piece says that helps to
answer the question: facts, names and values, in short sentences. Other pieces are read by others.
Cite the lines that each sentence rests on as [path:first-last], with the path and the line numbers
shown. If nothing in the piece helps, answer exactly: {NO_EVIDENCE}
"""

_EXTRACT_JSON = """\
You are given one piece of a larger source and a question. Answer the question from this piece
alone, with one JSON document that fits this schema, and nothing else:
"""

_REDUCE = f"""\
You are given a question and findings that others made in pieces of a source. Answer the question
from these findings alone: bring together what agrees, say what contradicts, leave out what does not
help. Keep the citations [path:first-last] of what you use, unchanged, and add none of your own.
If the findings do not answer the question, answer exactly: {NO_EVIDENCE}
"""

_ROUTE = """\
You are given a question and a numbered list of pieces of a source. Choose the pieces that should
be read to answer the question. Answer with a JSON array of their numbers, the most promising first,
and nothing else: [4, 1]. If no piece can help, answer [].
"""

_NUMBERS = re.compile(r"\[[\d\s,]*\]")


def render(question: Question, read: Read) -> tuple[str, tuple[Passage, ...]]:
    """The prompt, and the same material in parts. Raises OSError when a fragment cannot be read."""
    passages = tuple(_passages(question, read))
    return "".join((_head(question), *_body(question, passages))), passages


def prompt_chars(question: Question) -> int:
    """Upper bound of the length of the prompt, known before anything is read."""
    return len(_head(question)) + _body_chars(question)


def prompt_bytes(question: Question) -> int:
    """Upper bound of its length as UTF-8."""
    head = len(_head(question).encode(errors="replace"))
    if question.fragment is not None:
        return head + _fragment_bytes(question.fragment, question.cut_chars)
    return head + 4 * _body_chars(question)


def finding_chars(finding: Finding) -> int:
    """What one finding adds to the prompt of a reducer, at most."""
    return len(finding.text) + len(_source(finding.place)) + 12


def catalog_chars(fragment: Fragment) -> int:
    """What one fragment adds to the prompt of a router, at most."""
    return len(_label(fragment)) + PREVIEW_CHARS + 16


def chosen(answer: str, count: int) -> list[int] | None:
    """The places, from 0, that a router chose of `count`; None when it did not answer as asked."""
    arrays = _NUMBERS.findall(answer)
    if not arrays:
        return None
    numbers = [int(number) for number in re.findall(r"\d+", arrays[-1])]
    if any(not 1 <= number <= count for number in numbers):
        return None
    return [number - 1 for number in dict.fromkeys(numbers)]


def is_no_evidence(text: str) -> bool:
    """Whether an answer says that there is nothing; models drop the full stop or add quotes."""
    return len(text) < 64 and text.strip(" \t\r\n\"'`*.").casefold() == _NOTHING


_NOTHING = NO_EVIDENCE.rstrip(".").casefold()


# ------------------------------------------------------------------ in words


def _head(question: Question) -> str:
    schema = json.dumps(question.schema) if question.schema is not None else None
    return _opening(question.role, question.query, schema)


@lru_cache(maxsize=64)  # the same for every sub-query of a run, and first in the prompt: cacheable
def _opening(role: str, query: str, schema: str | None) -> str:
    if schema is not None:
        return f"{_EXTRACT_JSON}{schema}\n\nQuestion: {query}\n\n"
    instructions = {"reducer": _REDUCE, "router": _ROUTE}.get(role, _EXTRACT)
    return f"{instructions}\nQuestion: {query}\n\n"


def _passages(question: Question, read: Read) -> Iterable[Passage]:
    if question.fragment is not None:
        span = question.fragment.span
        text = read(question.fragment)
        if question.cut_chars is not None:
            text = _cut(text, span.end_line, question.cut_chars)
        return [Passage(text, span)]
    if question.findings:
        return [Passage(f.text, place) for f in question.findings if (place := f.place)]
    return [Passage(read(f)[:PREVIEW_CHARS], f.span) for f in question.catalog]


def _body(question: Question, passages: tuple[Passage, ...]) -> Iterable[str]:
    if question.fragment is not None:
        return [f"Piece: {_label(question.fragment)}\n", _numbered(passages[0])]
    if question.findings:
        return [f"{_source(f.place)}\n{f.text}\n\n" for f in question.findings]
    pairs = zip(question.catalog, passages, strict=True)
    return [f"{i}. {_label(f)}\n{' '.join(p.text.split())}\n" for i, (f, p) in enumerate(pairs, 1)]


def _numbered(passage: Passage) -> str:
    """The lines with their numbers, so that they can be cited."""
    lines = enumerate(_text_lines(passage.text), passage.span.start_line)
    return "".join([f"{number}| {line}\n" for number, line in lines])


def _cut(text: str, last_line: int, most_chars: int) -> str:
    """The beginning of a text that, with its lines numbered, is no longer than this."""
    kept, left = 0, most_chars
    for line in text.split("\n"):
        left -= _numbering(last_line) + len(line)
        if left < 0:
            return text[: max(kept + len(line) + left, 0)]
        kept += len(line) + 1
    return text


def _numbering(last_line: int) -> int:
    """What a number, a bar, a space and a newline add to a line."""
    return len(str(max(last_line, 1))) + 3


def _text_lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _label(fragment: Fragment) -> str:
    span = fragment.span
    title = f" ({fragment.title})" if fragment.title else ""
    return f"{span.path}, lines {span.start_line} to {span.end_line}{title}"


def _source(span: SpanRef | None) -> str:
    return f"From {span.path}, lines {span.start_line} to {span.end_line}:" if span else "Found:"


# ------------------------------------------------------------------ in numbers


def _body_chars(question: Question) -> int:
    fragment = question.fragment
    if fragment is None:
        findings = sum(finding_chars(f) for f in question.findings)
        return findings + sum(catalog_chars(f) for f in question.catalog)
    return _label_chars(fragment) + _at_most(
        (fragment.chars or fragment.size_bytes) + _numbers_chars(fragment), question.cut_chars
    )


def _fragment_bytes(fragment: Fragment, cut_chars: int | None) -> int:
    whole = _text_bytes(fragment) + _numbers_chars(fragment)
    return 4 * _label_chars(fragment) + _at_most(
        whole, None if cut_chars is None else 4 * cut_chars
    )


def _at_most(size: int, most: int | None) -> int:
    return size if most is None else min(size, most)


def _text_bytes(fragment: Fragment) -> int:
    """As many as it has, unless some are no UTF-8: each is read as a replacement of three bytes."""
    if fragment.chars == fragment.size_bytes:
        return fragment.size_bytes
    most = 3 * fragment.size_bytes
    return min(most, 4 * fragment.chars) if fragment.chars else most


def _label_chars(fragment: Fragment) -> int:
    return len(_label(fragment)) + 8


def _numbers_chars(fragment: Fragment) -> int:
    span = fragment.span
    return max(span.end_line - span.start_line + 1, 1) * _numbering(span.end_line)
