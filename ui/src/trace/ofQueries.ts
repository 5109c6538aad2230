/** Events of sub-queries and their attempts, into a picture.
 *
 * The last statement stands, a return above a timeout above a cancel, and a sub-query is what its
 * attempts make of it.
 */

import { add } from './columns'
import type {
  BudgetReserve,
  BudgetSettle,
  SubQueryCancel,
  SubQueryExecute,
  SubQueryReturn,
  SubQuerySubmit,
  SubQueryTimeout,
} from './events.gen'
import { fragmentRow, known, type Picture, parentThing, queryRow, takesPlace } from './picture'
import {
  ASKED,
  CACHE_HIT,
  CANCELLED,
  ESTIMATED_USAGE,
  FAILED,
  HEDGE,
  INFERRED,
  NAMED_MODEL,
  NAMED_PROVIDER,
  PARENT_INFERRED,
  RETURNED,
  ROLES,
  RUNNING,
  SIMULATED,
  SUBMITTED,
  TIMEOUT,
  UNKNOWN_COST,
} from './picture.gen'
import { microseconds } from './times'

interface OfAttempt {
  query_id: string
  attempt?: number
  replica?: number
  inferred?: boolean | null
}

/** By state: a return or failure stands above a timeout above a cancel. */
const RANK = [0, 0, 3, 3, 2, 1]
/** By state: which attempt speaks for its sub-query. */
const WEIGHT = [0, 2, 3, 1, 1, 1]
const FURTHEST = 2 ** 43

export function submit(p: Picture, event: SubQuerySubmit, atUs: number): void {
  const queries = p.queries
  const row = queryRow(p, event.query_id)
  if (!takesPlace(p, 'submission', row, queries.submitted_us[row], atUs)) return
  queries.submitted_us[row] = atUs
  queries.parent[row] = parentThing(p, event.parent_id)
  queries.depth[row] = known(event.depth)
  queries.role[row] = event.role == null ? -1 : ROLES.indexOf(event.role)
  queries.fragment[row] = fragmentRow(p, event.fragment_id)
  queries.flags[row] =
    (event.inferred ? INFERRED : 0) | (event.parent_inferred ? PARENT_INFERRED : 0)
  queries.prompt[row] = event.prompt_preview ?? ''
  queries.prompt_ref[row] = event.prompt_ref ?? null
  refresh(p, row)
}

export function execute(p: Picture, event: SubQueryExecute, atUs: number, seq: number): void {
  const attempts = p.attempts
  const row = attemptRow(p, event, seq)
  if (row < 0) return
  const askedUs = attempts.flags[row] & ASKED ? attempts.started_us[row] : NaN
  if (!takesPlace(p, 'asking', row, askedUs, atUs)) return
  attempts.started_us[row] = atUs
  if (attempts.state[row] === SUBMITTED) attempts.state[row] = RUNNING
  ask(p, row, event)
  refresh(p, attempts.query[row])
}

export function returned(p: Picture, event: SubQueryReturn, atUs: number, seq: number): void {
  const attempts = p.attempts
  const row = attemptRow(p, event, seq)
  const state = event.success === false ? FAILED : RETURNED
  if (row < 0 || !conclude(p, row, state, atUs, seq, event.duration_ms)) return
  spend(p, row, event)
  const flags = attempts.flags[row]
  attempts.span_refs[row] = event.span_refs === undefined ? 0 : event.span_refs.length
  attempts.result[row] = event.result_preview ?? ''
  attempts.result_ref[row] = event.result_ref ?? null
  if (event.error != null) {
    attempts.reason[row] = p.names.reason.index(event.error.type)
    attempts.error[row] = event.error.message ?? ''
  }
  if (!(flags & NAMED_PROVIDER)) attempts.provider[row] = p.names.provider.index(event.provider_id)
  if (!(flags & NAMED_MODEL)) attempts.model[row] = p.names.model.index(event.model_id)
  if (event.cache_hit) attempts.flags[row] |= CACHE_HIT
  refresh(p, attempts.query[row])
}

export function timeout(p: Picture, event: SubQueryTimeout, atUs: number, seq: number): void {
  const row = attemptRow(p, event, seq)
  if (row >= 0 && conclude(p, row, TIMEOUT, atUs, seq, event.elapsed_ms)) {
    refresh(p, p.attempts.query[row])
  }
}

