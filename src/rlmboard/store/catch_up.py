"""Catching up: the index brought to what lies on disk, by whoever asks.

Only runs with a live marker are looked at, and the list of all runs when it changed. Each step is
one transaction that reads its cursors inside, so that any number of readers may catch up at once:
one does the work, the others find it done.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from ..folder import Home, RunFolder
from .index import Index
from .run_rows import KNOWN_BY_ID, Known, known
from .run_step import RunStep, Sight, find, forget, judged, sight

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Called with how many runs are taken in, and of how many."""

STEP_LINES = 20_000
STEP_S = 0.25
"""A step of many small runs ends after so long, so that others get their turn."""
PAUSE_S = 0.002
SETTLED_MS = 2_000
"""A list of runs younger than this may still change without its time changing."""
QUIET_S = 24 * 3600
"""An interrupted run that was silent for so long is looked at no more."""


class CatchUp:
    """Brings the index of a home up to its folders."""

    def __init__(
        self,
        home: Home,
        index: Index,
        progress: Progress | None = None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self.index = index
        self._home = home
        self._progress = progress
        self._now_s = now_s
        self._step = RunStep()
        self._seen: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def ask(self, question: Callable[[Index], T]) -> T:
        """What an index that is up to date answers, whatever becomes of the file meanwhile."""

        def caught_up() -> T:
            self()
            return question(self.index)

        return self.index.asked(caught_up)

    def __call__(self) -> None:
        """Take in what is new; cheap when nothing is."""
        with self._lock:
            self._catch_up()

    def _catch_up(self) -> None:
        watched = self._home.live_ids()
        have = self._known(watched)
        looks = {run_id: sight(self._home.run(run_id)) for run_id in watched}
        due = [
            run_id for run_id in watched if self._is_due(run_id, looks[run_id], have.get(run_id))
        ]
        unlisted, listed_at = self._unlisted()
        if due or unlisted:
            self._take(due + [run_id for run_id in unlisted if run_id not in looks])
        if listed_at is not None:
            self._note_listing(listed_at)
        self._settle(watched, looks)

    def look_at(self, run_id: str) -> None:
        """Watch a run again that went on though it was over, whoever wrote to it."""
        folder, found = self._home.run(run_id), self._known([run_id])
        for have in found.values():
            sizes = (folder.trace_size(), folder.labels_size())
            if have.ended and sizes != (have.offset, have.labels_size):
                with suppress(OSError):
                    self._home.mark(run_id)
                self()

    # -------------------------------------------------------------- what is to be done

    def _known(self, run_ids: list[str]) -> dict[str, Known]:
        rows = [row for run_id in run_ids for row in self.index.rows(KNOWN_BY_ID, (run_id,))]
        return {row[1]: known(row) for row in rows}

    def _is_due(self, run_id: str, seen: Sight, have: Known | None) -> bool:
        if have is None:
            return self._home.run(run_id).exists()
        if (seen.labels_size, seen.stamp) != (have.labels_size, have.stamp):
            return True
        if not have.ended and judged(seen, have.lines) != (have.status, have.presumed):
            return True
        if seen.trace_size == have.offset:
            return False
        # an unfinished last line is no news twice
        return self._seen.get(run_id) != (seen.trace_size, have.offset)

    def _unlisted(self) -> tuple[list[str], str | None]:
        """Runs that have no row yet, and the time of the list if new; rows without a folder go."""
        try:
            changed_ns = self._home.runs.stat().st_mtime_ns
        except OSError:
            changed_ns = 0
        found = self.index.rows("SELECT value FROM meta WHERE key = 'listed_at'")
        if found and found[0][0] == str(changed_ns):
            return [], None
        there = self._home.run_ids()
        have = {run_id for (run_id,) in self.index.rows("SELECT run_id FROM runs")}
        if gone := have.difference(there):
            self._forget(gone)
        young = self._now_s() * 1000 - changed_ns / 1e6 < SETTLED_MS
        return [run_id for run_id in there if run_id not in have], "" if young else str(changed_ns)

    def _note_listing(self, listed_at: str) -> None:
        if listed_at:
            with self.index.step() as connection:
                connection.execute(
                    "INSERT OR REPLACE INTO meta VALUES ('listed_at', ?)", (listed_at,)
                )

    # -------------------------------------------------------------- doing it

    def _forget(self, run_ids: Iterable[str]) -> None:
        with self.index.step() as connection:
            for run_id in run_ids:
                place = find(connection, run_id)
                if place is not None and not self._home.run(run_id).exists():
                    forget(connection, place)

    def _take(self, run_ids: list[str]) -> None:
        left = list(reversed(run_ids))
        while left:
            try:
                self._take_step(left)
            except BaseException:
                self._step.drop()
                raise
            if self._progress is not None:
                self._progress(len(run_ids) - len(left), len(run_ids))
            if left:
                time.sleep(PAUSE_S)  # others wait for their turn
        self._step.drop()

    def _take_step(self, left: list[str]) -> None:
        """One transaction: runs from the end of the list, until there are lines enough."""
        room, until_s = STEP_LINES, time.monotonic() + STEP_S
        with self.index.step() as connection:
            while left and room > 0 and time.monotonic() < until_s:
                folder = self._home.run(left[-1])
                if not folder.exists():
                    left.pop()
                    continue
                seen = sight(folder)
                taken = self._step.take(connection, folder, seen, room)
                room -= taken.lines
                if not taken.more:
                    self._watch(folder, seen, taken.has_end)
                    left.pop()

    def _watch(self, folder: RunFolder, seen: Sight, has_end: bool) -> None:
        """A run that was copied in and may still grow is looked at again."""
        marker = self._home.live / folder.run_id
        if not marker.exists() and not self._is_over(folder, seen, has_end):
            with suppress(OSError):
                self._home.mark(folder.run_id)

    # -------------------------------------------------------------- what needs no more looks

    def _settle(self, watched: list[str], looks: dict[str, Sight]) -> None:
        """Remove the markers of runs that are over and wholly taken in."""
        self._seen = {}
        for run_id, have in self._known(watched).items():
            folder, seen = self._home.run(run_id), looks[run_id]
            self._seen[run_id] = (seen.trace_size, have.offset)
            if self._is_taken_in(have, seen) and self._is_over(folder, seen, have.ended):
                self._unmark(folder, seen)

    def _is_taken_in(self, have: Known, seen: Sight) -> bool:
        """Nothing is left to be read; of a run without an end perhaps half a line."""
        has_all = have.offset == seen.trace_size or not have.ended
        return has_all and have.labels_size == seen.labels_size

    def _is_over(self, folder: RunFolder, seen: Sight, has_end: bool) -> bool:
        if seen.liveness in ("owned", "fresh"):
            return False
        if has_end or seen.ending is not None:
            return True
        try:
            silent_s = self._now_s() - folder.trace.stat().st_mtime
        except OSError:
            return False
        return silent_s > QUIET_S

    def _unmark(self, folder: RunFolder, before: Sight) -> None:
        """Look once more after the marker is gone, so that nothing is missed by a race."""
        try:
            self._home.unmark(folder.run_id)
            now = sight(folder)
            grew = (now.trace_size, now.labels_size) != (before.trace_size, before.labels_size)
            if grew or now.liveness == "owned" or self.index.was_replaced():
                self._home.mark(folder.run_id)
        except OSError:
            pass  # a home that cannot be written keeps its markers
