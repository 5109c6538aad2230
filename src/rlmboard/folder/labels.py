"""What people say of a run, one statement a line; the last one for a field holds."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

import msgspec

from ..trace import json_decoder
from .lines import APPEND, append_line
from .own_files import read_own


class Label(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One statement. `field`: name, tags, note, star, archived, experiment, score, comment.

    A score or comment may be about one sub-query: `query_id`. `value` None takes it back.
    """

    at: str
    field: str
    value: Any = None
    by: str | None = None
    query_id: str | None = None


FIELDS = frozenset({"name", "tags", "note", "star", "archived", "experiment", "score", "comment"})


def append_label(path: Path, label: Label) -> None:
    """Raises OSError: a person who says something must know that it was not kept."""
    file = os.open(path, APPEND, 0o644)
    try:
        append_line(file, msgspec.json.encode(label))
    finally:
        os.close(file)


def read_labels(path: Path) -> list[Label]:
    """All statements in the order they were made; a line that is none is passed over."""
    try:
        raw = read_own(path)
    except OSError:
        return []
    return [label for line in raw.split(b"\n") if (label := _label(line))]


@functools.cache
def _labels() -> msgspec.json.Decoder[Label]:
    return json_decoder(Label)


def _label(line: bytes) -> Label | None:
    try:
        return _labels().decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
