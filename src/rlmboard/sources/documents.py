"""The documents of a run: files and folders, walked in a stable order and read line by line.

Entered by its own name (`from rlmboard.sources.documents import documents`), not through the door
of the room: it needs pathspec, and recording loads the standard library only.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeAlias

import msgspec

from ..errors import BadInput
from .git import head_commit, top_level
from .ignore import Ignored
from .places import StrPath, inside, printable, real, written
from .reading import open_regular

LINE_BYTES = 1_000_000
"""The most of a line that `Document.lines` gives at once."""
_SVG_WITHIN_BYTES = 400
"""A text that begins as SVG does is a picture: its words are coordinates."""
_HEAD_BYTES = 8192
_LEFT_OUT = frozenset({"node_modules", "__pycache__"})
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\b\x1b"))


_Entry: TypeAlias = "tuple[str, Ignored | None]"


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A text file. `path` is as SpanRefs have it, `file` the absolute path on disk."""

    path: str
    file: str
    size_bytes: int
    commit: str | None = None

    def lines(self) -> Iterator[bytes]:
        """Its lines with their newlines, read as they are asked for; OSError when it is gone.

        A line longer than `LINE_BYTES` comes in pieces, cut between characters.
        """
        rest = b""
        with open_regular(self.file) as content:
            while block := content.readline(LINE_BYTES - len(rest)):
                line = rest + block
                cut = _between_characters(line) if len(line) == LINE_BYTES else len(line)
                rest = line[cut:]
                yield line[:cut]
        if rest:
            yield rest


class Skipped(NamedTuple):
    """A file or folder that was met and not read, and why."""

    path: str
    reason: str


def documents(
    paths: Iterable[StrPath],
    *,
    max_files: int | None = None,
    skipped: list[Skipped] | None = None,
) -> Iterator[Document]:
    """The text files at and below `paths`, in the order of their names.

    Left out on the way: what git ignores, hidden names, `node_modules`, `__pycache__`; a path that
    is named itself is read whatever its name. What was met and not read (binary or empty files,
    links, pipes, no permission) is added to `skipped`. Raises BadInput for a path that does not
    exist, and before anything is read when there are more than `max_files` files.
    """
    named = [_existing(path) for path in paths]
    root = source_root(named)
    aside: list[Skipped] = [] if skipped is None else skipped
    found = _walk_all(named, aside)
    if len(named) > 1:
        found = _once(found)
    if max_files is not None:
        found = _at_most(max_files, found)
    commit = head_commit(root) if root else None
    for file in found:
        document = _document(file, root, commit, aside)
        if document is not None:
            yield document


def source_root(paths: Iterable[StrPath]) -> str | None:
    """What the paths of SpanRefs are relative to: the repository that holds the first path."""
    first = next(iter(paths), None)
    return None if first is None else top_level(first)


def _existing(path: StrPath) -> str:
    file = real(path)
    if not os.path.lexists(file):
        raise BadInput(f"there is no file or folder {printable(os.fspath(path))}; check the path")
    return file


def _walk_all(named: list[str], skipped: list[Skipped]) -> Iterator[str]:
    for path in named:
        if Path(path).is_dir():
            yield from _walk(path, skipped)
        else:
            yield path


def _walk(top: str, skipped: list[Skipped]) -> Iterator[str]:
    """The files below a folder. One open list of names a level: deep and wide trees cost little."""
    first: list[_Entry] = [(top, _ignored_from(top))]
    open_folders: list[Iterator[_Entry]] = [iter(first)]
    while open_folders:
        entry = next(open_folders[-1], None)
        if entry is None:
            open_folders.pop()
            continue
        path, ignored = entry
        if ignored is None:
            yield path
        else:
            open_folders.append(_entries(path, ignored, skipped))


def _ignored_from(folder: str) -> Ignored:
    """What holds in a folder that was named; nothing from above where it would hide the folder."""
    root = top_level(folder)
    if root is None or root == folder:
        return Ignored.below(root, folder)
    above = Ignored.below(root, str(Path(folder).parent))
    return Ignored.below(None, folder) if above.hides(folder, True) else above.within(folder)


def _entries(folder: str, ignored: Ignored, skipped: list[Skipped]) -> Iterator[_Entry]:
    """What is in a folder: files with None, folders with what is ignored in them."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        skipped.append(Skipped(printable(folder), _reason(error)))
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name in _LEFT_OUT:
            continue
        is_folder = entry.is_dir(follow_symlinks=False)
        if ignored.hides(entry.path, is_folder):
            continue
        if entry.is_symlink():
            skipped.append(Skipped(printable(entry.path), "a symbolic link is not followed"))
        elif is_folder:
            yield entry.path, ignored.within(entry.path)
        else:
            yield entry.path, None


def _once(files: Iterator[str]) -> Iterator[str]:
    seen: set[str] = set()
    for file in files:
        if file not in seen:
            seen.add(file)
            yield file


def _at_most(limit: int, files: Iterator[str]) -> Iterator[str]:
    """The files, known to be no more than `limit` before the first of them is given."""
    first = list(islice(files, limit))
    more = sum(1 for _ in files)
    if more:
        raise BadInput(
            f"{len(first) + more:,} files, and at most {limit:,} are read; "
            "name fewer paths, ignore some in .gitignore, or raise the limit"
        )
    return iter(first)


def _document(
    file: str, root: str | None, commit: str | None, skipped: list[Skipped]
) -> Document | None:
    try:
        with open_regular(file) as content:
            head = content.read(_HEAD_BYTES)
            size = os.fstat(content.fileno()).st_size
    except OSError as error:
        skipped.append(Skipped(printable(file), _reason(error)))
        return None
    if reason := _no_text(head):
        skipped.append(Skipped(printable(file), reason))
        return None
    held_by = commit if root and inside(file, root) else None
    return Document(path=written(file, root), file=file, size_bytes=size, commit=held_by)


def _no_text(head: bytes) -> str | None:
    if not head:
        return "empty"
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if b"\0" in head or head.startswith(b"%PDF-") or controls > len(head) // 10:
        return "binary"
    return "a picture" if b"<svg" in head[:_SVG_WITHIN_BYTES] else None


def _reason(error: OSError) -> str:
    return (error.strerror or "not a regular file").lower()


def _between_characters(line: bytes) -> int:
    """How much of the bytes are whole characters of UTF-8, or all of them where they are none."""
    for back in range(1, min(4, len(line)) + 1):
        byte = line[-back]
        if byte & 0xC0 == 0xC0:  # a first byte: is what it announces there?
            announced = 2 + (byte >= 0xE0) + (byte >= 0xF0)
            return len(line) - back if announced > back else len(line)
        if byte & 0xC0 != 0x80:
            break
    return len(line)
