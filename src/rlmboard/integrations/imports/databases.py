"""SQLite files of others: read only, never changed, and nothing in them is run."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import BadInput
from ...formats.foreign import ForeignRun, Told, Unread, moment
from ...formats.loose import decoded, mapping, number, text
from ...formats.trackers import AncestorRun, Point, TrackedRun
from ...formats.trackers.tracked import Ended

MAGIC = b"SQLite format 3\x00"
LONGEST_S = 600
_STEPS = 1_000_000
_MLFLOW: Mapping[str, Ended] = {"FINISHED": "completed", "FAILED": "failed", "KILLED": "cancelled"}


class Tables(NamedTuple):
    """The ordinary tables of a database, and columns of each."""

    columns: Mapping[str, frozenset[str]]

    def have(self, table: str, *columns: str) -> bool:
        return set(columns) <= self.columns.get(table, frozenset())


def title_of(path: Path) -> str | None:
    """What a database holds that can be imported; None for anything else."""
    try:
        with _opened(path) as db:
            return _title(_tables(db))
    except (sqlite3.Error, OSError):
        return None


def told_by(path: Path) -> Iterator[Told]:
    """Every run in a database. Raises BadInput where it is damaged."""
    try:
        with _opened(path) as db:
            title = _title(_tables(db))
            readers = {"ancestor": _ancestor, "mlflow": _mlflow, "trackio": _trackio}
            if title is not None:
                yield from readers[title](db, path)
    except (sqlite3.Error, OSError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error


def _title(tables: Tables) -> str | None:
    if tables.have("trace_events", "run_id", "seq", "event_json", "timestamp_ms"):
        return "ancestor"
    if tables.have("runs", "run_uuid", "start_time", "status") and tables.have("metrics", "key"):
        return "mlflow"
    if tables.have("metrics", "run_name", "timestamp", "step", "metrics"):
        return "trackio"
    return None


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database as it lies there; a copy where what was written last stands in its journal."""
    journal = path.with_name(f"{path.name}-wal")
    if journal.is_file() and journal.stat().st_size:
        with tempfile.TemporaryDirectory(prefix="rlmboard-") as folder:
            for file in (path, journal):
                shutil.copyfile(file, Path(folder) / file.name)
            with _connected(Path(folder) / path.name, "mode=ro") as db:
                yield db
        return
    with _connected(path, "mode=ro&immutable=1") as db:
        yield db


