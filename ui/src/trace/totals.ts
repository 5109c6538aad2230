/** What a picture adds up to: the counts and sums of a run's row, by the same rules. */

import type { RunSummary } from './events.gen'
import { isKnown, type Picture } from './picture'
import {
  ASKED,
  CANCELLED,
  ESTIMATED_USAGE,
  FAILED,
  HEDGE,
  INFERRED,
  PARENT_INFERRED,
  RETURNED,
  ROLES,
  RUNNING,
  TIMEOUT,
  UNKNOWN_COST,
} from './picture.gen'

type Counts = Pick<
  RunSummary,
  'sub_queries' | 'returned' | 'failed' | 'timed_out' | 'cancelled' | 'running'
>
type Tries = Pick<
  RunSummary,
  'attempts' | 'retries' | 'hedges' | 'unknown_cost' | 'unknown_usage' | 'estimated_usage'
>
/** Null while no part is known; the counts of unknown parts say what a sum lacks. */
type Sums = Pick<
  RunSummary,
  | 'cost_msat'
  | 'cost_usd_nanos'
  | 'apart_msat'
  | 'apart_usd_nanos'
  | 'input_tokens'
  | 'output_tokens'
  | 'cached_tokens'
  | 'reasoning_tokens'
>
type Budget = Pick<
  RunSummary,
  | 'reserved_msat'
  | 'settled_msat'
  | 'overage_msat'
  | 'reserved_usd_nanos'
  | 'settled_usd_nanos'
  | 'overage_usd_nanos'
>
export type Totals = Counts & Tries & Sums & Budget

const ROOT_ROLE = ROLES.indexOf('root')

export function totals(picture: Picture): Totals {
  const tries = countAttempts(picture)
  return {
    ...countQueries(picture),
    ...tries,
    ...sums(picture, tries.attempts === 0),
    ...budget(picture),
  }
}

/** Whether the sub-query counts: calls of the root stand outside quorum and fan-out. */
export function counts(picture: Picture, query: number): boolean {
  const { role, thing } = picture.queries
  return role[query] !== ROOT_ROLE && isKnown(picture, thing[query])
}

/** Whether a provider was asked. One that returned was, also where nobody said so. */
export function wasExecuted(picture: Picture, attempt: number): boolean {
  const state = picture.attempts.state[attempt]
  return (picture.attempts.flags[attempt] & ASKED) !== 0 || state === RETURNED || state === FAILED
}

function countQueries(picture: Picture): Counts {
  const states = new Array<number>(6).fill(0)
  let all = 0
  for (let row = 0; row < picture.queries.rows; row++) {
    if (!counts(picture, row)) continue
    all++
    states[picture.queries.state[row]]++
  }
  return {
    sub_queries: all,
    returned: states[RETURNED],
    failed: states[FAILED],
    timed_out: states[TIMEOUT],
    cancelled: states[CANCELLED],
    running: states[RUNNING],
  }
}

function countAttempts(picture: Picture): Tries {
  const { flags, attempt, state } = picture.attempts
  let [attempts, retries, hedges, unknownCost, unknownUsage, estimated] = [0, 0, 0, 0, 0, 0]
  for (let row = 0; row < picture.attempts.rows; row++) {
    if (!wasExecuted(picture, row)) continue
    attempts++
    if (flags[row] & HEDGE) hedges++
    else if (attempt[row] > 0) retries++
    if (state[row] < RETURNED) continue
    if (flags[row] & UNKNOWN_COST) unknownCost++
    const usage = usageOf(picture, row)
    if (usage === 'unknown') unknownUsage++
    else if (usage === 'estimated') estimated++
  }
  return {
    attempts,
    retries,
    hedges,
    unknown_cost: unknownCost,
    unknown_usage: unknownUsage,
    estimated_usage: estimated,
  }
}

