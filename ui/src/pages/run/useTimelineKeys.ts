import type { RefObject } from 'react'
import type { Follower } from '../../live/follow'
import type { Picture } from '../../trace/picture'
import { FAILED, TIMEOUT } from '../../trace/picture.gen'
import type { TimelineEngine } from '../../views/timeline/engine'
import { useKeys } from '../keys'
import type { RunSelection } from './useSelection'

const STEP = 0.12

/** Keys over the timeline; n goes to the next failure, j and k from sub-query to sub-query. */
export function useTimelineKeys(
  engine: RefObject<TimelineEngine | null>,
  follower: Follower,
  { latest, pick }: RunSelection,
): void {
  const at = () => engine.current
  const pan = (share: number) => {
    const made = at()?.made
    if (made) at()?.pan((made.view.t1 - made.view.t0) * share)
  }
  const go = (thing: number) => {
    if (thing < 0) return
    const next = { run: null, thing }
    pick(next)
    at()?.reveal(next)
  }
  const step = (by: number) => {
    const { queries } = follower.picture
    const row = Math.min(queries.rows - 1, Math.max(0, latest().query + by))
    if (row >= 0) go(queries.thing[row])
  }
  useKeys({
    w: () => at()?.zoom(0.75),
    s: () => at()?.zoom(1 / 0.75),
    a: () => pan(-STEP),
    d: () => pan(STEP),
    f: () => at()?.fit(),
    l: () => at()?.follow(),
    n: () => {
      const { chosen } = latest()
      go(nextFailure(follower.picture, chosen?.run === null ? chosen.thing : -1))
    },
    j: () => step(1),
    k: () => step(-1),
    Escape: () => pick(null),
  })
}

/**
 * The next sub-query that failed or timed out, or child RLM, cell or tool that failed, as they were
 * first heard of; from the last to the first. -1 for none.
 */
export function nextFailure({ things, queries, nodes }: Picture, thing: number): number {
  const failed = new Set<number>()
  for (let row = 0; row < queries.rows; row += 1)
    if (queries.state[row] === FAILED || queries.state[row] === TIMEOUT)
      failed.add(queries.thing[row])
  for (let row = 0; row < nodes.rows; row += 1)
    if (nodes.state[row] === FAILED) failed.add(nodes.thing[row])
  for (let n = 1; n <= things.rows; n += 1) {
    const next = (thing + n + things.rows) % things.rows
    if (failed.has(next)) return next
  }
  return -1
}
