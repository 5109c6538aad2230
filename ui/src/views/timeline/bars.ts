import type { Picture } from '../../trace/picture'
import { CANCELLED, FAILED, HEDGE, RETURNED, ROLES, TIMEOUT } from '../../trace/picture.gen'
import { wasExecuted } from '../../trace/totals'

/** How a bar looks: its state by shape and colour. The order is how loud it is. */
export const LOOKS = [
  'later',
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

const VERIFIER = ROLES.indexOf('verifier')
const ROOT_ROLE = ROLES.indexOf('root')
const ROUTER = ROLES.indexOf('router')
const REDUCER = ROLES.indexOf('reducer')

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

/** Whether somebody works on an attempt at a moment. */
export function isInFlight(picture: Picture, row: number, at_us: number): boolean {
  return startOf(picture, row) <= at_us && !(picture.attempts.ended_us[row] <= at_us)
}

/** How an attempt looks at a moment; `hasEnded`: nobody works on this run any more. */
export function lookOf(picture: Picture, row: number, at_us: number, hasEnded: boolean): number {
  const { attempts, queries } = picture
  const query = attempts.query[row]
  const role = queries.role[query]
  const ended = attempts.ended_us[row]
  if (Number.isNaN(ended) || ended > at_us) return openLook(role, Number.isNaN(ended) && hasEnded)
  switch (attempts.state[row]) {
    case FAILED:
      return LOOK.failed
    case TIMEOUT:
      return LOOK.timeout
    case CANCELLED:
      return attempts.flags[row] & HEDGE ? LOOK.lost : LOOK.cancelled
    case RETURNED:
      return returnedLook(role, queries.depth[query])
    default:
      return LOOK.cancelled
  }
}

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
