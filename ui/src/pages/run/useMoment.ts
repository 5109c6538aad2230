import { useCallback, useMemo, useState } from 'react'
import type { Follower } from '../../live/follow'
import type { RunItem } from '../../live/shapes.gen'
import type { Picture } from '../../trace/picture'
import { type Totals, totals } from '../../trace/totals'
import { type Latencies, latencies } from '../../views/latencies'
import type { ChildBar } from '../../views/timeline/bars'
import type { Moment } from '../../views/timeline/moment'
import { type Forest, forest } from '../../views/tree/forest'
import { RunClock } from './clock'
import type { Replay } from './useReplay'

/** A run at one moment: now, or where the playhead stands. */
export interface Seen {
  picture: Picture
  totals: Totals
  forest: Forest
  latencies: Latencies | null
  now_us: number
  isLive: boolean
  isReplay: boolean
  /** At that moment nobody worked on it any more. */
  hasEnded: boolean
  /** The same for who paints each frame. */
  source: () => Moment
}

/** What all panels show: one and the same moment. `run` is the run as it is known now. */
export function useMoment(
  run: RunItem,
  follower: Follower,
  version: number,
  replay: Replay,
  children: readonly ChildBar[],
): Seen {
  const [clock] = useState(() => new RunClock())
  const { isOn: isReplay, playhead, picture } = replay
  const isLive = follower.state === 'live' && run.status !== 'interrupted' && !isReplay
  // One that goes on, in a file that does not: nobody knows of an end.
  const isOver = !isLive && follower.state !== 'loading' && run.status !== 'running'
  const hasEnded = isReplay ? picture.run.ended_us !== null : isOver
  const source = useCallback((): Moment => {
    const now_us = playhead.current ?? clock.now_us(follower, isLive, run.created_at_ms)
    const { picture: whole, version: n } = follower
    const past = isReplay ? picture : whole
    return { picture: whole, past, children, version: n, now_us, hasEnded, isLive, isReplay }
  }, [clock, follower, picture, playhead, children, isLive, isReplay, hasEnded, run.created_at_ms])
  const now_us = replay.at_us ?? source().now_us
  // biome-ignore lint/correctness/useExhaustiveDependencies: the picture is changed in place, its version says when
  const sums = useMemo(
    () => ({
      totals: totals(picture),
      forest: forest(picture),
      latencies: latencies(picture, now_us),
    }),
    [picture, version],
  )
  return { picture, ...sums, now_us, isLive, isReplay, hasEnded, source }
}
