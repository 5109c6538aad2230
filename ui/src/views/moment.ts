import { Changes } from '../trace/changes'
import type { AnyTable } from '../trace/columns'
import { refresh } from '../trace/ofQueries'
import { emptyHead, type Picture } from '../trace/picture'
import {
  ASKED,
  CACHE_HIT,
  ERROR,
  ESTIMATED_USAGE,
  INFERRED,
  ROOT,
  RUNNING,
  SIMULATED,
  SUBMITTED,
  UNHEARD,
} from '../trace/picture.gen'
import { heardBy, namesParent } from './heard'

const AMOUNTS_AT_THE_END = [
  'ended_us',
  'cost_msat',
  'cost_usd_nanos',
  'input_tokens',
  'output_tokens',
  'cached_tokens',
  'reasoning_tokens',
  'span_refs',
] as const
const TEXTS_AT_THE_END = ['result', 'result_ref', 'error'] as const
const KNOWN_WHEN_SETTLED = [
  'settled_us',
  'settled_msat',
  'settled_usd_nanos',
  'overage_msat',
  'overage_usd_nanos',
] as const
const KNOWN_WHEN_RESERVED = ['reserved_us', 'reserved_msat', 'reserved_usd_nanos'] as const
const NAMED_WHEN_ASKED = ['provider', 'model', 'venue'] as const
const ATTEMPT_COLUMNS = [
  ...AMOUNTS_AT_THE_END,
  ...TEXTS_AT_THE_END,
  ...KNOWN_WHEN_SETTLED,
  ...KNOWN_WHEN_RESERVED,
  ...NAMED_WHEN_ASKED,
  'started_us',
  'state',
  'flags',
  'reason',
] as const
const TOLD_WHEN_SUBMITTED = [
  'submitted_us',
  'parent',
  'depth',
  'role',
  'fragment',
  'flags',
] as const
const QUERY_COLUMNS = [...TOLD_WHEN_SUBMITTED, 'state', 'ended_us', 'decisive'] as const

const TOLD_AT_THE_END = ['output', 'output_ref', 'stderr', 'stderr_ref', 'error'] as const
const NODE_COLUMNS = [
  'started_us',
  'ended_us',
  'state',
  'flags',
  'reason',
  'parent',
  ...TOLD_AT_THE_END,
] as const

/**
 * The run as it stood at a moment, out of the run as it is known now. Things keep their rows: what
 * had not yet been asked is submitted, and `known` says that nobody had heard of it; what had not yet
 * ended is in flight.
 */
export function momentOf(picture: Picture, at_us: number): Picture {
  const { told, known } = heardBy(picture, at_us)
  const moment: Picture = {
    ...picture,
    changes: new Changes(),
    things: thingsAt(picture, told),
    attempts: attemptsAt(picture, at_us),
    queries: queriesAt(picture, known, at_us),
    nodes: nodesAt(picture, at_us),
    ...toldBy(picture, at_us),
    metrics: metricsAt(picture, at_us),
    run: headAt(picture.run, at_us),
    known,
  }
  for (const row of unsettled(picture, known, at_us)) refresh(moment, row)
  return moment
}

/** Sub-queries of which not all was told by then; of the others all stands as it is. */
function unsettled({ queries, attempts }: Picture, known: Uint8Array, at_us: number): Set<number> {
  const open = new Set<number>()
  for (let row = 0; row < attempts.rows; row += 1) {
    const query = attempts.query[row]
    if (!(attempts.ended_us[row] <= at_us) && known[queries.thing[query]]) open.add(query)
  }
  return open
}

/** The same table with columns of its own. */
function copied<T extends object, C extends keyof T>(table: T, columns: readonly C[]): T {
  const copy = { ...table }
  for (const column of columns)
    copy[column] = (table[column] as unknown as unknown[]).slice() as unknown as T[C]
  return copy
}

/** What was only named is of no kind yet. */
function thingsAt({ things: was }: Picture, told: Uint8Array): Picture['things'] {
  const things = copied(was, ['kind'])
  for (let row = 0; row < things.rows; row += 1) if (!told[row]) things.kind[row] = UNHEARD
  return things
}

function queriesAt(picture: Picture, known: Uint8Array, at_us: number): Picture['queries'] {
  const { queries: was } = picture
  const queries = copied(was, QUERY_COLUMNS)
  for (let row = 0; row < queries.rows; row += 1) {
    if (!known[was.thing[row]]) {
      queries.state[row] = SUBMITTED
      queries.ended_us[row] = Number.NaN
    }
    if (was.submitted_us[row] <= at_us) continue
    queries.submitted_us[row] = Number.NaN
    queries.parent[row] = ROOT
    queries.depth[row] = Number.NaN
    queries.role[row] = -1
    queries.fragment[row] = -1
    queries.flags[row] = 0
  }
  return queries
}

function attemptsAt({ attempts: was }: Picture, at_us: number): Picture['attempts'] {
  const attempts = copied(was, ATTEMPT_COLUMNS)
  for (let row = 0; row < attempts.rows; row += 1) {
    if (!(was.reserved_us[row] <= at_us))
      for (const column of KNOWN_WHEN_RESERVED) attempts[column][row] = Number.NaN
    if (!(was.settled_us[row] <= at_us))
      for (const column of KNOWN_WHEN_SETTLED) attempts[column][row] = Number.NaN
    if (was.ended_us[row] <= at_us) continue
    for (const column of AMOUNTS_AT_THE_END) attempts[column][row] = Number.NaN
    for (const column of TEXTS_AT_THE_END) attempts[column][row] = null
    attempts.reason[row] = -1
    attempts.flags[row] &= ~(CACHE_HIT | ESTIMATED_USAGE)
    const isAsked = was.started_us[row] <= at_us
    attempts.state[row] = isAsked ? RUNNING : SUBMITTED
    if (isAsked) continue
    for (const column of NAMED_WHEN_ASKED) attempts[column][row] = -1
    attempts.started_us[row] = Number.NaN
    attempts.flags[row] &= ~(ASKED | SIMULATED | INFERRED)
  }
  return attempts
}

