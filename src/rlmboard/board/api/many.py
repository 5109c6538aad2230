"""Many runs at one look: experiments, comparison, providers, the home."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any, Literal

from litestar import Request, get
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, QueryParameter

from ...folder import Thrown as ThrownAway
from ...folder import thrown_away
from ...trace import FORMAT
from ..comparing import compare
from ..problems import NotFound
from ..reading import MOST, Reading
from ..saying import slug_of
from ..shapes import (
    Comparison,
    ExperimentItem,
    HomeFacts,
    Overview,
    ProviderPage,
    ProviderWhole,
    Thrown,
)
from .asked import Limit, Several, name_after


@get("/api/rlm/experiments", sync_to_thread=True)
def list_experiments(state: State) -> list[ExperimentItem]:
    """Every experiment, the one with the latest run first."""
    reading: Reading = state.reading
    return experiment_items(reading)


@get("/api/rlm/experiments/{name:path}", sync_to_thread=True)
def get_experiment(
    name: FromPath[str], state: State, request: Request[Any, Any, Any]
) -> ExperimentItem:
    """One experiment, by its name or slug."""
    reading: Reading = state.reading
    return experiment_item(reading, name_after(request, "/experiments/"))


@get("/api/rlm/compare", sync_to_thread=True)
def get_comparison(
    state: State,
    filter: FromQuery[str] = "",
    run: Several = None,
    group: FromQuery[str | None] = None,
) -> Comparison:
    """Runs beside each other."""
    reading: Reading = state.reading
    if run:
        rows = reading.named(run)
        return compare(rows, len(rows), group)
    rows = reading.rows(filter)
    count = len(rows) if len(rows) < MOST else reading.store.count(reading.within(filter))
    return compare(rows, count, group)


@get("/api/rlm/providers", sync_to_thread=True)
def list_providers(
    state: State,
    since: FromQuery[str | None] = None,
    until: FromQuery[str | None] = None,
    model: FromQuery[str | None] = None,
    venue: FromQuery[str | None] = None,
    sort: FromQuery[str] = "latency",
) -> ProviderPage:
    """The leaderboard of a window."""
    reading: Reading = state.reading
    return reading.questions.providers(since, until, model, venue, sort, reading.usd_per_btc())


@get("/api/rlm/providers/{provider:path}", sync_to_thread=True)
def get_provider(
    provider: FromPath[str],
    state: State,
    request: Request[Any, Any, Any],
    since: FromQuery[str | None] = None,
    until: FromQuery[str | None] = None,
    model: FromQuery[str | None] = None,
    venue: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> ProviderWhole:
    """One provider: over time, what went wrong, what was slowest."""
    reading: Reading = state.reading
    name = name_after(request, "/providers/")
    return reading.questions.provider(name, since, until, model, venue, limit)


@get("/api/rlm/overview", sync_to_thread=True)
def get_overview(
    state: State,
    since: FromQuery[str] = "14d",
    until: FromQuery[str | None] = None,
    bucket: FromQuery[Literal["hour", "day"]] = "day",
    offset_min: Annotated[int, QueryParameter(ge=-900, le=900)] = 0,
) -> Overview:
    """Spend, success and failures of a window."""
    reading: Reading = state.reading
    return reading.questions.overview(since, until, bucket, offset_min)


@get("/api/rlm/home", sync_to_thread=True)
def get_home(state: State) -> HomeFacts:
    """The home folder, and the disk that it lies on."""
    reading: Reading = state.reading
    home = reading.store.home
    runs = reading.store.count(reading.scope.filter)
    disk = shutil.disk_usage(_existing(home.path))
    return HomeFacts(
        home=str(home.path),
        version=state.version,
        format=FORMAT,
        runs=runs,
        live=_live(reading),
        notice=reading.store.notice,
        index_bytes=_size(home.db),
        disk_free_bytes=disk.free,
        disk_bytes=disk.total,
        trash=[Thrown(run_id=one.run_id, at=one.at.isoformat()) for one in _thrown(reading)],
    )


def _live(reading: Reading) -> int:
    if reading.scope.filter:
        return reading.store.count(reading.within("status:running"))
    return len(reading.store.home.live_ids())


def _thrown(reading: Reading) -> list[ThrownAway]:
    """What lies in the trash: no scope knows of a run there."""
    return [] if reading.scope.filter else thrown_away(reading.store.home)


def experiment_items(reading: Reading) -> list[ExperimentItem]:
    rows = reading.store.experiments()
    items = reading.questions.experiments(rows, {row.name: slug_of(row.name) for row in rows})
    return [item for item in items if item.runs or not reading.scope.filter]


def experiment_item(reading: Reading, name: str) -> ExperimentItem:
    """Raises NotFound where no experiment has this name or slug."""
    rows = [row for row in reading.store.experiments() if name in (row.name, slug_of(row.name))]
    chosen = ([row for row in rows if row.name == name] or rows)[:1]
    items = reading.questions.experiments(chosen, {row.name: slug_of(row.name) for row in chosen})
    for item in items:
        if item.runs or not reading.scope.filter:
            return item
    raise NotFound(f"there is no experiment '{name}'")


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.exists())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


ROUTES = (
    list_experiments, get_experiment, get_comparison, list_providers, get_provider, get_overview,
    get_home,
)  # fmt: skip
