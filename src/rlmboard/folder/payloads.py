"""Whole texts, kept once by the hash of what they say.

Below 256 kB a text is a line of `artifacts/payloads.jsonl`, larger ones are `artifacts/<sha256>`
(gzip). A text is written before the event that names it.
"""

from __future__ import annotations

import errno
import functools
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from ..trace import content_hash, json_decoder
from .beat import Beating, keep_beating
from .descriptor import Descriptor
from .lines import datasync, open_append
from .own_files import open_own

INLINE_BYTES = 256_000
REMEMBERED = 200_000
LONGEST_TEXT_BYTES = 256 << 20
"""A few bytes of a run from elsewhere may unpack to more than there is memory."""
_encoder = msgspec.json.Encoder()


class Payload(msgspec.Struct, gc=False):
    sha256: str
    text: str


@functools.cache
def payloads() -> msgspec.json.Decoder[Payload]:
    return json_decoder(Payload)


@functools.cache
def _sha256() -> Callable[[bytes], Any]:
    import hashlib  # costs 3 ms where no text is long

    return hashlib.sha256


class PayloadWriter(Beating):
    """Keeps texts of one run. `keep` raises OSError; the caller counts."""

    def __init__(self, artifacts: Path, remembered: int = REMEMBERED) -> None:
        self._artifacts = artifacts
        self._remembered = remembered
        self._file: Descriptor | None = None
        self._known: set[bytes] = set()
        self._gathered: bytearray | None = None
        self._number = -1  # of the file
        self._torn = False
        self._dirty = False
        self._opening = threading.Lock()

    def keep(self, text: str) -> str:
        """The hash that names this text from now on. A text kept before costs only its hash."""
        key, content = self._named(text)
        if key not in self._known:
            self._put(key, content)
        return key.hex()

    def gather(self) -> None:
        """From here on texts wait for `flush`: for a single thread that has many at once."""
        self._gathered = bytearray()

    def flush(self) -> None:
        """What was gathered is in the file; what comes now does not wait. Raises OSError."""
        lines, self._gathered = self._gathered, None
        if not lines:
            return
        try:
            self._write(bytes(lines))
        except OSError:
            self._known.clear()  # a text that comes again is kept twice, which harms nobody
            raise

    def close(self) -> None:
        self.stop_beating()
        self.beat()
        self._number = -1
        if self._file is not None:
            self._file.close()

    def beat(self) -> None:
        """Down to the disk, where there is something new."""
        file = self._file
        if file is not None and not file.is_ours():
            self._number = -1  # the next text opens it again
        elif self._dirty and file is not None:
            self._sync(file.number)

    def _named(self, text: str) -> tuple[bytes, bytes]:
        """The name of a text and its bytes; `?` for lone surrogates."""
        try:
            content = text.encode()
        except UnicodeEncodeError:
            content = text.encode(errors="replace")
        return _sha256()(content).digest(), content

    def _put(self, key: bytes, content: bytes) -> None:
        name = key.hex()
        if len(content) < INLINE_BYTES:
            self._write(_encoder.encode(Payload(name, content.decode())) + b"\n")
        else:
            self._write_file(name, content)
        if len(self._known) >= self._remembered:
            self._known.clear()  # a text that comes again is kept twice, which harms nobody
        self._known.add(key)

    def _sync(self, file: int) -> None:
        self._dirty = False
        try:
            datasync(file)
        except OSError:
            pass  # the trace is synced beside it and tells of a disk that does not confirm

    def forked(self) -> None:
        self._opening = threading.Lock()

    def _write(self, lines: bytes) -> None:
        if self._gathered is not None:
            self._gathered += lines
            return
        if self._torn:
            lines = b"\n" + lines
        try:
            written = os.write(self._number, lines)
        except OSError as error:
            if error.errno != errno.EBADF:
                raise
            written = os.write(self._open(), lines)
        self._dirty = True
        self._torn = written != len(lines)
        if self._torn:
            raise OSError(errno.ENOSPC, "a payload found no room")

    def _open(self) -> int:
        """The first time, after the end, or where somebody closed what he did not know."""
        with self._opening:
            if self._file is None or not self._file.is_ours():
                self._artifacts.mkdir(exist_ok=True)
                self._file = open_append(self._artifacts / "payloads.jsonl")
                self._number = self._file.number
                keep_beating(self)
            return self._number

    def _write_file(self, name: str, content: bytes) -> None:
        import gzip  # for texts that few runs have

        self._artifacts.mkdir(exist_ok=True)
        place = self._artifacts / name
        if place.exists():
            return
        beside = self._artifacts / f".{name}.{os.getpid()}.{threading.get_ident()}"
        try:
            beside.write_bytes(gzip.compress(content, compresslevel=1, mtime=0))
            beside.replace(place)
        except OSError:
            beside.unlink(missing_ok=True)
            raise


def read_payload(artifacts: Path, sha256: str) -> str | None:
    """The text of this hash, proven by it; None when it is not there (any more)."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        return None
    content = _from_file(artifacts / sha256, sha256)
    if content is None:
        content = _from_lines(artifacts / "payloads.jsonl", sha256)
    return content.decode(errors="replace") if content is not None else None


def _from_file(path: Path, sha256: str) -> bytes | None:
    content = unpacked(path)
    return content if content is not None and content_hash(content) == sha256 else None


def unpacked(path: Path) -> bytes | None:
    """What a packed text says; None where it is not there, damaged, or longer than any text is."""
    import gzip
    import zlib

    try:
        with open_own(path) as packed, gzip.open(packed) as file:
            content = file.read(LONGEST_TEXT_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        return None
    return content if len(content) <= LONGEST_TEXT_BYTES else None


def _from_lines(path: Path, sha256: str) -> bytes | None:
    import mmap  # for readers only

    wanted = b'{"sha256":"' + sha256.encode()
    try:
        with open_own(path) as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as lines:
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
        content = payloads().decode(line).text.encode()
    except (msgspec.DecodeError, UnicodeError):
        return None
    return content if content_hash(content) == sha256 else None
