"""The texts of a run for who reads many of them: where each stands is looked up once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from ..trace import content_hash
from .own_files import open_own
from .payloads import payloads, read_payload

_BEGIN = b'{"sha256":"'
_HASH_LENGTH = 64


class Payloads:
    """All texts of a run, by their hash."""

    def __init__(self, artifacts: Path) -> None:
        self._artifacts = artifacts
        self._lines = artifacts / "payloads.jsonl"
        self._places = dict(_places(self._lines))

    def read(self, sha256: str) -> str | None:
        """The text of this hash, proven by it; None when it is not there (any more)."""
        place = self._places.get(sha256.encode(errors="replace"))
        text = None if place is None else self._text_at(*place)
        if text is not None and content_hash(text.encode(errors="replace")) == sha256:
            return text
        return read_payload(self._artifacts, sha256)

    def _text_at(self, offset: int, length: int) -> str | None:
        try:
            with open_own(self._lines) as file:
                file.seek(offset)
                return payloads().decode(file.read(length)).text
        except (OSError, msgspec.DecodeError, UnicodeError):
            return None


def _places(lines: Path) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Offset and length of each line, by the hash that it begins with."""
    offset = 0
    try:
        with open_own(lines) as file:
            for line in file:
                if line.startswith(_BEGIN):
                    yield line[len(_BEGIN) :][:_HASH_LENGTH], (offset, len(line))
                offset += len(line)
    except OSError:
        return