/** What had not yet ended is open, and what had not yet begun is not there to be told of. */
function nodesAt(picture: Picture, at_us: number): Picture['nodes'] {
  const { nodes: was } = picture
  const nodes = copied(was, NODE_COLUMNS)
  for (let row = 0; row < was.rows; row += 1) {
    if (!namesParent(picture, row, at_us)) nodes.parent[row] = ROOT
    if (was.ended_us[row] <= at_us) continue
    nodes.ended_us[row] = Number.NaN
    nodes.reason[row] = -1
    nodes.flags[row] &= ~ERROR
    for (const column of TOLD_AT_THE_END) nodes[column][row] = null
    if (was.started_us[row] <= at_us) nodes.state[row] = RUNNING
    else {
      nodes.state[row] = SUBMITTED
      nodes.started_us[row] = Number.NaN
      nodes.flags[row] &= ~INFERRED
    }
  }
  return nodes
}

const SAID_ONCE = ['checks', 'scores', 'artifacts', 'notes', 'aggregates', 'turnings'] as const
const TOLD_ONCE = [...SAID_ONCE, 'points'] as const

/** Tables whose rows each say when they were told: as far as that. */
function toldBy(picture: Picture, at_us: number): Pick<Picture, (typeof TOLD_ONCE)[number]> {
  const tables = TOLD_ONCE.map((name) => {
    const table = picture[name]
    const rows: number[] = []
    for (let row = 0; row < table.rows; row += 1) if (table.at_us[row] <= at_us) rows.push(row)
    return [name, rows.length === table.rows ? table : only(table as unknown as AnyTable, rows)]
  })
  return Object.fromEntries(tables)
}

function only(table: AnyTable, rows: readonly number[]): AnyTable {
  const part: AnyTable = { rows: rows.length, capacity: rows.length, schema: table.schema }
  for (const name of Object.keys(table.schema)) {
    const column = table[name] as unknown[] | Float64Array
    part[name] = (column.slice(0, rows.length) as unknown[]).map((_, n) => column[rows[n]])
  }
  return part
}

/** The last value that had been logged; a metric of which none had has no name. */
function metricsAt({ metrics: was, points }: Picture, at_us: number): Picture['metrics'] {
  const metrics = copied(was, ['name', 'value', 'step', 'summary'])
  const last_us = new Float64Array(was.rows).fill(Number.NEGATIVE_INFINITY)
  for (let row = 0; row < was.rows; row += 1) {
    if (was.last_us[row] <= at_us) continue
    metrics.name[row] = null
    metrics.value[row] = Number.NaN
    metrics.step[row] = Number.NaN
    metrics.summary[row] = 0
  }
  for (let point = 0; point < points.rows; point += 1) {
    const row = points.metric[point]
    const told_us = points.at_us[point]
    if (was.last_us[row] <= at_us || told_us > at_us || told_us < last_us[row]) continue
    last_us[row] = told_us
    metrics.name[row] = was.name[row]
    metrics.value[row] = points.value[point]
    metrics.step[row] = points.step[point]
  }
  return metrics
}

/** What was told at the beginning stands; what was told at the end is not known yet. */
function headAt(run: Picture['run'], at_us: number): Picture['run'] {
  if (run.ended_us === null ? run.status === 'running' : run.ended_us <= at_us) return run
  const { run_id, query, query_ref, started_at, producer, context, fragment_count } = run
  const begun = { run_id, query, query_ref, started_at, producer, context, fragment_count }
  const { simulated, holes, foreign, last_us, announced_us, resumed_us, environment } = run
  const record = { simulated, holes, foreign, last_us, announced_us, resumed_us, environment }
  return { ...emptyHead(), ...begun, ...record, status: 'running' }
}

/** How many lines had been written by then, as far as what they told of says. */
export function seqAt(picture: Picture, at_us: number): number {
  const { run, attempts, nodes } = picture
  if (run.last_us !== null && run.last_us <= at_us) return picture.seq
  let seq = 0
  const hear = (told_us: number, told_seq: number) => {
    if (told_us <= at_us && told_seq > seq) seq = told_seq
  }
  for (let row = 0; row < attempts.rows; row += 1) {
    // Where nobody was asked yet, the time is that of the submission.
    if (attempts.flags[row] & ASKED) hear(attempts.started_us[row], attempts.first_seq[row])
    hear(attempts.reserved_us[row], attempts.first_seq[row])
    hear(attempts.ended_us[row], attempts.outcome_seq[row])
  }
  for (let row = 0; row < nodes.rows; row += 1) {
    hear(nodes.started_us[row], nodes.first_seq[row])
    hear(nodes.ended_us[row], nodes.last_seq[row])
  }
  for (const told of SAID_ONCE.map((name) => picture[name]))
    for (let row = 0; row < told.rows; row += 1) hear(told.at_us[row], told.seq[row])
  return seq
}
