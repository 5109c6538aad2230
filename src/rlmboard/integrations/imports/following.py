"""Following folders: what agents write appears on the board while they work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from ...folder import Home
from ...formats.foreign import ForeignRun, Over, Told
from .importing import feed
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


class Follower:
    """Looks at folders again and again. `told` hears of runs that begin, go on, or are over."""

    def __init__(
        self,
        home: Home,
        folders: Sequence[Path],
        told: Callable[[str, Landed], None],
        now_s: Callable[[], float] = time.time,
        idle_s: float = IDLE_S,
    ) -> None:
        self.older = 0
        self._home = home
        self._folders = folders
        self._told = told
        self._now_s = now_s
        self._idle_s = idle_s
        self._since_s = now_s() - RECENT_S
        self._walked_s = float("inf")
        self._agents: dict[Path, str | None] = {}
        self._followed: dict[Path, _Followed] = {}
        self._strangers: dict[Path, int] = {}

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
        if status.st_size == self._strangers.get(path, 0):
            return
        self._strangers[path] = status.st_size
        if status.st_mtime < self._since_s:
            self.older += 1
            return
        source = recognise(path)
        if not isinstance(source, LineSource):
            return
        if source.paths[0] in self._followed:
            self._followed[path] = self._followed[source.paths[0]]
        else:
            followed = _Followed(self._home, source, self._agents)
            self._followed.update(dict.fromkeys((path, *source.paths), followed))


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

    def _read(self) -> bool:
        grew = False
        for path in parts_of(self._source, self._agents):
            lines = self._lines.setdefault(path, LineFile(path))
            size = _size(path)
            if size < lines.offset:
                self._start()  # another file took its place: from the beginning, and all is skipped
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


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _nothing(done: int) -> None:
    pass
