import { advance } from '../trace/advance'
import { decodePicture, type SentPicture } from '../trace/decode'
import type { TraceEvent, TraceLine } from '../trace/events.gen'
import { emptyPicture, type Picture } from '../trace/picture'
import { ask, type BoardError, part } from './api'
import type { Frame } from './frames'
import type { Line, RunItem } from './shapes.gen'
import type { LiveSocket } from './socket'

/** `behind`: what is shown is not yet what is there. */
export type FollowState = 'loading' | 'behind' | 'live' | 'ended' | 'gone' | 'failed'

/** What the follower needs of the world; tests hand in their own. */
export interface FollowWorld {
  socket: Pick<LiveSocket, 'follow' | 'again'>
  /** The picture at a line, or as it is now. */
  fetch: (run: string, at?: number) => Promise<SentPicture | Picture>
  /** Nothing more will come: the run is not followed. */
  isStill?: boolean
  /** Calls back before the next frame is painted. */
  frame: (call: () => void) => void
  now_ms: () => number
}

/** How long one frame may fold: what is left waits for the next. */
const FOLD_MS = 6
const ENDED = new Set<RunItem['status']>(['completed', 'failed', 'cancelled', 'interrupted'])

/**
 * A run as a picture, brought up to what is there and kept so. Lines are applied only where they
 * join what came before; across a gap a picture is fetched, never guessed.
 */
export class Follower {
  picture: Picture = emptyPicture()
  state: FollowState = 'loading'
  /** Grows with every change, so that who paints sees that there is something new. */
  version = 0
  trouble: BoardError | Error | null = null
  status: RunItem['status'] | null = null
  /** When the last live line came, by the clock of this page. */
  heard_ms = 0
  #run: string
  #world: FollowWorld
  #queue: Line[] = []
  #isDraining = false
  #stop: (() => void) | null = null
  #listeners = new Set<() => void>()
  #hasEnded = false

  constructor(run: string, world: FollowWorld) {
    this.#run = run
    this.#world = world
  }

  /** Calls back on each change, at most once a frame. */
  watch(call: () => void): () => void {
    this.#listeners.add(call)
    return () => this.#listeners.delete(call)
  }

  async start(): Promise<void> {
    if (this.#hasEnded) return
    await this.#load()
    if (this.#hasEnded || this.state === 'failed') return
    if (this.#world.isStill) {
      this.state = 'ended'
      this.#changed()
      return
    }
    this.#stop = this.#world.socket.follow(`run ${this.#run}`, {
      ask: () => ({ sub: 'run', run: this.#run, after: this.#reached() }),
      end: { unsub: 'run', run: this.#run },
      hear: (frame) => this.#hear(frame),
    })
  }

  end(): void {
    this.#hasEnded = true
    this.#stop?.()
    this.#stop = null
  }

  async #load(at?: number): Promise<void> {
    try {
      const sent = await this.#world.fetch(this.#run, at)
      if (this.#hasEnded) return
      this.picture = 'found' in sent ? sent : decodePicture(sent)
      this.#queue = this.#queue.filter((line) => line.seq > this.picture.seq)
      this.state = 'behind'
      this.trouble = null
    } catch (why) {
      this.state = this.picture.seq > 0 ? 'behind' : 'failed'
      this.trouble = why as Error
    }
    this.#changed()
  }

  /** The last line that is here: folded, or waiting for its frame. */
  #reached(): number {
    return this.#queue.at(-1)?.seq ?? this.picture.seq
  }

  #hear(frame: Frame): void {
    if (!('run_id' in frame) || frame.run_id !== this.#run) return
    if (frame.type === 'lines') this.#take(frame.after, frame.lines)
    else if (frame.type === 'gap') this.#fetchUpTo(frame.to)
    else if (frame.type === 'live') this.#isLive(frame.status)
    else if (frame.type === 'status') this.#isLive(frame.status)
    else if (frame.type === 'reset') this.#reset(frame.reason)
  }

  #take(after: number, lines: readonly Line[]): void {
    if (after > this.#reached()) {
      this.#world.socket.again(`run ${this.#run}`)
      return
    }
    const reached = this.#reached()
    for (const line of lines) if (line.seq > reached) this.#queue.push(line)
    this.heard_ms = this.#world.now_ms()
    this.#drainLater()
  }

  async #fetchUpTo(seq: number): Promise<void> {
    if (seq <= this.picture.seq) return
    await this.#load(seq)
    this.#world.socket.again(`run ${this.#run}`)
  }

  #isLive(status: RunItem['status']): void {
    this.status = status
    this.state = ENDED.has(status) ? 'ended' : 'live'
    this.#changed()
  }

  #reset(reason: 'gone' | 'replaced'): void {
    this.#queue = []
    if (reason === 'gone') {
      this.state = 'gone'
      this.#changed()
      return
    }
    this.picture = emptyPicture()
    this.#load().then(() => this.#world.socket.again(`run ${this.#run}`))
  }

  #drainLater(): void {
    if (this.#isDraining) return
    this.#isDraining = true
    this.#world.frame(() => this.#drain())
  }

  #drain(): void {
    this.#isDraining = false
    if (this.#hasEnded) return
    const until = this.#world.now_ms() + FOLD_MS
    let n = 0
    while (n < this.#queue.length) {
      advance(this.picture, lineOf(this.#run, this.#queue[n]))
      n += 1
      if ((n & 255) === 0 && this.#world.now_ms() > until) break
    }
    this.#queue = this.#queue.slice(n)
    if (this.#queue.length > 0) this.#drainLater()
    const { status } = this.picture.run
    if (ENDED.has(status) && this.#queue.length === 0) this.#isLive(status)
    this.#changed()
  }

  #changed(): void {
    this.version += 1
    for (const call of this.#listeners) call()
  }
}

/** A line as the fold takes it. */
export function lineOf(run_id: string, line: Line): TraceLine {
  if (line.hole) return { seq: line.seq, reason: line.hole }
  return {
    seq: line.seq,
    run_id,
    timestamp_ms: line.timestamp_ms ?? 0,
    event: line.event as TraceEvent,
  }
}

export const fetchPicture = (run: string, at?: number): Promise<SentPicture> =>
  ask<SentPicture>(`runs/${part(run)}/picture`, { at })
