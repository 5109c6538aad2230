"""What can happen in a run: small facts, as frozen values.

An event states a fact and nothing else. What can be derived from events is not stored in one;
the fields that only the ancestor's readers need (`cost_sats` and its like) are written and never
folded. What is not known is absent, never zero.

Texts are given whole (`prompt_preview=the_whole_prompt`): the recorder keeps them once by hash,
names the hash in the `_ref` beside, and cuts the preview (see `texts.py`).

Units stand last in names: `_ms` milliseconds, `_msat` 1/1000 sat, `_usd_nanos` 10⁻⁹ dollar.
Source of the first fourteen: the design document's `frlm/src/trace.rs`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import msgspec

from .spanref import SpanRef

Ref: TypeAlias = str | list[str]
"""Hash of a payload, or one for each message where a prompt is made of messages."""

FORMAT = 1
"""Version of the trace format that is written."""

Role: TypeAlias = Literal["root", "router", "extractor", "reducer", "verifier", "sub"]
UsageQuality: TypeAlias = Literal["exact", "shared", "estimated", "none"]
CostSource: TypeAlias = Literal["provider", "price_table", "ledger", "none"]


class Usage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tokens of one answer. `cached` is a subset of `input`, `reasoning` of `output`."""

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    reasoning: int | None = None


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong: the class of error and what it said."""

    type: str
    message: str = ""
    traceback: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Base of all events. The wire tag is the class name: `{"type": "RunInit"}`.

    `inferred`: the reporter learned late and had to guess the time.
    """

    inferred: bool | None = None


# ------------------------------------------------------------------ the run


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


# ------------------------------------------------------------------ sub-queries


