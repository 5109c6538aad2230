"""Runs of the real rlms, recorded live, against the book of the server that they asked."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rlmboard.folder import Home, read_trace
from rlmboard.testing import ScriptedServer, reconcile
from rlmboard.trace import (
    CellEnd,
    CellStart,
    IterationStart,
    Note,
    RlmEnd,
    RlmStart,
    RunInit,
    SubQueryReturn,
    SubQueryTimeout,
)
from rlmboard.trace.order import problems
from rlmboard.trace.summary import summarize

from .conftest import VERSIONS, Recorded, asked

TRUE = (
    "basic",
    "deep",
    "errors",
    "retries",
    "max_iterations",
    "compaction",
    "budget",
    "budget_of_children",
    "token_limit",
    "timeout",
    "max_errors",
    "parallel_children",
    "unregistered",
    "child_fails",
    "old_final",
    "unicode",
    "at_max_depth",
    "slow_server",
    "two_completions",
    "persistent",
    "cancelled",
    "context_manager",
    "tools",
    "inside_a_run",
    "anthropic",
    "azure",
    "portkey",
    "a_subclass",
)


# ------------------------------------------------------------------ the numbers


@pytest.mark.parametrize("scenario", TRUE)
def test_a_run_says_what_the_book_says(recorded: Recorded, scenario: str) -> None:
    found = recorded.check(scenario)
    assert found
    for one in found:
        one.check()
        assert one.book.calls


@pytest.mark.parametrize("scenario", ["two_batches", "no_usage"])
def test_what_a_client_lost_is_a_failure_whose_numbers_are_unknown(
    recorded: Recorded, scenario: str
) -> None:
    (found,) = recorded.check(scenario)
    found.check(unknown="answer-lost")
    assert found.run.calls == found.book.calls
    failed = [one for one in recorded.queries(scenario) if one.status == "failed"]
    assert failed
    assert {one.cost_usd_nanos for one in failed} == {None}


def test_a_second_batch_fails_in_the_library_and_is_shown_as_that(recorded: Recorded) -> None:
    ends = recorded.events("two_batches", SubQueryReturn)
    errors = [end.error for end in ends if end.error is not None]
    assert len(errors) in (1, 6)
    assert all("loop" in error.message or "Connection" in error.message for error in errors)


def test_every_request_names_the_run_and_the_sub_query(recorded: Recorded) -> None:
    (run,) = recorded.runs("deep")
    linked = recorded.ran.book("deep", run)
    ids = {query.query_id for query in recorded.queries("deep")}
    assert len(linked) == 12
    assert {call.query_id for call in linked} == ids


# ------------------------------------------------------------------ the program is left alone


def test_nothing_is_printed_and_nobody_moved(recorded: Recorded) -> None:
    assert recorded.ran.errors == ""
    assert not any(said["moved"] for said in recorded.ran.said.values())


def test_results_and_requests_are_those_of_an_unrecorded_run(recorded: Recorded) -> None:
    said = recorded.ran.said
    plain = sorted(map(asked, recorded.ran.calls("not_recorded")))
    assert len(plain) == 12
    for scenario in ("deep", "a_subclass", "a_broken_recorder"):
        assert said[scenario]["answer"] == said["not_recorded"]["answer"]
        assert said[scenario]["usage"] == said["not_recorded"]["usage"]
        assert sorted(map(asked, recorded.ran.calls(scenario))) == plain


def test_a_recorder_that_fails_loses_events_and_never_the_run(recorded: Recorded) -> None:
    assert recorded.summary("a_broken_recorder").lost > 10
    assert recorded.ran.said["nothing_can_be_written"]["answer"]
    assert recorded.ran.said["nothing_can_be_written"]["problem"] is None


def test_rlms_is_as_it_was_when_the_recording_ends(recorded: Recorded) -> None:
    assert recorded.ran.said["context_manager"]["restored"] is True
    assert recorded.ran.said["a_subclass"]["is_mine"] is True


def test_what_a_user_says_wrong_is_told_at_once(recorded: Recorded) -> None:
    no_rlm, no_setting = recorded.ran.said["mistakes"]["said"]
    assert no_rlm == "record() takes an RLM of rlms, not str"
    assert "expriment" in no_setting


def test_no_key_and_no_header_is_on_disk(recorded: Recorded) -> None:
    files = [path for path in (recorded.home / "runs").rglob("*") if path.is_file()]
    assert files
    assert recorded.ran.calls("deep")[0].key == "Bearer sk-SECRET-deep"
    assert not [path for path in files if b"SECRET" in path.read_bytes()]


# ------------------------------------------------------------------ the tree


@pytest.mark.parametrize("scenario", TRUE)
def test_a_trace_keeps_the_order_of_events(recorded: Recorded, scenario: str) -> None:
    for run in recorded.runs(scenario):
        assert problems(read_trace(Home(recorded.home).run(run).trace)) == []


def test_children_stand_below_the_cell_that_called_them(recorded: Recorded) -> None:
    child, grandchild = recorded.events("deep", RlmStart)
    cells = {cell.cell_id: cell for cell in recorded.events("deep", CellStart)}
    assert cells[str(child.parent_id)].node_id == "root"
    assert cells[str(grandchild.parent_id)].node_id == child.node_id
    assert (child.depth, child.model, child.query) == (1, "child", "to the child")
    assert (grandchild.depth, grandchild.model) == (2, "grandchild")
    ends = {end.node_id: end for end in recorded.events("deep", RlmEnd)}
    assert {end.end_reason for end in ends.values()} == {"answer"}


def test_a_call_stands_below_its_cell_and_a_turn_below_its_rlm(recorded: Recorded) -> None:
    asked = {query.prompt_preview: query for query in recorded.queries("deep")}
    cells = {cell.cell_id: cell for cell in recorded.events("deep", CellStart)}
    deepest = asked["deepest"]
    assert "deepest" in cells[str(deepest.parent_id)].code_preview
    assert (deepest.depth, deepest.role, deepest.model) == (3, "sub", "leaf")
    children = [start.node_id for start in recorded.events("deep", RlmStart)]
    roots = [query for query in recorded.queries("deep") if query.role == "root"]
    assert {query.parent_id for query in roots} == {None, *children}
    assert len(recorded.events("deep", IterationStart)) == 8


def test_a_batch_is_known_by_its_places(recorded: Recorded) -> None:
    batch = [query for query in recorded.queries("basic") if query.batch_id]
    places = {query.prompt_preview: (query.batch_index, query.batch_size) for query in batch}
    assert places == {"b0": (0, 4), "b1": (1, 4), "b2": (2, 4), "b3": (3, 4)}
    assert len({query.batch_id for query in batch}) == 1


def test_cells_have_what_they_printed_and_raised(recorded: Recorded) -> None:
    raising = recorded.events("errors", CellEnd)[0]
    assert raising.stdout_preview == "before\n"
    assert raising.error is not None
    assert (raising.error.type, "undefined_name" in raising.error.message) == ("NameError", True)
    first = recorded.events("basic", CellEnd)[0]
    assert first.error is None
    assert first.variables is not None
    assert first.variables["r"] == "list of 2"
    assert first.variables["context"] == "str, 2320 characters"


def test_a_client_that_tries_again_makes_further_attempts(recorded: Recorded) -> None:
    asked = {query.prompt_preview: query for query in recorded.queries("retries")}
    once, always = asked["fail-once"], asked["fail-always"]
    assert (once.status, once.attempts) == ("returned", 2)
    assert (always.status, always.attempts, always.error_type) == ("failed", 3, "HTTP 500")
    assert always.error_message == "it is broken"


def test_a_call_that_took_too_long_is_a_timeout(recorded: Recorded) -> None:
    assert recorded.events("slow_server", SubQueryTimeout)


def test_children_at_once_are_told_apart(recorded: Recorded) -> None:
    starts = recorded.events("parallel_children", RlmStart)
    assert sorted(str(start.query) for start in starts) == [f"child {n}" for n in range(4)]
    assert {end.node_id for end in recorded.events("parallel_children", RlmEnd)} == {
        start.node_id for start in starts
    }


# ------------------------------------------------------------------ how it ends


@pytest.mark.parametrize(
    ("scenario", "status", "reason"),
    [
        ("basic", "completed", "answer"),
        ("max_iterations", "completed", "max_iterations"),
        ("budget", "failed", "budget"),
        ("token_limit", "failed", "tokens"),
        ("timeout", "failed", "timeout"),
        ("max_errors", "failed", "errors"),
        ("cancelled", "cancelled", "interrupted"),
        ("at_max_depth", "completed", "answer"),
    ],
)
def test_a_run_ends_by_its_own_word(
    recorded: Recorded, scenario: str, status: str, reason: str
) -> None:
    summary = recorded.summary(scenario)
    assert (summary.status, summary.end_reason) == (status, reason)


def test_a_limit_keeps_what_there_was_of_an_answer(recorded: Recorded) -> None:
    assert recorded.summary("timeout").output_preview
    assert recorded.summary("budget").error_type == "BudgetExceededError"


def test_an_answer_that_the_model_was_asked_for_at_last_is_the_output(recorded: Recorded) -> None:
    assert recorded.summary("max_iterations").output_preview == "I do not know."
    assert recorded.summary("max_iterations").iterations == 3


def test_a_child_that_the_budget_stops_or_forbids_says_so(recorded: Recorded) -> None:
    ends = recorded.events("budget_of_children", RlmEnd)
    assert "budget" in {end.end_reason for end in ends}
    refused = [query for query in recorded.queries("budget_of_children") if not query.attempts]
    assert [query.status for query in refused] == ["cancelled"]


def test_a_child_that_fails_says_why_and_its_parent_goes_on(recorded: Recorded) -> None:
    """The library gives the code an answer that begins with Error, and says nothing else of it."""
    (end,) = recorded.events("child_fails", RlmEnd)
    assert end.end_reason == "errors"
    assert end.error is not None and "there is no such child" in end.error.message
    assert recorded.summary("child_fails").status == "completed"
    printed = recorded.events("child_fails", CellEnd)[0].stdout_preview
    assert printed.startswith("Error: Child RLM completion failed")


def test_an_old_way_to_end_is_an_end_only_where_the_library_takes_it_for_one(
    recorded: Recorded,
) -> None:
    version = Home(recorded.home).run(recorded.runs("old_final")[0]).record().config.params["rlms"]  # type: ignore[union-attr]
    summary = recorded.summary("old_final")
    if version == "0.1.1":
        assert (summary.end_reason, summary.output_preview) == ("answer", "1")
    else:
        assert (summary.end_reason, summary.output_preview) == ("max_iterations", "I do not know.")


def test_a_home_that_was_named_from_here_stays_where_it_is(recorded: Recorded) -> None:
    run = recorded.ran.said["relative_home"]["run"]
    found = reconcile(run, recorded.ran.book("", run), home=recorded.home / "relative")
    assert found.check().run.calls == 9
    whole = summarize(read_trace(Home(recorded.home / "relative").run(run).trace))
    assert (whole.run.status, whole.run.lost) == ("completed", 0)


def test_compaction_is_seen(recorded: Recorded) -> None:
    notes = [note.message for note in recorded.events("compaction", Note)]
    asked = [
        query for query in recorded.queries("compaction") if "Summarize" in query.prompt_preview
    ]
    assert len(asked) == len([note for note in notes if "summed up" in note]) == 6


def test_a_model_that_is_not_registered_is_answered_by_another_and_that_is_said(
    recorded: Recorded,
) -> None:
    (asked,) = [q for q in recorded.queries("unregistered") if q.prompt_preview == "one"]
    assert asked.model == "leaf"
    assert "no-such-model was asked for" in recorded.events("unregistered", Note)[-1].message


def test_two_completions_are_two_runs_and_inside_a_run_they_are_its_parts(
    recorded: Recorded,
) -> None:
    assert len(recorded.runs("two_completions")) == len(recorded.runs("persistent")) == 2
    parts = recorded.events("inside_a_run", RlmStart)
    assert [part.node_id for part in parts] == ["rlm-1", "rlm-2"]
    assert recorded.summary("inside_a_run").query == "Two parts"


def test_a_run_says_what_it_is_made_of(recorded: Recorded) -> None:
    record = Home(recorded.home).run(recorded.runs("deep")[0]).record()
    assert record is not None
    config = record.config
    assert (config.method, config.model, config.sub_model) == ("rlm", "deep", "leaf")
    assert config.max_depth == 3
    assert config.params["rlms"] in VERSIONS
    assert config.params["server"].startswith("127.0.0.1:")
    (begun,) = recorded.events("deep", RunInit)
    assert (begun.producer, begun.query) == ("rlms", "What is it about?")
    assert begun.context is not None
    assert begun.context["chars"] == 2320
    kept = Home(recorded.home).run(recorded.runs("deep")[0]).payload(begun.context["sha256"])
    assert kept is not None
    assert kept.startswith("A long text")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_killed_run_keeps_what_was_said_of_it(
    producer: Callable[[str], Any], version: str, tmp_path: Path, brain: Any
) -> None:
    with ScriptedServer(brain) as server:
        script = Path(__file__).parent / "scenarios.py"
        logs = {"RLMS_LOGS": str(tmp_path / "logs")}
        environment = producer(f"rlms-{version}")
        under_way = environment.start(script, server.url, "killed", home=tmp_path, **logs)
        while not server.book or server.book[-1].prompt != "hangs":
            assert under_way.poll() is None, under_way.communicate()
        os.kill(under_way.pid, signal.SIGKILL)
        under_way.communicate()
        (run,) = os.listdir(tmp_path / "runs")
        found = reconcile(run, server.book, home=tmp_path)
    found.check(unknown="killed")
    assert (found.run.calls, found.run.answered) == (3, 2)
    assert Home(tmp_path).run(run).liveness() == "free"
