"""What a file is, told by what is in it and never by its name."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ...errors import BadInput
from ...formats.foreign import Reader
from ...formats.loose import decoded, name
from .documents import HEAD_BYTES as DOCUMENT_HEAD_BYTES
from .documents import TITLES, DocumentSource, document
from .formats import CLAUDE_CODE, LINE_FORMATS, LineFormat

HEAD_LINES = 40
HEAD_BYTES = 4 << 20
MOST_HEAD_BYTES = 8 << 20
"""So much of a file is read to recognise it: lines may be long."""
AGENT_FOLDER = "subagents"


class LineSource(NamedTuple):
    """Files of JSON lines that are read together: the first is what was found."""

    paths: tuple[Path, ...]
    format: LineFormat

    @property
    def size(self) -> int:
        return sum(path.stat().st_size for path in self.paths if path.exists())

    def reader(self) -> Reader:
        """A new reader for it."""
        try:
            changed_s = self.paths[0].stat().st_mtime
        except OSError:
            changed_s = 0.0
        return self.format.reader(datetime.fromtimestamp(changed_s, UTC))


Source: TypeAlias = LineSource | DocumentSource


class Found(NamedTuple):
    """What paths hold: sources, and files that are none."""

    sources: list[Source]
    strangers: list[Path]


def find(paths: Iterable[Path], progress: Callable[[int, int], None] | None = None) -> Found:
    """All sources among the paths; folders are walked. Raises BadInput for what is not there.

    `progress` is called with how many files were looked at, and of how many.
    """
    files = list(dict.fromkeys(file for path in paths for file in _files(path)))
    sources: list[Source] = []
    strangers: list[Path] = []
    taken: set[Path] = set()
    for n, file in enumerate(files, 1):
        if progress is not None:
            progress(n, len(files))
        if file in taken:
            continue
        source = recognise(file)
        if source is None:
            strangers.append(file)
        elif source.paths[0] not in taken:
            sources.append(source)
            taken.update(source.paths)
    return Found(sources, [file for file in strangers if file not in taken])


def recognise(path: Path) -> Source | None:
    """The source that this file is, or is a part of; None for what is not known."""
    head = _head(path)
    return _lines(path, head) or _document(path)


def _document(path: Path) -> DocumentSource | None:
    try:
        with path.open("rb") as file:
            return document(path, file.read(DOCUMENT_HEAD_BYTES))
    except OSError:
        return None


def _lines(path: Path, head: Sequence[dict[str, object]]) -> LineSource | None:
    """The first format that a line of the beginning is of: some begin as others do."""
    for format in LINE_FORMATS:
        if any(map(format.fits, head)):
            return LineSource(_with_parts(path, head, format), format)
    return None


def parts_of(source: LineSource, known: dict[Path, str | None]) -> tuple[Path, ...]:
    """The files of a source as they are now: sub-agents turn up while it grows."""
    main = source.paths[0]
    if source.format is not CLAUDE_CODE:
        return source.paths
    return tuple(dict.fromkeys((*source.paths, *agents_of(main, known))))


def understood() -> str:
    """What can be imported, as one sentence."""
    return ", ".join([*(format.title for format in LINE_FORMATS), *TITLES.values()])


def _files(path: Path) -> Iterator[Path]:
    """The file itself, or every ordinary file below a folder; links in it are not followed."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            path.open("rb").close()
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from error
    if stat.S_ISREG(mode):
        yield path
    elif stat.S_ISDIR(mode):
        yield from files_below(path)
    else:
        raise BadInput(f"{path} is neither a file nor a folder")


def files_below(folder: Path) -> Iterator[Path]:
    """Every ordinary file below a folder, in order; links in it are not followed."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in found:
        if entry.is_file(follow_symlinks=False):
            yield Path(entry.path)
        elif entry.is_dir(follow_symlinks=False):
            yield from files_below(Path(entry.path))


def _head(path: Path) -> list[dict[str, object]]:
    """The first lines that are JSON objects."""
    found: list[dict[str, object]] = []
    left = MOST_HEAD_BYTES
    try:
        with path.open("rb") as file:
            for _ in range(HEAD_LINES):
                line = file.readline(HEAD_BYTES) if left > 0 else b""
                if not line:
                    break
                left -= len(line)
                value = decoded(line) if line[:1] in b"{ \t" else None
                if isinstance(value, dict):
                    found.append(value)
    except OSError:
        return []
    return found


# ------------------------------------------------------------------ sessions with sub-agents


def _with_parts(
    path: Path, head: Sequence[dict[str, object]], format: LineFormat
) -> tuple[Path, ...]:
    """A session of Claude Code and its sub-agents are one source, whichever was found."""
    if format is not CLAUDE_CODE:
        return (path,)
    session = next((said for line in head if (said := name(line.get("sessionId")))), None)
    is_agent = any(name(line.get("agentId")) for line in head)
    main = _session_of(path, session) if is_agent and session else path
    if main is None:
        return (path,)
    return (main, *agents_of(main))


def _session_of(agent: Path, session: str) -> Path | None:
    """The main file of a sub-agent's session; the session's name may not lead elsewhere."""
    if Path(session).name != session:
        return None
    folder = agent.parent.parent.parent if agent.parent.name == AGENT_FOLDER else agent.parent
    main = folder / f"{session}.jsonl"
    return main if main.is_file() else None


def agents_of(main: Path, known: dict[Path, str | None] | None = None) -> list[Path]:
    """Files of the sub-agents of a session: beside it in a folder of its own, or just beside it.

    `known` remembers whose a file beside it is, for whoever looks again and again.
    """
    own = main.with_suffix("") / AGENT_FOLDER
    found = sorted(own.glob("*.jsonl")) if own.is_dir() else []
    for path in sorted(main.parent.glob("agent-*.jsonl")):
        session = known.get(path) if known is not None else None
        session = session or _session_in(path)
        if known is not None:
            known[path] = session
        if path != main and session == main.stem:
            found.append(path)
    return [path for path in found if path.is_file() and not path.is_symlink()]


def _session_in(agent: Path) -> str | None:
    """The session that a sub-agent's file is of; None while nothing is written."""
    return next((said for line in _head(agent)[:3] if (said := name(line.get("sessionId")))), None)
