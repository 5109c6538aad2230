"""Landing: what a reader tells becomes run folders, and a repetition changes nothing.

A new run is built aside and renamed into place, so that nothing half-stored is ever seen. Of a run
that is there already, what its trace holds is skipped, and what is new is appended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from ...errors import HomeUnusable, RunTaken
from ...folder import Home
from ...formats.foreign import ForeignRun, Over, Said, Told, Unread
from ..priced import prices_of
from .aside import Aside
from .landed_run import Landed, LandedRun
from .pricing import priced

ARRIVING_AT_ONCE = 16
MOST_ARRIVING = 64
MOST_NAMED = 50
"""So many records that made no sense are named; the others are counted."""


class Landing:
    """Takes what readers tell of any number of runs; `close` it, or use it in a `with`.

    `live`: runs are shown and owned from the first `show` on, until `end`. `dry`: nothing is
    written, and what would be is counted. `unread` are the first records that made no sense. An
    exception inside the `with` leaves no part of a new
    run behind. Raises HomeUnusable when the home cannot be written.
    """

    def __init__(self, home: Home, *, dry: bool = False, live: bool = False) -> None:
        self._home = home
        self._prices = prices_of(home)
        self._dry = dry
        self._live = live
        self._aside = Aside(home)
        self._open: dict[str, LandedRun] = {}
        self._over: list[Landed] = []
        self._arriving: deque[tuple[LandedRun, Future[None]]] = deque()
        self._disk: ThreadPoolExecutor | None = None
        self.unread: list[Unread] = []
        self.unread_count = 0
        if not dry:
            home.make()

    def take(self, told: Iterable[Told]) -> Iterator[Told]:
        """Land each and hand it on: for whoever looks on. Nothing happens until it is iterated."""
        for one in told:
            self.land(one)
            yield one

    def land(self, told: Told) -> None:
        """One thing that was told."""
        if isinstance(told, Said):
            self._say(told)
        elif isinstance(told, ForeignRun):
            self._begin(told)
        elif isinstance(told, Over):
            self._end(told.key)
        else:
            self._skip(told)

    def show(self) -> None:
        """All that was told is there for readers now; runs that are followed have an owner."""
        for run in self._open.values():
            self._doing(run, lambda run=run: run.show(own=self._live))  # type: ignore[misc]
            run.beat()

    def landed(self) -> list[Landed]:
        """How all that is open stands."""
        return [run.landed() for run in self._open.values()]

    def close(self) -> list[Landed]:
        """What became of all runs that were told of."""
        for key in list(self._open):
            self._end(key)
        while self._arriving:
            self._arrived()
        self._leave()
        over, self._over = self._over, []
        return over

    def drop(self) -> None:
        """Let go, without showing what is not shown yet."""
        while self._open:
            _, run = self._open.popitem()
            run.let_go()
        self._leave()

    def __enter__(self) -> Landing:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.drop()

    def _say(self, said: Said) -> None:
        run, event = self._open[said.key], priced(said.event, self._prices)
        try:
            run.say(event, said.at_us, said.whole)
        except RunTaken:
            run.refuse()
        except OSError as error:
            raise self._unusable(error) from error

    def _begin(self, run: ForeignRun) -> None:
        known = self._open.get(run.key)
        if known is not None:
            self._doing(known, lambda: known.know(run))
            return
        run_id = run.run_id
        while any(arriving.run_id == run_id for arriving, _ in self._arriving):
            self._arrived()
        landed = LandedRun(self._home, run, self._aside, dry=self._dry)
        self._open[run.key] = landed
        self._doing(landed, landed.begin)

    def _end(self, key: str) -> None:
        """No more will be told of this run for now: the disk is waited for beside."""
        run = self._open.pop(key, None)
        if run is None:
            return
        if self._live or self._dry:
            self._finish(run, lambda: run.show(own=False))
            return
        if len(self._arriving) >= MOST_ARRIVING:
            self._arrived()
        try:
            self._doing(run, run.write)
        except HomeUnusable:
            run.let_go()
            raise
        self._disk = self._disk or ThreadPoolExecutor(ARRIVING_AT_ONCE, "rlmboard-landing")
        self._arriving.append((run, self._disk.submit(run.settle, False)))

    def _arrived(self) -> None:
        run, arriving = self._arriving.popleft()
        self._finish(run, arriving.result)

    def _finish(self, run: LandedRun, work: Callable[[], None]) -> None:
        try:
            self._doing(run, work)
        finally:
            run.let_go()
        self._over.append(run.landed())

    def _leave(self) -> None:
        if self._disk is not None:
            self._disk.shutdown()
            self._disk = None
        while self._arriving:  # of what was broken off: what has arrived is whole
            self._arriving.popleft()[0].let_go()
        self._aside.clear()

    def _doing(self, run: LandedRun, work: Callable[[], None]) -> None:
        """What goes wrong with the home is said; a run of another process is left alone."""
        try:
            work()
        except RunTaken:
            run.refuse()
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> HomeUnusable:
        return HomeUnusable(
            f"cannot write to {self._home.path}: {error.strerror or error}; "
            "set RLMBOARD_HOME to a folder of yours"
        )

    def _skip(self, unread: Unread) -> None:
        self.unread_count += 1
        if self.unread_count > MOST_NAMED:
            return
        self.unread.append(unread)
        if unread.key is not None and (run := self._open.get(unread.key)):
            self._doing(run, lambda: run.note_unread(unread))
