"""What rlms itself writes down, imported, against the book of the server that it asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rlmboard.folder import Home, read_trace
from rlmboard.integrations.imports.importing import import_source
from rlmboard.integrations.imports.recognising import recognise
from rlmboard.testing import Book, Reconciliation, reconcile
from rlmboard.trace import RlmStart, Stamped
from rlmboard.trace.order import problems
from rlmboard.trace.summary import Summary, summarize

VERSIONS = ("0.1.3", "0.1.1")
WHOLE = ("basic", "deep", "max_iterations", "unicode", "compaction")
"""Scenarios of which every call is in the log."""


class Imported:
    """The log of one scenario, imported into a home of its own."""

    def __init__(self, ran: Any, scenario: str, home: Path) -> None:
        self.home = Home(home)
        source = recognise(ran.log(scenario))
        assert source is not None
        self.source = source
        self.runs = [run.run_id for run in import_source(self.home, source).runs]
        calls = ran.calls(scenario)
        self.book = Book(msgspec.structs.replace(call, headers={}) for call in calls)

    def summary(self, run: int = -1) -> Summary:
        return summarize(list(read_trace(self.home.run(self.runs[run]).trace)))

    def reconciled(self) -> Reconciliation:
        (run,) = self.runs
        return reconcile(run, self.book, home=self.home.path)


@pytest.fixture(params=VERSIONS)
def imported(
    request: pytest.FixtureRequest, rlms: Callable[..., Any], tmp_path: Path
) -> Callable[[str], Imported]:
    ran = rlms(request.param)
    return lambda scenario: Imported(ran, scenario, tmp_path / "home")


@pytest.mark.parametrize("scenario", WHOLE)
def test_every_call_is_there_and_what_the_log_does_not_say_is_unknown(
    imported: Callable[[str], Imported], scenario: str
) -> None:
    found = imported(scenario).reconciled()
    found.check(unknown="not-in-the-log")
    assert found.run.calls == found.book.calls
    assert found.of("unknown")


def test_calls_that_failed_are_not_in_the_log(imported: Callable[[str], Imported]) -> None:
    found = imported("errors").reconciled()
    missing = [one.call for one in found.of("missing")]
    failed = [call.number for call in imported("errors").book if not call.ok]
    assert missing
    assert set(failed) <= set(missing)


def test_tokens_of_single_calls_are_those_of_the_book(
    imported: Callable[[str], Imported],
) -> None:
    pairs = imported("deep").reconciled().pairs
    exact = [pair for pair in pairs if pair.attempt.row.usage_quality == "exact"]
    assert len(exact) == 4
    for call, attempt in exact:
        assert call.usage is not None
        assert attempt.usage is not None
        assert (attempt.usage.input, attempt.usage.output) == (call.usage.input, call.usage.output)
        assert attempt.row.cost_usd_nanos == call.cost_usd_nanos


def test_tokens_of_a_batch_are_shared_and_its_cost_is_unknown(
    imported: Callable[[str], Imported],
) -> None:
    batch = [row for row in imported("basic").summary().sub_queries if row.batch_id]
    places = sorted((row.prompt_preview, row.batch_index, row.batch_size) for row in batch)
    assert places == [(f"b{n}", n, 4) for n in range(4)]
    attempts = [
        row for row in imported("basic").summary().attempts if row.usage_quality == "shared"
    ]
    assert [row.cost_usd_nanos for row in attempts] == [None] * 4


def test_children_stand_below_their_cells_at_their_own_times(
    imported: Callable[[str], Imported],
) -> None:
    trace = read_trace(imported("deep").home.run(imported("deep").runs[0]).trace)
    lines = [line for line in trace if isinstance(line, Stamped)]
    child, grandchild = [line.event for line in lines if isinstance(line.event, RlmStart)]
    assert (child.node_id, child.parent_id, child.depth) == ("t1c1q1", "t1c1", 1)
    assert grandchild.parent_id == "t1c1q1.t1c1"
    times = [line.timestamp_ms for line in lines if line.event.inferred is not True]
    assert times == sorted(times)


def test_each_completion_is_a_run_and_ends_as_the_log_says(
    imported: Callable[[str], Imported],
) -> None:
    two = imported("two_completions")
    assert len(two.runs) == 2
    for run in (0, 1):
        assert two.summary(run).run.status == "completed"
        assert two.summary(run).run.query == "What is it about?"
    forced = imported("max_iterations").summary().run
    assert (forced.end_reason, forced.output_preview) == ("max_iterations", "I do not know.")


def test_a_run_that_a_limit_stopped_has_no_end(imported: Callable[[str], Imported]) -> None:
    stopped = imported("timeout")
    assert stopped.summary().run.status == "running"
    assert stopped.home.run(stopped.runs[0]).liveness() == "free"


def test_a_log_without_a_turn_is_no_run_and_said_to_be_so(
    imported: Callable[[str], Imported],
) -> None:
    found = imported("max_errors")
    assert not found.runs
    (unread,) = import_source(found.home, found.source).unread
    assert "no turn of it is recorded" in unread.why


@pytest.mark.parametrize("scenario", [*WHOLE, "errors", "budget_of_children", "persistent"])
def test_an_imported_trace_keeps_the_order_of_events(
    imported: Callable[[str], Imported], scenario: str
) -> None:
    found = imported(scenario)
    assert found.runs
    for run in found.runs:
        assert problems(read_trace(found.home.run(run).trace)) == []


def test_an_import_may_be_repeated_and_changes_nothing(
    imported: Callable[[str], Imported],
) -> None:
    found = imported("deep")
    trace = found.home.run(found.runs[0]).trace.read_bytes()
    again = import_source(found.home, found.source)
    assert [run.state for run in again.runs] == ["unchanged"]
    assert found.home.run(found.runs[0]).trace.read_bytes() == trace


def test_contexts_are_kept_once_and_no_secret_at_all(imported: Callable[[str], Imported]) -> None:
    found = imported("basic")
    folder = found.home.run(found.runs[0])
    begun = next(line.event for line in read_trace(folder.trace) if isinstance(line, Stamped))
    sha256 = begun.context["sha256"]  # type: ignore[union-attr, index]
    assert (folder.payload(sha256) or "").startswith("A long text")
    assert folder.payloads.read_text().count("A long text, of which the model sees") <= 80
    files = [path for path in found.home.path.rglob("*") if path.is_file()]
    assert not [path for path in files if b"SECRET" in path.read_bytes()]
    assert b"SECRET" in found.source.paths[0].read_bytes()
