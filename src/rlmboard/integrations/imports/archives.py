"""Logs of Inspect: zip archives, read member by member, none of them larger than it may be."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...errors import BadInput
from ...formats.foreign import Told, Unread
from ...formats.loose import decoded
from ...formats.trackers import sample_run

MAGIC = b"PK\x03\x04"
LARGEST_BYTES = 256 << 20
MOST_MEMBERS = 200_000
_ZSTD = 93
_HEADERS = ("header.json", "_journal/start.json")
_SAMPLE = re.compile(r"samples/[^/]+\.json")


def is_inspect(path: Path) -> bool:
    """Whether an archive is a log of Inspect."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.NameToInfo
            return any(name in names for name in _HEADERS)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def told_by(path: Path) -> Iterator[Told]:
    """Every sample of a log. Raises BadInput where the archive is damaged or is a bomb."""
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.NameToInfo) > MOST_MEMBERS:
                raise BadInput(f"{path} has more than {MOST_MEMBERS:,} members")
            header = _header(archive, path)
            for member in archive.infolist():
                if _SAMPLE.fullmatch(member.filename):
                    yield from _sample(archive, member, header, path)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error


def _header(archive: zipfile.ZipFile, path: Path) -> Mapping[str, Any]:
    """The header of a log that is whole, or the beginning of one whose evaluation was killed."""
    name = next(name for name in _HEADERS if name in archive.NameToInfo)
    said = decoded(_content(archive, archive.getinfo(name), path))
    if not isinstance(said, dict):
        raise BadInput(f"{path}: {name} is no JSON object")
    return said


def _sample(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, header: Mapping[str, Any], path: Path
) -> Iterator[Told]:
    said = decoded(_content(archive, member, path))
    if isinstance(said, dict):
        yield from sample_run(header, said)
    else:
        yield Unread(f"{path.name} {member.filename}", "it is no JSON object")


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> bytes:
    if member.compress_type == _ZSTD:
        return _unpacked(archive, member, path)
    with archive.open(member) as file:
        content = file.read(LARGEST_BYTES + 1)
    return _of_size(content, member, path)


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> bytes:
    """Zstandard, which this Python's zipfile does not know: the member's bytes as they stand."""
    try:
        import zstandard
    except ImportError as error:
        raise BadInput(
            f"{path} is packed with Zstandard; install what reads it: "
            "pip install 'rlmboard[inspect]'"
        ) from error
    file = archive.fp
    assert file is not None
    file.seek(member.header_offset)
    head = file.read(30)
    if len(head) < 30 or head[:4] != MAGIC:
        raise BadInput(f"{path}: {member.filename} is damaged")
    file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
    packed = file.read(min(member.compress_size, LARGEST_BYTES))
    try:
        with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(packed) as reader:
            return _of_size(reader.read(LARGEST_BYTES + 1), member, path)
    except zstandard.ZstdError as error:
        raise BadInput(f"{path}: {member.filename} is damaged: {error}") from error


def _of_size(content: bytes, member: zipfile.ZipInfo, path: Path) -> bytes:
    if len(content) > LARGEST_BYTES:
        raise BadInput(f"{path}: {member.filename} unpacks to more than {LARGEST_BYTES >> 20} MiB")
    return content