class OfQuery(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Base of what happens to one sub-query."""

    query_id: str


class OfAttempt(OfQuery, frozen=True, kw_only=True, omit_defaults=True):
    """Base of what happens to one attempt.

    `attempt` counts retries and hedges, `replica` redundant workers, both from 0.
    """

    attempt: int = 0
    replica: int = 0


class SubQuerySubmit(OfQuery, frozen=True, kw_only=True, omit_defaults=True):
    """A question is asked. `parent_id` is a sub-query, node, cell or tool; none means the root."""

    prompt_preview: str = ""
    prompt_ref: Ref | None = None
    fragment_id: str | None = None
    parent_id: str | None = None
    depth: int | None = None
    role: Role | None = None
    batch_id: str | None = None
    batch_index: int | None = None
    batch_size: int | None = None


class SubQueryExecute(OfAttempt, frozen=True, kw_only=True, omit_defaults=True):
    """A provider was asked. `simulated`: it does not exist, its times and prices are drawn."""

    provider_id: str | None = None
    venue: str | None = None
    model_id: str | None = None
    simulated: bool | None = None


class SubQueryReturn(OfAttempt, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt answered, or failed with `success=False` and `error`. Stamped on arrival."""

    result_preview: str = ""
    result_ref: Ref | None = None
    duration_ms: float | None = None
    cost_sats: int | None = None
    success: bool = True
    provider_id: str | None = None
    model_id: str | None = None
    usage: Usage | None = None
    usage_quality: UsageQuality | None = None
    cost_msat: int | None = None
    cost_usd_nanos: int | None = None
    cost_source: CostSource | None = None
    price_version: str | None = None
    span_refs: tuple[SpanRef, ...] = ()
    finish_reason: str | None = None
    cache_hit: bool | None = None
    error: Failure | None = None


class SubQueryTimeout(OfAttempt, frozen=True, kw_only=True, omit_defaults=True):
    """No answer came in time; `elapsed_ms` is measured, not configured."""

    elapsed_ms: float


class SubQueryCancel(OfAttempt, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt was given up: straggler, hedge, budget, user, interrupted, no_answer."""

    reason: str = ""


# ------------------------------------------------------------------ checking


class VerifyRedundant(OfQuery, frozen=True, kw_only=True, omit_defaults=True):
    """Replicas were compared: n_of_m agreed; `replicas` names those that did."""

    agreement: float
    n_of_m: tuple[int, int]
    passed: bool
    replicas: tuple[int, ...] = ()


class VerifyObjective(OfQuery, frozen=True, kw_only=True, omit_defaults=True):
    """An answer was held against a rule: json_schema or hash."""

    check_type: str
    passed: bool
    detail: str | None = None


class VerifyAttestation(OfQuery, frozen=True, kw_only=True, omit_defaults=True):
    """A validator's signature over an answer was checked."""

    pubkey: str
    passed: bool


class VerifyCitations(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Citations were held against their sources; without `query_id` those of the run's answer."""

    checked: int
    missing: int
    passed: bool
    query_id: str | None = None


# ------------------------------------------------------------------ money


class BudgetReserve(OfAttempt, frozen=True, kw_only=True, omit_defaults=True):
    """The upper bound of what an attempt can cost was set aside."""

    amount_sats: int | None = None
    remaining_sats: int | None = None
    amount_msat: int | None = None
    amount_usd_nanos: int | None = None


class BudgetSettle(OfAttempt, frozen=True, kw_only=True, omit_defaults=True):
    """A reservation ended: what it cost, what was given back, what it cost beyond the reservation.

    An absent actual with a release is an attempt that was not charged for, as far as is known.
    """

    actual_sats: int | None = None
    refund_sats: int | None = None
    actual_msat: int | None = None
    released_msat: int | None = None
    overage_msat: int | None = None
    actual_usd_nanos: int | None = None
    released_usd_nanos: int | None = None
    overage_usd_nanos: int | None = None


# ------------------------------------------------------------------ answers come together


class Aggregate(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Findings became one text. `query_id`: the sub-query that did it, where a provider did."""

    input_count: int
    output_preview: str = ""
    output_ref: Ref | None = None
    query_id: str | None = None


class FallbackLocal(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The swarm was not to be had; the work goes on locally."""

    reason: str


# ------------------------------------------------------------------ recursion, turns, code, tools


class RlmStart(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A child RLM begins. The root's node is `root` and has no RlmStart."""

    node_id: str
    parent_id: str | None = None
    depth: int | None = None
    model: str | None = None
    config: dict[str, Any] | None = None
    query: str | None = None
    query_ref: Ref | None = None


class RlmEnd(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A child RLM ended."""

    node_id: str
    answer: str | None = None
    answer_ref: Ref | None = None
    end_reason: str | None = None
    error: Failure | None = None


class IterationStart(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A turn of an RLM begins; `n` counts from 1."""

    n: int
    node_id: str = "root"
    max_n: int | None = None


class IterationEnd(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A turn of an RLM ended."""

    n: int
    node_id: str = "root"
    max_n: int | None = None


class CellStart(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of code begins to run in the REPL."""

    cell_id: str
    node_id: str = "root"
    code_preview: str = ""
    code_ref: Ref | None = None


class CellEnd(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of code has run. `variables` maps names to short descriptions."""

    cell_id: str
    stdout_preview: str = ""
    stdout_ref: Ref | None = None
    stderr_preview: str = ""
    stderr_ref: Ref | None = None
    error: Failure | None = None
    duration_ms: float | None = None
    variables: dict[str, str] | None = None


class ToolStart(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A tool is called."""

    tool_id: str
    name: str
    parent_id: str | None = None
    args_preview: str = ""
    args_ref: Ref | None = None


class ToolEnd(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A tool answered or failed."""

    tool_id: str
    result_preview: str = ""
    result_ref: Ref | None = None
    error: Failure | None = None


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


TraceEvent: TypeAlias = (
    RunInit | RunDone | RunFailed | RunCancelled | RunResumed | Environment
    | EnvLoadFragment | EnvSelectFragments
    | SubQuerySubmit | SubQueryExecute | SubQueryReturn | SubQueryTimeout | SubQueryCancel
    | VerifyRedundant | VerifyObjective | VerifyAttestation | VerifyCitations
    | BudgetReserve | BudgetSettle | Aggregate | FallbackLocal
    | RlmStart | RlmEnd | IterationStart | IterationEnd
    | CellStart | CellEnd | ToolStart | ToolEnd
    | Metric | Score | Artifact | Note
)  # fmt: skip

Emit: TypeAlias = Callable[[TraceEvent], None]
"""How everything that works tells that something happened."""

END_EVENTS = (RunDone, RunFailed, RunCancelled)
EndEvent: TypeAlias = RunDone | RunFailed | RunCancelled
