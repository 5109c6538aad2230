"""Importing: sources are read and land, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ...errors import BadInput
from ...folder import Home
from ...formats.foreign import Reader, Told, Unread
from .documents import DocumentSource
from .landed_run import Landed
from .landing import Landing
from .lines import LineFile
from .recognising import Source


class Imported(NamedTuple):
    """What became of the runs of one source, and of records in it that made no sense."""

    source: Source
    runs: list[Landed]
    unread: list[Unread]
    unread_count: int


def import_source(
    home: Home, source: Source, *, dry: bool = False, progress: Callable[[int], None] | None = None
) -> Imported:
    """Read one source whole. Each of its runs is there when no more is told of it.

    `progress` is called with bytes that were read. Raises HomeUnusable, BadInput.
    """
    with Landing(home, dry=dry) as landing:
        for told in read(source, progress or _nothing):
            landing.land(told)
        runs = landing.close()
    return Imported(source, runs, landing.unread, landing.unread_count)


def read(source: Source, progress: Callable[[int], None]) -> Iterator[Told]:
    """Everything that a source tells."""
    if isinstance(source, DocumentSource):
        yield from source.tell()
        progress(source.size)
        return
    reader = source.reader()
    for path in source.paths:
        lines = LineFile(path)
        try:
            yield from feed(reader, lines, progress)
            if lines.rest().strip():
                yield from _last(reader, lines)
        except OSError as error:
            raise BadInput(f"{path} cannot be read: {error.strerror or error}") from error
    yield from reader.finish()


def feed(reader: Reader, lines: LineFile, progress: Callable[[int], None]) -> Iterator[Told]:
    """What the lines tell that are whole and were not read yet."""
    done = lines.offset
    for line in lines.new():
        if line is None:
            yield Unread(_where(lines.path, lines.seq), "it is longer than 64 MiB")
        elif line.strip():
            yield from placed(reader.feed(line), _where(lines.path, lines.seq))
        if lines.offset - done > 1 << 18:
            progress(lines.offset - done)
            done = lines.offset
    progress(lines.offset - done)


def placed(told: Iterable[Told], where: str) -> Iterator[Told]:
    """What was told, with the place of what made no sense."""
    for one in told:
        yield one._replace(where=where) if isinstance(one, Unread) else one


def _last(reader: Reader, lines: LineFile) -> Iterator[Told]:
    """A last line without its newline counts where it is whole; else it is still being written."""
    for told in reader.feed(lines.rest()):
        if isinstance(told, Unread):
            yield Unread(_where(lines.path, lines.seq + 1), "it is cut off, or still being written")
        else:
            yield told


def _where(path: Path, number: int) -> str:
    return f"{path.name} line {number}"


def _nothing(done: int) -> None:
    pass
