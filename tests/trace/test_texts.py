"""Previews: the beginning of a text, in whole characters."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.trace import TEXTS, TraceEvent, preview

ANY_TEXT = st.text(st.characters() | st.sampled_from("aé€😀\ud800"), max_size=300)
LIMIT = st.integers(3, 120)


@given(ANY_TEXT, LIMIT)
def test_a_preview_never_exceeds_its_limit(text: str, limit: int) -> None:
    assert len(preview(text, limit).encode(errors="replace")) <= limit


@given(ANY_TEXT, LIMIT)
def test_a_preview_is_the_text_or_its_beginning_in_whole_characters(text: str, limit: int) -> None:
    short = preview(text, limit)
    if short != text:
        assert short.endswith("...")
        readable = text.encode(errors="replace").decode()
        assert readable.startswith(short.removesuffix("..."))


@given(ANY_TEXT)
def test_a_text_that_fits_is_the_very_same(text: str) -> None:
    assert preview(text, len(text.encode(errors="replace"))) is text


@given(st.text("é€😀", min_size=60), LIMIT)
def test_a_cut_text_leaves_no_room_for_one_more_character(text: str, limit: int) -> None:
    assert limit - len(preview(text, limit).encode()) < len("😀".encode())


@pytest.mark.parametrize("event", TEXTS, ids=lambda event: event.__name__)
def test_every_text_stands_in_a_field_that_exists(event: type[TraceEvent]) -> None:
    for text in TEXTS[event]:
        assert text.field in event.__struct_fields__
        assert text.ref is None or text.ref in event.__struct_fields__


def test_every_ref_has_its_text() -> None:
    refs = {(e, f) for e in get_args(TraceEvent) for f in e.__struct_fields__ if f.endswith("_ref")}
    named = {(event, text.ref) for event, texts in TEXTS.items() for text in texts}
    assert {(e, f) for e, f in refs if f != "span_ref"} <= named