export function cancel(p: Picture, event: SubQueryCancel, atUs: number, seq: number): void {
  const row = attemptRow(p, event, seq)
  if (row >= 0 && conclude(p, row, CANCELLED, atUs, seq, null)) {
    p.attempts.reason[row] = p.names.reason.index(event.reason || null)
    refresh(p, p.attempts.query[row])
  }
}

export function reserve(p: Picture, event: BudgetReserve, atUs: number, seq: number): void {
  const attempts = p.attempts
  const row = attemptRow(p, event, seq)
  if (row < 0 || !takesPlace(p, 'reservation', row, attempts.reserved_us[row], atUs)) return
  attempts.reserved_us[row] = atUs
  attempts.reserved_msat[row] = known(event.amount_msat)
  attempts.reserved_usd_nanos[row] = known(event.amount_usd_nanos)
}

export function settle(p: Picture, event: BudgetSettle, atUs: number, seq: number): void {
  const attempts = p.attempts
  const row = attemptRow(p, event, seq)
  if (row < 0 || !takesPlace(p, 'settlement', row, attempts.settled_us[row], atUs)) return
  attempts.settled_us[row] = atUs
  attempts.settled_msat[row] = known(event.actual_msat)
  attempts.settled_usd_nanos[row] = known(event.actual_usd_nanos)
  attempts.overage_msat[row] = known(event.overage_msat)
  attempts.overage_usd_nanos[row] = known(event.overage_usd_nanos)
}

/** What follows from the statements about a sub-query: its state, and the marks of attempts. */
export function refresh(p: Picture, query: number): void {
  const { queries, attempts } = p
  const first = queries.first[query]
  if (first < 0) return
  p.changes.note(queries.thing[query])
  for (let row = first; row >= 0; row = attempts.next[row]) {
    mark(p, row, queries.submitted_us[query])
    if (attempts.attempt[row] > 0) markHedge(p, first, row)
  }
  const speaks = attempts.next[first] < 0 ? first : decisive(p, first)
  queries.decisive[query] = speaks
  queries.state[query] = attempts.state[speaks]
  queries.ended_us[query] = attempts.ended_us[speaks]
}

/** Hang the attempt on its sub-query, behind those it has. */
export function link(p: Picture, row: number): void {
  const { queries, attempts } = p
  const query = attempts.query[row]
  if (queries.first[query] < 0) queries.first[query] = row
  else attempts.next[queries.last[query]] = row
  queries.last[query] = row
}

/** The row of the attempt that the event is about; -1 where its number is damage. */
function attemptRow(p: Picture, event: OfAttempt, seq: number): number {
  const number = event.attempt ?? 0
  const replica = event.replica ?? 0
  if (!(Math.abs(number) < FURTHEST && Math.abs(replica) < FURTHEST)) return -1
  const attempts = p.attempts
  const query = queryRow(p, event.query_id)
  let row = p.queries.first[query]
  while (row >= 0 && (attempts.attempt[row] !== number || attempts.replica[row] !== replica)) {
    row = attempts.next[row]
  }
  if (row < 0) row = addAttempt(p, query, number, replica, seq)
  p.attempts.last_seq[row] = seq
  if (event.inferred) p.attempts.flags[row] |= INFERRED
  return row
}

function addAttempt(p: Picture, query: number, number: number, replica: number, seq: number) {
  const attempts = p.attempts
  const row = add(attempts)
  attempts.query[row] = query
  attempts.first_seq[row] = seq
  attempts.attempt[row] = number
  attempts.replica[row] = replica
  link(p, row)
  refresh(p, query)
  return row
}

function ask(p: Picture, row: number, event: SubQueryExecute): void {
  const attempts = p.attempts
  let flags = ASKED
  if (event.provider_id != null) {
    attempts.provider[row] = p.names.provider.index(event.provider_id)
    flags |= NAMED_PROVIDER
  }
  if (event.model_id != null) {
    attempts.model[row] = p.names.model.index(event.model_id)
    flags |= NAMED_MODEL
  }
  attempts.venue[row] = p.names.venue.index(event.venue)
  if (event.simulated) {
    flags |= SIMULATED
    p.run.simulated = true
  }
  attempts.flags[row] &= ~(NAMED_PROVIDER | NAMED_MODEL | SIMULATED)
  attempts.flags[row] |= flags
  attempts.took_us[row] = NaN
}

