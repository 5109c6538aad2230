"""From an event as a producer states it to a line on disk: mask, keep whole texts, cut previews."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from ..errors import RecordingFailed
from ..folder import PayloadWriter, Writer
from ..trace import TEXTS, Failure, Text, TraceEvent, preview

Payloads: TypeAlias = Literal["full", "preview", "none"]
Mask: TypeAlias = Callable[[str], str]

MASK_FAILED = "[a mask failed on this text]"
_NAMES = frozenset(
    {
        "type",
        "role",
        "venue",
        "level",
        "name",
        "sha256",
        "path",
        "content_hash",
        "commit",
        "special",
    }
)
"""Fields that hold names and no prose; so do those that end in `_id`, `_ref` and `_at`."""


class Recorder:
    """Records the events of one run. Never raises, unless `strict`."""

    def __init__(
        self,
        writer: Writer,
        keeper: PayloadWriter,
        payloads: Payloads = "full",
        mask: Mask | None = None,
        strict: bool = False,
    ) -> None:
        self.writer = writer
        self._keeper = keeper
        self._payloads = payloads
        self._mask = mask
        self._strict = strict

    def record(self, event: TraceEvent, at_us: int | None = None) -> bool:
        """Whether the event is on disk. Texts may be whole: they are kept by hash and cut here."""
        if self._mask is not None:
            event = self._masked(event)
        texts = TEXTS.get(type(event))
        if texts is not None:
            event = self._cut(event, texts)
        kept = self.writer.append(event, at_us)
        if not kept and self._strict:
            raise RecordingFailed(self.writer.problem or "an event was lost")
        return kept

    def keep(self, text: str) -> str | None:
        """The hash by which an event may name this text; None where whole texts are not kept."""
        if self._payloads != "full":
            return None
        return self._keep(self.masked(text))

    def masked(self, text: str) -> str:
        if self._mask is None:
            return text
        try:
            return str(self._mask(text))
        except Exception as error:  # the mask is the user's code; what it could not see stays out
            self.writer.problem = f"the mask failed: {type(error).__name__}: {error}"
            if self._strict:
                raise
            return MASK_FAILED

    def close(self) -> None:
        self.writer.close()
        self._keeper.close()

    def _keep(self, text: str) -> str | None:
        try:
            return self._keeper.keep(text)
        except OSError as error:
            self.writer.lose(f"a text could not be kept: {error.strerror or error}")
            if self._strict:
                raise RecordingFailed(self.writer.problem) from error
            return None

    def _cut(self, event: TraceEvent, texts: Sequence[Text]) -> TraceEvent:
        changes: dict[str, Any] = {}
        for field, ref, limit in texts:
            text = getattr(event, field)
            if not text:
                continue
            if self._payloads == "none":
                changes[field] = ""
                continue
            short = preview(text, limit)
            if short is text:
                continue
            changes[field] = short
            if ref is not None and self._payloads == "full" and getattr(event, ref) is None:
                changes[ref] = self._keep(text)
        return msgspec.structs.replace(event, **changes) if changes else event

    def _masked(self, event: TraceEvent) -> TraceEvent:
        changes = {
            field: self._masked_value(value)
            for field in event.__struct_fields__
            if _is_prose(field) and isinstance(value := getattr(event, field), str | dict | Failure)
        }
        return msgspec.structs.replace(event, **changes) if changes else event

    def _masked_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.masked(value)
        if isinstance(value, dict):
            return {key: self._masked_value(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._masked_value(inner) for inner in value]
        if isinstance(value, Failure):
            traceback = self.masked(value.traceback) if value.traceback is not None else None
            return Failure(type=value.type, message=self.masked(value.message), traceback=traceback)
        return value

    def masked_tree(self, tree: Any) -> Any:
        """A tree of settings with every text in it masked."""
        return self._masked_value(tree) if self._mask is not None else tree


def _is_prose(field: str) -> bool:
    return field not in _NAMES and not field.endswith(("_id", "_ref", "_at"))


def failure(error: BaseException, traceback: str | None = None) -> Failure:
    """An exception as a value."""
    return Failure(type=type(error).__name__, message=str(error)[:4000], traceback=traceback)
