"""Bringing findings together: in batches that a reducer can carry, or as they stand. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from ..trace import SpanRef
from .prompts import finding_chars
from .question import Finding

MOST_IN_BATCH = 32
"""More findings than this in one prompt, and models begin to lose some."""

CUT = " [cut]"


def batches(findings: Sequence[Finding], room_chars: int) -> list[tuple[Finding, ...]]:
    """The findings in order, in batches that fit `room_chars`; one batch when they all fit.

    Each batch but the last holds two or more, so that batches of batches come to an end: a finding
    longer than half the room is cut (see `is_cut`).
    """
    made: list[tuple[Finding, ...]] = []
    batch: list[Finding] = []
    used = 0
    for finding in findings:
        fitting = _cut(finding, room_chars // 2)
        size = finding_chars(fitting)
        if batch and (used + size > room_chars or len(batch) == MOST_IN_BATCH):
            made.append(tuple(batch))
            batch, used = [], 0
        batch.append(fitting)
        used += size
    return [*made, tuple(batch)] if batch else made


def is_cut(finding: Finding, room_chars: int) -> bool:
    """Whether `batches` has to leave out a part of this finding."""
    return finding_chars(finding) > room_chars // 2


class Joined(NamedTuple):
    """Findings as one text, and what those that found a place in it cite, each span once."""

    text: str
    spans: tuple[SpanRef, ...]


def join(findings: Iterable[Finding], most_chars: int) -> Joined:
    """The findings under the places they come from, as many as fit; no model is asked."""
    parts: list[str] = []
    spans: dict[tuple[str, int, int], SpanRef] = {}
    length = 0
    for finding in findings:
        parts.append(_titled(finding))
        length += len(parts[-1]) + 2
        for span in finding.span_refs:
            spans[span.path, span.start_byte, span.end_byte] = span
        if length > most_chars + 2:  # of 100,000 findings, no more than needed
            break
    text = "\n\n".join(parts)
    whole = len(text) <= most_chars
    return Joined(text if whole else text[: most_chars - len(CUT)] + CUT, tuple(spans.values()))


def _titled(finding: Finding) -> str:
    return f"{finding.span}:\n{finding.text}" if finding.span else finding.text


def _cut(finding: Finding, most_chars: int) -> Finding:
    excess = finding_chars(finding) - most_chars
    if excess <= 0:
        return finding
    kept = finding.text[: max(len(finding.text) - excess - len(CUT), 0)] + CUT
    return msgspec.structs.replace(finding, text=kept)
