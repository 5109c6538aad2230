"""Events of the run itself, of its input, and of what was measured and kept, into a picture."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from .. import events as e
from ..summary import FoldStatus, announced
from .columns import NAN
from .picture import Picture, RunHead, kept, known

_NO_USAGE = e.Usage()
_SPECIAL = {"nan": NAN, "inf": math.inf, "-inf": -math.inf}


def run_init(p: Picture, event: e.RunInit, at_us: float, seq: int) -> None:
    run = p.run
    later = run.announced_us is None or at_us >= run.announced_us
    run.announced_us = int(at_us) if later else run.announced_us
    asked = event.query or event.program
    if asked and (later or not run.query):
        run.query, run.query_ref = asked, event.query_ref
    run.started_at = announced(event.started_at, run.started_at, later)
    run.producer = announced(event.producer, run.producer, later)
    run.context = announced(event.context, run.context, later)
    run.fragment_count = announced(kept(event.fragment_count), run.fragment_count, later)


def run_done(p: Picture, event: e.RunDone, at_us: float, seq: int) -> None:
    if not _end(p, event, at_us, "completed"):
        return
    run, usage = p.run, event.usage or _NO_USAGE
    run.partial = bool(event.partial)
    run.iterations = kept(event.iterations)
    run.told_cost_msat = kept(event.cost_msat)
    run.told_cost_usd_nanos = kept(event.cost_usd_nanos)
    run.told_input_tokens = kept(usage.input)
    run.told_output_tokens = kept(usage.output)
    run.told_cached_tokens = kept(usage.cached)
    run.told_reasoning_tokens = kept(usage.reasoning)


def run_failed(p: Picture, event: e.RunFailed, at_us: float, seq: int) -> None:
    if _end(p, event, at_us, "failed"):
        p.run.partial = bool(event.output)
        if event.error is not None:
            p.run.error_type, p.run.error_message = event.error.type, event.error.message


def run_cancelled(p: Picture, event: e.RunCancelled, at_us: float, seq: int) -> None:
    if _end(p, event, at_us, "cancelled"):
        p.run.partial = bool(event.output)


def run_resumed(p: Picture, event: e.RunResumed, at_us: float, seq: int) -> None:
    run = p.run
    if run.resumed_us is not None and at_us <= run.resumed_us:
        return  # replayed: the clock of a run never goes backwards
    run.resumed_us = int(at_us)
    if run.ended_us is not None:
        p.replaced["end", 0, run.ended_us] = None
    _forget_end(run)
    turning(p, "resumed", event.started_at, at_us, seq)


def environment(p: Picture, event: e.Environment, at_us: float, seq: int) -> None:
    said = msgspec.to_builtins(event)
    p.run.environment |= {
        name: said[name] for name in ("git", "packages", "python", "host") if name in said
    }


def fragment_loaded(p: Picture, event: e.EnvLoadFragment, at_us: float, seq: int) -> None:
    fragments, row, span = p.fragments, p.fragment(event.fragment_id), event.span_ref
    fragments.loaded_seq[row] = seq
    fragments.size_bytes[row] = known(event.size_bytes)
    fragments.path[row] = p.names["path"].index(span.path if span else None)
    fragments.start_line[row] = known(span.start_line if span else None)
    fragments.end_line[row] = known(span.end_line if span else None)


def fragments_selected(p: Picture, event: e.EnvSelectFragments, at_us: float, seq: int) -> None:
    for fragment_id in event.fragment_ids:
        p.fragments.selected[p.fragment(fragment_id)] = 1


def metric(p: Picture, event: e.Metric, at_us: float, seq: int) -> None:
    metrics = p.metrics
    row, is_new = p.keyed("metrics", metrics, event.name)
    step, value = known(event.step), _value(event)
    if is_new:
        metrics.name[row] = event.name
    elif _is_replay(p, row, at_us, step, value):
        return
    _add_point(p, row, at_us, step, value)
    if event.summary is True or not metrics.summary[row]:
        metrics.summary[row] = event.summary is True
        metrics.value[row], metrics.step[row] = value, step


def score(p: Picture, event: e.Score, at_us: float, seq: int) -> None:
    scores, thing = p.scores, p.thing(event.query_id) if event.query_id else -1
    key = (event.name, event.scorer, event.task_id or None, thing, at_us)
    row, is_new = p.keyed("scores", scores, key)
    if is_new:
        scores.at_us[row], scores.seq[row] = at_us, seq
    scores.name[row], scores.value[row], scores.by[row] = event.name, event.value, event.by
    scores.scorer[row], scores.scorer_version[row] = event.scorer, event.scorer_version
    scores.task_id[row], scores.thing[row] = event.task_id or None, thing


def artifact(p: Picture, event: e.Artifact, at_us: float, seq: int) -> None:
    artifacts = p.artifacts
    row, _ = p.keyed("artifacts", artifacts, event.name)
    if not p.takes_place("artifact", row, artifacts.at_us[row], at_us):
        return
    artifacts.at_us[row], artifacts.seq[row] = at_us, seq
    artifacts.name[row], artifacts.sha256[row] = event.name, event.sha256
    artifacts.bytes[row], artifacts.media_type[row] = known(event.bytes), event.media_type


def note(p: Picture, event: e.Note, at_us: float, seq: int) -> None:
    row, is_new = p.keyed("notes", p.notes, (at_us, event.level, event.message))
    if is_new:
        notes = p.notes
        notes.at_us[row], notes.seq[row] = at_us, seq
        notes.level[row], notes.title[row] = event.level, event.title
        notes.message[row] = event.message


def fallback(p: Picture, event: e.FallbackLocal, at_us: float, seq: int) -> None:
    turning(p, "fallback", event.reason, at_us, seq)


def turning(p: Picture, kind: str, said: str | None, at_us: float, seq: int) -> None:
    row, is_new = p.keyed("turnings", p.turnings, (at_us, kind))
    if is_new:
        turnings = p.turnings
        turnings.at_us[row], turnings.seq[row] = at_us, seq
        turnings.kind[row], turnings.said[row] = kind, said


def _end(p: Picture, event: e.EndEvent, at_us: float, status: FoldStatus) -> bool:
    """The end that was said, unless it was known and another has taken its place."""
    run = p.run
    if ("end", 0, at_us) in p.replaced:
        return False
    p.takes_place("end", 0, run.ended_us, at_us)
    _forget_end(run)
    run.status, run.ended_us, run.end_reason = status, int(at_us), event.end_reason
    run.output, run.output_ref = event.output or None, event.output_ref
    run.span_refs, run.lost = event.span_refs, kept(event.lost) or 0
    return True


def _forget_end(run: RunHead) -> None:
    blank = RunHead()
    run.status, run.ended_us, run.end_reason = "running", None, None
    run.error_type, run.error_message = None, None
    run.output, run.output_ref, run.span_refs = None, None, ()
    run.iterations, run.lost, run.partial = None, 0, False
    for name in run.__struct_fields__:
        if name.startswith("told_"):
            setattr(run, name, getattr(blank, name))


def _value(event: e.Metric) -> float:
    if event.special is not None:
        return _SPECIAL.get(event.special, NAN)
    return NAN if event.value is None else event.value


def _is_replay(p: Picture, row: int, at_us: float, step: float, value: float) -> bool:
    """Whether this point is known. Points mostly come in order, and then nothing is looked up."""
    metrics = p.metrics
    last_us, last_step = metrics.last_us[row], metrics.last_step[row]
    if at_us > last_us or (at_us == last_us and step > last_step):
        return False
    return point_key(row, at_us, step, value) in _points(p)


def _points(p: Picture) -> dict[Any, int]:
    """All points so far by what they say; from the first time on that somebody asks."""
    rows = p.rows_of("points")
    points = p.points
    if not rows:
        for row in range(points.rows):
            key = (points.metric[row], points.at_us[row], points.step[row], points.value[row])
            rows[point_key(*key)] = row
    return rows


def point_key(metric: int, at_us: float, step: float, value: float) -> Any:
    """NaN is not itself, but here it is."""
    return (metric, at_us, None if step != step else step, None if value != value else value)


def _add_point(p: Picture, metric: int, at_us: float, step: float, value: float) -> None:
    points = p.points
    row = points.add()
    points.metric[row], points.at_us[row] = metric, at_us
    points.step[row], points.value[row] = step, value
    if rows := p.rows_of("points"):
        rows[point_key(metric, at_us, step, value)] = row
    note_last(p, metric, at_us, step)


def note_last(p: Picture, metric: int, at_us: float, step: float) -> None:
    """How far the points of this metric have come."""
    metrics = p.metrics
    last_us = metrics.last_us[metric]
    if not at_us <= last_us:
        metrics.last_us[metric], metrics.last_step[metric] = at_us, step
    elif at_us == last_us and step > metrics.last_step[metric]:
        metrics.last_step[metric] = step
