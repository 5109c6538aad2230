"""The run itself: how it begins and ends, what goes in, what is measured and kept."""

from __future__ import annotations

from typing import Any

from ..spanref import SpanRef
from .base import Event, Failure, Ref, Usage


class RunInit(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A run begins. `program` is what runs (a query, a script), `context` what it was given.

    `format` is FORMAT of the version that wrote it.
    """

    program: str = ""
    fragment_count: int = 0
    format: int = 0
    query: str | None = None
    query_ref: Ref | None = None
    started_at: str | None = None
    producer: str | None = None
    context: dict[str, Any] | None = None


class RunDone(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The run ended with an answer.

    `end_reason`: answer, max_iterations, budget, timeout, quorum, errors, idle.
    """

    output: str = ""
    output_ref: Ref | None = None
    iterations: int | None = None
    total_cost_sats: int | None = None
    total_duration_ms: int | None = None
    end_reason: str | None = None
    usage: Usage | None = None
    cost_msat: int | None = None
    cost_usd_nanos: int | None = None
    span_refs: tuple[SpanRef, ...] = ()
    lost: int = 0
    partial: bool | None = None


class RunFailed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The run ended without the answer it sought; `output` is what there was of one."""

    error: Failure | None = None
    end_reason: str | None = None
    output: str | None = None
    output_ref: Ref | None = None
    span_refs: tuple[SpanRef, ...] = ()
    lost: int = 0


class RunCancelled(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody stopped the run. `end_reason` says who or what."""

    end_reason: str | None = None
    output: str | None = None
    output_ref: Ref | None = None
    span_refs: tuple[SpanRef, ...] = ()
    lost: int = 0


class RunResumed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A process took an ended or interrupted run up again; the clock goes on, never backwards."""

    started_at: str | None = None
    boot_id: str | None = None
    pid: int | None = None


class Environment(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Where the run ran, captured beside it.

    git {sha, branch, dirty, root}, packages {name: version}, host {name, platform, cpus}.
    """

    git: dict[str, Any] | None = None
    packages: dict[str, str] | None = None
    python: str | None = None
    host: dict[str, Any] | None = None


# ------------------------------------------------------------------ the input


class EnvLoadFragment(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of the input is there; `span_ref` says where it comes from."""

    fragment_id: str
    size_bytes: int
    span_ref: SpanRef | None = None


class EnvSelectFragments(Event, frozen=True, kw_only=True, omit_defaults=True):
    """These fragments were chosen for the query."""

    query: str = ""
    fragment_ids: tuple[str, ...] = ()


# ------------------------------------------------------------------ what was measured and kept


class Metric(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A value of a metric. `special` stands for what JSON has no number for: nan, inf, -inf.

    The last value is the summary; a metric with `summary=True` overrides it.
    """

    name: str
    value: float | None = None
    step: int | None = None
    special: str | None = None
    summary: bool | None = None


class Score(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A judgement and who made it; on the run, or on one sub-query."""

    name: str
    value: float
    scorer: str
    scorer_version: str | None = None
    task_id: str | None = None
    by: str | None = None
    query_id: str | None = None


class Artifact(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A file was kept under `artifacts/` by its hash."""

    name: str
    sha256: str
    bytes: int
    media_type: str | None = None


class Note(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Something worth saying. `level`: debug, info, warning, error, alert."""

    message: str
    level: str = "info"
    title: str | None = None
