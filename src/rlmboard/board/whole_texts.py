"""Texts as far as they can be shown, and what became of those that cannot."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from ..folder import read_pruned
from ..store import StoredRun
from ..trace.events import Ref
from .shapes import Text, TextState

SHOWN_BYTES = 256_000
"""Longer ones are shown from their beginning; the rest is asked for by hash."""


class Texts:
    """The texts of one run, each looked up when it is asked for."""

    def __init__(self, run: StoredRun, find: Callable[[str], str | None] | None = None) -> None:
        self._run = run
        self._find = find or run.payload

    def of(self, preview: str, ref: Ref | None) -> list[Text]:
        """One text, or one for each message where a prompt is made of messages."""
        if isinstance(ref, list):
            return [self._named("", sha256) for sha256 in ref]
        return [self.one(preview, ref)]

    def one(self, preview: str, ref: Ref | None) -> Text:
        """The text that stands behind a preview."""
        if isinstance(ref, str):
            return self._named(preview, ref)
        is_cut = preview.endswith("...") or not self._keeps_texts
        return Text(sha256=None, text=preview, bytes=None, state="preview" if is_cut else "whole")

    def _named(self, preview: str, sha256: str) -> Text:
        whole = self._find(sha256)
        if whole is None:
            return Text(sha256=sha256, text=preview, bytes=None, state=self._why_missing)
        content = whole.encode(errors="replace")
        if len(content) <= SHOWN_BYTES:
            return Text(sha256=sha256, text=whole, bytes=len(content), state="whole")
        beginning = content[:SHOWN_BYTES].decode(errors="ignore")
        return Text(sha256=sha256, text=beginning, bytes=len(content), state="cut")

    @cached_property
    def _why_missing(self) -> TextState:
        return "removed" if read_pruned(self._run.folder) is not None else "lost"

    @cached_property
    def _keeps_texts(self) -> bool:
        record = self._run.record()
        return record is None or record.payloads != "none"
