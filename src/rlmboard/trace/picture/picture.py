"""A run as a page: everything that its views draw, in columns."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from ..events import Ref
from ..spanref import SpanRef
from ..summary import FoldStatus
from .columns import Table, plain_number
from .tables import (
    NAMED,
    SUB_QUERY,
    THING_KINDS,
    Aggregates,
    Artifacts,
    Attempts,
    Checks,
    Fragments,
    Metrics,
    Nodes,
    Notes,
    Points,
    Queries,
    Scores,
    Things,
    Turnings,
)

Slot: TypeAlias = Literal[
    "end", "submission", "asking", "outcome", "reservation", "settlement", "start", "stop",
    "score", "artifact",
]  # fmt: skip
"""What a statement can be about. `start` and `stop` are of nodes."""

KEYS: dict[str, tuple[str, ...]] = {
    "things": ("id",),
    "fragments": ("id",),
    "checks": ("kind", "thing", "at_us"),
    "metrics": ("name",),
    "scores": ("name", "scorer", "task_id", "thing", "at_us"),
    "artifacts": ("name",),
    "notes": ("at_us", "level", "message"),
    "aggregates": ("at_us", "thing"),
    "turnings": ("at_us", "kind"),
}
"""By which columns a row is known when it is told again."""

_KEPT = 1 << 43


class RunHead(msgspec.Struct, kw_only=True):
    """The run itself. `told_*` are its own totals, for a producer that knows of no attempts."""

    run_id: str | None = None
    query: str | None = None
    query_ref: Ref | None = None
    status: FoldStatus = "queued"
    end_reason: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    started_at: str | None = None
    producer: str | None = None
    context: dict[str, Any] | None = None
    fragment_count: int | None = None
    output: str | None = None
    output_ref: Ref | None = None
    span_refs: tuple[SpanRef, ...] = ()
    iterations: int | None = None
    lost: int = 0
    partial: bool = False
    simulated: bool = False
    holes: dict[str, int] = msgspec.field(default_factory=dict)
    foreign: int = 0
    last_us: int | None = None
    ended_us: int | None = None
    announced_us: int | None = None
    resumed_us: int | None = None
    told_cost_msat: int | None = None
    told_cost_usd_nanos: int | None = None
    told_input_tokens: int | None = None
    told_output_tokens: int | None = None
    told_cached_tokens: int | None = None
    told_reasoning_tokens: int | None = None
    environment: dict[str, Any] = msgspec.field(default_factory=dict)


class Names:
    """Strings that stand once, in the order in which they were heard of."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._index: dict[str, int] = {}

    def index(self, name: str | None) -> int:
        """Its place in the list, -1 for none."""
        if name is None:
            return -1
        found = self._index.get(name)
        if found is None:
            found = self._index[name] = len(self.all)
            self.all.append(name)
        return found


