import type { Picture } from '../../trace/picture'
import {
  CANCELLED,
  CELL,
  ERROR,
  FAILED,
  HEDGE,
  INFERRED,
  RETURNED,
  RLM,
  ROLES,
  ROOT,
  SUB_QUERY,
  TIMEOUT,
  TOOL,
  TURN,
} from '../../trace/picture.gen'
import { wasExecuted } from '../../trace/totals'
import type { Chosen } from '../chosen'

/** A child run as the timeline of its parent shows it: one bar. */
export interface ChildBar {
  id: string
  name: string
  /** On the parent's clock; NaN where nobody can tell, or not yet. */
  start_us: number
  end_us: number
  state: 'open' | 'returned' | 'failed' | 'cancelled' | 'broken'
  /** Whose clocks were compared to place it; null for one clock. */
  clocks: string | null
}

/** Everything that has a bar. */
export interface Drawn {
  picture: Picture
  /** A child keeps its place: others come after it. */
  children: readonly ChildBar[]
}

/** A bar is one number: an attempt's row, or from here on a node's row, or a child run's place. */
export const FIRST_NODE = 2 ** 28
export const FIRST_CHILD = 2 ** 29

export const isAttempt = (bar: number): boolean => bar < FIRST_NODE
export const isChild = (bar: number): boolean => bar >= FIRST_CHILD
export const nodeOf = (bar: number): number => bar - FIRST_NODE
export const childOf = (bar: number): number => bar - FIRST_CHILD

/** How a bar looks: its state by shape and colour. The order is how loud it is. */
export const LOOKS = [
  'later',
  'node',
  'returned',
  'deep',
  'root',
  'cancelled',
  'lost',
  'verified',
  'verifying',
  'flight',
  'broken',
  'timeout',
  'failed',
] as const
export type LookName = (typeof LOOKS)[number]

const LOOK = Object.fromEntries(LOOKS.map((name, n) => [name, n])) as Record<LookName, number>
export const LATER = LOOK.later

/** What a bar stands for: each has a shape of its own. */
export type BarKind = 'attempt' | 'rlm' | 'turn' | 'cell' | 'tool' | 'run'
const NODE_KINDS: Record<number, BarKind> = {
  [RLM]: 'rlm',
  [TURN]: 'turn',
  [CELL]: 'cell',
  [TOOL]: 'tool',
}

export function kindOf({ nodes }: Picture, bar: number): BarKind {
  if (isAttempt(bar)) return 'attempt'
  return isChild(bar) ? 'run' : (NODE_KINDS[nodes.kind[nodeOf(bar)]] ?? 'rlm')
}

const VERIFIER = ROLES.indexOf('verifier')
const ROOT_ROLE = ROLES.indexOf('root')
const ROUTER = ROLES.indexOf('router')
const REDUCER = ROLES.indexOf('reducer')

/** When a bar begins; NaN where it did not begin yet, or nobody can tell. */
export function barStart({ picture, children }: Drawn, bar: number): number {
  if (isAttempt(bar)) return startOf(picture, bar)
  if (isChild(bar)) return children[childOf(bar)].start_us
  const { started_us, ended_us } = picture.nodes
  const started = started_us[nodeOf(bar)]
  return Number.isNaN(started) ? ended_us[nodeOf(bar)] : started
}

/** Whether somebody said when it began. A node of which only the end was told stands there. */
export function isStartKnown({ picture }: Drawn, bar: number): boolean {
  return isAttempt(bar) || isChild(bar) || !Number.isNaN(picture.nodes.started_us[nodeOf(bar)])
}

/** Whether its times were guessed by whoever reported it. */
export function isInferred({ picture: { attempts, nodes } }: Drawn, bar: number): boolean {
  if (isChild(bar)) return false
  const flags = isAttempt(bar) ? attempts.flags[bar] : nodes.flags[nodeOf(bar)]
  return (flags & INFERRED) !== 0
}

/** When a bar ends; NaN while it is open. */
export function barEnd({ picture, children }: Drawn, bar: number): number {
  if (isAttempt(bar)) return picture.attempts.ended_us[bar]
  if (isChild(bar)) return children[childOf(bar)].end_us
  const { started_us, ended_us } = picture.nodes
  const ended = ended_us[nodeOf(bar)]
  // One that began again after it had ended runs again.
  return ended < started_us[nodeOf(bar)] ? Number.NaN : ended
}

/** When an attempt began; NaN where nobody was asked yet, or nobody can tell. */
export function startOf(picture: Picture, row: number): number {
  const { attempts, queries } = picture
  const ended = attempts.ended_us[row]
  if (Number.isNaN(ended) && !wasExecuted(picture, row)) return Number.NaN
  const started = attempts.started_us[row]
  if (!Number.isNaN(started)) return started
  const took = attempts.took_us[row]
  if (Number.isNaN(ended) || Number.isNaN(took)) return queries.submitted_us[attempts.query[row]]
  return ended - took
}

/** Reasons for which a call is turned away before anybody is asked. */
const REFUSALS = new Set(['budget', 'rate', 'concurrency', 'model'])

