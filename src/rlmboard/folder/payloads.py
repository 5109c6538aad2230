"""Whole texts, kept once by the hash of what they say.

Below 256 kB a text is a line of `artifacts/payloads.jsonl`, larger ones are `artifacts/<sha256>`
(gzip). A text is written before the event that names it.
"""

from __future__ import annotations

import gzip
import hashlib
import mmap
import os
import re
from pathlib import Path

import msgspec

from .lines import open_append

INLINE_BYTES = 256_000
REMEMBERED = 200_000
_HASH = re.compile(r"[0-9a-f]{64}")
_encoder = msgspec.json.Encoder()


class Payload(msgspec.Struct, gc=False):
    sha256: str
    text: str


class PayloadWriter:
    """Keeps texts of one run. `keep` raises OSError; the caller counts."""

    def __init__(self, artifacts: Path) -> None:
        self._artifacts = artifacts
        self._file = -1
        self._known: set[bytes] = set()
        self._torn = False

    def keep(self, text: str) -> str:
        """The hash that names this text from now on. A text kept before costs only its hash."""
        content = text.encode(errors="replace")
        digest = hashlib.sha256(content)
        name = digest.hexdigest()
        if digest.digest() in self._known:
            return name
        if len(content) < INLINE_BYTES:
            self._append(_encoder.encode(Payload(name, content.decode())) + b"\n")
        else:
            self._write_file(name, content)
        if len(self._known) >= REMEMBERED:
            self._known.clear()  # a text that comes again is kept twice, which harms nobody
        self._known.add(digest.digest())
        return name

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def sync(self) -> None:
        if self._file >= 0:
            os.fsync(self._file)

    def _append(self, line: bytes) -> None:
        if self._file < 0:
            self._artifacts.mkdir(exist_ok=True)
            self._file = open_append(self._artifacts / "payloads.jsonl")
        if self._torn:
            line = b"\n" + line
        written = os.write(self._file, line)
        self._torn = written != len(line)
        if self._torn:
            raise OSError(28, "a payload found no room")

    def _write_file(self, name: str, content: bytes) -> None:
        self._artifacts.mkdir(exist_ok=True)
        place = self._artifacts / name
        if place.exists():
            return
        beside = self._artifacts / f".{name}.{os.getpid()}"
        try:
            beside.write_bytes(gzip.compress(content, compresslevel=1, mtime=0))
            beside.replace(place)
        except OSError:
            beside.unlink(missing_ok=True)
            raise


def read_payload(artifacts: Path, sha256: str) -> str | None:
    """The text of this hash, proven by it; None when it is not there (any more)."""
    if not _HASH.fullmatch(sha256):
        return None
    content = _from_file(artifacts / sha256, sha256)
    if content is None:
        content = _from_lines(artifacts / "payloads.jsonl", sha256)
    return content.decode(errors="replace") if content is not None else None


def _from_file(path: Path, sha256: str) -> bytes | None:
    try:
        with gzip.open(path) as file:
            content = file.read()
    except (OSError, EOFError):
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def _from_lines(path: Path, sha256: str) -> bytes | None:
    wanted = b'{"sha256":"' + sha256.encode()
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as lines:
            at = lines.find(wanted)
            while at >= 0:
                end = lines.find(b"\n", at)
                content = _text_of(lines[at : end if end >= 0 else len(lines)], sha256)
                if content is not None:
                    return content
                at = lines.find(wanted, at + 1)
    except (OSError, ValueError):
        return None
    return None


def _text_of(line: bytes, sha256: str) -> bytes | None:
    try:
        content = msgspec.json.decode(line, type=Payload).text.encode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None
