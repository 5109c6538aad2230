"""The commands that change what is kept: verify after an edit, labels, trash, prune, backup."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result

import rlmboard
from rlmboard.errors import BadInput
from rlmboard.folder import Home, take_back, throw_away, thrown_away
from rlmboard.store import Store

Typing = Callable[..., Result]


def test_verify_says_verified_moved_changed_and_missing(
    type_in: Typing, texts: Path, recorded: str
) -> None:
    owner = texts / "owner.md"
    first = type_in("verify")
    assert first.exit_code == 0
    assert "✓ verified" in first.stdout
    whole = owner.read_text()
    owner.write_text("A new line.\n" + whole)
    moved = type_in("verify", recorded)
    assert moved.exit_code == 0
    assert "→ moved" in moved.stdout
    owner.write_text(whole.replace("holds", "held"))
    changed = type_in("verify", "latest", "--json")
    assert changed.exit_code == 1
    assert "changed" in {check["state"] for check in json.loads(changed.stdout)}
    owner.unlink()
    missing = type_in("verify")
    assert missing.exit_code == 1
    assert "? missing" in missing.stdout
    assert f"1 missing: run {recorded}" in missing.stdout


def test_verify_all_holds_what_every_sub_query_cited(type_in: Typing, texts: Path) -> None:
    with rlmboard.init("q") as run:
        with run.subquery("a", provider="p") as q:
            q.returned("x", spans=[rlmboard.cite(texts / "recorder.md", 3, 4)])
        run.span_refs = [rlmboard.cite(texts / "owner.md", 3, 3)]
    assert len(json.loads(type_in("verify", "--json").stdout)) == 1
    assert len(json.loads(type_in("verify", "--all", "--json").stdout)) == 2
    (texts / "recorder.md").unlink()
    assert type_in("verify").exit_code == 0
    assert type_in("verify", "--all").exit_code == 1


def test_a_run_that_cites_nothing_is_not_wrong(type_in: Typing) -> None:
    rlmboard.init("q").finish()
    result = type_in("verify")
    assert result.exit_code == 0
    assert "cites nothing" in result.stderr


def test_labels_are_said_and_taken_back(type_in: Typing, home: Home, recorded: str) -> None:
    assert type_in(
        "label", recorded, "--name", "first", "--tag", "a", "--tag", "b", "--untag", "nightly",
        "--note", "look", "--star", "--score", "quality=0.8", "--experiment", "e",
        "--comment", "well done",
    ).exit_code == 0  # fmt: skip
    row = Store(home).run(recorded).row
    assert (row.name, row.tags, row.note, row.star) == ("first", ("a", "b"), "look", True)
    assert (row.experiment, row.metrics["quality"]) == ("e", 0.8)
    shown = type_in("show").stdout
    assert "comment    well done (" in shown
    type_in("label", "latest", "--name", "", "--unstar", "--untag", "a")
    row = Store(home).run(recorded).row
    assert (row.name, row.star, row.tags) == (None, False, ("b",))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say what to label it with"),
        (("--score", "good"), "say NAME=VALUE with a number"),
        (("--score", "quality=nan"), "say NAME=VALUE with a number"),
        (("--score", "quality=-inf"), "say NAME=VALUE with a number"),
    ],
)
def test_a_label_that_says_nothing_is_refused(
    type_in: Typing, recorded: str, words: tuple[str, ...], said: str
) -> None:
    result = type_in("label", recorded, *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_export_writes_runs_for_other_programs(
    type_in: Typing, recorded: str, tmp_path: Path
) -> None:
    (run,) = json.loads(type_in("export", "latest").stdout)
    assert run["id"] == recorded
    assert set(run) >= {"status", "config", "metrics", "output", "span_refs", "trace", "cost_sats"}
    lines = type_in("export", "--filter", "tag:nightly", "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [recorded]
    out = tmp_path / "runs.csv"
    assert type_in("export", recorded, "--format", "csv", "-o", out).stdout == ""
    (row,) = csv.DictReader(io.StringIO(out.read_text()))
    assert (row["id"], row["config.method"]) == (recorded, "rlm")
    assert type_in("export", recorded, "--format", "markdown").stdout.startswith("| id |")


def test_export_writes_what_happened_in_a_run(type_in: Typing, home: Home, recorded: str) -> None:
    events = type_in("export", recorded, "--what", "events", "--format", "jsonl").stdout
    trace = home.run(recorded).trace.read_text().splitlines()
    assert [json.loads(line)["event"] for line in events.splitlines()] == [
        json.loads(line)["event"] for line in trace
    ]
    assert len(json.loads(type_in("export", recorded, "--what", "sub-queries").stdout)) == 4
    assert len(json.loads(type_in("export", recorded, "--what", "attempts").stdout)) == 4
    with rlmboard.init("q", id="with-metrics") as run:
        run.log({"loss": 2.0})
        run.log({"loss": 1.0})
    points = json.loads(type_in("export", "with-metrics", "--what", "metrics").stdout)
    assert [(point["name"], point["value"]) for point in points] == [("loss", 2.0), ("loss", 1.0)]


def test_export_makes_formulas_harmless(type_in: Typing) -> None:
    rlmboard.init("=cmd|' /C calc'!A0").finish()
    assert "'=cmd" in type_in("export", "latest", "--format", "csv").stdout


def test_export_wants_to_know_what(type_in: Typing, recorded: str, tmp_path: Path) -> None:
    assert type_in("export").exit_code == 2
    assert type_in("export", "latest", "-o", tmp_path / "no" / "where.json").exit_code == 2


def test_a_removed_run_can_be_taken_back(type_in: Typing, home: Home, recorded: str) -> None:
    result = type_in("rm", recorded[:9])
    assert result.stdout == f"removed 1 run: {recorded}\n"
    assert f"rlmboard undo {recorded}" in result.stderr
    assert type_in("history").stdout == ""
    assert json.loads((home.trash / f"{recorded}.json").read_bytes()).keys() == {"at"}
    assert type_in("undo").stdout == f"run {recorded} is back\n"
    assert recorded[:8] in type_in("history").stdout
    assert type_in("show", recorded).exit_code == 0
    assert type_in("undo").exit_code == 2


def test_a_run_under_way_is_not_removed(type_in: Typing, home: Home) -> None:
    with rlmboard.init("q", id="alive"):
        result = type_in("rm", "alive")
        assert result.exit_code == 2
        assert "still running" in result.stderr and "rlmboard cancel alive" in result.stderr
        assert type_in("prune", "--payloads", "--all").stderr == "left alone: 1 run under way\n"
    assert type_in("rm", "alive").exit_code == 0


def test_the_trash_is_emptied_after_a_week(type_in: Typing, home: Home) -> None:
    for name in ("old", "recent", "newest"):
        rlmboard.init("q", id=name).finish()
    now = datetime.now(UTC)
    throw_away(home, "old", now - timedelta(days=8))
    throw_away(home, "recent", now - timedelta(days=6))
    result = type_in("rm", "newest")
    assert "erased 1 run removed over 7 days ago" in result.stderr
    assert [one.run_id for one in thrown_away(home)] == ["newest", "recent"]
    assert type_in("undo", "rec").exit_code == 0
    assert "is empty" not in type_in("undo", "old").stderr


def test_what_was_taken_back_into_a_taken_place_is_refused(home: Home) -> None:
    rlmboard.init("q", id="twice").finish()
    throw_away(home, "twice")
    rlmboard.init("q", id="twice").finish()
    with pytest.raises(BadInput, match="exists again"):
        take_back(home, "twice")


def test_prune_gives_room_back_and_says_removed(type_in: Typing, home: Home, recorded: str) -> None:
    folder = home.run(recorded)
    size = folder.payloads.stat().st_size
    would = type_in("prune", "--payloads", "--dry-run")
    assert would.stdout.startswith("would remove ") and "from 1 run" in would.stdout
    assert folder.payloads.exists()
    assert "from 0 runs" in type_in("prune", "--payloads", "--older-than", "1d").stdout
    assert "from 0 runs" in type_in("prune", "--payloads", "status:failed").stdout
    assert "removed" in type_in("prune", "--payloads", "--all").stdout
    assert not folder.payloads.exists()
    assert json.loads(folder.pruned.read_bytes())["bytes"] == size
    assert "removed on" in type_in("doctor", recorded).stdout
    assert type_in("doctor", recorded).exit_code == 0
    assert "whole texts removed on" in type_in("show").stdout
    assert type_in("prune").exit_code == 2
    assert "--all" in type_in("prune", "--payloads").stderr


def test_a_backup_holds_everything_but_the_index(
    type_in: Typing, home: Home, recorded: str, tmp_path: Path
) -> None:
    type_in("history")
    assert home.db.exists()
    out = tmp_path / "all.zip"
    result = type_in("backup", out)
    assert result.stdout.startswith(f"{out}: ")
    with zipfile.ZipFile(out) as made:
        names = made.namelist()
        made.extractall(tmp_path / "restored")
    assert not any(name.startswith("rlm.db") for name in names)
    assert f"runs/{recorded}/trace.jsonl" in names
    shown = type_in("--home", tmp_path / "restored", "show", "--json").stdout
    assert json.loads(shown)["id"] == recorded
    again = type_in("backup", out)
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_a_home_that_is_not_there_cannot_be_backed_up(type_in: Typing, tmp_path: Path) -> None:
    result = type_in("backup", tmp_path / "x.zip")
    assert result.exit_code == 2
    assert "nothing to back up" in result.stderr


def test_reindex_brings_a_lost_index_back(type_in: Typing, home: Home, recorded: str) -> None:
    type_in("history")
    home.db.write_bytes(b"this is no database")
    assert type_in("reindex").stdout == f"indexed 1 run of {home.path}\n"
    assert recorded[:8] in type_in("history").stdout


def test_cancel_asks_a_run_to_stop(type_in: Typing, recorded: str) -> None:
    with rlmboard.init("q", id="alive") as run:
        assert not run.cancel_requested
        assert type_in("cancel", "alive").stdout == "asked run alive to stop\n"
        assert run.cancel_requested
    ended = type_in("cancel", recorded)
    assert ended.exit_code == 2
    assert "is completed: there is nothing to cancel" in ended.stderr
