import { type RefObject, useCallback, useMemo, useRef, useState } from 'react'
import type { Follower } from '../../live/follow'
import type { RunItem } from '../../live/shapes.gen'
import type { Picture } from '../../trace/picture'
import { type Totals, totals } from '../../trace/totals'
import { type Latencies, latencies } from '../../views/latencies'
import { momentOf } from '../../views/moment'
import type { ChildBar } from '../../views/timeline/bars'
import type { Moment } from '../../views/timeline/engine'
import { type Forest, forest } from '../../views/tree/forest'
import { RunClock } from './clock'

/** A run at one moment: now, or where the playhead stands. */
export interface Seen {
  picture: Picture
  totals: Totals
  forest: Forest
  latencies: Latencies | null
  now_us: number
  isLive: boolean
  isReplay: boolean
  hasEnded: boolean
  /** Where the replay stands, in microseconds; null where there is none. */
  playhead: RefObject<number | null>
  /** The same for who paints each frame. */
  source: () => Moment
  /** Grows when the playhead was moved. */
  played: number
  onMove: () => void
}

/** What all panels show: one and the same moment. `at_ms` is where a replay begins. */
export function useMoment(
  run: RunItem,
  follower: Follower,
  version: number,
  at_ms: number | undefined,
  children: readonly ChildBar[],
): Seen {
  const [clock] = useState(() => new RunClock())
  const playhead = useRef<number | null>(null)
  const isReplay = at_ms !== undefined
  playhead.current = isReplay ? (playhead.current ?? at_ms * 1000) : null
  const [played, setPlayed] = useState(0)
  const onMove = useCallback(() => setPlayed((n) => n + 1), [])
  const isLive = follower.state === 'live' && run.status !== 'interrupted' && !isReplay
  // One that goes on, in a file that does not: nobody knows of an end.
  const hasEnded = !isLive && follower.state !== 'loading' && run.status !== 'running'
  const source = useCallback((): Moment => {
    const now_us = playhead.current ?? clock.now_us(follower, isLive, run.created_at_ms)
    const { picture, version: n } = follower
    return { picture, children, version: n, now_us, hasEnded, isLive, isReplay }
  }, [clock, follower, children, isLive, isReplay, hasEnded, run.created_at_ms])
  const { now_us } = source()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the picture is changed in place, its version says when
  const picture = useMemo(
    () => (isReplay ? momentOf(follower.picture, now_us) : follower.picture),
    [follower, version, isReplay, played],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const sums = useMemo(
    () => ({
      totals: totals(picture),
      forest: forest(picture),
      latencies: latencies(picture, now_us),
    }),
    [picture, version],
  )
  return { picture, ...sums, now_us, isLive, isReplay, hasEnded, playhead, source, played, onMove }
}
