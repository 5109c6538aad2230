"""A recorded run as lines, and what a terminal would show of a picture."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from rich.console import Console, RenderableType

from rlmboard.cli import main
from rlmboard.cli.pictures.from_config import gathering_for
from rlmboard.cli.pictures.gather import Gathering
from rlmboard.folder import Home
from rlmboard.trace import (
    BudgetReserve,
    BudgetSettle,
    EnvLoadFragment,
    RunConfig,
    RunDone,
    RunInit,
    SpanRef,
    Stamped,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    TraceEvent,
    TraceLine,
    VerifyCitations,
)

Render = Callable[..., str]
Typing = Callable[..., Result]
QUERY = "Summarize the key architectural decisions in this codebase"
ASKED = (
    ("provider-a", "local", 234.0, 12_000),
    ("provider-b", "datacenter", 456.0, 8_000),
    ("provider-c", "swarm", 312.0, 15_000),
    ("provider-a", "local", 198.0, 12_000),
    ("provider-d", "swarm", None, None),
)
"""The design document's own fan-out: provider, venue, milliseconds, cost; one times out."""


def stamped(events: list[tuple[float, TraceEvent]]) -> list[TraceLine]:
    return [Stamped(seq, "run-001", at, event) for seq, (at, event) in enumerate(events, 1)]


def design_events(simulated: bool | None = None) -> list[tuple[float, TraceEvent]]:
    events: list[tuple[float, TraceEvent]] = [(0.0, RunInit(query=QUERY, fragment_count=5))]
    span = SpanRef(id="s", path="file.rs", start_line=10, end_line=50, end_byte=900)
    for n, (provider, venue, _, _) in enumerate(ASKED, 1):
        query_id, fragment = f"q{n}", f"chunk-{n:03}"
        events += [
            (0.0, EnvLoadFragment(fragment_id=fragment, size_bytes=512)),
            (0.0, BudgetReserve(query_id=query_id, amount_msat=20_000)),
            (
                0.0,
                SubQuerySubmit(query_id=query_id, fragment_id=fragment, role="extractor", depth=1),
            ),
            (
                0.0,
                SubQueryExecute(
                    query_id=query_id, provider_id=provider, venue=venue, simulated=simulated
                ),
            ),
        ]
    for n, (_, _, took_ms, cost_msat) in enumerate(ASKED, 1):
        if took_ms is None:
            events.append((500.0, SubQueryTimeout(query_id=f"q{n}", elapsed_ms=500.0)))
            continue
        found = () if n == 3 else (span,)
        text = "No relevant content." if n == 3 else "found [file.rs:10-50]"
        returned = SubQueryReturn(
            query_id=f"q{n}", result_preview=text, cost_msat=cost_msat, span_refs=found
        )
        events += [
            (took_ms, returned),
            (took_ms, BudgetSettle(query_id=f"q{n}", actual_msat=cost_msat)),
        ]
    return events


def ending() -> list[tuple[float, TraceEvent]]:
    span = SpanRef(id="s", path="file.rs", start_line=10, end_line=50, end_byte=900)
    return [
        (500.0, SubQuerySubmit(query_id="q6", role="reducer", depth=1)),
        (500.0, SubQueryExecute(query_id="q6", provider_id="local-fm", venue="local")),
        (589.0, SubQueryReturn(query_id="q6", cost_msat=0, span_refs=(span,))),
        (589.0, VerifyCitations(checked=1, missing=0, passed=True)),
        (600.0, RunDone(output="It is decided [file.rs:10-50].", end_reason="answer")),
    ]


@pytest.fixture
def under_way() -> list[TraceLine]:
    return stamped(design_events())


@pytest.fixture
def ended() -> list[TraceLine]:
    return stamped(design_events() + ending())


@pytest.fixture
def simulated() -> list[TraceLine]:
    return stamped(design_events(simulated=True) + ending())


@pytest.fixture
def gathering() -> Gathering:
    config = RunConfig(name="doc-analysis-2024-01-08", budget_sats=100, quorum=0.8)
    return gathering_for("run-001", QUERY, config)


@pytest.fixture
def render() -> Render:
    """A picture as the terminal would show it, without trailing blanks."""

    def rendered(picture: RenderableType, width: int = 80, colour: bool = False) -> str:
        screen = io.StringIO()
        console = Console(
            file=screen,
            width=width,
            force_terminal=colour,
            color_system="standard" if colour else None,
            markup=False,
            highlight=False,
            _environ={},
        )
        console.print(picture)
        return "\n".join(line.rstrip() for line in screen.getvalue().splitlines())

    return rendered


@pytest.fixture
def home(home_of_its_own: Path) -> Home:
    """The home that the commands of a test use."""
    return Home(home_of_its_own)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A folder with something to read, outside of any repository."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "recorder.md").write_text(
        "# Recorder\n\nThe recorder appends one line with one write.\n"
        "A kill can tear the last line, and nothing else is lost.\n"
    )
    (folder / "owner.md").write_text(
        "# Owner\n\nThe owner of a run holds a lock on its heartbeat.\n"
        "The kernel lets go of the lock when the owner dies.\n"
    )
    (folder / "weather.md").write_text("# Weather\n\nIt rains in November.\n")
    return folder


@pytest.fixture
def type_in() -> Typing:
    """A command line, carried out in this process; the streams apart."""

    def typed(*words: str | Path, program: click.Command = main, **settings: Any) -> Result:
        result = CliRunner().invoke(program, [str(word) for word in words], **settings)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return typed


@pytest.fixture
def recorded(type_in: Typing, texts: Path) -> str:
    """A run that was recorded: its id."""
    result = type_in("run", "Who holds the lock of a run?", texts, "--json", "--tag", "nightly")
    assert result.exit_code == 0, result.stderr
    return str(json.loads(result.stdout)["run_id"])
