"""`rlmboard export --otlp`: runs, sent as spans."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..formats.loose import number
from ..trace import Note, Score

if TYPE_CHECKING:
    from ..folder import Label
    from ..formats.otel import FindText
    from ..store import StoredRun
    from ..trace.events import Ref

HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"
PERSON = "person"


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
        spans = spans_of_run(
            run.events(), run.id, _began_ns(run), texts, run.row.name,
            config=_config(run, payloads), said_after=_said_after(run),
        )  # fmt: skip
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
    began_ns = _ns(record.started_at) if record is not None else None
    return run.row.created_at_ms * 1_000_000 if began_ns is None else began_ns


def _config(run: StoredRun, payloads: bool) -> dict[str, Any]:
    """How it was asked to go; without texts its numbers alone."""
    from ..run.settings import as_settings

    record = run.record()
    settings = as_settings(record.config) if record is not None else {}
    if payloads:
        return settings
    return {name: value for name, value in settings.items() if isinstance(value, int | float)}


def _said_after(run: StoredRun) -> list[tuple[int, Score | Note]]:
    """What people said of it: scores that hold, and comments."""
    scores: dict[tuple[str | None, str], tuple[int, Score | Note]] = {}
    comments: list[tuple[int, Score | Note]] = []
    for label in run.folder.label_history():
        at_ns = _ns(label.at)
        if at_ns is None:
            continue
        if label.field == "comment" and isinstance(label.value, str) and label.value:
            comments.append((at_ns, _comment(label)))
        elif label.field == "score":
            said = label.value if isinstance(label.value, dict) else {"value": label.value}
            name, value = str(said.get("name", "score")), number(said.get("value"))
            scores.pop((label.query_id, name), None)
            if value is not None:
                score = Score(
                    name=name, value=value, scorer=PERSON, by=label.by, query_id=label.query_id
                )
                scores[label.query_id, name] = at_ns, score
    return [*scores.values(), *comments]


def _comment(label: Label) -> Note:
    about = f" on {label.query_id}" if label.query_id else ""
    by = f" by {label.by}" if label.by else ""
    return Note(title=f"Comment{by}{about}", message=str(label.value))


def _ns(said: str) -> int | None:
    try:
        return round(datetime.fromisoformat(said).timestamp() * 1e6) * 1000
    except ValueError:
        return None


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
