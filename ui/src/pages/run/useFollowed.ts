import { useEffect, useState, useSyncExternalStore } from 'react'
import { followWorld } from '../../live/browser'
import { Follower } from '../../live/follow'

/** Numbers that change faster than this cannot be read. */
const READ_MS = 200

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

/** The version of what is followed, at most five times a second. */
export function useSampled(follower: Follower | null): number {
  const [sampler] = useState(() => new Sampler())
  return useSyncExternalStore(
    (call) => sampler.watch(follower, call),
    () => sampler.version(follower),
  )
}

class Sampler {
  #version = 0
  #follower: Follower | null = null

  version(follower: Follower | null): number {
    if (follower !== this.#follower) {
      this.#follower = follower
      this.#version = follower?.version ?? 0
    }
    return this.#version
  }

  watch(follower: Follower | null, call: () => void): () => void {
    let timer: ReturnType<typeof setTimeout> | null = null
    const take = () => {
      timer = null
      this.#version = follower?.version ?? 0
      call()
    }
    const stop = follower?.watch(() => {
      timer ??= setTimeout(take, READ_MS)
    })
    take()
    return () => {
      stop?.()
      if (timer) clearTimeout(timer)
    }
  }
}
