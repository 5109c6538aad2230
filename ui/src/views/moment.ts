import { Changes } from '../trace/changes'
import { refresh } from '../trace/ofQueries'
import type { Picture } from '../trace/picture'
import { ASKED, ERROR, RUNNING, SUBMITTED } from '../trace/picture.gen'

const KNOWN_AT_THE_END = [
  'ended_us',
  'cost_msat',
  'cost_usd_nanos',
  'input_tokens',
  'output_tokens',
  'cached_tokens',
  'reasoning_tokens',
  'span_refs',
] as const
const KNOWN_WHEN_SETTLED = [
  'settled_us',
  'settled_msat',
  'settled_usd_nanos',
  'overage_msat',
  'overage_usd_nanos',
] as const
const KNOWN_WHEN_RESERVED = ['reserved_us', 'reserved_msat', 'reserved_usd_nanos'] as const

const TOLD_AT_THE_END = ['output', 'output_ref', 'stderr', 'stderr_ref', 'error'] as const
const NODE_COLUMNS = [
  'started_us',
  'ended_us',
  'state',
  'flags',
  'reason',
  ...TOLD_AT_THE_END,
] as const

/**
 * The run as it stood at a moment, out of the run as it is known now. Rows keep their numbers: what
 * was not yet asked is submitted, what had not yet ended is in flight.
 */
export function momentOf(picture: Picture, at_us: number): Picture {
  const attempts = { ...picture.attempts }
  const queries = { ...picture.queries }
  for (const column of [
    ...KNOWN_AT_THE_END,
    ...KNOWN_WHEN_SETTLED,
    ...KNOWN_WHEN_RESERVED,
    'started_us',
  ] as const)
    attempts[column] = attempts[column].slice()
  for (const column of ['state', 'flags'] as const) attempts[column] = attempts[column].slice()
  queries.state = queries.state.slice()
  queries.ended_us = queries.ended_us.slice()
  queries.decisive = queries.decisive.slice()
  const { attempts: was } = picture
  for (let row = 0; row < attempts.rows; row += 1) {
    if (!(was.reserved_us[row] <= at_us))
      for (const column of KNOWN_WHEN_RESERVED) attempts[column][row] = Number.NaN
    if (!(was.settled_us[row] <= at_us))
      for (const column of KNOWN_WHEN_SETTLED) attempts[column][row] = Number.NaN
    if (was.ended_us[row] <= at_us) continue
    for (const column of KNOWN_AT_THE_END) attempts[column][row] = Number.NaN
    const isAsked = was.started_us[row] <= at_us
    attempts.state[row] = isAsked ? RUNNING : SUBMITTED
    if (isAsked) continue
    attempts.started_us[row] = Number.NaN
    attempts.flags[row] &= ~ASKED
  }
  const moment = {
    ...picture,
    changes: new Changes(),
    attempts,
    queries,
    nodes: nodesAt(picture, at_us),
    run: {
      ...picture.run,
      ended_us:
        (picture.run.ended_us ?? Number.POSITIVE_INFINITY) <= at_us ? picture.run.ended_us : null,
    },
  }
  for (let row = 0; row < queries.rows; row += 1) refresh(moment, row)
  return moment
}

/** What had not yet ended is open, and what had not yet begun is not there to be told of. */
function nodesAt({ nodes: was }: Picture, at_us: number): Picture['nodes'] {
  const nodes = { ...was }
  for (const column of NODE_COLUMNS) nodes[column] = was[column].slice() as never
  for (let row = 0; row < was.rows; row += 1) {
    if (was.ended_us[row] <= at_us) continue
    nodes.ended_us[row] = Number.NaN
    nodes.reason[row] = -1
    nodes.flags[row] &= ~ERROR
    for (const column of TOLD_AT_THE_END) nodes[column][row] = null
    if (was.started_us[row] <= at_us) nodes.state[row] = RUNNING
    else {
      nodes.state[row] = SUBMITTED
      nodes.started_us[row] = Number.NaN
    }
  }
  return nodes
}

/** How many lines had been written by then, as far as attempts tell. */
export function seqAt({ attempts }: Picture, at_us: number): number {
  let seq = 0
  for (let row = 0; row < attempts.rows; row += 1) {
    if (attempts.ended_us[row] <= at_us && attempts.outcome_seq[row] > seq)
      seq = attempts.outcome_seq[row]
    else if (attempts.started_us[row] <= at_us && attempts.first_seq[row] > seq)
      seq = attempts.first_seq[row]
  }
  return seq
}
