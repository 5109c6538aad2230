import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { followWorld } from '../../live/browser'
import { Follower } from '../../live/follow'

/** Numbers that change faster than this cannot be read. */
const READ_MS = 200
/** What is drawn of them anew takes at most this share of the time. */
const DRAWN_SHARE = 0.03

/** A run, followed while the page is looked at. */
export function useFollowed(id: string): Follower | null {
  const [follower, setFollower] = useState<Follower | null>(null)
  useEffect(() => {
    const made = new Follower(id, followWorld(id))
    setFollower(made)
    made.start()
    return () => made.end()
  }, [id])
  return follower
}

/** The version of what is followed: five times a second, or as often as it can be drawn. */
export function useSampled(follower: Followed | null): number {
  const [sampler] = useState(() => new Sampler())
  // The same function each time: another one would be watched anew, and taken at once.
  const watch = useCallback(
    (call: () => void) => sampler.watch(follower, call),
    [sampler, follower],
  )
  return useSyncExternalStore(watch, () => sampler.version(follower))
}

/** What changes, and says how often it did. */
type Followed = Pick<Follower, 'version' | 'watch'>

class Sampler {
  #version = 0
  #follower: Followed | null = null

  version(follower: Followed | null): number {
    if (follower !== this.#follower) {
      this.#follower = follower
      this.#version = follower?.version ?? 0
    }
    return this.#version
  }

  watch(follower: Followed | null, call: () => void): () => void {
    let timer: ReturnType<typeof setTimeout> | null = null
    let wait_ms = READ_MS
    const take = () => {
      timer = null
      this.#version = follower?.version ?? 0
      const began_ms = performance.now()
      call()
      // React draws in a microtask that was asked for before this one.
      queueMicrotask(() => {
        wait_ms = Math.max(READ_MS, (performance.now() - began_ms) / DRAWN_SHARE)
      })
    }
    const stop = follower?.watch(() => {
      timer ??= setTimeout(take, wait_ms)
    })
    take()
    return () => {
      stop?.()
      if (timer) clearTimeout(timer)
    }
  }
}
