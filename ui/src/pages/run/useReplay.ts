import { type RefObject, useCallback, useMemo, useRef, useState } from 'react'
import type { Follower } from '../../live/follow'
import type { Picture } from '../../trace/picture'
import { momentOf } from '../../views/moment'

/** A run played again: where the playhead stands, and what was known there. */
export interface Replay {
  isOn: boolean
  /** In microseconds, moved each frame while it plays; null where nothing is replayed. */
  playhead: RefObject<number | null>
  /** The moment that all panels show; null where nothing is replayed. */
  at_us: number | null
  /** Grows when the panels were told of another moment. */
  played: number
  onMove: () => void
  /** The run as it stood there; as it is known now, where nothing is replayed. */
  picture: Picture
}

/** `at_ms` is where a replay begins; undefined for none. `version` says when the picture grew. */
export function useReplay(follower: Follower, version: number, at_ms: number | undefined): Replay {
  const isOn = at_ms !== undefined
  const playhead = useRef<number | null>(null)
  playhead.current = isOn ? (playhead.current ?? at_ms * 1000) : null
  const [played, setPlayed] = useState(0)
  const onMove = useCallback(() => setPlayed((n) => n + 1), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: playhead and picture are changed in place, these say when
  const [at_us, picture] = useMemo(() => {
    const at_us = playhead.current
    return [at_us, at_us === null ? follower.picture : momentOf(follower.picture, at_us)] as const
  }, [follower, version, follower.picture, isOn, played])
  return { isOn, playhead, at_us, played, onMove, picture }
}
