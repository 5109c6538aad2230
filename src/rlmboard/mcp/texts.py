"""Texts that are cut, and say so."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..errors import BadInput

MOST_CHARS = 20_000


class Text(NamedTuple):
    """A text, or its beginning; `chars` is the length of the whole where it was cut."""

    text: str
    chars: int | None

    def said(self) -> Any:
        """The text itself, or an object that says how much is missing."""
        if self.chars is None:
            return self.text
        return {"text": self.text, "cut_after": len(self.text), "chars": self.chars}


def cut(text: str | None, most: int) -> Text:
    """At most so many characters of a text."""
    whole = text or ""
    if len(whole) <= max(0, most):
        return Text(whole, None)
    return Text(whole[: max(0, most)], len(whole))


def chars_wanted(wanted: int) -> int:
    """How many characters of each text; refuses more than there may be."""
    if not 1 <= wanted <= MOST_CHARS:
        raise BadInput(f"max_chars must be 1 to {MOST_CHARS}, not {wanted}")
    return wanted
