"""The end of a run as text: its answer with numbered citations, and one line of facts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...trace import SpanRef
from . import amounts
from .glyphs import Glyphs, clean

_CITED = re.compile(r"\[([^\[\]\n]{1,500}?):(\d{1,9})(?:-(\d{1,9}))?\]")


def numbered(answer: str, spans: Sequence[SpanRef]) -> str:
    """The answer with `[1]` for each citation that is a SpanRef of the run; others stay."""
    numbers = {
        (span.path, span.start_line, span.end_line): number for number, span in enumerate(spans, 1)
    }

    def replace(found: re.Match[str]) -> str:
        path, first, last = found[1].strip(), int(found[2]), int(found[3] or found[2])
        number = numbers.get((path, first, last))
        return found[0] if number is None else f"[{number}]"

    return clean(_CITED.sub(replace, answer)).strip()


def citation_lines(spans: Sequence[SpanRef]) -> list[str]:
    """`[1] src/a.py:10-12`, a line for each."""
    width = len(str(len(spans))) + 2
    return [f"{f'[{number}]'.rjust(width)} {place(span)}" for number, span in enumerate(spans, 1)]


def place(span: SpanRef) -> str:
    """`src/a.py:10-12`, or `src/a.py:10` for one line."""
    one = span.start_line == span.end_line
    return clean(f"{span.path}:{span.start_line}" if one else str(span))


def answer_text(answer: str, spans: Sequence[SpanRef]) -> str:
    """Answer and citations; a run without an answer says so."""
    text = numbered(answer, spans) or "(no answer)"
    return "\n".join([text, *(["", *citation_lines(spans)] if spans else [])])


def facts_line(
    *,
    status: str,
    end_reason: str | None,
    partial: bool,
    counts: dict[str, int],
    checked: int | None,
    missing: int | None,
    cost: str,
    duration_ms: float | None,
    simulated: bool,
    run_id: str | None,
    glyphs: Glyphs,
) -> str:
    """`✓ completed · 12/12 sub-queries · 8/8 citations verified · 47 sats · 3.4s · run 0198…`."""
    said = [f"{glyphs.state(status).sign} {_status(status, end_reason, partial)}"]
    said.append(
        f"{counts['returned']:,}/{amounts.count(counts['sub_queries'], 'sub-query', 'sub-queries')}"
    )
    if checked is not None:
        said.append(f"{checked - (missing or 0):,}/{amounts.count(checked, 'citation')} verified")
    said.append(f"cost {cost}" if cost in (amounts.UNKNOWN, glyphs.dash) else cost)
    said.append(amounts.duration(duration_ms))
    if simulated:
        said.append("simulated")
    said.append(f"run {run_id}" if run_id else "not recorded")
    separator = " · " if glyphs.more == "…" else " | "
    return separator.join(said)


def _status(status: str, end_reason: str | None, partial: bool) -> str:
    reason = f" ({clean(end_reason)})" if end_reason not in (None, "answer") else ""
    return f"{status}{reason}{', partial answer' if partial else ''}"
