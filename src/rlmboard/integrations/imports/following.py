"""Following folders: what agents write appears on the board while they work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from ...errors import BadInput
from ...folder import Home
from ...formats.foreign import ForeignRun, Over, Told
from .documents import DocumentSource
from .importing import feed, import_source
from .landed_run import Landed
from .landing import Landing
from .lines import LineFile
from .recognising import LineSource, files_below, parts_of, recognise

IDLE_S = 120.0
"""A session that was silent for so long is over, until it goes on."""
WALK_EVERY_S = 2.0
"""New files are looked for so often; what is followed is read at every look."""
RECENT_S = 600.0
"""Sessions that were silent for longer when the watch began are left to `import`."""
FINISHED_S = 5.0
"""A file that is read whole is finished when nothing changed in it for so long."""


class Follower:
    """Looks at folders again and again. `told` hears of runs that begin, go on, or are over.

    Files that are read whole are imported when they are finished, and again when they changed;
    `complain` hears of those that are damaged.
    """

    def __init__(
        self,
        home: Home,
        folders: Sequence[Path],
        told: Callable[[str, Landed], None],
        now_s: Callable[[], float] = time.time,
        idle_s: float = IDLE_S,
        complain: Callable[[str], None] = lambda why: None,
    ) -> None:
        self.older = 0
        self._home = home
        self._folders = folders
        self._told = told
        self._now_s = now_s
        self._idle_s = idle_s
        self._complain = complain
        self._since_s = now_s() - RECENT_S
        self._walked_s = float("inf")
        self._agents: dict[Path, str | None] = {}
        self._followed: dict[Path, _Followed] = {}
        self._strangers: dict[Path, int] = {}
        self._finished: dict[Path, _Stamp] = {}

    def look(self) -> None:
        """Take in what is new. Raises HomeUnusable."""
        now_s = self._now_s()
        if not self._walked_s <= now_s < self._walked_s + WALK_EVERY_S:
            self._walked_s = now_s
            for path in self._new_files():
                self._meet(path)
        for one in set(self._followed.values()):
            self._say("goes on" if one.began else "began", one.look(now_s))
            if one.is_silent_since(now_s - self._idle_s):
                self._say("is over", one.pause())

    def close(self) -> None:
        """What is followed ends as its transcript says; what says nothing was interrupted."""
        for one in set(self._followed.values()):
            self._say("is over", one.pause())

    def _say(self, what: str, runs: Iterable[Landed]) -> None:
        for run in runs:
            self._told(what, run)

    def _new_files(self) -> Iterator[Path]:
        for folder in self._folders:
            for path in files_below(folder):
                if path not in self._followed:
                    yield path

    def _meet(self, path: Path) -> None:
        try:
            status = path.stat()
        except OSError:
            return
        stamp = (status.st_size, status.st_mtime_ns)
        if path in self._finished:
            self._take_finished(path, stamp)
            return
        if status.st_size == self._strangers.get(path, 0):
            return
        self._strangers[path] = status.st_size
        if status.st_mtime < self._since_s:
            self.older += 1
            return
        source = recognise(path)
        if isinstance(source, DocumentSource):
            self._finished[path] = _NOTHING_YET
            self._take_finished(path, stamp)
        if not isinstance(source, LineSource):
            return
        if source.paths[0] in self._followed:
            self._followed[path] = self._followed[source.paths[0]]
        else:
            followed = _Followed(self._home, source, self._agents)
            self._followed.update(dict.fromkeys((path, *source.paths), followed))

    def _take_finished(self, path: Path, stamp: _Stamp) -> None:
        """Import what is read whole, where it changed and is still now."""
        if stamp == self._finished[path] or self._now_s() - stamp[1] / 1e9 < FINISHED_S:
            return
        self._finished[path] = stamp
        source = recognise(path)
        try:
            runs = import_source(self._home, source).runs if source is not None else []
        except BadInput as error:
            self._complain(str(error))
            return
        self._say("imported", (run for run in runs if run.state != "unchanged"))


_Stamp = tuple[int, int]
_NOTHING_YET: _Stamp = (-1, -1)


class _Followed:
    """One source that grows: its reader, how far it was read, and where it lands."""

    def __init__(self, home: Home, source: LineSource, agents: dict[Path, str | None]) -> None:
        self.began = False
        self._agents = agents
        self._home = home
        self._source = source
        self._runs: dict[str, ForeignRun] = {}
        self._grew_s = 0.0
        self._is_open = False
        self._start()

    def look(self, now_s: float) -> list[Landed]:
        """Read what is new; the runs that it was about."""
        if not self._read():
            if self._is_open:
                self._landing.show()
            return []
        self._grew_s = now_s
        self._landing.show()
        was_there, self.began = self.began, bool(self._runs)
        resumed, self._is_open = not self._is_open, bool(self._runs)
        return self._landing.landed() if resumed or not was_there else []

    def is_silent_since(self, moment_s: float) -> bool:
        return self._is_open and self._grew_s < moment_s

    def pause(self) -> list[Landed]:
        """Nothing more is expected for now."""
        if not self._is_open:
            return []
        self._is_open = False
        self._land(self._reader.finish())
        return self._landing.close()

    def _start(self) -> None:
        self._reader = self._source.reader()
        self._landing = Landing(self._home, live=True)
        self._lines: dict[Path, LineFile] = {}
        self._files: dict[Path, int] = {}

    def _start_again(self) -> None:
        """Another file took the place of one: from the beginning, and what is held is skipped."""
        self._landing.drop()
        self._runs.clear()
        self._start()

    def _read(self) -> bool:
        grew = False
        for path in parts_of(self._source, self._agents):
            lines = self._lines.setdefault(path, LineFile(path))
            size, file = _size(path)
            if size < lines.offset or (file and self._files.setdefault(path, file) != file):
                self._start_again()
                return self._read()
            if size > lines.offset:
                before = lines.offset
                if not self._is_open:
                    self._land(list(self._runs.values()))
                self._land(feed(self._reader, lines, _nothing))
                grew = grew or lines.offset > before
        return grew

    def _land(self, told: Iterable[Told]) -> None:
        for one in told:
            if isinstance(one, ForeignRun):
                self._runs[one.key] = one
            elif isinstance(one, Over):
                self._runs.pop(one.key, None)
            self._landing.land(one)


def _size(path: Path) -> tuple[int, int]:
    """How long a file is, and what tells it from another one of its name; 0, 0 without one."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_ino


def _nothing(done: int) -> None:
    pass
