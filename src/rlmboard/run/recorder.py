"""From an event as a producer states it to a line on disk: mask, keep whole texts, cut previews."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias, get_args

import msgspec

from ..errors import RecordingFailed
from ..folder import PayloadWriter, Writer
from ..trace import TEXTS, Failure, Note, Text, TraceEvent, as_text, preview

Payloads: TypeAlias = Literal["full", "preview", "none"]
Mask: TypeAlias = Callable[[str], str]

MASK_FAILED = "[a mask failed on this text]"
_TEXTS: dict[type, Sequence[Text]] = {event: TEXTS.get(event, ()) for event in get_args(TraceEvent)}
_NAMES = frozenset(
    {
        "check_type",
        "commit",
        "content_hash",
        "cost_source",
        "end_reason",
        "finish_reason",
        "level",
        "name",
        "path",
        "price_version",
        "producer",
        "pubkey",
        "python",
        "role",
        "scorer",
        "scorer_version",
        "sha256",
        "special",
        "type",
        "usage_quality",
        "venue",
    }
)
"""Fields that hold names and no prose; so do those that end in `_id`, `_ref` and `_at`."""
_PROSAIC = (str, dict, Failure)
_WORDLESS = frozenset({"int", "float", "bool", "None", "Usage"})


def _annotations(event: type) -> dict[str, str]:
    """How fields are annotated, those of bases included."""
    bases = reversed(event.__mro__)
    return {
        name: str(said)
        for base in bases
        for name, said in vars(base).get("__annotations__", {}).items()
    }


def _prose(event: type[TraceEvent]) -> tuple[str, ...]:
    """The fields of an event in which a mask finds words."""
    said = _annotations(event)
    return tuple(
        field
        for field in event.__struct_fields__
        if field not in _NAMES
        and not field.endswith(("_id", "_ref", "_at"))
        and not _WORDLESS.issuperset(said[field].split(" | "))
    )


_PROSE: dict[type, tuple[str, ...]] = {event: _prose(event) for event in get_args(TraceEvent)}


def guarded(mask: Mask, strict: bool = False) -> Mask:
    """A user's mask as one that does not raise: a text that it failed on stays out.

    With `strict` it raises RecordingFailed.
    """

    def masked(text: str) -> str:
        try:
            return str(mask(text))
        except Exception as error:  # the mask is the user's code
            if strict:
                raise RecordingFailed(f"the mask failed: {as_text(error)}") from error
            return MASK_FAILED

    return masked


def masked_tree(tree: Any, mask: Mask) -> Any:
    """A tree of settings with every text in it masked."""
    if isinstance(tree, str):
        return mask(tree)
    if isinstance(tree, dict):
        return {key: masked_tree(inner, mask) for key, inner in tree.items()}
    if isinstance(tree, list | tuple):
        return [masked_tree(inner, mask) for inner in tree]
    if isinstance(tree, Failure):
        traceback = mask(tree.traceback) if tree.traceback is not None else None
        return Failure(type=tree.type, message=mask(tree.message), traceback=traceback)
    return tree


class Recorder:
    """Records the events of one run. Never raises, unless `strict`. `mask` is a `guarded` one."""

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
        texts = _TEXTS.get(type(event))
        if texts is None:
            return self._lost(f"{type(event).__name__} is no event")
        if self._mask is not None:
            event = self._masked(event)
        if texts:
            event = self._cut(event, texts)
        kept = self.writer.append(event, at_us)
        if not kept and self._strict:
            raise RecordingFailed(self.writer.problem or "an event was lost")
        return kept

    def record_both(self, first: TraceEvent, second: TraceEvent) -> bool:
        """Whether both are on disk: two events of one moment, written at once."""
        kept = self.writer.append_both(self.cut(first), self.cut(second))
        if not kept and self._strict:
            raise RecordingFailed(self.writer.problem or "an event was lost")
        return kept

    def cut(self, event: TraceEvent) -> TraceEvent:
        """The event as it will stand: its texts kept by hash and cut."""
        texts = _TEXTS.get(type(event), ())
        if self._mask is not None:
            event = self._masked(event)
        return self._cut(event, texts) if texts else event

    def keep(self, text: str) -> str | None:
        """The hash by which an event may name this text; None where whole texts are not kept."""
        if self._payloads != "full":
            return None
        return self._keep(self.masked(text))

    def gather(self) -> None:
        """From here on events and texts wait for `flush`: for a single thread with many at once."""
        self.writer.gather()
        self._keeper.gather()

    def flush(self) -> bool:
        """Whether all that was gathered is on disk, texts before the events that name them."""
        kept = True
        try:
            self._keeper.flush()
        except OSError as error:
            kept = self._lost(f"texts could not be kept: {error.strerror or error}")
        return self.writer.flush() and kept

    def masked(self, text: str) -> str:
        """The text as it may be written."""
        if self._mask is None:
            return text
        shown = self._mask(text)
        if shown is MASK_FAILED:
            self.writer.lose("the mask failed on a text")
        return shown

    def masked_tree(self, tree: Any) -> Any:
        """A tree of settings as it may be written."""
        return masked_tree(tree, self.masked) if self._mask is not None else tree

    def close(self) -> None:
        self.writer.close()
        self._keeper.close()

    def _keep(self, text: str) -> str | None:
        try:
            return self._keeper.keep(text)
        except OSError as error:
            self._lost(f"a text could not be kept: {error.strerror or error}")
            return None

    def _lost(self, why: str) -> Literal[False]:
        self.writer.lose(why)
        if self._strict:
            raise RecordingFailed(why)
        return False

    def _cut(self, event: TraceEvent, texts: Sequence[Text]) -> TraceEvent:
        changes: dict[str, Any] = {}
        for field, ref, limit in texts:
            text = getattr(event, field)
            if not text:
                continue
            if self._payloads == "none" and type(event) is not Note:
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
        changes: dict[str, Any] = {}
        for field in _PROSE[type(event)]:
            value = getattr(event, field)
            if value and isinstance(value, _PROSAIC):
                shown = masked_tree(value, self.masked)
                if shown != value:
                    changes[field] = shown
        return msgspec.structs.replace(event, **changes) if changes else event


def failure(error: BaseException, with_traceback: bool = False) -> Failure:
    """An exception as a value."""
    traceback = _traceback(error) if with_traceback and error.__traceback__ else None
    return Failure(type=type(error).__name__, message=as_text(error)[:4000], traceback=traceback)


def _traceback(error: BaseException) -> str:
    import traceback  # for runs that fail

    return "".join(traceback.format_exception(error))[-20_000:]
