import type { RefObject } from 'react'
import type { Follower } from '../../live/follow'
import { FAILED, TIMEOUT } from '../../trace/picture.gen'
import type { TimelineEngine } from '../../views/timeline/engine'
import { useKeys } from '../keys'

const STEP = 0.12

/** Keys over the timeline; n, j and k go from sub-query to sub-query. */
export function useTimelineKeys(
  engine: RefObject<TimelineEngine | null>,
  follower: Follower,
  selected: number,
  onSelect: (query: number) => void,
): void {
  const at = () => engine.current
  const pan = (share: number) => {
    const made = at()?.made
    if (made) at()?.pan((made.view.t1 - made.view.t0) * share)
  }
  const go = (query: number) => {
    if (query < 0) return
    onSelect(query)
    const row = follower.picture.queries.first[query]
    if (row >= 0) at()?.reveal(row)
  }
  useKeys({
    w: () => at()?.zoom(0.75),
    s: () => at()?.zoom(1 / 0.75),
    a: () => pan(-STEP),
    d: () => pan(STEP),
    f: () => at()?.fit(),
    l: () => at()?.follow(),
    n: () => go(nextFailure(follower, selected)),
    j: () => go(Math.min(follower.picture.queries.rows - 1, selected + 1)),
    k: () => go(Math.max(0, selected - 1)),
    Escape: () => onSelect(-1),
  })
}

/** The next sub-query that failed or timed out, by submission; from the last to the first. */
export function nextFailure({ picture }: Follower, selected: number): number {
  const { queries } = picture
  for (let n = 1; n <= queries.rows; n += 1) {
    const row = (selected + n + queries.rows) % queries.rows
    if (queries.state[row] === FAILED || queries.state[row] === TIMEOUT) return row
  }
  return -1
}