/** Who was asked; of what was given up before that, so much. Null where nobody says. */
export function whoOf(picture: Picture, row: number): string | null {
  const { attempts, names } = picture
  const provider = names.provider.all[attempts.provider[row]]
  if (provider !== undefined) return provider
  if (attempts.state[row] !== CANCELLED || wasExecuted(picture, row)) return null
  return REFUSALS.has(names.reason.all[attempts.reason[row]]) ? 'refused' : 'never asked'
}

/** Whether somebody works on an attempt at a moment. */
export function isInFlight(picture: Picture, row: number, at_us: number): boolean {
  return startOf(picture, row) <= at_us && !(picture.attempts.ended_us[row] <= at_us)
}

/** How a bar looks at a moment; `hasEnded`: nobody works on this run any more. */
export function lookOf(drawn: Drawn, bar: number, at_us: number, hasEnded: boolean): number {
  if (isChild(bar)) return childLook(drawn.children[childOf(bar)], at_us)
  if (!isAttempt(bar)) return nodeLook(drawn, bar, at_us, hasEnded)
  const { attempts, queries } = drawn.picture
  const query = attempts.query[bar]
  const role = queries.role[query]
  const ended = attempts.ended_us[bar]
  if (Number.isNaN(ended) || ended > at_us) return openLook(role, Number.isNaN(ended) && hasEnded)
  switch (attempts.state[bar]) {
    case FAILED:
      return LOOK.failed
    case TIMEOUT:
      return LOOK.timeout
    case CANCELLED:
      return attempts.flags[bar] & HEDGE ? LOOK.lost : LOOK.cancelled
    case RETURNED:
      return returnedLook(role, queries.depth[query])
    default:
      return LOOK.cancelled
  }
}

function nodeLook(drawn: Drawn, bar: number, at_us: number, hasEnded: boolean): number {
  const end = barEnd(drawn, bar)
  if (Number.isNaN(end)) return hasEnded ? LOOK.broken : LOOK.flight
  if (end > at_us) return LOOK.flight
  return drawn.picture.nodes.flags[nodeOf(bar)] & ERROR ? LOOK.failed : LOOK.node
}

const CHILD_LOOKS: Record<ChildBar['state'], LookName> = {
  open: 'flight',
  returned: 'node',
  failed: 'failed',
  cancelled: 'cancelled',
  broken: 'broken',
}

const childLook = (child: ChildBar, at_us: number): number =>
  child.end_us > at_us ? LOOK.flight : LOOK[CHILD_LOOKS[child.state]]

function openLook(role: number, isBroken: boolean): number {
  if (isBroken) return LOOK.broken
  return role === VERIFIER ? LOOK.verifying : LOOK.flight
}

function returnedLook(role: number, depth: number): number {
  if (role === VERIFIER) return LOOK.verified
  if (role === ROOT_ROLE || role === ROUTER || role === REDUCER) return LOOK.root
  return depth >= 2 ? LOOK.deep : LOOK.returned
}

/** The state in words, as everywhere else. */
export const LOOK_WORDS: Record<LookName, string> = {
  later: 'still to come',
  node: 'returned',
  returned: 'returned',
  deep: 'returned',
  root: 'returned',
  cancelled: 'cancelled',
  lost: 'hedge not needed',
  verified: 'verified',
  verifying: 'verifying',
  flight: 'in flight',
  broken: 'interrupted',
  timeout: 'timed out',
  failed: 'failed',
}

/** What a bar belongs to. */
export function chosenOf({ picture, children }: Drawn, bar: number): Chosen {
  if (isChild(bar)) return { run: children[childOf(bar)].id, thing: ROOT }
  const { attempts, queries, nodes } = picture
  const thing = isAttempt(bar) ? queries.thing[attempts.query[bar]] : nodes.thing[nodeOf(bar)]
  return { run: null, thing }
}

const MOST = 200

/** The bars of what is selected: all attempts of a sub-query, the first first. */
export function barsOf({ picture, children }: Drawn, { run, thing }: Chosen): number[] {
  if (run !== null) {
    const place = children.findIndex((child) => child.id === run)
    return place < 0 ? [] : [FIRST_CHILD + place]
  }
  const { things, attempts, queries } = picture
  const row = things.row[thing] ?? -1
  if (row < 0) return []
  if (things.kind[thing] !== SUB_QUERY) return [FIRST_NODE + row]
  const bars: number[] = []
  for (let bar = queries.first[row]; bar >= 0 && bars.length < MOST; bar = attempts.next[bar])
    bars.push(bar)
  return bars
}

/**
 * From the first moment to the last with child runs in it, which may go on when their parent has
 * ended. One whose clock is off by more than the run took does not make everything small.
 */
export function reachOf(
  children: readonly ChildBar[],
  first_us: number,
  last_us: number,
): [first_us: number, last_us: number] {
  const span = last_us - first_us
  let [from, to] = [first_us, last_us]
  for (const { start_us, end_us } of children) {
    if (start_us < from && start_us > first_us - span) from = start_us
    if (end_us > to && end_us < last_us + span) to = end_us
  }
  return [from, to]
}
