"""CSV as Weights & Biases exports it: a table of runs, the history of one, or a chart of many."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..foreign import ForeignRun, Told, Unread, moment
from .tracked import Ended, Point, TrackedRun

PRODUCER = "wandb"
_STATES: Mapping[str, Ended] = {
    "finished": "completed",
    "crashed": "failed",
    "failed": "failed",
    "killed": "cancelled",
}
_OWN = ("Name", "ID", "State", "Created", "Runtime", "Notes", "Tags", "User", "Sweep", "Group")
MOST_CELL = 1 << 20


def kind_of(header: Sequence[str]) -> str | None:
    """Which export a header is of: runs, history, chart; None for none of them."""
    if "Name" in header and ("State" in header or "Created" in header):
        return "runs"
    if "_step" in header and len(header) > 1:
        return "history"
    if header[:1] == ["Step"] and any(" - " in column for column in header[1:]):
        return "chart"
    return None


def csv_runs(lines: Iterable[str], modified: datetime, title: str) -> Iterator[Told]:
    """Every run in an export. `title` names the history of one; `modified` when nothing else."""
    csv.field_size_limit(MOST_CELL)
    table = csv.reader(lines)
    try:
        header = [column.lstrip("﻿") for column in next(table, [])]
        kind = kind_of(header)
        if kind == "runs":
            yield from _runs(header, table, modified)
        elif kind == "history":
            yield from _history(header, table, modified, title)
        elif kind == "chart":
            yield from _chart(header, table, modified, title)
    except csv.Error as error:
        yield Unread(f"line {table.line_num}", f"it is no CSV: {error}")


def _runs(header: list[str], table: Iterator[list[str]], modified: datetime) -> Iterator[Told]:
    for n, cells in enumerate(table, 2):
        row = dict(zip(header, cells, strict=False))
        if not row.get("Name"):
            yield Unread(f"line {n}", "it names no run")
            continue
        created = moment(row.get("Created", "").strip() or None)
        settings: dict[str, Any] = {"name": row["Name"]}
        points: list[Point] = []
        for column, cell in row.items():
            value = _number(cell)
            if column in _OWN or not column or not cell:
                continue
            if value is None:
                settings[column] = cell
            else:
                points.append(Point(column, value))
        if row.get("Tags"):
            settings["tags"] = [tag.strip() for tag in row["Tags"].split(",")]
        settings |= {"notes": row["Notes"]} if row.get("Notes") else {}
        settings |= {"experiment": row["Group"]} if row.get("Group") else {}
        facts = ForeignRun(
            key=f"{row.get('ID') or row['Name']} {row.get('Created', '')}".strip(),
            producer=PRODUCER,
            started_at=created or modified,
            started_inferred=created is None,
            user=row.get("User") or None,
            config=settings,
        )
        runtime = _number(row.get("Runtime", ""))
        fits = created is not None and runtime is not None and 0 <= runtime < 1e9
        ended_at = created + timedelta(seconds=runtime or 0) if fits and created else None
        ended = _STATES.get(row.get("State", "").strip().lower())
        yield from TrackedRun(facts, points, ended, ended_at).told()


def _history(
    header: list[str], table: Iterator[list[str]], modified: datetime, title: str
) -> Iterator[Told]:
    rows = [dict(zip(header, cells, strict=False)) for cells in table]
    times = [moment(_number(row.get("_timestamp", ""))) for row in rows]
    began = next((at for at in times if at is not None), None)
    facts = ForeignRun(
        key=title,
        producer=PRODUCER,
        started_at=began or modified,
        started_inferred=began is None,
        config={"name": title},
    )
    points = [
        Point(column, value, _step(row.get("_step", "")), at)
        for row, at in zip(rows, times, strict=True)
        for column, cell in row.items()
        if column and not column.startswith("_") and (value := _number(cell)) is not None
    ]
    yield from TrackedRun(facts, points, "completed").told()


def _chart(
    header: list[str], table: Iterator[list[str]], modified: datetime, title: str
) -> Iterator[Told]:
    series: dict[str, list[Point]] = {}
    for cells in table:
        row = dict(zip(header, cells, strict=False))
        step = _step(row.get("Step", ""))
        for column, cell in row.items():
            run, dash, metric = column.partition(" - ")
            value = _number(cell)
            if dash and value is not None and not metric.endswith(("__MIN", "__MAX")):
                series.setdefault(run, []).append(Point(metric, value, step))
    for run, points in series.items():
        facts = ForeignRun(
            key=f"{title} {run}",
            producer=PRODUCER,
            started_at=modified,
            started_inferred=True,
            config={"name": run, "experiment": title},
        )
        yield from TrackedRun(facts, points, "completed").told()


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _step(cell: str) -> int | None:
    value = _number(cell)
    return int(value) if value is not None and math.isfinite(value) and value < 1e15 else None
