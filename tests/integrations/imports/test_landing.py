"""What a reader tells lands whole, once, and never twice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rlmboard.errors import BadInput, HomeUnusable
from rlmboard.folder import (
    Home,
    Pulse,
    boot_id,
    prune_payloads,
    read_trace,
    take,
    throw_away,
)
from rlmboard.formats.foreign import ForeignRun, Over, Said, Told, Unread, foreign_run_id
from rlmboard.integrations.imports import Landed, Landing, sweep
from rlmboard.store import Store
from rlmboard.trace import (
    Metric,
    RunDone,
    RunInit,
    Stamped,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    Usage,
)
from rlmboard.trace.order import problems

BEGAN = datetime(2026, 5, 4, 9, 30, 0, 123_000, tzinfo=UTC)
KEY_LIKE = "sk-ant-" + "a1B2" * 8
LONG = "a long question " * 100


def run(**more: Any) -> ForeignRun:
    said: dict[str, Any] = {"key": "k", "producer": "test", "started_at": BEGAN, "query": "Why?"}
    return ForeignRun(**{**said, **more})


def turn(n: int, text: str = LONG) -> list[Told]:
    at = n * 1000
    query = f"q{n}"
    return [
        Said("k", at, SubQuerySubmit(query_id=query), {"prompt_ref": ["system", f"{text} {n}"]}),
        Said("k", at + 1, SubQueryExecute(query_id=query, model_id="m")),
        Said(
            "k",
            at + 9,
            SubQueryReturn(query_id=query, result_preview=text, usage=Usage(input=7, output=3)),
        ),
    ]


def done(at: int, output: str = "Because.") -> Said:
    return Said("k", at, RunDone(output=output, end_reason="answer"))


def land(home: Home, told: Iterable[Told], **how: bool) -> list[Landed]:
    with Landing(home, **how) as landing:
        for one in told:
            landing.land(one)
        return landing.close()


def everything(home: Home) -> dict[str, bytes]:
    """All files below the home but the index, with what is in them."""
    return {
        str(path.relative_to(home.path)): path.read_bytes()
        for path in sorted(home.runs.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def home() -> Home:
    return Home()


def test_a_run_lands_with_its_facts_its_events_and_its_files(home: Home) -> None:
    facts = run(config={"model": "m", "temperature": 0.5}, cwd="/src", git={"branch": "main"})
    told = [facts, *turn(1), Said("k", 20, Metric(name="f1", value=0.5)), done(30)]
    (landed,) = land(home, told)
    assert (landed.state, landed.added, landed.told) == ("new", 7, 7)
    folder = home.run(landed.run_id)
    record = folder.record()
    assert record is not None
    assert (record.producer, record.query, record.cwd, record.config.model) == (
        "test", "Why?", "/src", "m",
    )  # fmt: skip
    assert record.config.params == {"temperature": 0.5}
    assert record.started_at == "2026-05-04T09:30:00.123+00:00"
    assert folder.read_output() == "Because."
    assert b'"f1": 0.5' in folder.metrics.read_bytes()
    with Store(home) as store:
        stored = store.run(landed.run_id)
        row, (query,) = stored.row, list(stored.sub_queries())
    assert (row.status, query.input_tokens, query.output_tokens) == ("completed", 7, 3)
    assert not folder.heartbeat.exists()


def test_a_run_id_is_the_same_at_every_import_and_sorts_by_time() -> None:
    earlier = foreign_run_id("test", "z", BEGAN)
    later = foreign_run_id("test", "a", BEGAN + timedelta(milliseconds=1))
    assert earlier == foreign_run_id("test", "z", BEGAN)
    assert earlier < later
    assert earlier != foreign_run_id("other", "z", BEGAN)


def test_repeating_an_import_changes_nothing(home: Home) -> None:
    told = [run(), *turn(1), *turn(2), done(9000)]
    land(home, told)
    before = everything(home)
    (again,) = land(home, told)
    assert (again.state, again.added) == ("unchanged", 0)
    assert everything(home) == before


def test_what_grew_is_appended_and_an_ended_run_goes_on(home: Home) -> None:
    land(home, [run(), *turn(1), done(1500)])
    (grown,) = land(home, [run(), *turn(1), *turn(2), done(2500, "Now I know.")])
    assert (grown.state, grown.added) == ("grown", 4)
    folder = home.run(grown.run_id)
    trace = list(read_trace(folder.trace))
    kinds = [type(line.event).__name__ for line in trace if isinstance(line, Stamped)]
    assert kinds.count("RunResumed") == 1
    assert kinds[-1] == "RunDone"
    assert not problems(trace)
    assert folder.read_output() == "Now I know."
    before = everything(home)
    land(home, [run(), *turn(1), *turn(2), done(2500, "Now I know.")])
    assert everything(home) == before


def test_a_run_that_was_told_wrongly_ends_again_after_what_is_new(home: Home) -> None:
    land(home, [run(), *turn(1), done(5000)])
    land(home, [run(), *turn(1), *turn(2), done(5000)])
    with Store(home) as store:
        assert store.run("latest").row.status == "completed"


def test_a_failure_in_the_middle_leaves_nothing_behind(home: Home) -> None:
    with pytest.raises(ZeroDivisionError), Landing(home) as landing:
        for told in [run(), *turn(1)]:
            landing.land(told)
        raise ZeroDivisionError
    assert os.listdir(home.runs) == []


def test_what_a_killed_import_left_is_swept_away(home: Home) -> None:
    home.make()
    left = home.runs / ".importing-abc"
    left.mkdir()
    (left / "trace.jsonl").write_text("{}")
    sweep(home)
    assert not left.exists()


def test_what_an_import_that_lives_builds_is_not_swept_away(home: Home) -> None:
    with Landing(home) as landing:
        for told in [run(), *turn(1)]:
            landing.land(told)
        sweep(home)
        landing.land(done(9000))
        (landed,) = landing.close()
    assert landed.state == "new"
    assert home.run(landed.run_id).read_output() == "Because."
    assert os.listdir(home.runs) == [landed.run_id]


def test_an_import_whose_place_was_taken_away_makes_another(home: Home) -> None:
    with Landing(home) as landing:
        for told in [run(), *turn(1), done(9000), Over("k")]:
            landing.land(told)
        landing.close()
        for told in [run(key="other"), *(one._replace(key="other") for one in turn(1))]:
            landing.land(told)
        (aside,) = home.runs.glob(".importing-*")
        shutil.rmtree(aside)
        with pytest.raises(HomeUnusable):
            landing.close()
        for told in [run(key="third"), *(one._replace(key="third") for one in turn(1))]:
            landing.land(told)
        (landed,) = [one for one in landing.close() if one.key == "third"]
    assert landed.state == "new"
    assert home.run(landed.run_id).exists()


def test_of_two_imports_of_one_run_the_faster_brings_it_in(home: Home) -> None:
    told = [run(), *turn(1), done(9000)]
    with Landing(home) as slow, Landing(home) as fast:
        for one in told:
            slow.land(one)
            fast.land(one)
        (first,), (second,) = fast.close(), slow.close()
    assert (first.state, second.state) == ("new", "taken")
    assert os.listdir(home.runs) == [first.run_id]
    (again,) = land(home, told)
    assert again.state == "unchanged"


def test_a_run_that_is_told_of_again_after_it_was_over_goes_on(home: Home) -> None:
    with Landing(home) as landing:
        for told in [run(), *turn(1), Over("k"), run(), *turn(1), *turn(2), done(9000), Over("k")]:
            landing.land(told)
        first, second = landing.close()
    assert (first.state, second.state) == ("new", "grown")
    with Store(home) as store:
        assert len(list(store.run("latest").sub_queries())) == 2


def test_a_run_is_down_on_the_disk_before_it_is_in_its_place(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, bool]] = []
    sync = os.fdatasync

    def noted(file: int) -> None:
        name = Path(f"/proc/self/fd/{file}").readlink().name
        synced.append((name, home.run(run().run_id).exists()))
        sync(file)

    monkeypatch.setattr("rlmboard.folder.payloads.datasync", noted)
    monkeypatch.setattr("rlmboard.integrations.imports.landed_trace.datasync", noted)
    land(home, [run(), *turn(1), done(9000)])
    assert sorted(synced) == [("payloads.jsonl", False), ("trace.jsonl", False)]


def test_a_run_that_was_thrown_away_and_comes_again_with_another_start_has_that(
    home: Home,
) -> None:
    guessed = {"started_inferred": True}
    land(home, [run(**guessed), *turn(1), done(1500)])
    with Store(home) as store:
        first = store.run("latest").row
        throw_away(home, first.run_id)
        later = BEGAN + timedelta(days=3)
        land(home, [run(**guessed, started_at=later), *turn(1), *turn(2), done(2500)])
        again = store.run(first.run_id).row
    assert again.run_id == first.run_id
    assert again.created_at_ms - first.created_at_ms == 3 * 86_400_000
    assert again.summary.attempts == 2


def test_a_run_removed_by_hand_and_imported_before_anybody_looked_is_the_new_one(
    home: Home,
) -> None:
    land(home, [run(), *turn(1), done(1500)])
    with Store(home) as store:
        first = store.run("latest").row
        shutil.rmtree(home.run(first.run_id).path)
        land(home, [run(query="What else?"), *turn(2), *turn(3), *turn(4), done(4500)])
        again = store.run(first.run_id)
        assert again.row.query == "What else?"
        assert again.row.summary.attempts == 3
        assert [query.query_id for query in again.sub_queries()] == ["q2", "q3", "q4"]


def test_a_dry_landing_counts_and_writes_nothing(home: Home) -> None:
    (would,) = land(home, [run(), *turn(1)], dry=True)
    assert (would.state, would.added) == ("new", 4)
    assert not home.path.exists()


def test_a_live_run_is_seen_running_while_it_grows(home: Home) -> None:
    with Landing(home, live=True) as landing:
        for told in [run(), *turn(1)]:
            landing.land(told)
        landing.show()
        with Store(home) as store:
            latest = store.run("latest")
            assert latest.row.status == "running"
            # It is told of as it goes on elsewhere: nobody here can stop it.
            assert not latest.folder.hears_stop()
            with pytest.raises(BadInput, match="stop the program where it runs"):
                latest.folder.ask_to_stop()
            for told in turn(2):
                landing.land(told)
            landing.show()
            assert len(list(store.run("latest").sub_queries())) == 2
            landing.land(done(9000))
            landing.land(Over("k"))
            assert store.run("latest").row.status == "completed"


def test_a_run_that_stops_without_an_end_was_interrupted(home: Home) -> None:
    land(home, [run(), *turn(1)])
    with Store(home) as store:
        assert store.run("latest").row.status == "interrupted"


def test_a_run_of_another_process_is_left_alone(home: Home) -> None:
    (first,) = land(home, [run(), *turn(1)])
    folder = home.run(first.run_id)
    owner = take(folder.heartbeat, Pulse(pid=1, boot_id=boot_id()))
    assert owner is not None
    before = folder.trace.read_bytes()
    (taken,) = land(home, [run(), *turn(1), *turn(2)])
    assert taken.state == "taken"
    assert folder.trace.read_bytes() == before
    owner.release()


def test_secrets_are_not_stored_wherever_they_stand(home: Home) -> None:
    facts = run(
        query=f"use {KEY_LIKE}",
        config={"api_key": "hunter22", "headers": {"Authorization": "Bearer hunter22"}},
    )
    told = [facts, *turn(1, f"the key is {KEY_LIKE} " * 30), done(3000, f"key {KEY_LIKE}")]
    land(home, told)
    for name, content in everything(home).items():
        assert KEY_LIKE.encode() not in content, name
        assert b"hunter22" not in content, name


def test_a_text_that_was_pruned_does_not_come_back(home: Home) -> None:
    told = [run(), *turn(1)]
    (landed,) = land(home, told)
    folder = home.run(landed.run_id)
    assert prune_payloads(folder) > 0
    land(home, told)
    assert not folder.payloads.exists()


def test_a_record_that_was_skipped_is_named_in_the_run(home: Home) -> None:
    told = [run(), Unread("line 3", "it is no JSON", "k"), *turn(1)]
    (landed,) = land(home, told)
    assert landed.unread == 1
    assert b"line 3 was skipped: it is no JSON" in home.run(landed.run_id).trace.read_bytes()


def test_more_that_is_known_of_a_run_is_taken_in(home: Home) -> None:
    land(home, [run(query=""), *turn(1), run(query="Why not?", config={"model": "m2"})])
    (run_id,) = home.run_ids()
    record = home.run(run_id).record()
    assert record is not None
    assert (record.query, record.config.model) == ("Why not?", "m2")
    inits = [
        line.event.query
        for line in read_trace(home.run(run_id).trace)
        if isinstance(line, Stamped) and isinstance(line.event, RunInit)
    ]
    assert inits == [None, "Why not?"]


def test_an_import_into_a_home_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    from rlmboard.errors import HomeUnusable

    (tmp_path / "file").write_text("")
    with pytest.raises(HomeUnusable):
        Landing(Home(tmp_path / "file"))
