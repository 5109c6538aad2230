"""Runs that were removed, and texts that were: kept for a while, or gone and said to be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import rlmboard
from rlmboard.errors import BadInput
from rlmboard.folder import (
    Home,
    empty_trash,
    payload_bytes,
    prune_payloads,
    read_pruned,
    take_back,
    throw_away,
    thrown_away,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def home(home_of_its_own: Path) -> Home:
    home = Home(home_of_its_own)
    for name in ("a", "b"):
        with rlmboard.init("q", id=name) as run, run.subquery("p" * 500) as q:
            q.returned("x" * 500)
    return home


def test_a_run_is_moved_whole_and_comes_back_whole(home: Home) -> None:
    trace = home.run("a").trace.read_bytes()
    throw_away(home, "a", NOW)
    assert home.run_ids() == ["b"]
    assert "a" not in home.live_ids()
    assert [(one.run_id, one.at) for one in thrown_away(home)] == [("a", NOW)]
    take_back(home, "a")
    assert home.run("a").trace.read_bytes() == trace
    assert "a" in home.live_ids()  # so that readers look at it again
    assert thrown_away(home) == []
    assert list(home.trash.iterdir()) == []


def test_what_lies_there_for_more_than_a_week_is_erased(home: Home) -> None:
    throw_away(home, "a", NOW - timedelta(days=7, seconds=1))
    throw_away(home, "b", NOW - timedelta(days=6, hours=23))
    assert empty_trash(home, NOW) == ["a"]
    assert [one.run_id for one in thrown_away(home)] == ["b"]
    assert sorted(path.name for path in home.trash.iterdir()) == ["b", "b.json"]


def test_a_lost_slip_does_not_lose_the_run(home: Home) -> None:
    throw_away(home, "a")
    (home.trash / "a.json").write_text("nonsense")
    assert [one.run_id for one in thrown_away(home)] == ["a"]
    take_back(home, "a")
    assert home.run_ids() == ["a", "b"]


def test_a_run_that_is_owned_is_neither_removed_nor_pruned(home: Home) -> None:
    with rlmboard.init("q", id="alive"):
        with pytest.raises(BadInput, match="still running and cannot be removed"):
            throw_away(home, "alive")
        with pytest.raises(BadInput, match="still running and cannot be pruned"):
            prune_payloads(home.run("alive"))


def test_what_was_pruned_reads_as_removed(home: Home) -> None:
    folder = home.run("a")
    size = payload_bytes(folder)
    assert size > 1_000
    assert prune_payloads(folder, NOW) == size
    assert payload_bytes(folder) == 0
    pruned = read_pruned(folder)
    assert pruned is not None and (pruned.at, pruned.bytes) == (NOW, size)
    assert prune_payloads(folder) == 0
    assert read_pruned(folder) == pruned


def test_files_that_a_user_kept_are_not_pruned(home: Home, tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with rlmboard.init("q", id="c") as run:
        sha256 = run.artifact(tmp_path / "kept.txt")
        with run.subquery("p" * 300_000):
            pass
    folder = home.run("c")
    assert prune_payloads(folder) > 0
    assert (folder.artifacts / "files" / str(sha256)).read_text() == "mine"
