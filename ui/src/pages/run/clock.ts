import { boardNow_ms } from '../../live/boardClock'
import type { Follower } from '../../live/follow'

const BELIEVED_MS = 600_000

/**
 * What time it is in a run: that of its last event, going on by the clock of this page while it is
 * live. Where the clocks of the two machines disagree too much, the last event stands.
 */
export class RunClock {
  #anchor_us = 0
  #anchor_ms = 0
  #seq = -1

  now_us(follower: Follower, isLive: boolean, created_at_ms: number | null): number {
    const { picture } = follower
    const last = picture.run.last_us ?? 0
    if (!isLive) return picture.run.ended_us ?? last
    const here = performance.now()
    if (picture.seq !== this.#seq) this.#anchor(follower, last, here, created_at_ms)
    return Math.max(last, this.#anchor_us + (here - this.#anchor_ms) * 1000)
  }

  #anchor(follower: Follower, last: number, here: number, created_at_ms: number | null): void {
    const isFirst = this.#seq < 0
    this.#seq = follower.picture.seq
    const going = this.#anchor_us + (here - this.#anchor_ms) * 1000
    this.#anchor_us = isFirst
      ? firstGuess(last, created_at_ms)
      : Math.max(last, Math.min(going, last + 2_000_000))
    this.#anchor_ms = here
  }
}

function firstGuess(last: number, created_at_ms: number | null): number {
  if (created_at_ms === null) return last
  const by_the_clock = (boardNow_ms() - created_at_ms) * 1000
  const ahead_ms = (by_the_clock - last) / 1000
  return ahead_ms > 0 && ahead_ms < BELIEVED_MS ? by_the_clock : last
}
