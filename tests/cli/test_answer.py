"""The end of a run as text."""

from __future__ import annotations

from rlmboard.cli.pictures.answer import answer_text, facts_line, numbered
from rlmboard.cli.pictures.glyphs import ASCII, UNICODE
from rlmboard.trace import SpanRef

SPANS = (
    SpanRef(id="1", path="src/a.py", start_line=10, end_line=12),
    SpanRef(id="2", path="docs/b c.md", start_line=4, end_line=4),
)
COUNTS = {"returned": 11, "sub_queries": 12}


def facts(**changes: object) -> str:
    said: dict[str, object] = {
        "status": "completed",
        "end_reason": "answer",
        "partial": False,
        "counts": COUNTS,
        "checked": 8,
        "missing": 1,
        "cost": "47 sats",
        "duration_ms": 3_400.0,
        "simulated": False,
        "run_id": "01m84",
        "glyphs": UNICODE,
    }
    return facts_line(**{**said, **changes})  # type: ignore[arg-type]


def test_citations_are_numbered_in_the_text_and_listed_below() -> None:
    answer = 'It says "so" [src/a.py:10-12], again [docs/b c.md:4] and [src/a.py:10-12].'
    assert answer_text(answer, SPANS).splitlines() == [
        'It says "so" [1], again [2] and [1].',
        "",
        "[1] src/a.py:10-12",
        "[2] docs/b c.md:4",
    ]


def test_a_citation_that_leads_nowhere_stays_as_it_stands() -> None:
    assert numbered("as [nowhere.py:1-2] says", SPANS) == "as [nowhere.py:1-2] says"


def test_an_answer_cannot_steer_the_terminal() -> None:
    assert numbered("a\x1b[2Jb\x07", ()) == "ab"


def test_no_answer_is_said() -> None:
    assert answer_text("", ()) == "(no answer)"


def test_the_facts_stand_in_one_line() -> None:
    assert facts() == (
        "✓ completed · 11/12 sub-queries · 7/8 citations verified · 47 sats · 3.4s · run 01m84"
    )


def test_what_is_not_known_or_not_there_is_said_in_words() -> None:
    assert facts(
        status="failed",
        end_reason="quorum",
        partial=True,
        checked=None,
        cost="unknown",
        simulated=True,
        run_id=None,
        glyphs=ASCII,
    ) == (
        "X failed (quorum), partial answer | 11/12 sub-queries | cost unknown | 3.4s | simulated"
        " | not recorded"
    )
