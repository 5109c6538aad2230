"""The tables of a picture: what the page of a run draws, column by column.

Times are microseconds since the start of the run, ids stand once in `Things`, names of providers
and their like once in a list, and rows point to them.
"""

from __future__ import annotations

from typing import Annotated, get_args

from ..events import Role
from .columns import (
    COUNT,
    DERIVED,
    STEP,
    Bits,
    From,
    Indexes,
    Names,
    Numbers,
    Refs,
    Table,
    Texts,
    Times,
)

STATES = ("submitted", "running", "returned", "failed", "timeout", "cancelled")
SUBMITTED, RUNNING, RETURNED, FAILED, TIMEOUT, CANCELLED = range(6)
"""Of a sub-query, an attempt, and (the middle ones) a node."""

THING_KINDS = ("", "sub-query", "rlm", "turn", "cell", "tool")
UNHEARD, SUB_QUERY, RLM, TURN, CELL, TOOL = range(6)

CHECKS = ("redundant", "objective", "attestation", "citations")
ROLES: tuple[str, ...] = get_args(Role)
NAMED = ("provider", "model", "venue", "reason", "path")
"""The lists of names that rows point into. `reason`: error types, why cancelled, why ended."""

ROOT = 0
"""The thing that everything without a parent hangs on: the run itself, by the id `root`."""

HEDGE, SIMULATED, INFERRED, CACHE_HIT, ESTIMATED_USAGE, UNKNOWN_COST = (1 << n for n in range(6))
ASKED, NAMED_PROVIDER, NAMED_MODEL, ERROR, PARENT_INFERRED = (1 << n for n in range(6, 11))
"""ASKED: it was said that a provider was asked, and which, where NAMED. ERROR: how a node ended.
PARENT_INFERRED: nobody stated what a sub-query hangs on."""


class Things(Table):
    """Everything with an id, in the order in which the ids were heard of: one namespace.

    An id may be heard of as a parent before what it names (kind UNHEARD until then). `row` is its
    row in Queries or Nodes; `verdicts` has a bit for each check that passed last, and four bits
    higher for each that failed.
    """

    id: Annotated[Names, COUNT]
    kind: Annotated[Bits, DERIVED]
    row: Annotated[Indexes, DERIVED]
    verdicts: Annotated[Bits, DERIVED]


class Fragments(Table):
    """Pieces of the input. `loaded_seq` is the line that holds the whole SpanRef."""

    id: Annotated[Names, COUNT]
    loaded_seq: Annotated[Numbers, STEP]
    size_bytes: Numbers
    path: Indexes
    start_line: Annotated[Numbers, STEP]
    end_line: Annotated[Numbers, From("start_line")]
    selected: Bits


class Queries(Table):
    """Sub-queries. State, end and result are those of the attempt that decided: `decisive`.

    `parent` is a row of Things. Attempts hang on `first`, and each on the one before by `next`.
    """

    thing: Annotated[Indexes, STEP]
    parent: Indexes
    depth: Numbers
    role: Indexes
    fragment: Annotated[Indexes, STEP]
    flags: Bits
    submitted_us: Annotated[Times, STEP]
    prompt: Texts
    prompt_ref: Refs
    state: Annotated[Bits, DERIVED]
    ended_us: Annotated[Times, DERIVED]
    decisive: Annotated[Indexes, DERIVED]
    first: Annotated[Indexes, DERIVED]
    last: Annotated[Indexes, DERIVED]


