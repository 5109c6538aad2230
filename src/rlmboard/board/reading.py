"""What one reader asks of the store: the only way from a route to a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import BadInput, RlmboardError, UnknownRun
from ..folder import RunFolder, is_sealed
from ..sources.places import is_within
from ..store import RunRow, Shares, Store, StoredRun
from ..store.questions import Questions
from .items import item_of
from .rate import rate
from .scope import Scope
from .shapes import RunItem, RunPage, SearchPage

MOST = 1_000
COSTS = ("cost", "cost_usd")
"""Orders for which two currencies are compared."""


class Reading:
    """A store within a scope. Plain blocking calls: routes make them in threads.

    `sources` are folders whose files may be opened for any run.
    """

    def __init__(
        self, store: Store, scope: Scope, base_path: str = "", sources: Iterable[str] = ()
    ) -> None:
        self.store = store
        self.scope = scope
        self.questions = Questions(store, scope.filter)
        self.base_path = base_path
        self._sources = tuple(sources)

    def run(self, run_id: str) -> StoredRun:
        """A run by id, prefix or `latest`. Raises UnknownRun, also for one out of scope."""
        try:
            run = self.store.run(run_id)
        except UnknownRun:
            if not self.scope.filter:
                raise  # and name those that may have been meant
            run = None
        if run is None or not self.scope.shows(run.row):
            raise UnknownRun(f"no run is called '{run_id}'")
        return run

    def root_of(self, run: StoredRun) -> str | None:
        """Below which folder what a run cites is opened: none for a run that came from elsewhere.

        Whoever made its folder chose the root that stands in it. That of a run which this home
        recorded is known by its seal; others must lie below `sources`, folders of the reader's.
        """
        record = run.record()
        if record is None or record.root is None:
            return None
        is_open = is_sealed(self.store.home, run.id, record) or any(
            is_within(record.root, folder) for folder in self._sources
        )
        return record.root if is_open else None

    def item(self, row: RunRow) -> RunItem:
        return item_of(row, self.base_path)

    def rows(
        self, filter: str, order: str = "-created_at", limit: int | None = MOST,
        after: str | None = None, shares: Shares | None = None,
    ) -> list[RunRow]:  # fmt: skip
        """Runs that fit the filter, and the scope."""
        at = self.usd_per_btc() if order.removeprefix("-") in COSTS else None
        return self.store.runs(self.within(filter), order, limit, after, at, shares)

    def usd_per_btc(self) -> float | None:
        """The rate that is recorded, if one is."""
        found = rate(self.store.home)
        return found.usd_per_btc if found else None

    def page(
        self, filter: str, order: str, limit: int, after: str | None, counted: bool,
        shares: Shares | None = None,
    ) -> RunPage:  # fmt: skip
        rows = self.rows(filter, order, limit, after, shares)
        return RunPage(
            runs=[self.item(row) for row in rows],
            next=rows[-1].run_id if len(rows) == limit else None,
            count=self.store.count(self.within(filter), shares) if counted else None,
            total=self.store.count(self.scope.filter) if counted else None,
        )

    def search(self, text: str, limit: int) -> SearchPage:
        """Where a text stands, in runs that may be seen."""
        hits = self.questions.search(text, limit + 1)
        return SearchPage(hits=hits[:limit], cut=len(hits) > limit)

    def named(self, run_ids: Sequence[str]) -> list[RunRow]:
        """The rows of these runs, in this order. Raises UnknownRun."""
        return [self.run(run_id).row for run_id in run_ids]

    def items(self, run_ids: Sequence[str]) -> list[RunItem]:
        """Rows of those of these runs that there are; none while the home cannot be read."""
        found = []
        for run_id in run_ids:
            try:
                found.append(self.item(self.run(run_id).row))
            except RlmboardError:
                continue
        return found

    def within(self, filter: str) -> str:
        """The filter, held to the scope."""
        if len(filter) > 4_000:
            raise BadInput("a filter has at most 4,000 characters")
        return f"{self.scope.filter} {filter}" if self.scope.filter else filter

    def status(self, run_id: str) -> tuple[str, bool] | None:
        """Status and whether it is presumed; None where there is no such run."""
        try:
            row = self.run(run_id).row
        except RlmboardError:
            return None
        return row.status, row.presumed

    def folder_to_follow(self, run_id: str) -> RunFolder:
        """The folder of a run by its whole id, without a look at the index. Raises UnknownRun."""
        folder = self.store.home.run(run_id)
        if not folder.exists():
            raise UnknownRun(f"no run is called '{run_id}'")
        if self.scope.filter:
            return self.run(run_id).folder
        return folder
