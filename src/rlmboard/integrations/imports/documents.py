"""Files that are read whole: databases, archives, tables and JSON documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import BadInput
from ...formats.foreign import Told
from ...formats.loose import decoded
from ...formats.trackers import ancestor, bench_results, csv_export, csv_runs, demo_trace
from . import archives, databases

LARGEST_BYTES = 64 << 20
HEAD_BYTES = 1 << 16

TITLES: Mapping[str, str] = {
    "ancestor": "the ancestor's rlm.db",
    "demo": "its demo trace",
    "bench": "its bench results",
    "inspect": "Inspect logs",
    "csv": "CSV as W&B exports it",
    "mlflow": "MLflow databases",
    "trackio": "Trackio databases",
}


class DocumentSource(NamedTuple):
    """One such file. `kind` is a key of TITLES."""

    path: Path
    kind: str
    tell: Callable[[], Iterator[Told]]

    @property
    def paths(self) -> tuple[Path, ...]:
        return (self.path,)

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0


def document(path: Path, head: bytes) -> DocumentSource | None:
    """The source that this file is, as its first bytes and its content say."""
    if head.startswith(databases.MAGIC):
        kind = databases.title_of(path)
        return DocumentSource(path, kind, partial(databases.told_by, path)) if kind else None
    if head.startswith(archives.MAGIC):
        fits = archives.is_inspect(path)
        return DocumentSource(path, "inspect", partial(archives.told_by, path)) if fits else None
    if head.lstrip()[:1] == b"{":
        return _json(path, head)
    first = head.lstrip(b"\xef\xbb\xbf").partition(b"\n")[0].decode(errors="replace").strip()
    header = [column.strip('"') for column in first.split(",")]
    if csv_export.kind_of(header):
        return DocumentSource(path, "csv", partial(_csv, path))
    return None


def _json(path: Path, head: bytes) -> DocumentSource | None:
    """Only what looks like one of them is read whole."""
    if not any(word in head for word in (b'"events"', b'"tierAggregates"')):
        return None
    if path.stat().st_size > LARGEST_BYTES:
        return None
    said = decoded(path.read_bytes())
    if not isinstance(said, dict):
        return None
    if ancestor.is_demo(said):
        return DocumentSource(path, "demo", partial(_told, path, demo_trace))
    if ancestor.is_bench(said):
        return DocumentSource(path, "bench", partial(_told, path, bench_results))
    return None


def _told(path: Path, tell: Callable[[Any, Any], Iterator[Told]]) -> Iterator[Told]:
    try:
        said = decoded(path.read_bytes())
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from error
    yield from tell(said if isinstance(said, dict) else {}, databases.changed_at(path))


def _csv(path: Path) -> Iterator[Told]:
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            yield from csv_runs(lines, databases.changed_at(path), path.stem)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from error