/** What is known of the tokens of an executed attempt; null while they may still be told. */
export function usageOf(picture: Picture, row: number): 'exact' | 'estimated' | 'unknown' | null {
  const { flags, state, input_tokens: input, output_tokens: output } = picture.attempts
  if (state[row] < RETURNED) return null
  if (Number.isNaN(input[row]) && Number.isNaN(output[row])) return 'unknown'
  return flags[row] & ESTIMATED_USAGE ? 'estimated' : 'exact'
}

/** From the attempts; for a producer that knows of none, from its own totals. */
function sums({ attempts, run }: Picture, isTold: boolean): Sums {
  const sum = (column: Float64Array, told: number | null) =>
    sumKnown(column, attempts.rows) ?? (isTold ? told : null)
  const cost_msat = sum(attempts.cost_msat, run.told_cost_msat)
  const cost_usd_nanos = sum(attempts.cost_usd_nanos, run.told_cost_usd_nanos)
  return {
    cost_msat,
    cost_usd_nanos,
    ...apart(attempts, cost_msat, cost_usd_nanos),
    input_tokens: sum(attempts.input_tokens, run.told_input_tokens),
    output_tokens: sum(attempts.output_tokens, run.told_output_tokens),
    cached_tokens: sum(attempts.cached_tokens, run.told_cached_tokens),
    reasoning_tokens: sum(attempts.reasoning_tokens, run.told_reasoning_tokens),
  }
}

/** What of the costs was recorded in one currency alone: sums of the two leave each other out. */
function apart({ cost_msat, cost_usd_nanos, rows }: Picture['attempts'], msat: Told, nanos: Told) {
  const without = (other: Float64Array) => (row: number) => Number.isNaN(other[row])
  return {
    apart_msat:
      nanos === null ? (msat ?? 0) : (sumKnown(cost_msat, rows, without(cost_usd_nanos)) ?? 0),
    apart_usd_nanos:
      msat === null ? (nanos ?? 0) : (sumKnown(cost_usd_nanos, rows, without(cost_msat)) ?? 0),
  }
}

type Told = number | null

/** Attempts, child RLMs, turns, cells and tools whose times somebody guessed. */
export function inferred({ attempts, nodes }: Picture): number {
  let count = 0
  for (let row = 0; row < attempts.rows; row++) if (attempts.flags[row] & INFERRED) count++
  for (let row = 0; row < nodes.rows; row++) if (nodes.flags[row] & INFERRED) count++
  return count
}

/** Sub-queries of which nobody stated what they hang on. */
export function parentsInferred(picture: Picture): number {
  const { queries } = picture
  let count = 0
  for (let row = 0; row < queries.rows; row++)
    if (queries.flags[row] & PARENT_INFERRED && isKnown(picture, queries.thing[row])) count++
  return count
}

function budget({ attempts }: Picture): Budget {
  const { rows } = attempts
  const hasMsat = sumKnown(attempts.reserved_msat, rows) !== null
  const hasUsd = sumKnown(attempts.reserved_usd_nanos, rows) !== null
  const open = (row: number) => Number.isNaN(attempts.settled_us[row])
  const total = (column: Float64Array, has: boolean, where?: (row: number) => boolean) =>
    has ? (sumKnown(column, rows, where) ?? 0) : null
  return {
    reserved_msat: total(attempts.reserved_msat, hasMsat, open),
    settled_msat: total(attempts.settled_msat, hasMsat),
    overage_msat: total(attempts.overage_msat, hasMsat),
    reserved_usd_nanos: total(attempts.reserved_usd_nanos, hasUsd, open),
    settled_usd_nanos: total(attempts.settled_usd_nanos, hasUsd),
    overage_usd_nanos: total(attempts.overage_usd_nanos, hasUsd),
  }
}

function sumKnown(
  column: Float64Array,
  rows: number,
  where?: (row: number) => boolean,
): number | null {
  let sum: number | null = null
  for (let row = 0; row < rows; row++) {
    const value = column[row]
    if (!Number.isNaN(value) && (where === undefined || where(row))) sum = (sum ?? 0) + value
  }
  return sum
}
