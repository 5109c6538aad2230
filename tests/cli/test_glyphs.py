"""Signs, and text that is harmless to a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from rlmboard.cli.pictures.glyphs import ASCII, UNICODE, clean, fit, fit_end, glyphs_for, one_line


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf8"])
def test_a_utf_8_terminal_gets_unicode(encoding: str) -> None:
    assert glyphs_for(encoding) is UNICODE


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "no-such-thing", None])
def test_any_other_terminal_gets_ascii(encoding: str | None) -> None:
    assert glyphs_for(encoding) is ASCII


def test_the_ascii_signs_are_ascii() -> None:
    signs = [s for state in ASCII.states.values() for s in (state.sign, state.bar)]
    rest = [ASCII.levels, ASCII.full, ASCII.arrow, ASCII.more, ASCII.branch, ASCII.trunk]
    assert all(sign.isascii() for sign in signs + rest)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_states_differ_without_colour(glyphs: object) -> None:
    states = glyphs.states  # type: ignore[attr-defined]
    told_apart = ("returned", "running", "timeout", "failed", "cancelled")
    assert len({states[name].sign for name in told_apart}) == len(told_apart)
    assert len({states[name].bar for name in told_apart}) == len(told_apart)
    assert all(cell_len(states[name].bar) == 1 for name in told_apart)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;a title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("a\x07b\x00c\x08d\x7fe", "abcde"),
        ("left\u202eright", "leftright"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("tab\tand\r\nline", "tab\tand\nline"),
        ("[bold]no markup[/bold]", "[bold]no markup[/bold]"),
        ("日本語 ✓", "日本語 ✓"),
    ],
)
def test_text_from_models_cannot_steer_the_terminal(text: str, left: str) -> None:
    assert clean(text) == left


@given(st.text())
def test_nothing_that_controls_is_left(text: str) -> None:
    assert all(
        character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
        for character in clean(text)
    )
    assert "\n" not in one_line(text)


@given(st.text(), st.integers(0, 60))
def test_a_text_is_fitted_to_exactly_so_many_cells(text: str, width: int) -> None:
    assert cell_len(fit(one_line(text), width)) == width
    assert cell_len(fit_end(one_line(text), width)) == width


def test_of_a_long_place_the_end_is_kept() -> None:
    assert fit("src/rlmboard/folder/writer.py:1-40", 16) == "src/rlmboard/fo…"
    assert fit_end("src/rlmboard/folder/writer.py:1-40", 16) == "…/writer.py:1-40"
