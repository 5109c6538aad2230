"""What a page asks of all runs at once, caught up like every question to the store."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from ...errors import BadInput, UnknownRun
from ...folder import Cursor
from ...trace.summary import SubQuery
from ..filter import Term, moment, parse
from ..index import Index
from ..leaderboard import Window
from ..rows import ExperimentRow, Hit
from ..search import search
from ..store import Store
from . import changes, curves, experiments, facets, groups, latency, overview, parts, providers
from .changes import Marks, Stamp
from .parts import Asked
from .values import (
    AttemptPage,
    ExperimentItem,
    Facet,
    FacetValue,
    GroupPage,
    Latency,
    Overview,
    ProviderPage,
    ProviderWhole,
    RunCurves,
    SubQueryPage,
)

T = TypeVar("T")
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
_MILLISECONDS = re.compile(r"[0-9]{12,15}")
"""Since 1970: longer than any date without its dashes."""
WIDTHS_MS = {"hour": HOUR_MS, "day": DAY_MS}


class Questions:
    """Asks a store. `within`, in the filter language, is what every answer is held to."""

    def __init__(self, store: Store, within: str = "") -> None:
        self._store = store
        self._within = within

    def sub_queries(self, run_id: str, asked: Asked) -> SubQueryPage:
        """A page of the sub-queries of a run. Raises BadInput."""
        return self._of_run(run_id, lambda index, run: parts.sub_query_page(index, run, asked))

    def attempts(self, run_id: str, asked: Asked) -> AttemptPage:
        """A page of the attempts of a run. Raises BadInput."""
        return self._of_run(run_id, lambda index, run: parts.attempt_page(index, run, asked))

    def sub_query(self, run_id: str, query_id: str) -> SubQuery | None:
        """What is known of one sub-query, if there is one."""
        return self._of_run(run_id, lambda index, run: parts.sub_query(index, run, query_id))

    def latency(self, run_id: str) -> Latency:
        """How long the attempts of a run took that returned."""
        return self._of_run(run_id, lambda index, run: latency.latency_of(index, run_id, run))

    def curves(self, run_ids: Sequence[str]) -> list[RunCurves]:
        """How the metrics of some runs went, in a few points. Raises UnknownRun."""
        terms = self._terms()
        return self._ask(lambda index: curves.curves_of(index, run_ids, terms))

    def providers_of(self, run_id: str) -> list[str]:
        """Who was asked in a run."""
        sql = "SELECT DISTINCT provider FROM run_providers WHERE run_no = ? ORDER BY provider"
        return self._of_run(run_id, lambda index, run: [p for (p,) in index.rows(sql, (run,))])

    def cursor_before(self, run_id: str, offset: int) -> Cursor:
        """The last place known to lie at or before a byte of the trace."""
        sql = (
            'SELECT seq, "offset" FROM offsets WHERE run_no = ? AND "offset" <= ? '
            'ORDER BY "offset" DESC LIMIT 1'
        )

        def place(index: Index, run_no: int) -> Cursor:
            found = index.rows(sql, (run_no, offset))
            return Cursor(*found[0]) if found else Cursor()

        return self._of_run(run_id, place)

    def providers(
        self, since: str | None, until: str | None, model: str | None, venue: str | None,
        sort: str, usd_per_btc: float | None = None,
    ) -> ProviderPage:  # fmt: skip
        """The leaderboard of a window, with histograms and hours. Raises BadInput."""
        window = self._window(since, until, model, venue)
        terms = self._terms()
        return self._ask(
            lambda index: providers.provider_page(index, window, sort, usd_per_btc, terms)
        )

    def provider(
        self, name: str, since: str | None, until: str | None, model: str | None,
        venue: str | None, limit: int,
    ) -> ProviderWhole:  # fmt: skip
        """One provider in a window. Raises BadInput."""
        window = self._window(since, until, model, venue)
        terms = self._terms()
        return self._ask(lambda index: providers.provider_whole(index, window, name, limit, terms))

    def overview(self, since: str, until: str | None, bucket: str, offset_min: int) -> Overview:
        """Spend, success and failures of a window, by `hour` or `day`. Raises BadInput."""
        if bucket not in WIDTHS_MS:
            raise BadInput(f"bucket is hour or day, not '{bucket}'")
        now_ms = _now_ms()
        since_ms, until_ms = self._at(since, now_ms), self._at(until, now_ms, now_ms + 1)
        width_ms = WIDTHS_MS[bucket]
        if (until_ms - since_ms) / width_ms > 2_000:
            raise BadInput("more than 2,000 buckets: take days, or a shorter window")
        span = overview.Span(since_ms, until_ms, width_ms, offset_min * 60_000)
        return self._ask(lambda index: overview.overview(index, span, self._terms()))

    def marks(self, known: Stamp | None) -> Marks | None:
        """A mark for each run that differs when the run does; None when nothing was written."""
        terms = self._terms()
        return self._ask(lambda index: changes.marks(index, known, terms))

    def groups(
        self, filter: str, asked: groups.GroupsAsked, usd_per_btc: float | None = None
    ) -> GroupPage:
        """Runs that fit a filter, in groups that share a value. Raises BadFilter, BadInput."""
        terms = self._terms(filter)
        return self._ask(lambda index: groups.group_page(index, terms, asked, usd_per_btc))

    def facets(self) -> list[Facet]:
        """What runs can be filtered and sorted by."""
        terms = self._terms()
        return self._ask(lambda index: facets.facets(index, terms))

    def facet_values(self, key: str, filter: str, prefix: str, limit: int) -> list[FacetValue]:
        """The values of a key among the runs that fit a filter. Raises BadFilter."""
        terms = self._terms(filter)
        return self._ask(lambda index: facets.facet_values(index, key, terms, prefix, limit))

    def search(self, text: str, limit: int) -> list[Hit]:
        """Where all words of a text are found, the newest first. Raises BadInput."""
        terms = self._terms()
        return self._ask(lambda index: search(index, text, limit, terms))

    def experiments(
        self, rows: Sequence[ExperimentRow], slugs: dict[str, str]
    ) -> list[ExperimentItem]:
        """These experiments with statuses and metrics, the one with the latest run first."""
        terms = self._terms()
        return self._ask(lambda index: experiments.experiment_items(index, rows, slugs, terms))

    def _of_run(self, run_id: str, question: Callable[[Index, int], T]) -> T:
        return self._ask(lambda index: question(index, _run_no(index, run_id)))

    def _ask(self, question: Callable[[Index], T]) -> T:
        return self._store.ask(question)

    def _terms(self, filter: str = "") -> tuple[Term, ...]:
        now_ms = _now_ms()
        return (*parse(self._within, now_ms), *parse(filter, now_ms))

    def _window(
        self, since: str | None, until: str | None, model: str | None, venue: str | None
    ) -> Window:
        now_ms = _now_ms()
        far_ms = providers.FAR_MS
        return Window(self._at(since, now_ms, 0), self._at(until, now_ms, far_ms), model, venue)

    def _at(self, said: str | None, now_ms: int, otherwise: int = 0) -> int:
        if not said:
            return otherwise
        at_ms = int(said) if _MILLISECONDS.fullmatch(said) else moment(said, now_ms)
        if at_ms is None:
            raise BadInput(f"'{said}' is no time: use 24h, 7d or 2026-11-01")
        return at_ms


def _now_ms() -> int:
    return int(time.time() * 1000)


def _run_no(index: Index, run_id: str) -> int:
    found = index.rows("SELECT run_no FROM runs WHERE run_id = ?", (run_id,))
    if not found:
        raise UnknownRun(f"no run is called '{run_id}'")
    return int(found[0][0])
