"""Which event may follow which: the protocol of a trace, as tables.

A trace has many small machines in it: the run itself, each sub-query, attempt, reservation, child
RLM, turn, cell and tool. `TABLES` says for each kind of machine in which state an event may come
and which state it leads to. `problems` walks a trace through them and names what does not fit; it
never raises, and a trace with problems is still a trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from . import events as e
from .stamp import Foreign, Hole, Stamped, TraceLine

Key = tuple[Any, ...]


class Machine(NamedTuple):
    """One kind of thing that lives through states. `key` names which one an event is about."""

    kind: str
    key: Callable[[Any], Key]
    steps: dict[type[e.Event], dict[str, str]]
    open_states: frozenset[str]
    """States in which the end of the run should not find it."""


class Problem(NamedTuple):
    """What the protocol does not allow. `seq` 0: about the trace as a whole."""

    seq: int
    kind: str
    message: str


NEW, OPEN, ENDED = "new", "open", "ended"
BEGIN = {NEW: OPEN, OPEN: OPEN, ENDED: OPEN}  # a thing reported again begins again


def _query(event: Any) -> Key:
    return (event.query_id,)


def _attempt(event: Any) -> Key:
    return (event.query_id, event.replica, event.attempt)


TABLES = (
    Machine(
        "sub-query",
        _query,
        {
            e.SubQuerySubmit: {NEW: "submitted", "submitted": "submitted"},
            e.SubQueryExecute: {"submitted": "submitted"},
            e.SubQueryReturn: {"submitted": "submitted"},
            e.SubQueryTimeout: {"submitted": "submitted"},
            e.SubQueryCancel: {"submitted": "submitted"},
            e.VerifyRedundant: {"submitted": "submitted"},
            e.VerifyObjective: {"submitted": "submitted"},
            e.VerifyAttestation: {"submitted": "submitted"},
        },
        frozenset(),
    ),
    Machine(
        "attempt",
        _attempt,
        {
            e.SubQueryExecute: BEGIN,
            e.SubQueryReturn: {NEW: ENDED, OPEN: ENDED, ENDED: ENDED},
            e.SubQueryTimeout: {NEW: ENDED, OPEN: ENDED},
            e.SubQueryCancel: {NEW: ENDED, OPEN: ENDED},
        },
        frozenset({OPEN}),
    ),
    Machine(
        "reservation",
        _attempt,
        {e.BudgetReserve: {NEW: OPEN}, e.BudgetSettle: {OPEN: ENDED}},
        frozenset({OPEN}),
    ),
    Machine(
        "child RLM",
        lambda event: (event.node_id,),
        {e.RlmStart: BEGIN, e.RlmEnd: {OPEN: ENDED, ENDED: ENDED}},
        frozenset({OPEN}),
    ),
    Machine(
        "turn",
        lambda event: (event.node_id, event.n),
        {e.IterationStart: BEGIN, e.IterationEnd: {OPEN: ENDED, ENDED: ENDED}},
        frozenset({OPEN}),
    ),
    Machine(
        "cell",
        lambda event: (event.cell_id,),
        {e.CellStart: BEGIN, e.CellEnd: {OPEN: ENDED, ENDED: ENDED}},
        frozenset({OPEN}),
    ),
    Machine(
        "tool",
        lambda event: (event.tool_id,),
        {e.ToolStart: BEGIN, e.ToolEnd: {OPEN: ENDED, ENDED: ENDED}},
        frozenset({OPEN}),
    ),
)

RUN: dict[type[e.Event], dict[str, str]] = {
    e.RunInit: {NEW: OPEN, OPEN: OPEN},
    e.RunDone: {OPEN: ENDED},
    e.RunFailed: {NEW: ENDED, OPEN: ENDED},
    e.RunCancelled: {NEW: ENDED, OPEN: ENDED},
    e.RunResumed: {NEW: OPEN, OPEN: OPEN, ENDED: OPEN},
}
"""The run itself, which may be announced again. Fragments may load before it begins, scores and
notes may come after it ended."""

BEFORE = (e.EnvLoadFragment, e.EnvSelectFragments, e.Environment, e.Note)
AFTER = (e.Score, e.Note, e.Artifact, e.Metric, e.Environment)


def problems(trace: Iterable[TraceLine]) -> list[Problem]:
    """What in these lines the protocol does not allow, in order of seq, then what was left open."""
    check = _Check()
    for line in trace:
        check.take(line)
    return [*check.found, *check.left_open()]


class _Check:
    def __init__(self) -> None:
        self.found: list[Problem] = []
        self._run = NEW
        self._run_id: str | None = None
        self._states: dict[tuple[str, Key], str] = {}

    def take(self, line: TraceLine) -> None:
        if isinstance(line, Hole):
            if line.reason != "blank":
                self._say(line.seq, "hole", f"the line is {line.reason}")
            return
        if self._run_id is None:
            self._run_id = line.run_id
        elif line.run_id != self._run_id:
            self._say(line.seq, "run", f"the line is of another run, {line.run_id}")
        if isinstance(line, Foreign):
            return
        self._take_run(line)
        for machine in TABLES:
            if steps := machine.steps.get(type(line.event)):
                self._step(machine, steps, line)

    def left_open(self) -> list[Problem]:
        """Only an ended run has to have everything ended in it."""
        if self._run != ENDED:
            return []
        open_in = {machine.kind: machine.open_states for machine in TABLES}
        return [
            Problem(0, kind, f"{kind} {_name(key)} was still open when the run ended")
            for (kind, key), state in self._states.items()
            if state in open_in[kind]
        ]

    def _take_run(self, line: Stamped) -> None:
        name = type(line.event).__name__
        steps = RUN.get(type(line.event))
        if steps is not None:
            if self._run not in steps:
                self._say(line.seq, "run", f"{name} when the run was {self._run}")
            self._run = steps.get(self._run, next(iter(steps.values())))
        elif self._run == NEW and not isinstance(line.event, BEFORE):
            self._say(line.seq, "run", f"{name} before RunInit")
        elif self._run == ENDED and not isinstance(line.event, AFTER):
            self._say(line.seq, "run", f"{name} after the run had ended")

    def _step(self, machine: Machine, steps: dict[str, str], line: Stamped) -> None:
        key = machine.key(line.event)
        state = self._states.get((machine.kind, key), NEW)
        if state not in steps:
            name = type(line.event).__name__
            self._say(line.seq, machine.kind, f"{name} for {_name(key)} when it was {state}")
        self._states[machine.kind, key] = steps.get(state, next(iter(steps.values())))

    def _say(self, seq: int, kind: str, message: str) -> None:
        self.found.append(Problem(seq, kind, message))


def _name(key: Key) -> str:
    return "/".join(str(part) for part in key)
