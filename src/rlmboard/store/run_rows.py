"""The rows of a run as a whole: what can be filtered by, and what its page is made of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from ..folder import Label, RunFolder, RunRecord
from ..trace import json_decoder
from ..trace.summary import RunState, RunSummary, run_summary
from .layout import columns_of, replace_into
from .rows import RunRow, tokens_of
from .texts import Texts

MOST = (1 << 63) - 1


class Known(msgspec.Struct):
    """A run as the index has it: how far it was taken in, and what else its rows rest on.

    `ended`: the trace says how the run ended. `said`: labels in force, by field; scores by name.
    """

    run_no: int
    run_id: str
    created_at_ms: int
    status: str
    presumed: bool
    ended: bool
    lines: int
    offset: int
    labels_size: int
    stamp: int
    tail: int = 0


class Ending(msgspec.Struct, frozen=True):
    """How the owner says that the run ended, where its trace had no room for that."""

    status: str
    lost: int
    reason: str | None


class Details(msgspec.Struct):
    """What the rows of a run are made of."""

    state: RunState
    record: RunRecord
    said: dict[str, Any]
    ending: Ending | None = None

    def summary(self) -> RunSummary:
        """The run as one row, with what its owner says where the trace does not."""
        row = run_summary(self.state)
        if self.ending is None or self.state.end is not None:
            return row
        lost = max(row.lost, self.ending.lost)
        return msgspec.structs.replace(row, lost=lost, end_reason=self.ending.reason)


_encode = msgspec.json.Encoder().encode  # not msgpack: params may hold integers of any size
_decode_record = json_decoder(RunRecord).decode
_decode_said = msgspec.json.Decoder(dict[str, Any]).decode
decode_state = json_decoder(RunState).decode
_decode_ending = json_decoder(Ending | None).decode  # type: ignore[arg-type]

KNOWN = (
    "SELECT run_no, run_id, created_at_ms, status, presumed, ended_at_ms IS NOT NULL, lines, "
    '"offset", labels_size, record_stamp, tail FROM runs '
)
KNOWN_BY_ID = KNOWN + "WHERE run_id = ?"
GET_DETAILS = "SELECT state, record, labels, ending FROM run_details WHERE run_no = ?"


def known(row: tuple[Any, ...]) -> Known:
    run_no, run_id, created_at_ms, status, presumed, ended, *rest = row
    return Known(run_no, run_id, created_at_ms, status, bool(presumed), bool(ended), *rest)


def decode_details(state: bytes, record: bytes, said: bytes, ending: bytes) -> Details:
    return Details(
        decode_state(state), _decode_record(record), _decode_said(said), _decode_ending(ending)
    )


def stored_details(connection: sqlite3.Connection, run_no: int) -> Details | None:
    found = connection.execute(GET_DETAILS, (run_no,)).fetchone()
    return decode_details(*found) if found else None


def read_record(folder: RunFolder) -> RunRecord:
    """Who started the run and how; packages and arguments stay in the folder."""
    record = folder.record() or RunRecord(run_id=folder.run_id)
    return msgspec.structs.replace(record, packages=None, argv=())


def read_said(folder: RunFolder) -> dict[str, Any]:
    """What people say of the run: the last word on each field, and on each score by its name."""
    said: dict[str, Any] = {}
    scores: dict[str, float] = {}
    for label in folder.label_history():
        if label.query_id is not None:
            continue
        if label.field == "score":
            scores |= _score(label)
        elif label.value is None:
            said.pop(label.field, None)
        else:
            said[label.field] = label.value
    if scores:
        said["scores"] = scores
    return said


def zero_ms(folder: RunFolder, record: RunRecord, state: RunState) -> int:
    """When the run began, since 1970: as it says itself, else since when its folder exists."""
    for said in (record.started_at, state.started_at):
        if said and (at := _epoch_ms(said)) is not None:
            return at
    try:
        return int(folder.path.stat().st_mtime * 1000)
    except OSError:
        return 0


def write_run(connection: sqlite3.Connection, place: Known, details: Details) -> None:
    """The run's own row, and what it is made of."""
    columns = run_columns(place, details)
    connection.execute(replace_into("runs"), [columns[name] for name in columns_of("runs")])
    parts = (details.state, details.record, details.said, details.ending)
    connection.execute(replace_into("run_details"), (place.run_no, *map(_encode, parts)))


def write_settings(connection: sqlite3.Connection, run_no: int, details: Details) -> None:
    """What the config and people say: parameters, tags, scores given by hand."""
    for table in ("run_params", "run_tags"):
        connection.execute(f"DELETE FROM {table} WHERE run_no = ?", (run_no,))  # noqa: S608
    connection.execute("DELETE FROM run_metrics WHERE run_no = ? AND origin = 0", (run_no,))
    connection.executemany(
        "INSERT OR REPLACE INTO run_params VALUES (?, ?, ?, ?)",
        ((run_no, *param) for param in _params(details.record)),
    )
    connection.executemany(
        "INSERT OR REPLACE INTO run_tags VALUES (?, ?)",
        ((tag, run_no) for tag in tags_of(details)),
    )
    connection.executemany(
        "INSERT OR REPLACE INTO run_metrics VALUES (?, ?, 0, ?, NULL)",
        ((run_no, name, value) for name, value in details.said.get("scores", {}).items()),
    )


