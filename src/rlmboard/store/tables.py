"""The tables of the index: a cache of what lies in the run folders, and safe to delete.

Money is integer, times are milliseconds. `run_no` is the small integer by which other tables know
a run; a sub-query's key is `run_no << 32 | number`, and number 0 is the run itself.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    text,
)

from .keys import NUMBER_BITS as NUMBER_BITS
from .keys import key_of as key_of

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

runs = Table(
    "runs",
    metadata,
    Column("run_no", Integer, primary_key=True),
    Column("run_id", Text, nullable=False, unique=True),
    Column("created_at_ms", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("presumed", Integer, nullable=False, default=0),
    Column("ended_at_ms", Integer),
    Column("duration_ms", Float),
    Column("name", Text),
    Column("experiment", Text),
    Column("star", Integer, nullable=False, default=0),
    Column("archived", Integer, nullable=False, default=0),
    Column("method", Text),
    Column("model", Text),
    Column("sub_model", Text),
    Column("dataset", Text),
    Column("task_id", Text),
    Column("producer", Text),
    Column("git_sha", Text),
    Column("git_branch", Text),
    Column("user", Text),
    Column("host", Text),
    Column("parent_run_id", Text),
    Column("end_reason", Text),
    Column("error_type", Text),
    Column("cost_msat", Integer),
    Column("cost_usd_nanos", Integer),
    Column("apart_msat", Integer),
    Column("apart_usd_nanos", Integer),
    Column("unknown_cost", Integer),
    Column("tokens", Integer),
    Column("input_tokens", Integer),
    Column("output_tokens", Integer),
    Column("unknown_usage", Integer),
    Column("fragments", Integer),
    Column("sub_queries", Integer),
    Column("returned", Integer),
    Column("failed", Integer),
    Column("timed_out", Integer),
    Column("cancelled", Integer),
    Column("running", Integer),
    Column("attempts", Integer),
    Column("retries", Integer),
    Column("hedges", Integer),
    Column("max_depth", Integer),
    Column("nodes", Integer),
    Column("iterations", Integer),
    Column("cells", Integer),
    Column("tools", Integer),
    Column("citations", Integer),
    Column("citations_missing", Integer),
    Column("checks_failed", Integer),
    Column("simulated", Integer),
    Column("partial", Integer),
    Column("lost", Integer),
    Column("holes", Integer),
    Column("lines", Integer, nullable=False, default=0),
    Column("offset", Integer, nullable=False, default=0),
    Column("labels_size", Integer, nullable=False, default=0),
    Column("record_stamp", Integer, nullable=False, default=0),
    Column("tail", Integer, nullable=False, default=0),
    Index("runs_by_creation", "created_at_ms", "run_no"),
    Index("runs_by_status", "status", "created_at_ms"),
    Index("runs_by_experiment", "experiment", "created_at_ms"),
)
"""What can be filtered and sorted by. `offset` is how far the trace is taken in, `tail` a checksum
of what stands before it."""

run_details = Table(
    "run_details",
    metadata,
    Column("run_no", Integer, primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("labels", LargeBinary, nullable=False),
    Column("ending", LargeBinary, nullable=False),
)
"""What a row of a run is made of, as JSON: the state of its fold, its record, its labels, and how
its owner says that it ended."""

run_metrics = Table(
    "run_metrics",
    metadata,
    Column("run_no", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("origin", Integer, primary_key=True),
    Column("value", Float),
    Column("step", Integer),
    Index("metrics_by_value", "name", "value"),
    sqlite_with_rowid=False,
)
"""One value a name: `origin` 0 said by a person, 1 logged, 2 scored; the lowest stands."""

run_params = Table(
    "run_params",
    metadata,
    Column("run_no", Integer, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("text", Text),
    Column("number", Float),
    sqlite_with_rowid=False,
)
PARAM_VALUE = func.coalesce(run_params.c.number, run_params.c.text)
"""What a setting is sorted by: numbers stand before texts."""
Index("params_by_value", run_params.c.key, PARAM_VALUE)

run_tags = Table(
    "run_tags",
    metadata,
    Column("tag", Text, primary_key=True),
    Column("run_no", Integer, primary_key=True),
    Index("tags_by_run", "run_no"),
    sqlite_with_rowid=False,
)

run_providers = Table(
    "run_providers",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("run_no", Integer, primary_key=True),
    Column("venue", Text, primary_key=True),
    Index("providers_by_run", "run_no"),
    sqlite_with_rowid=False,
)

sub_queries = Table(
    "sub_queries",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("run_no", Integer, nullable=False),
    Column("query_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("role", Text),
    Column("parent_id", Text),
    Column("depth", Integer),
    Column("fragment_id", Text),
    Column("submitted_ms", Float),
    Column("state", LargeBinary, nullable=False),
    Index("sub_queries_by_id", "run_no", "query_id", unique=True),
)
"""`state`: the statements in force about it and its attempts, from which its rows are made."""

FAILED = "status IN ('failed', 'timeout')"
"""What the index of failed attempts holds; a question in these very words is served by it."""

attempts = Table(
    "attempts",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("replica", Integer, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("status", Text, nullable=False),
    Column("provider", Text),
    Column("venue", Text),
    Column("model", Text),
    Column("simulated", Integer, nullable=False),
    Column("started_ms", Float),
    Column("ended_ms", Float),
    Column("duration_ms", Float),
    Column("ended_at_ms", Integer),
    Column("input_tokens", Integer),
    Column("output_tokens", Integer),
    Column("cached_tokens", Integer),
    Column("reasoning_tokens", Integer),
    Column("cost_msat", Integer),
    Column("cost_usd_nanos", Integer),
    Column("error_type", Text),
    Column("offset", Integer, nullable=False),
    Column("length", Integer, nullable=False),
    Index("attempts_by_end", "ended_at_ms"),
    Index("attempts_that_failed", "ended_at_ms", sqlite_where=text(FAILED)),
    sqlite_with_rowid=False,
)
"""`offset` and `length`: the bytes of the trace in which the events of the attempt lie."""

marks = Table(
    "marks",
    metadata,
    Column("run_no", Integer, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text),
    sqlite_with_rowid=False,
)
"""What is counted once by its id: fragments, nodes, turns, cells, tools, checks, notes, scores."""

offsets = Table(
    "offsets",
    metadata,
    Column("run_no", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("offset", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Sparse: after line `seq` comes byte `offset`."""


def _rollup(name: str, period: str) -> Table:
    return Table(
        name,
        metadata,
        Column(period, Integer, primary_key=True),
        Column("provider", Text, primary_key=True),
        Column("model", Text, primary_key=True),
        Column("venue", Text, primary_key=True),
        Column("simulated", Integer, primary_key=True),
        Column("cell", LargeBinary, nullable=False),
        Column("runs", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


rollups = _rollup("rollups", "hour")
slots = _rollup("slots", "slot")
"""What attempts add up to that ended within an hour, and within five minutes, counted since 1970;
see `rollup.py`. `runs` says how many of them each run has."""
