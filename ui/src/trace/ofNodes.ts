/** Events of child RLMs, turns, code cells, tools and checks, into a picture. */

import type {
  Aggregate,
  CellEnd,
  CellStart,
  Failure,
  IterationEnd,
  IterationStart,
  RlmEnd,
  RlmStart,
  ToolEnd,
  ToolStart,
  VerifyAttestation,
  VerifyCitations,
  VerifyObjective,
  VerifyRedundant,
} from './events.gen'
import {
  kept,
  keyed,
  keyOf,
  known,
  nodeRow,
  type Picture,
  parentThing,
  takesPlace,
  thing,
} from './picture'
import {
  CELL,
  CHECKS,
  ERROR,
  FAILED,
  INFERRED,
  RETURNED,
  RLM,
  RUNNING,
  TOOL,
  TURN,
} from './picture.gen'

interface Inferrable {
  inferred?: boolean | null
}

export function rlmStart(p: Picture, event: RlmStart, atUs: number, seq: number): void {
  const nodes = p.nodes
  const row = nodeRow(p, event.node_id, RLM, seq)
  if (!begin(p, row, event, atUs)) return
  p.nodes.parent[row] = parentThing(p, event.parent_id)
  nodes.depth[row] = known(event.depth)
  nodes.label[row] = event.name ?? event.model ?? null
  nodes.input[row] = event.query ?? null
  nodes.input_ref[row] = event.query_ref ?? null
}

export function rlmEnd(p: Picture, event: RlmEnd, atUs: number, seq: number): void {
  const row = nodeRow(p, event.node_id, RLM, seq)
  if (!stop(p, row, event, atUs, event.error, event.end_reason)) return
  p.nodes.output[row] = event.answer ?? null
  p.nodes.output_ref[row] = event.answer_ref ?? null
}

export function iterationStart(p: Picture, event: IterationStart, atUs: number, seq: number): void {
  const row = turnRow(p, event, seq)
  if (row >= 0) begin(p, row, event, atUs)
}

export function iterationEnd(p: Picture, event: IterationEnd, atUs: number, seq: number): void {
  const row = turnRow(p, event, seq)
  if (row >= 0) stop(p, row, event, atUs, null, null)
}

export function cellStart(p: Picture, event: CellStart, atUs: number, seq: number): void {
  const row = nodeRow(p, event.cell_id, CELL, seq)
  if (!begin(p, row, event, atUs)) return
  p.nodes.parent[row] = thing(p, event.node_id ?? 'root')
  p.nodes.input[row] = event.code_preview ?? ''
  p.nodes.input_ref[row] = event.code_ref ?? null
}

export function cellEnd(p: Picture, event: CellEnd, atUs: number, seq: number): void {
  const row = nodeRow(p, event.cell_id, CELL, seq)
  if (!stop(p, row, event, atUs, event.error, null)) return
  p.nodes.output[row] = event.stdout_preview ?? ''
  p.nodes.output_ref[row] = event.stdout_ref ?? null
  p.nodes.stderr[row] = event.stderr_preview || null
  p.nodes.stderr_ref[row] = event.stderr_ref ?? null
}

export function toolStart(p: Picture, event: ToolStart, atUs: number, seq: number): void {
  const row = nodeRow(p, event.tool_id, TOOL, seq)
  if (!begin(p, row, event, atUs)) return
  p.nodes.parent[row] = parentThing(p, event.parent_id)
  p.nodes.label[row] = event.name
  p.nodes.input[row] = event.args_preview ?? ''
  p.nodes.input_ref[row] = event.args_ref ?? null
}

export function toolEnd(p: Picture, event: ToolEnd, atUs: number, seq: number): void {
  const row = nodeRow(p, event.tool_id, TOOL, seq)
  if (!stop(p, row, event, atUs, event.error, null)) return
  p.nodes.output[row] = event.result_preview ?? ''
  p.nodes.output_ref[row] = event.result_ref ?? null
}

export function redundant(p: Picture, event: VerifyRedundant, atUs: number, seq: number): void {
  const row = check(p, 0, event, atUs, seq)
  if (row < 0) return
  p.checks.part[row] = known(event.n_of_m[0])
  p.checks.whole[row] = known(event.n_of_m[1])
}