def run_texts(details: Details) -> Texts:
    """Name, query and output, as they are searched."""
    state = details.state
    output = state.end.output if state.end is not None else None
    query = state.query or details.record.query
    return (name_of(details) or None, query or None, output or None, None, None)


def run_columns(place: Known, details: Details) -> dict[str, Any]:
    """The run's row, by column."""
    summary, record, said = details.summary().as_of(place.status), details.record, details.said
    config, git = record.config, git_of(details)
    ended_at_ms = None
    if summary.ended_ms is not None:
        ended_at_ms = place.created_at_ms + round(summary.ended_ms)
    return {
        **_counts(summary),
        "run_no": place.run_no,
        "run_id": place.run_id,
        "created_at_ms": place.created_at_ms,
        "status": place.status,
        "presumed": place.presumed,
        "ended_at_ms": ended_at_ms,
        "duration_ms": summary.duration_ms,
        "name": name_of(details),
        "experiment": experiment_of(details),
        "star": bool(said.get("star")),
        "archived": bool(said.get("archived")),
        "method": config.method,
        "model": config.model,
        "sub_model": config.sub_model,
        "dataset": config.dataset,
        "task_id": config.task_id,
        "producer": summary.producer or record.producer,
        "git_sha": _text(git.get("sha")),
        "git_branch": _text(git.get("branch")),
        "user": record.user,
        "host": record.host,
        "parent_run_id": record.parent_run_id,
        "lines": place.lines,
        "offset": place.offset,
        "labels_size": place.labels_size,
        "record_stamp": place.stamp,
        "tail": place.tail,
    }


def run_row(place: Known, details: Details, metrics: dict[str, float | None]) -> RunRow:
    """The run as a reader gets it."""
    record, said, git = details.record, details.said, git_of(details)
    summary = details.summary().as_of(place.status)
    dirty = git.get("dirty")
    return RunRow(
        run_id=place.run_id,
        created_at_ms=place.created_at_ms,
        status=place.status,  # type: ignore[arg-type]
        presumed=place.presumed,
        name=name_of(details),
        tags=tags_of(details),
        note=_text(said.get("note")) or record.config.notes,
        star=bool(said.get("star")),
        archived=bool(said.get("archived")),
        experiment=experiment_of(details),
        config=record.config,
        query=summary.query or record.query,
        git_sha=_text(git.get("sha")),
        git_branch=_text(git.get("branch")),
        git_dirty=dirty if isinstance(dirty, bool) else None,
        user=record.user,
        host=record.host,
        producer=summary.producer or record.producer,
        parent_run_id=record.parent_run_id,
        parent_id=record.parent_id,
        metrics=metrics,
        summary=summary,
    )


def name_of(details: Details) -> str | None:
    return _text(details.said.get("name", details.record.config.name))


def experiment_of(details: Details) -> str | None:
    return _text(details.said.get("experiment", details.record.config.experiment))


def tags_of(details: Details) -> tuple[str, ...]:
    said = details.said.get("tags", details.record.config.tags)
    if isinstance(said, str):
        return (said,)
    if not isinstance(said, list | tuple):
        return ()
    return tuple(dict.fromkeys(tag for tag in said if isinstance(tag, str)))


def git_of(details: Details) -> dict[str, Any]:
    found = details.state.environment.get("git") or details.record.git
    return found if isinstance(found, dict) else {}


def _counts(summary: RunSummary) -> dict[str, Any]:
    """The columns that are called as in the summary."""
    same = set(summary.__struct_fields__).intersection(columns_of("runs"))
    columns = {name: getattr(summary, name) for name in same}
    columns["holes"] = sum(summary.holes.values())
    columns["tokens"] = tokens_of(summary)
    return {
        name: min(max(value, -MOST), MOST) if isinstance(value, int) else value
        for name, value in columns.items()
    }


def _params(record: RunRecord) -> Iterator[tuple[str, str, float | None]]:
    for key, value in record.config.flat().items():
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        yield (key, text, _number(value))


def _number(value: Any) -> float | None:
    try:
        return float(value) if isinstance(value, int | float) else None
    except OverflowError:
        return None


def _score(label: Label) -> dict[str, float]:
    """`{name, value}`, or a bare number, which is called `score`."""
    value = label.value
    name = "score"
    if isinstance(value, dict):
        name, value = value.get("name", name), value.get("value")
    number = _number(value)
    return {name: number} if isinstance(name, str) and number is not None else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _epoch_ms(said: str) -> int | None:
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
