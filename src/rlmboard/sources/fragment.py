"""A fragment: a piece of the input, known by where it stands."""

from __future__ import annotations

import msgspec

from ..trace import SpanRef


class Fragment(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a document. Its text is read when it is needed: 100,000 of them are 100,000 spans.

    `title` is the heading or definition that it stands under; `chars` its length in characters.
    """

    id: str
    span: SpanRef
    title: str | None = None
    chars: int = 0

    @property
    def size_bytes(self) -> int:
        return self.span.end_byte - self.span.start_byte


class Passage(msgspec.Struct, frozen=True):
    """Text with the place it was taken from: what a provider is asked to read and cite."""

    text: str
    span: SpanRef