export function objective(p: Picture, event: VerifyObjective, atUs: number, seq: number): void {
  const row = check(p, 1, event, atUs, seq)
  if (row >= 0) p.checks.subject[row] = event.check_type
}

export function attestation(p: Picture, event: VerifyAttestation, atUs: number, seq: number): void {
  const row = check(p, 2, event, atUs, seq)
  if (row >= 0) p.checks.subject[row] = event.pubkey
}

export function citations(p: Picture, event: VerifyCitations, atUs: number, seq: number): void {
  const row = check(p, 3, event, atUs, seq)
  if (row < 0) return
  p.checks.part[row] = known(event.missing)
  p.checks.whole[row] = known(event.checked)
}

export function aggregate(p: Picture, event: Aggregate, atUs: number, seq: number): void {
  const made = p.aggregates
  const by = event.query_id == null ? -1 : thing(p, event.query_id)
  const [row, isNew] = keyed(p, 'aggregates', keyOf(atUs, by))
  if (!isNew) return
  made.at_us[row] = atUs
  made.seq[row] = seq
  made.inputs[row] = known(event.input_count)
  made.thing[row] = by
  made.output[row] = event.output_preview ?? ''
  made.output_ref[row] = event.output_ref ?? null
}

/** Mark what was checked with its newest verdict. */
export function judge(p: Picture, row: number): void {
  const of = p.checks.thing[row]
  if (of < 0) return
  const bit = 1 << p.checks.kind[row]
  const failedBit = bit << CHECKS.length
  const held = p.things.verdicts[of] & ~(bit | failedBit)
  p.things.verdicts[of] = held | (p.checks.passed[row] ? bit : failedBit)
}

function begin(p: Picture, row: number, event: Inferrable, atUs: number): boolean {
  const nodes = p.nodes
  if (!takesPlace(p, 'start', row, nodes.started_us[row], atUs)) return false
  nodes.started_us[row] = atUs
  if (event.inferred) nodes.flags[row] |= INFERRED
  mark(p, row)
  return true
}

function stop(
  p: Picture,
  row: number,
  event: Inferrable,
  atUs: number,
  error: Failure | null | undefined,
  reason: string | null | undefined,
): boolean {
  const nodes = p.nodes
  if (!takesPlace(p, 'stop', row, nodes.ended_us[row], atUs)) return false
  nodes.ended_us[row] = atUs
  if (event.inferred) nodes.flags[row] |= INFERRED
  nodes.reason[row] = p.names.reason.index(error ? error.type : reason)
  nodes.flags[row] = (nodes.flags[row] & ~ERROR) | (error ? ERROR : 0)
  nodes.error[row] = error ? (error.message ?? '') : null
  mark(p, row)
  return true
}

/** The state that follows from start and end, in whichever order they were told. */
function mark(p: Picture, row: number): void {
  p.changes.note(p.nodes.thing[row])
  const { flags, state, started_us: startedUs, ended_us: endedUs } = p.nodes
  if (Number.isNaN(endedUs[row]) || endedUs[row] < startedUs[row]) state[row] = RUNNING
  else state[row] = flags[row] & ERROR ? FAILED : RETURNED
}

function turnRow(p: Picture, event: IterationStart | IterationEnd, seq: number): number {
  if (kept(event.n) === null) return -1
  const of = event.node_id ?? 'root'
  const row = nodeRow(p, `${of} turn ${event.n}`, TURN, seq)
  p.nodes.parent[row] = thing(p, of)
  p.nodes.n[row] = event.n
  if (event.max_n != null) p.nodes.max_n[row] = known(event.max_n)
  return row
}

interface Verdict {
  query_id?: string | null
  passed: boolean
}

/** The row of a verdict that is new, else -1. */
function check(p: Picture, kind: number, event: Verdict, atUs: number, seq: number): number {
  const checks = p.checks
  const of = event.query_id == null ? -1 : thing(p, event.query_id)
  const [row, isNew] = keyed(p, 'checks', keyOf(kind, of, atUs))
  if (!isNew) return -1
  checks.at_us[row] = atUs
  checks.seq[row] = seq
  checks.kind[row] = kind
  checks.thing[row] = of
  checks.passed[row] = event.passed ? 1 : 0
  judge(p, row)
  return row
}
