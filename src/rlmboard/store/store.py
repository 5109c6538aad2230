"""The reading side: all runs of a home, caught up on each question."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from ..errors import BadInput, HomeUnusable
from ..folder import FIELDS, Cursor, Home, Label, batches
from ..trace import TraceLine
from . import listing
from .catch_up import CatchUp, Progress
from .filter import Shares, Term, moment, parse
from .index import Index
from .leaderboard import Window, leaderboard
from .rows import ExperimentRow, Hit, ProviderRow, RunRow
from .search import search
from .stored_run import StoredRun

T = TypeVar("T")
FAR_MS = 1 << 50
SHORTEST_ID = 8


class Store:
    """Reads a home with no server running; from several threads if need be.

    `progress` is called while runs are taken into the index. `notice` says what a user should
    know: that the home is read-only, and where the index is kept instead.
    """

    def __init__(
        self,
        home: Home | str | os.PathLike[str] | None = None,
        progress: Progress | None = None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self.home = home if isinstance(home, Home) else Home(home)
        self._now_s = now_s
        self._index = Index(self.home.db)
        self._catch_up = CatchUp(self.home, self._index, progress, now_s)
        self._cursors: dict[str, Cursor] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def notice(self) -> str | None:
        return self._index.notice

    def close(self) -> None:
        """Close the index; the next question opens it again."""
        self._index.close()

    # -------------------------------------------------------------- runs

    def runs(
        self,
        filter: str = "",
        order: str = "-created_at",
        limit: int | None = 50,
        after: str | None = None,
        usd_per_btc: float | None = None,
        shares: Shares | None = None,
    ) -> list[RunRow]:
        """Runs that the filter lets through, in order, from after the run `after` on.

        `order` is a column, config key or metric, with `-` before it for the greatest first. By
        `cost` or `cost_usd`, what was said in the other currency alone stands where this rate puts
        it; without one it comes last. `shares`: of one group only.

        Raises BadFilter, BadInput, UnknownRun.
        """
        terms = self._terms(filter, shares)
        return self.ask(lambda index: listing.page(index, terms, order, limit, after, usd_per_btc))

    def count(self, filter: str = "", shares: Shares | None = None) -> int:
        """How many runs the filter lets through, of one group only if that is said."""
        terms = self._terms(filter, shares)
        return self.ask(lambda index: listing.count(index, terms))

    def run(self, run_id: str) -> StoredRun:
        """A run by its id, a unique beginning of it, or `latest`. Raises UnknownRun."""

        def found(index: Index) -> StoredRun:
            whole = listing.resolve(index, run_id)
            self._catch_up.look_at(whole)
            return StoredRun(self._catch_up, self.home.run(whole), listing.row(index, whole))

        return self.ask(found)

    def resolve(self, prefix: str) -> str:
        """The whole id of a run. Raises UnknownRun, which names what it may have meant."""
        return self.ask(lambda index: listing.resolve(index, prefix))

    def short_id(self, run_id: str) -> str:
        """The shortest beginning that names the run alone, of at least eight characters."""
        return self.ask(lambda index: listing.short_id(index, run_id, SHORTEST_ID))

    def experiments(self) -> list[ExperimentRow]:
        """Every experiment that a run belongs to or that was described, by name."""
        return self.ask(lambda index: listing.experiments(index, self.home.experiments))

    # -------------------------------------------------------------- texts and providers

    def search(self, text: str, limit: int = 50) -> list[Hit]:
        """Where all words of the text are found, the newest first."""
        return self.ask(lambda index: search(index, text, limit))

    def providers(
        self,
        since: str | int | None = None,
        until: str | int | None = None,
        model: str | None = None,
        venue: str | None = None,
        order: str = "latency",
    ) -> list[ProviderRow]:
        """The leaderboard of a window of time: `24h`, `2026-11-01`, or ms since 1970."""
        now_ms = self._now_ms()
        window = Window(_moment(since, now_ms, 0), _moment(until, now_ms, FAR_MS), model, venue)
        return self.ask(lambda index: leaderboard(index, window, order))

    # -------------------------------------------------------------- live

    def poll(self, run_id: str, after: int = 0) -> list[TraceLine]:
        """The lines after line `after` that lie on disk now, read straight from the folder."""
        reached = self.cursor(run_id, after)
        lines: list[TraceLine] = []
        for some, end in batches(self.home.run(run_id).trace, reached):
            lines += some
            reached = end
        self._cursors[run_id] = reached
        return [line for line in lines if line.seq > after]

    def follow(self, run_id: str, after: int = 0) -> Iterator[list[TraceLine]]:
        """Batches of lines as they come; an empty one when there is nothing new yet.

        It never waits: that is for the caller, between two batches. It ends with the run.
        """
        while True:
            is_over = self.run(run_id).row.status not in ("queued", "running")
            lines = self.poll(run_id, after)
            yield lines
            if lines:
                after = lines[-1].seq
            elif is_over:
                return

    def cursor(self, run_id: str, after: int) -> Cursor:
        """A place in the trace at or before the end of line `after`, as near as is known now."""
        last = self._cursors.get(run_id)
        if last is not None and last.seq == after:
            return last
        return self._index.asked(lambda: listing.cursor(self._index, run_id, after))

    # -------------------------------------------------------------- what people say, upkeep

    def label(self, run_id: str, field: str, value: Any, by: str | None = None) -> None:
        """Say something of a run. Raises BadInput, UnknownRun, HomeUnusable."""
        if field not in FIELDS:
            raise BadInput(f"'{field}' is no label: use one of {', '.join(sorted(FIELDS))}")
        whole = self.resolve(run_id)
        at = datetime.fromtimestamp(self._now_s(), UTC).isoformat(timespec="milliseconds")
        try:
            self.home.run(whole).label(Label(at=at, field=field, value=value, by=by))
            self.home.mark(whole)  # after it was said, or a reader could miss it
        except OSError as error:
            raise HomeUnusable(
                f"cannot write to {self.home.path}: {error.strerror or error}"
            ) from error

    def reindex(self, progress: Progress | None = None) -> int:
        """Build the index anew from the folders: how many runs it has then."""
        catch_up = self._catch_up
        if progress is not None:
            catch_up = CatchUp(self.home, self._index, progress, self._now_s)
        self._index.asked(self._index.remove)

        def rebuilt() -> int:
            catch_up()
            return listing.count(self._index, ())

        return self._index.asked(rebuilt)

    def ask(self, question: Callable[[Index], T]) -> T:
        """The answer of an index that is caught up; for `questions`."""
        return self._catch_up.ask(question)

    def _terms(self, filter: str, shares: Shares | None) -> tuple[Term, ...]:
        terms = parse(filter, self._now_ms())
        return terms if shares is None else (*terms, shares)

    def _now_ms(self) -> int:
        return int(self._now_s() * 1000)


def _moment(said: str | int | None, now_ms: int, otherwise: int) -> int:
    if said is None:
        return otherwise
    at_ms = moment(said, now_ms) if isinstance(said, str) else said
    if at_ms is None:
        raise BadInput(f"'{said}' is no time: use 24h, 7d or 2026-11-01")
    return at_ms
