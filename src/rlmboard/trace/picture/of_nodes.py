"""Events of child RLMs, turns, code cells, tools and checks, into a picture."""

from __future__ import annotations

from typing import Any

from .. import events as e
from .picture import Picture, kept, known
from .tables import CELL, CHECKS, ERROR, FAILED, INFERRED, RETURNED, RLM, RUNNING, TOOL, TURN


def rlm_start(p: Picture, event: e.RlmStart, at_us: float, seq: int) -> None:
    nodes, row = p.nodes, p.node(event.node_id, RLM, seq)
    if _begin(p, row, event, at_us):
        nodes.parent[row] = 0 if event.parent_id is None else p.thing(event.parent_id)
        nodes.depth[row] = known(event.depth)
        nodes.label[row] = event.model if event.name is None else event.name
        nodes.input[row], nodes.input_ref[row] = event.query, event.query_ref


def rlm_end(p: Picture, event: e.RlmEnd, at_us: float, seq: int) -> None:
    nodes, row = p.nodes, p.node(event.node_id, RLM, seq)
    if _stop(p, row, event, at_us, event.error, event.end_reason):
        nodes.output[row], nodes.output_ref[row] = event.answer, event.answer_ref


def iteration_start(p: Picture, event: e.IterationStart, at_us: float, seq: int) -> None:
    row = _turn(p, event, seq)
    if row >= 0:
        _begin(p, row, event, at_us)


def iteration_end(p: Picture, event: e.IterationEnd, at_us: float, seq: int) -> None:
    row = _turn(p, event, seq)
    if row >= 0:
        _stop(p, row, event, at_us, None, None)


def cell_start(p: Picture, event: e.CellStart, at_us: float, seq: int) -> None:
    nodes, row = p.nodes, p.node(event.cell_id, CELL, seq)
    if _begin(p, row, event, at_us):
        nodes.parent[row] = p.thing(event.node_id)
        nodes.input[row], nodes.input_ref[row] = event.code_preview, event.code_ref


def cell_end(p: Picture, event: e.CellEnd, at_us: float, seq: int) -> None:
    nodes, row = p.nodes, p.node(event.cell_id, CELL, seq)
    if _stop(p, row, event, at_us, event.error, None):
        nodes.output[row], nodes.output_ref[row] = event.stdout_preview, event.stdout_ref
        nodes.stderr[row], nodes.stderr_ref[row] = event.stderr_preview or None, event.stderr_ref


def tool_start(p: Picture, event: e.ToolStart, at_us: float, seq: int) -> None:
    nodes, row = p.nodes, p.node(event.tool_id, TOOL, seq)
    if _begin(p, row, event, at_us):
        nodes.parent[row] = 0 if event.parent_id is None else p.thing(event.parent_id)
        nodes.label[row] = event.name
        nodes.input[row], nodes.input_ref[row] = event.args_preview, event.args_ref


def tool_end(p: Picture, event: e.ToolEnd, at_us: float, seq: int) -> None:
    nodes, row = p.nodes, p.node(event.tool_id, TOOL, seq)
    if _stop(p, row, event, at_us, event.error, None):
        nodes.output[row], nodes.output_ref[row] = event.result_preview, event.result_ref


def redundant(p: Picture, event: e.VerifyRedundant, at_us: float, seq: int) -> None:
    row = _check(p, 0, event, at_us, seq)
    if row >= 0:
        agreed, of = event.n_of_m
        p.checks.part[row], p.checks.whole[row] = known(agreed), known(of)


def objective(p: Picture, event: e.VerifyObjective, at_us: float, seq: int) -> None:
    row = _check(p, 1, event, at_us, seq)
    if row >= 0:
        p.checks.subject[row] = event.check_type


def attestation(p: Picture, event: e.VerifyAttestation, at_us: float, seq: int) -> None:
    row = _check(p, 2, event, at_us, seq)
    if row >= 0:
        p.checks.subject[row] = event.pubkey


def citations(p: Picture, event: e.VerifyCitations, at_us: float, seq: int) -> None:
    row = _check(p, 3, event, at_us, seq)
    if row >= 0:
        p.checks.part[row], p.checks.whole[row] = known(event.missing), known(event.checked)


def aggregate(p: Picture, event: e.Aggregate, at_us: float, seq: int) -> None:
    thing = -1 if event.query_id is None else p.thing(event.query_id)
    row, is_new = p.keyed("aggregates", p.aggregates, (at_us, thing))
    if is_new:
        made = p.aggregates
        made.at_us[row], made.seq[row] = at_us, seq
        made.inputs[row], made.thing[row] = known(event.input_count), thing
        made.output[row], made.output_ref[row] = event.output_preview, event.output_ref


def judge(p: Picture, check: int) -> None:
    """Mark what was checked with its newest verdict."""
    checks, thing = p.checks, p.checks.thing[check]
    if thing >= 0:
        bit = 1 << checks.kind[check]
        passed, failed = (bit, 0) if checks.passed[check] else (0, bit << len(CHECKS))
        held = p.things.verdicts[thing] & ~(bit | bit << len(CHECKS))
        p.things.verdicts[thing] = held | passed | failed


def _begin(p: Picture, row: int, event: e.Event, at_us: float) -> bool:
    nodes = p.nodes
    if not p.takes_place("start", row, nodes.started_us[row], at_us):
        return False
    nodes.started_us[row] = at_us
    if event.inferred:
        nodes.flags[row] |= INFERRED
    _mark(p, row)
    return True


def _stop(
    p: Picture,
    row: int,
    event: e.Event,
    at_us: float,
    error: e.Failure | None,
    reason: str | None,
) -> bool:
    nodes = p.nodes
    if not p.takes_place("stop", row, nodes.ended_us[row], at_us):
        return False
    nodes.ended_us[row] = at_us
    if event.inferred:
        nodes.flags[row] |= INFERRED
    nodes.reason[row] = p.names["reason"].index(error.type if error else reason)
    nodes.flags[row] = nodes.flags[row] & ~ERROR | (ERROR if error else 0)
    nodes.error[row] = error.message if error else None
    _mark(p, row)
    return True


def _mark(p: Picture, row: int) -> None:
    """The state that follows from start and end, in whichever order they were told."""
    nodes = p.nodes
    ended_us = nodes.ended_us[row]
    if ended_us != ended_us or ended_us < nodes.started_us[row]:
        nodes.state[row] = RUNNING
    else:
        nodes.state[row] = FAILED if nodes.flags[row] & ERROR else RETURNED


def _turn(p: Picture, event: e.IterationStart | e.IterationEnd, seq: int) -> int:
    if kept(event.n) is None:
        return -1
    nodes, row = p.nodes, p.node(f"{event.node_id} turn {event.n}", TURN, seq)
    nodes.parent[row] = p.thing(event.node_id)
    nodes.n[row] = event.n
    if event.max_n is not None:
        nodes.max_n[row] = known(event.max_n)
    return row


def _check(p: Picture, kind: int, event: Any, at_us: float, seq: int) -> int:
    """The row of a verdict that is new, else -1."""
    thing = -1 if event.query_id is None else p.thing(event.query_id)
    checks = p.checks
    row, is_new = p.keyed("checks", checks, (kind, thing, at_us))
    if not is_new:
        return -1
    checks.at_us[row], checks.seq[row], checks.kind[row] = at_us, seq, kind
    checks.thing[row], checks.passed[row] = thing, event.passed
    judge(p, row)
    return row