/** Whether this outcome stands. If so the one before is wiped out. */
function conclude(
  p: Picture,
  row: number,
  state: number,
  atUs: number,
  seq: number,
  tookMs: number | null | undefined,
): boolean {
  const attempts = p.attempts
  const held = RANK[attempts.state[row]]
  const rank = RANK[state]
  const endedUs = attempts.ended_us[row]
  if (held > rank || (held === rank && !takesPlace(p, 'outcome', row, endedUs, atUs))) return false
  if (held !== rank || endedUs !== atUs) attempts.outcome_seq[row] = seq
  attempts.state[row] = state
  attempts.ended_us[row] = atUs
  const asked = attempts.flags[row] & ASKED
  attempts.took_us[row] = asked || tookMs == null ? NaN : microseconds(tookMs)
  wipe(p, row)
  return true
}

function wipe(p: Picture, row: number): void {
  const attempts = p.attempts
  attempts.cost_msat[row] = NaN
  attempts.cost_usd_nanos[row] = NaN
  attempts.input_tokens[row] = NaN
  attempts.output_tokens[row] = NaN
  attempts.cached_tokens[row] = NaN
  attempts.reasoning_tokens[row] = NaN
  attempts.span_refs[row] = NaN
  attempts.reason[row] = -1
  attempts.result[row] = null
  attempts.result_ref[row] = null
  attempts.error[row] = null
  attempts.flags[row] &= ~(CACHE_HIT | ESTIMATED_USAGE)
}

function spend(p: Picture, row: number, event: SubQueryReturn): void {
  const attempts = p.attempts
  const usage = event.usage
  attempts.cost_msat[row] = known(event.cost_msat)
  attempts.cost_usd_nanos[row] = known(event.cost_usd_nanos)
  if (usage != null) {
    attempts.input_tokens[row] = known(usage.input)
    attempts.output_tokens[row] = known(usage.output)
    attempts.cached_tokens[row] = known(usage.cached)
    attempts.reasoning_tokens[row] = known(usage.reasoning)
  }
  const quality = event.usage_quality
  if (quality === 'estimated' || quality === 'shared') attempts.flags[row] |= ESTIMATED_USAGE
}

/** When the attempt began, where nobody said so; and whether its cost is not known. */
function mark(p: Picture, row: number, submittedUs: number): void {
  const attempts = p.attempts
  const state = attempts.state[row]
  const flags = attempts.flags[row]
  if (!(flags & ASKED)) {
    const toldUs = attempts.ended_us[row] - attempts.took_us[row]
    const known = !Number.isNaN(submittedUs)
    attempts.started_us[row] = toldUs < submittedUs || !known ? toldUs : submittedUs
  }
  const executed = flags & ASKED || state === RETURNED || state === FAILED
  const free = Number.isNaN(attempts.cost_msat[row]) && Number.isNaN(attempts.cost_usd_nanos[row])
  const unknown = executed && state >= RETURNED && free
  attempts.flags[row] = unknown ? flags | UNKNOWN_COST : flags & ~UNKNOWN_COST
}

/** A hedge began while an earlier attempt of the same replica was under way. */
function markHedge(p: Picture, first: number, row: number): void {
  const attempts = p.attempts
  const beganUs = attempts.started_us[row]
  let isHedge = false
  for (let other = first; other >= 0; other = attempts.next[other]) {
    isHedge ||=
      attempts.replica[other] === attempts.replica[row] &&
      attempts.attempt[other] < attempts.attempt[row] &&
      (attempts.flags[other] & ASKED) !== 0 &&
      !(attempts.ended_us[other] <= beganUs)
  }
  if (isHedge && attempts.flags[row] & ASKED) attempts.flags[row] |= HEDGE
  else attempts.flags[row] &= ~HEDGE
}

/** The first to return; else the last that is under way; else the last to end or be heard of. */
function decisive(p: Picture, first: number): number {
  let best = first
  for (let row = first; row >= 0; row = p.attempts.next[row]) {
    if (decides(p, row, best)) best = row
  }
  return best
}

/** Whether the attempt outweighs the best so far. */
function decides(p: Picture, row: number, best: number): boolean {
  const { state, ended_us: endedUs, outcome_seq: outcomeSeq } = p.attempts
  const weight = WEIGHT[state[row]]
  if (weight !== WEIGHT[state[best]]) return weight > WEIGHT[state[best]]
  if (state[row] === SUBMITTED || state[row] === RUNNING) return true
  const isTie = endedUs[row] === endedUs[best]
  const later = isTie ? outcomeSeq[row] > outcomeSeq[best] : endedUs[row] > endedUs[best]
  return later !== (state[row] === RETURNED)
}
