"""What rlmboard's ancestor kept: runs of its `rlm.db`, the trace of its demo, results of its bench.

Its returns are stamped when the whole collection ended; where a duration is known, an answer is put
behind its question by so much, and marked inferred. Its costs are whole sats.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from ...trace import (
    Aggregate,
    EndEvent,
    Failure,
    FallbackLocal,
    Metric,
    RunDone,
    RunFailed,
    Score,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    TraceEvent,
)
from ..foreign import ForeignRun, Over, Said, Told, Unread, moment
from ..loose import count, decoded, json_text, mapping, name, number, rows, text
from .tracked import Point, metric

PRODUCER = "openagents"


class AncestorRun(NamedTuple):
    """A row of `runs`, and its rows of `trace_events` in order: (timestamp_ms, event_json)."""

    run_id: str
    row: Mapping[str, Any]
    events: Iterable[tuple[Any, Any]]
    created_at: Any = None

    def told(self) -> Iterator[Told]:
        began = moment(self.row.get("created_at")) or moment(self.created_at)
        if began is None:
            yield Unread(f"run {self.run_id}", "it has no time")
            return
        key = self.run_id
        yield ForeignRun(
            key=key,
            producer=PRODUCER,
            started_at=began,
            query=text(self.row.get("query")),
            fragment_count=count(self.row.get("fragment_count")) or 0,
            config={"budget_sats": count(self.row.get("budget_sats"))},
        )
        submitted: dict[str, int] = {}
        last_us, ended = 0, False
        for n, (ms, raw) in enumerate(self.events, 1):
            event = _event(raw)
            if event is None:
                yield Unread(f"run {key} event {n}", "it is no event of the ancestor's", key)
                continue
            last_us = _us(ms, last_us)
            ended = ended or isinstance(event, RunDone)
            yield _placed(key, event, last_us, submitted)
        if not ended and (end := self._end()) is not None:
            yield Said(key, max(last_us, self._duration_us()), end)
        yield Over(key)

    def _end(self) -> EndEvent | None:
        """What the row says of the end; a run that died is running in it for ever."""
        status = self.row.get("status")
        if status == "completed":
            sats = count(self.row.get("total_cost_sats"))
            return RunDone(
                output=text(self.row.get("output")),
                end_reason="answer",
                cost_msat=None if sats is None else sats * 1000,
            )
        if status == "failed":
            error = Failure(type="Failed", message=text(self.row.get("error_message")))
            return RunFailed(error=error, end_reason="errors")
        return None

    def _duration_us(self) -> int:
        return (count(self.row.get("total_duration_ms")) or 0) * 1000


def _event(raw: Any) -> TraceEvent | None:
    """Names in all the ways of the ancestor; costs in sats are taken as what a provider said."""
    said = decoded(raw.encode(errors="replace")) if isinstance(raw, str) else None
    if not isinstance(said, dict):
        return None
    kind = text(said.get("type")) or text(said.get("event_type"))
    if "_" in kind or kind.islower():
        kind = "".join(part.capitalize() for part in kind.split("_"))
    kind = re.sub("^Subquery", "SubQuery", kind)
    known = {key: value for key, value in said.items() if value is not None and key != "type"}
    known |= {"venue": known["venue"].lower()} if isinstance(known.get("venue"), str) else {}
    try:
        event: TraceEvent = msgspec.convert({"type": kind, **known}, TraceEvent, strict=False)
    except (msgspec.ValidationError, OverflowError):
        return None
    if isinstance(event, SubQueryReturn) and event.cost_sats is not None:
        return msgspec.structs.replace(
            event, cost_msat=event.cost_sats * 1000, cost_source="provider", usage_quality="none"
        )
    return event


def _placed(key: str, event: TraceEvent, at_us: int, submitted: dict[str, int]) -> Said:
    if isinstance(event, SubQuerySubmit):
        submitted[event.query_id] = at_us
    elif isinstance(event, SubQueryReturn) and event.duration_ms is not None:
        began = submitted.get(event.query_id)
        if began is not None and 0 <= event.duration_ms < 1e10:
            at_us = began + round(event.duration_ms * 1000)
            event = msgspec.structs.replace(event, inferred=True)
    return Said(key, at_us, event)


def _us(ms: Any, otherwise: int) -> int:
    said = number(ms)
    return round(said * 1000) if said is not None and abs(said) < 1e13 else otherwise


# ------------------------------------------------------------------ the demo


def demo_trace(document: Mapping[str, Any], modified: datetime) -> Iterator[Told]:
    """The trace that the ancestor's demo played: chunks, what was found in each, one answer."""
    events = [mapping(event) for event in rows(document.get("events"))]
    key = hashlib.sha256(json_text(dict(document)).encode(errors="replace")).hexdigest()[:32]
    chunks = sum(event.get("type") == "chunk_created" for event in events)
    yield ForeignRun(
        key=key,
        producer=PRODUCER,
        started_at=modified,
        started_inferred=True,
        query=text(document.get("query")),
        fragment_count=chunks,
        config={"method": "demo"},
    )
    last_us = 0
    for event in events:
        last_us = _us(event.get("t"), last_us)
        for one in _demo_event(event, chunks):
            yield Said(key, last_us, one)