class Attempts(Table):
    """Tries. `reason` is the error type of a failure, or why it was cancelled.

    `took_us` is what the answer said of itself, kept where nobody said when it was asked for.
    """

    query: Annotated[Indexes, STEP]
    attempt: Numbers
    replica: Numbers
    state: Bits
    flags: Bits
    provider: Indexes
    model: Indexes
    venue: Indexes
    reason: Indexes
    started_us: Annotated[Times, From("queries.submitted_us")]
    ended_us: Annotated[Times, From("started_us")]
    took_us: Times
    cost_msat: Numbers
    cost_usd_nanos: Numbers
    input_tokens: Numbers
    output_tokens: Numbers
    cached_tokens: Numbers
    reasoning_tokens: Numbers
    span_refs: Numbers
    reserved_us: Annotated[Times, From("started_us")]
    reserved_msat: Numbers
    reserved_usd_nanos: Numbers
    settled_us: Annotated[Times, From("ended_us")]
    settled_msat: Annotated[Numbers, From("cost_msat")]
    settled_usd_nanos: Annotated[Numbers, From("cost_usd_nanos")]
    overage_msat: Numbers
    overage_usd_nanos: Numbers
    first_seq: Annotated[Numbers, STEP]
    outcome_seq: Annotated[Numbers, From("first_seq")]
    last_seq: Annotated[Numbers, From("outcome_seq")]
    result: Texts
    result_ref: Refs
    error: Texts
    next: Annotated[Indexes, DERIVED]


class Nodes(Table):
    """Child RLMs, turns, code cells and tools. `label` is a model or the name of a tool.

    One that began again after it had ended runs again. `n` and `max_n` count turns.
    """

    thing: Annotated[Indexes, STEP]
    kind: Bits
    parent: Indexes
    depth: Numbers
    state: Bits
    flags: Bits
    label: Names
    n: Numbers
    max_n: Numbers
    started_us: Annotated[Times, STEP]
    ended_us: Annotated[Times, From("started_us")]
    reason: Indexes
    first_seq: Annotated[Numbers, STEP]
    last_seq: Annotated[Numbers, From("first_seq")]
    input: Texts
    input_ref: Refs
    output: Texts
    output_ref: Refs
    stderr: Texts
    stderr_ref: Refs
    error: Texts


class Checks(Table):
    """Verdicts. `thing` is what was checked, -1 the answer of the run.

    `part` of `whole`: replicas that agreed, or citations that were missing. `subject` is the rule
    that was checked, or the key of who signed.
    """

    at_us: Annotated[Times, STEP]
    seq: Annotated[Numbers, STEP]
    kind: Bits
    thing: Indexes
    passed: Bits
    part: Numbers
    whole: Numbers
    subject: Names


class Metrics(Table):
    """The value that stands for each metric, and the last time and step of its points."""

    name: Names
    value: Numbers
    step: Numbers
    summary: Bits
    last_us: Annotated[Times, DERIVED]
    last_step: Annotated[Numbers, DERIVED]


class Points(Table):
    """Values of metrics over time; infinite ones as such, NaN for none."""

    metric: Indexes
    at_us: Annotated[Times, STEP]
    step: Numbers
    value: Numbers


class Scores(Table):
    """Judgements. `thing` is the sub-query, -1 the run. Of those that one scorer gave of the same
    thing under one name and task, that with the highest `seq` stands."""

    at_us: Annotated[Times, STEP]
    seq: Annotated[Numbers, STEP]
    name: Names
    value: Numbers
    scorer: Names
    scorer_version: Names
    task_id: Names
    by: Names
    thing: Indexes


class Artifacts(Table):
    """Files that were kept."""

    at_us: Annotated[Times, STEP]
    seq: Annotated[Numbers, STEP]
    name: Names
    sha256: Names
    bytes: Numbers
    media_type: Names


class Notes(Table):
    """What somebody found worth saying."""

    at_us: Annotated[Times, STEP]
    seq: Annotated[Numbers, STEP]
    level: Names
    title: Names
    message: Names


class Aggregates(Table):
    """Findings became one text. `thing` is the sub-query that did it, -1 where none did."""

    at_us: Annotated[Times, STEP]
    seq: Annotated[Numbers, STEP]
    inputs: Numbers
    thing: Indexes
    output: Texts
    output_ref: Refs


class Turnings(Table):
    """Where the run changed its way: `resumed`, or `fallback` to local work, and why."""

    at_us: Annotated[Times, STEP]
    seq: Annotated[Numbers, STEP]
    kind: Names
    said: Names
