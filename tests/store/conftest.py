"""Homes with runs in them, recorded line by line as a producer would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import pytest

from rlmboard.folder import Home, RunFolder, RunRecord
from rlmboard.store import Store
from rlmboard.trace import (
    RunConfig,
    RunDone,
    RunInit,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    TraceEvent,
    Usage,
    encode_line,
    run_config,
)

Told = tuple[float, TraceEvent]
STARTED_AT = "2026-11-20T10:00:00+00:00"
STARTED_MS = 1_795_168_800_000


class Clock:
    """Seconds since 1970, as the test says."""

    def __init__(self) -> None:
        self.now_s = STARTED_MS / 1000 + 3600

    def __call__(self) -> float:
        return self.now_s


class Record(Protocol):
    def __call__(
        self,
        run_id: str,
        told: Iterable[Told] = ...,
        *,
        started_at: str = ...,
        marked: bool = ...,
        query: str = ...,
        **config: Any,
    ) -> RunFolder: ...


@pytest.fixture
def home(home_of_its_own: Any) -> Home:
    home = Home(home_of_its_own)
    home.make()
    return home


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(home: Home, clock: Clock) -> Iterator[Store]:
    with Store(home, now_s=clock) as store:
        yield store


@pytest.fixture
def record(home: Home) -> Record:
    """Puts a run on disk, with a live marker unless it is said to be copied in by hand."""

    def put(
        run_id: str,
        told: Iterable[Told] = (),
        *,
        started_at: str = STARTED_AT,
        marked: bool = True,
        query: str = "",
        **config: Any,
    ) -> RunFolder:
        folder = home.run(run_id)
        if marked:
            home.mark(run_id)
        folder.path.mkdir()
        settings = run_config(config) if config else RunConfig()
        folder.write_record(
            RunRecord(run_id=run_id, query=query, config=settings, started_at=started_at)
        )
        append(folder, told)
        return folder

    return put


def append_to(folder: RunFolder, told: Iterable[Told]) -> None:
    with folder.trace.open("ab") as file:
        for at_ms, event in told:
            file.write(encode_line(folder.run_id, round(at_ms * 1000), event))


append = append_to


@pytest.fixture(name="append")
def append_fixture() -> Any:
    return append_to


def small_run(
    answers: int = 2, cost_msat: int = 10_000, provider: str = "ollama", **end: Any
) -> list[Told]:
    told: list[Told] = [(0.0, RunInit(query="why?", producer="sdk"))]
    for n in range(answers):
        query = {"query_id": f"q{n}"}
        told += [
            (n * 10.0, SubQuerySubmit(**query, prompt_preview=f"prompt {n}")),
            (n * 10.0 + 1, SubQueryExecute(**query, provider_id=provider, venue="local")),
            (
                n * 10.0 + 101,
                SubQueryReturn(
                    **query,
                    cost_msat=cost_msat,
                    usage=Usage(input=100, output=10),
                    result_preview=f"result {n}",
                ),
            ),
        ]
    return [*told, (1000.0, RunDone(**{"output": "because", "end_reason": "answer", **end}))]


@pytest.fixture(name="small_run")
def small_run_fixture() -> Any:
    return small_run