@contextmanager
def _connected(path: Path, how: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as db:
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA query_only = ON")
        db.execute("PRAGMA cell_size_check = ON")
        until_s = time.monotonic() + LONGEST_S
        db.set_progress_handler(lambda: time.monotonic() > until_s, _STEPS)
        db.row_factory = sqlite3.Row
        db.text_factory = lambda raw: raw.decode(errors="replace")
        yield db


def _tables(db: sqlite3.Connection) -> Tables:
    """Views and virtual tables are left out: they could run what their maker wrote."""
    names = [
        row["name"]
        for row in db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if "VIRTUAL" not in text(row["sql"])[:40].upper()
        and "GENERATED" not in text(row["sql"]).upper()
    ]
    found = {name: db.execute("SELECT name FROM pragma_table_info(?)", (name,)) for name in names}
    return Tables({name: frozenset(row["name"] for row in rows) for name, rows in found.items()})


# ------------------------------------------------------------------ the ancestor


def _ancestor(db: sqlite3.Connection, path: Path) -> Iterator[Told]:
    rows: dict[str, dict[str, Any]] = {}
    if "runs" in _tables(db).columns:
        rows = {str(row["id"]): dict(row) for row in db.execute("SELECT * FROM runs")}
    traced = db.execute(
        "SELECT run_id, min(id) AS first FROM trace_events GROUP BY run_id ORDER BY first"
    )
    run_ids = dict.fromkeys([*rows, *(str(row["run_id"]) for row in traced)])
    for run_id in run_ids:
        events = db.execute(
            "SELECT timestamp_ms, event_json FROM trace_events WHERE run_id = ? ORDER BY seq, id",
            (run_id,),
        )
        created = db.execute(
            "SELECT min(created_at) AS at FROM trace_events WHERE run_id = ?", (run_id,)
        ).fetchone()
        pairs = ((row["timestamp_ms"], row["event_json"]) for row in events)
        yield from AncestorRun(run_id, rows.get(run_id, {}), pairs, created["at"]).told()


# ------------------------------------------------------------------ MLflow


def _mlflow(db: sqlite3.Connection, path: Path) -> Iterator[Told]:
    names: dict[Any, str] = {}
    if _tables(db).have("experiments", "experiment_id", "name"):
        found = db.execute("SELECT experiment_id, name FROM experiments")
        names = {row["experiment_id"]: text(row["name"]) for row in found}
    for row in db.execute("SELECT * FROM runs ORDER BY start_time, run_uuid"):
        run = dict(row)
        began = moment(run.get("start_time"))
        if began is None:
            yield Unread(f"run {run['run_uuid']}", "it has no time")
            continue
        tags = dict(_pairs(db, "tags", run["run_uuid"]))
        facts = ForeignRun(
            key=str(run["run_uuid"]),
            producer="mlflow",
            started_at=began,
            user=text(run.get("user_id")) or None,
            program=tags.get("mlflow.source.name"),
            git={"sha": tags["mlflow.source.git.commit"]}
            if "mlflow.source.git.commit" in tags
            else None,
            config={
                **dict(_pairs(db, "params", run["run_uuid"])),
                "name": text(run.get("name")) or tags.get("mlflow.runName"),
                "notes": tags.get("mlflow.note.content"),
                "experiment": names.get(run.get("experiment_id")),
                "tags": [f"{key}={value}" for key, value in tags.items() if "mlflow." not in key],
            },
        )
        points = _mlflow_points(db, run["run_uuid"])
        ended = _MLFLOW.get(text(run.get("status")))
        yield from TrackedRun(facts, points, ended, moment(run.get("end_time"))).told()


def _pairs(db: sqlite3.Connection, table: str, run: Any) -> Iterator[tuple[str, str]]:
    if not _tables(db).have(table, "key", "value", "run_uuid"):
        return
    query = f"SELECT key, value FROM {table} WHERE run_uuid = ? ORDER BY key"  # noqa: S608  ours
    for row in db.execute(query, (run,)):
        yield text(row["key"]), text(row["value"])


def _mlflow_points(db: sqlite3.Connection, run: Any) -> Iterator[Point]:
    query = "SELECT * FROM metrics WHERE run_uuid = ? ORDER BY timestamp, step, key"
    for row in db.execute(query, (run,)):
        said = dict(row)
        value = float("nan") if said.get("is_nan") else number(said.get("value"))
        if value is not None:
            step = said.get("step")
            known = step if isinstance(step, int) and abs(step) < 1 << 40 else 0
            yield Point(text(said["key"]), value, known, moment(said.get("timestamp")))


# ------------------------------------------------------------------ Trackio


def _trackio(db: sqlite3.Connection, path: Path) -> Iterator[Told]:
    project = path.stem
    tables = _tables(db)
    by = "run_id" if tables.have("metrics", "run_id") else "run_name"
    query = f"SELECT {by} AS run, min(run_name) AS name, min(timestamp) AS began"
    runs = db.execute(f"{query}, min(id) AS first FROM metrics GROUP BY {by} ORDER BY first")
    for row in runs.fetchall():
        config = _trackio_config(db, tables, by, row["run"])
        began = moment(config.pop("_Created", None)) or moment(row["began"])
        if began is None:
            yield Unread(f"run {row['run']}", "it has no time")
            continue
        facts = ForeignRun(
            key=f"{project} {row['run']}",
            producer="trackio",
            started_at=began,
            user=text(config.pop("_Username", None)) or None,
            config={**config, "name": text(row["name"]), "experiment": project},
        )
        yield from TrackedRun(facts, _trackio_points(db, by, row["run"]), "completed").told()


def _trackio_config(db: sqlite3.Connection, tables: Tables, by: str, run: Any) -> dict[str, Any]:
    if not tables.have("configs", by, "config"):
        return {}
    query = f"SELECT config FROM configs WHERE {by} = ?"  # noqa: S608  one of two words
    row = db.execute(query, (run,)).fetchone()
    said = dict(mapping(_json(row["config"]))) if row is not None else {}
    group = said.pop("_Group", None)
    return said | ({"group": group} if group else {})


def _trackio_points(db: sqlite3.Connection, by: str, run: Any) -> Iterator[Point]:
    query = f"SELECT step, timestamp, metrics FROM metrics WHERE {by} = ? ORDER BY id"  # noqa: S608
    for row in db.execute(query, (run,)):
        at = moment(row["timestamp"])
        step = row["step"] if isinstance(row["step"], int) else 0
        for key, value in mapping(_json(row["metrics"])).items():
            said = number(value)
            if said is not None:
                yield Point(key, said, step, at)


def _json(said: Any) -> Any:
    raw = said if isinstance(said, bytes) else text(said).encode(errors="replace")
    return decoded(raw)


def changed_at(path: Path) -> datetime:
    """When a file was changed last."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
