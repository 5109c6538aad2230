"""What a sub-query asks, before it is put into words: spans and findings, not texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from ..sources import Fragment
from ..trace import Role, SpanRef

Read: TypeAlias = Callable[[Fragment], str]
"""The text of a fragment, read when it is needed. Raises OSError."""


class Finding(msgspec.Struct, frozen=True, gc=False):
    """What one sub-query found. `order` is its place among the others, whoever answers first.

    `span` is what was read for it; absent when it was made of several findings.
    """

    order: int
    text: str
    span: SpanRef | None = None
    span_refs: tuple[SpanRef, ...] = ()

    @property
    def place(self) -> SpanRef | None:
        """Where it comes from: what was read, else the first that it cites."""
        return self.span or (self.span_refs[0] if self.span_refs else None)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question in parts: to a fragment (extractor), over findings (reducer), or a catalog of
    fragments to choose from (router). `cut_chars`: no more than this of the fragment is shown, the
    numbers of its lines included.
    """

    role: Role
    query: str
    fragment: Fragment | None = None
    findings: tuple[Finding, ...] = ()
    catalog: tuple[Fragment, ...] = ()
    cut_chars: int | None = None
    schema: dict[str, Any] | None = None
