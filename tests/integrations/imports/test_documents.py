"""Databases, archives and tables of other tools: what they hold, and what they may not do."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from pathlib import Path

import pytest

from rlmboard.errors import BadInput
from rlmboard.folder import Home
from rlmboard.integrations.imports import Imported, find, import_source
from rlmboard.integrations.imports.landed_run import Landed
from rlmboard.store import Store
from rlmboard.store.stored_run import StoredRun

FIXTURES = Path(__file__).parent / "fixtures"


def imported(path: Path) -> Imported:
    (source,) = find([path]).sources
    return import_source(Home(), source)


def runs(path: Path) -> list[Landed]:
    return imported(path).runs


@pytest.fixture
def store() -> Store:
    Home().make()
    return Store(Home())


def by_name(store: Store, name: str) -> StoredRun:
    return next(store.run(row.run_id) for row in store.runs() if row.name == name)


# ------------------------------------------------------------------ what they hold


def test_every_file_is_known_by_its_content(tmp_path: Path) -> None:
    for n, path in enumerate(sorted(FIXTURES.iterdir())):
        shutil.copy(path, tmp_path / f"{n}.bin")
    found = find([tmp_path])
    assert len(found.sources) == 9
    assert len(found.strangers) == 1


def test_every_import_may_be_repeated() -> None:
    for source in find([FIXTURES]).sources:
        import_source(Home(), source)
        again = import_source(Home(), source)
        assert {run.state for run in again.runs} == {"unchanged"}


def test_a_run_of_mlflow_has_its_settings_its_curves_and_its_end(store: Store) -> None:
    assert len(runs(FIXTURES / "mlflow.db")) == 2
    run = by_name(store, "first")
    assert (run.row.status, run.row.experiment, run.row.config.model) == (
        "completed", "shop", "small",
    )  # fmt: skip
    assert run.row.config.params["api_key"] == "***"
    assert [point.value for point in run.metrics()["loss"]] == [1.0, 0.5, 1 / 3]
    assert run.row.tags == ("who=someone",)
    assert by_name(store, "second").row.status == "failed"


def test_a_project_of_trackio_is_an_experiment(store: Store) -> None:
    assert len(runs(FIXTURES / "trackio.db")) == 2
    run = by_name(store, "first")
    assert run.row.experiment == "trackio"
    assert [point.step for point in run.metrics()["acc"]] == [0, 1, 2]
    assert run.row.config.params["lr"] == 0.1


def test_a_sample_of_inspect_is_a_run_with_its_score(store: Store) -> None:
    assert len(runs(FIXTURES / "inspect.eval")) == 2
    rows = {row.query: row for row in store.runs()}
    right, wrong = rows["What is 2+2?"], rows["Capital of France?"]
    assert (right.status, right.config.task_id, right.config.model) == (
        "completed", "sum", "mockllm/model",
    )  # fmt: skip
    assert right.experiment == wrong.experiment == "little 2026-11-27T20:57"
    (call,) = store.run(wrong.run_id).sub_queries()
    assert (call.input_tokens, call.output_tokens, call.result_preview) == (11, 2, "Berlin")
    scores = [
        line.event.value
        for line in store.run(wrong.run_id).events()
        if getattr(line, "event", None).__class__.__name__ == "Score"
    ]
    assert scores == [0.0]


def test_a_run_of_the_ancestor_has_answers_where_they_came_and_not_where_they_were_collected(
    store: Store,
) -> None:
    done = imported(FIXTURES / "rlm.db")
    assert len(done.runs) == 4
    assert "event 3" in done.unread[0].where
    rows = {row.query: row for row in store.runs()}
    run = store.run(rows["Which module is the largest?"].run_id)
    lasted = [query.ended_ms - query.submitted_ms for query in run.sub_queries()]
    assert lasted == [1200.0, 5000.0]
    assert [query.cost_msat for query in run.sub_queries()] == [12_000, 15_000]
    assert rows["And the smallest?"].status == "failed"
    assert rows["Hello?"].status == "interrupted"
    assert "A trace without its row" in rows


def test_the_demo_and_the_bench_of_the_ancestor(store: Store) -> None:
    (demo,) = runs(FIXTURES / "demo-trace.json")
    assert Home().run(demo.run_id).read_output() == "**It beats the base model.**"
    assert len(list(store.run(demo.run_id).sub_queries())) == 2
    tiers = runs(FIXTURES / "bench-results.json")
    assert len(tiers) == 2
    assert store.run(tiers[0].run_id).row.metrics["outcomes.successRate"] == 0.8


def test_the_three_exports_of_wandb(store: Store) -> None:
    table = imported(FIXTURES / "wandb-runs.csv")
    assert [run.state for run in table.runs] == ["new", "new"]
    assert table.unread_count == 1
    sun, sea = by_name(store, "brave-sun-1"), by_name(store, "calm-sea-2")
    assert (sun.row.status, sea.row.status) == ("completed", "failed")
    assert sun.row.metrics["loss"] == 0.42
    assert sun.row.tags == ("nightly", "small")
    runs(FIXTURES / "wandb-history.csv")
    losses = by_name(store, "wandb-history").metrics()["loss"]
    assert [point.value for point in losses][:2] == [1.0, 0.5]
    assert len(losses) == 3
    assert len(runs(FIXTURES / "wandb-chart.csv")) == 2


def test_a_file_without_times_is_the_same_run_when_its_own_time_changes(tmp_path: Path) -> None:
    copy = tmp_path / "demo.json"
    shutil.copy(FIXTURES / "demo-trace.json", copy)
    (first,) = runs(copy)
    copy.touch()
    (second,) = runs(copy)
    assert (second.run_id, second.state) == (first.run_id, "unchanged")


# ------------------------------------------------------------------ what they may not do


def test_a_database_is_not_changed_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    copy = tmp_path / "mlflow.db"
    shutil.copy(FIXTURES / "mlflow.db", copy)
    before = copy.read_bytes()
    runs(copy)
    assert copy.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db"]


def test_what_stands_in_the_journal_is_read_from_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    shutil.copy(FIXTURES / "trackio.db", path)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("UPDATE metrics SET run_name = 'renamed'")
        db.commit()
        assert path.with_name("live.db-wal").stat().st_size > 0
        names = sorted(tmp_path.iterdir())
        runs(path)
        assert sorted(tmp_path.iterdir()) == names
    db.close()
    with Store(Home()) as store:
        assert {row.name for row in store.runs()} == {"renamed"}


def test_views_and_triggers_of_a_database_are_never_run(tmp_path: Path) -> None:
    path = tmp_path / "evil.db"
    with sqlite3.connect(path) as db:
        db.executescript(
            """
            CREATE TABLE real (run_id, seq, event_json, timestamp_ms, id, created_at);
            CREATE VIEW trace_events AS
                WITH RECURSIVE loop(run_id) AS (SELECT 1 UNION ALL SELECT run_id + 1 FROM loop)
                SELECT run_id, 1 AS seq, '' AS event_json, 1 AS timestamp_ms, 1 AS id FROM loop;
            """
        )
    db.close()
    assert find([path]).sources == []


@pytest.mark.parametrize("at", [100, 5000, 9000, 20000])
def test_a_damaged_database_is_refused_and_no_run_of_it_is_there_in_part(
    at: int, tmp_path: Path
) -> None:
    raw = bytearray((FIXTURES / "mlflow.db").read_bytes())
    raw[at : at + 3000] = b"\xff" * 3000
    path = tmp_path / "damaged.db"
    path.write_bytes(raw)
    for source in find([path]).sources:
        try:
            import_source(Home(), source)
        except BadInput as error:
            assert "cannot be read" in str(error)
    assert not list(Home().runs.glob(".importing-*"))


def test_a_database_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.db"
    path.write_bytes((FIXTURES / "mlflow.db").read_bytes()[:9000])
    for source in find([path]).sources:
        with pytest.raises(BadInput, match="cannot be read"):
            import_source(Home(), source)
    assert not list(Home().runs.glob("*"))


def test_a_zip_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlmboard.integrations.imports.archives.LARGEST_BYTES", 1 << 20)
    path = tmp_path / "bomb.eval"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", "{}")
        archive.writestr("samples/a_epoch_1.json", b"0" * (8 << 20))
    (source,) = find([path]).sources
    with pytest.raises(BadInput, match="unpacks to more than 1 MiB"):
        import_source(Home(), source)
    assert not list(Home().runs.glob("*"))


def test_names_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "path.eval"
    sample = {"id": "../../x", "epoch": 1, "started_at": "2026-01-01T00:00:00Z", "input": "?"}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", json.dumps({"eval": {"task": "../../../etc"}}))
        archive.writestr("../samples/evil.json", json.dumps(sample))
        archive.writestr("samples/good.json", json.dumps(sample))
    (run,) = runs(path)
    assert sorted(tmp_path.iterdir()) == [path]
    assert (Home().runs / run.run_id / "trace.jsonl").is_file()


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 and nothing more",
        b"SQLite format 3\x00 and nothing more",
        b'{"events": ' + b"[" * 100_000,
        b'{"tierAggregates": 7, "meta": []}',
        b"Name,State\n" + b'"' * 2_000_000,
        b"\x00" * 4096,
        b"",
        b"\xff\xfe{\x00}\x00",
        b"_step,loss\n\x00,1\n",
    ],
)
def test_whatever_a_file_holds_it_is_refused_or_read_and_never_breaks(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    for source in find([path]).sources:
        try:
            import_source(Home(), source)
        except BadInput:
            pass
    assert not list(Home().runs.glob(".importing-*"))