def _demo_event(event: Mapping[str, Any], chunks: int) -> Iterator[TraceEvent]:
    kind, chunk = event.get("type"), json_text(event.get("chunk_id"))
    query_id = f"chunk-{chunk}"
    if kind == "extraction_start":
        yield SubQuerySubmit(query_id=query_id, fragment_id=query_id, role="extractor", depth=1)
        yield SubQueryExecute(query_id=query_id)
    elif kind == "extraction_complete":
        yield SubQueryReturn(
            query_id=query_id, result_preview=text(event.get("findings")), usage_quality="none",
            cost_source="none",
        )  # fmt: skip
        relevance = number(event.get("relevance"))
        if relevance is not None:
            yield Score(name="relevance", value=relevance, scorer="rlm-demo", query_id=query_id)
    elif kind == "synthesis_complete":
        yield Aggregate(input_count=chunks, output_preview=text(event.get("answer")))
        confidence = number(event.get("confidence"))
        if confidence is not None:
            yield Score(name="confidence", value=confidence, scorer="rlm-demo")
        yield RunDone(output=text(event.get("answer")), end_reason="answer")
    elif kind == "fallback":
        yield FallbackLocal(reason=text(event.get("reason")))


# ------------------------------------------------------------------ the bench


def bench_results(document: Mapping[str, Any], modified: datetime) -> Iterator[Told]:
    """Aggregates of its recall bench: a run for each tier, with every number as a metric."""
    meta = mapping(document.get("meta"))
    digest = hashlib.sha256(json_text(dict(document)).encode(errors="replace")).hexdigest()[:16]
    for tier in map(mapping, rows(document.get("tierAggregates"))):
        tier_id = name(tier.get("tierId"))
        if tier_id is None:
            yield Unread("a tier", "it has no id")
            continue
        key = f"{digest} {tier_id}"
        config = mapping(meta.get("config"))
        yield ForeignRun(
            key=key,
            producer=PRODUCER,
            started_at=modified,
            started_inferred=True,
            query=f"recall bench, {tier_id}",
            config={
                "method": tier_id,
                "model": name(config.get("modelId")),
                "experiment": f"rlm-recall-eval {name(meta.get('sdkVersion')) or ''}".strip(),
                "kind": name(meta.get("kind")),
            },
        )
        for what, value in _leaves(tier):
            yield Said(key, 0, _measured(what, value))
        yield Said(key, 0, RunDone(end_reason="answer", inferred=True))


def _measured(what: str, value: float) -> Metric:
    return metric(Point(what, value))


def _leaves(
    tree: Mapping[str, Any], before: str = "", depth: int = 8
) -> Iterator[tuple[str, float]]:
    for key, value in tree.items():
        inner = f"{before}{key}"
        if isinstance(value, dict) and depth:
            yield from _leaves(value, f"{inner}.", depth - 1)
        elif (said := number(value)) is not None:
            yield inner, said


def is_demo(document: Mapping[str, Any]) -> bool:
    kinds = {text(mapping(event).get("type")) for event in rows(document.get("events"))}
    return "query" in document and bool(kinds & {"extraction_start", "chunk_created"})


def is_bench(document: Mapping[str, Any]) -> bool:
    return {"meta", "tierAggregates"} <= document.keys()