class Picture:
    """A run up to line `seq`.

    `replaced` remembers the times of statements that others took the place of, so that their
    replay is known for what it is: a statement is known by what it is about and by its time.
    `stale` are the sub-queries that lines were taken of since `of_queries.refresh_stale`.
    """

    def __init__(self) -> None:
        self.seq = 0
        self.run = RunHead()
        self.names = {kind: Names() for kind in NAMED}
        self.things = Things()
        self.fragments = Fragments()
        self.queries = Queries()
        self.attempts = Attempts()
        self.nodes = Nodes()
        self.checks = Checks()
        self.metrics = Metrics()
        self.points = Points()
        self.scores = Scores()
        self.artifacts = Artifacts()
        self.notes = Notes()
        self.aggregates = Aggregates()
        self.turnings = Turnings()
        self.replaced: dict[tuple[Slot, int, float], None] = {}
        self.found: dict[str, dict[Any, int]] = {}
        """Rows by their key, for each table that has one."""
        self.stale: set[int] = set()
        self._queries: dict[str, int] = {}
        self.thing("root")

    @property
    def tables(self) -> dict[str, Table]:
        """All tables by name, in the order in which they are sent."""
        return {name: table for name, table in vars(self).items() if isinstance(table, Table)}

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values, what follows from other columns included."""
        return {
            "seq": self.seq,
            "run": msgspec.to_builtins(self.run),
            "names": {kind: list(names.all) for kind, names in self.names.items()},
            **{name: table.as_dict() for name, table in self.tables.items()},
            "replaced": replaced(self),
        }

    def takes_place(self, slot: Slot, row: int, now_us: float | None, at_us: float) -> bool:
        """Whether a statement of this time takes the place of the one in force: not a replay."""
        if now_us is None or now_us != now_us or now_us == at_us:
            return True
        if (slot, row, at_us) in self.replaced:
            return False
        self.replaced[slot, row, now_us] = None
        return True

    def thing(self, thing_id: str) -> int:
        """The row of this id, heard of or not."""
        rows = self.rows_of("things")
        row = rows.get(thing_id)
        if row is None:
            row = rows[thing_id] = self.things.add()
            self.things.id[row] = thing_id
        return row

    def claim(self, thing_id: str, kind: int) -> int:
        """The thing of this id and kind. An id that another kind has taken is told apart by it."""
        thing = self.thing(thing_id)
        held = self.things.kind[thing]
        if held == kind:
            return thing
        if held:
            return self.claim(f"{thing_id} ({THING_KINDS[kind]})", kind)
        self.things.kind[thing] = kind
        return thing

    def query(self, query_id: str) -> int:
        """The row of this sub-query. An id that was claimed stays what it is."""
        row = self._queries.get(query_id, -1)
        if row < 0:
            row = self._queries[query_id] = self._claimed_query(query_id)
        return row

    def node(self, node_id: str, kind: int, seq: int) -> int:
        """The row of this child RLM, turn, cell or tool."""
        thing = self.claim(node_id, kind)
        nodes, row = self.nodes, self.things.row[thing]
        if row < 0:
            row = self.things.row[thing] = nodes.add()
            nodes.thing[row], nodes.kind[row], nodes.parent[row] = thing, kind, 0
            nodes.first_seq[row] = seq
        nodes.last_seq[row] = seq
        return row

    def fragment(self, fragment_id: str | None) -> int:
        """The row of this fragment, -1 for none."""
        if fragment_id is None:
            return -1
        row, is_new = self.keyed("fragments", self.fragments, fragment_id)
        if is_new:
            self.fragments.id[row] = fragment_id
        return row

    def _claimed_query(self, query_id: str) -> int:
        thing = self.claim(query_id, SUB_QUERY)
        row = self.things.row[thing]
        if row < 0:
            row = self.things.row[thing] = self.queries.add()
            self.queries.thing[row] = thing
            self.queries.parent[row] = 0
        return row

    def keyed(self, name: str, table: Table, key: Any) -> tuple[int, bool]:
        """The row with this key, and whether it is new."""
        rows = self.rows_of(name)
        row = rows.get(key)
        if row is not None:
            return row, False
        row = rows[key] = table.add()
        return row, True

    def rows_of(self, name: str) -> dict[Any, int]:
        rows = self.found.get(name)
        if rows is None:
            rows = self.found[name] = {}
        return rows


def replaced(picture: Picture) -> list[list[Any]]:
    """Slot, row and time of statements that others took the place of, as plain values."""
    return [[slot, row, plain_number(at_us)] for slot, row, at_us in picture.replaced]


def known(amount: int | None) -> float:
    """The amount as a column holds it: NaN for what is unknown, or too large to be true."""
    return float(amount) if amount is not None and -_KEPT < amount < _KEPT else float("nan")


def kept(amount: int | None) -> int | None:
    """The amount, unless it is too large to be true."""
    return amount if amount is not None and -_KEPT < amount < _KEPT else None
