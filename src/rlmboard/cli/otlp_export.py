"""`rlmboard export --otlp`: runs, sent as spans."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import BadInput

if TYPE_CHECKING:
    from ..formats.otel.from_run import FindText
    from ..store import StoredRun
    from ..trace.events import Ref

HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"


def send_runs(
    runs: Iterable[StoredRun], url: str, headers: Iterable[str], payloads: bool
) -> Iterator[str]:
    """Send each run to where OTLP is taken; a line for each that says what was sent."""
    from ..formats.otel import spans_of_run
    from ..gateway.otlp import endpoint, headers_of, send_spans

    place = endpoint(url)
    said = {**headers_of(os.environ.get(HEADERS)), **dict(map(_header, headers))}
    for run in runs:
        texts = _texts(run) if payloads else _no_texts
        spans = spans_of_run(run.events(), run.id, _began_ns(run), texts, run.row.name)
        send_spans(spans, place, said)
        yield f"{run.id}: {len(spans):,} spans to {place}"


def _header(said: str) -> tuple[str, str]:
    name, equals, value = said.partition("=")
    if not equals or not name.strip() or not f"{name}{value}".isprintable():
        raise BadInput(f"'{name}' is no header: write NAME=VALUE")
    return name.strip(), value.strip()


def _began_ns(run: StoredRun) -> int:
    """The zero of the run's clock; to the millisecond where its record does not say."""
    record = run.record()
    try:
        return round(datetime.fromisoformat(record.started_at).timestamp() * 1e6) * 1000  # type: ignore[union-attr]
    except (AttributeError, ValueError):
        return run.row.created_at_ms * 1_000_000


def _texts(run: StoredRun) -> FindText:
    def found(preview: str, ref: Ref | None) -> list[str]:
        if isinstance(ref, list):
            texts = [run.payload(sha256) for sha256 in ref]
            return [text for text in texts if text is not None] or ([preview] if preview else [])
        whole = run.payload(ref) if ref is not None else None
        return [whole or preview] if whole or preview else []

    return found


def _no_texts(preview: str, ref: Ref | None) -> list[str]:
    return []
