"""Runs as a file to take away: CSV, JSON, JSON lines or Markdown, a page of the list at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ..errors import BadInput
from ..formats.table import csv_lines, json_array, json_lines, markdown_lines
from ..store import RunRow
from .reading import Reading

PAGE = 500
MEDIA_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "md": "text/markdown",
}
PLAIN = (
    "id", "name", "status", "created_at", "duration_ms", "experiment", "query",
    "cost_msat", "cost_usd_nanos", "unknown_cost", "tokens_used", "sub_queries", "returned",
    "failed", "timed_out", "citations", "citations_missing", "git_sha",
)  # fmt: skip
"""Columns of a table where none are asked for; settings and metrics follow."""


def rows_of(reading: Reading, filter: str, sort: str, run_ids: Sequence[str]) -> Iterator[RunRow]:
    """The runs that are named, or all that fit the filter, however many these are.

    Raises BadFilter and UnknownRun at once, before anything of the file was sent.
    """
    if run_ids:
        return iter(reading.named(run_ids))
    return _pages(reading, filter, sort, reading.rows(filter, sort, PAGE))


def _pages(
    reading: Reading, filter: str, sort: str, first: Sequence[RunRow]
) -> Iterator[RunRow]:  # fmt: skip
    page = first
    while page:
        yield from page
        page = reading.rows(filter, sort, PAGE, page[-1].run_id)


def export(
    reading: Reading, rows: Iterator[RunRow], format: str, columns: Sequence[str]
) -> Iterator[str]:
    """The file, piece by piece. Raises BadInput for a format that there is not."""
    if format not in MEDIA_TYPES:
        raise BadInput(f"'{format}' is no format: use {', '.join(MEDIA_TYPES)}")
    told = (_flat(reading, row) for row in rows)
    if format in ("json", "jsonl"):
        chosen = ({name: row.get(name) for name in columns} for row in told) if columns else told
        return json_array(chosen) if format == "json" else json_lines(chosen)
    names = columns or [*PLAIN, *_named(reading)]
    return csv_lines(told, names) if format == "csv" else markdown_lines(told, names)


def _named(reading: Reading) -> list[str]:
    """Settings and metrics that any run has."""
    return [
        f"{facet.from_}.{facet.key.removeprefix('metric.')}"
        for facet in reading.questions.facets()
        if facet.from_ != "run"
    ]


def _flat(reading: Reading, row: RunRow) -> dict[str, Any]:
    """A run on one level: its settings as `config.x`, its metrics as `metric.x`."""
    told: dict[str, Any] = msgspec.to_builtins(reading.item(row))
    told |= {f"config.{key}": value for key, value in told["config"].items()}
    return told | {f"metric.{name}": value for name, value in told["metrics"].items()}
