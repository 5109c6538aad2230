import { advance } from '../trace/advance'
import { decodePicture, type SentPicture } from '../trace/decode'
import type { TraceEvent, TraceLine } from '../trace/events.gen'
import { emptyPicture, type Picture } from '../trace/picture'
import { ask, BoardError, part } from './api'
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
  /** Calls back after so many milliseconds. */
  later: (call: () => void, after_ms: number) => void
  now_ms: () => number
}

/** How long one frame may fold: what is left waits for the next. */
const FOLD_MS = 6
/** What could not be fetched is asked for again after a while, each time a longer one. */
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 8000
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
  #isFetching = false
  #stop: (() => void) | null = null
  #listeners = new Set<() => void>()
  #hasEnded = false
  #wait_ms = FIRST_WAIT_MS

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
    if (this.#hasEnded || this.state === 'gone') return
    if (this.trouble) return this.#laterAgain(() => this.start())
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

  async #load(at?: number, isOther = false): Promise<void> {
    try {
      const sent = await this.#world.fetch(this.#run, at)
      if (this.#hasEnded) return
      const picture = 'found' in sent ? sent : decodePicture(sent)
      // Of two that were asked for, the older one may come last.
      if (isOther || picture.seq >= this.picture.seq) this.#turnTo(picture)
      this.trouble = null
      this.#wait_ms = FIRST_WAIT_MS
    } catch (why) {
      this.trouble = why as Error
      const isGone = why instanceof BoardError && why.problem.type === 'unknown-run'
      this.state = isGone ? 'gone' : this.picture.seq > 0 ? 'behind' : 'failed'
    }
    this.#changed()
  }

  /** Lines that wait are folded into it where they join it, else they are asked for again. */
  #turnTo(picture: Picture): void {
    this.picture = picture
    const beyond = this.#queue.filter((line) => line.seq > picture.seq)
    this.#queue = beyond[0]?.seq === picture.seq + 1 ? beyond : []
    this.state = 'behind'
  }

  #laterAgain(call: () => void): void {
    this.#world.later(call, this.#wait_ms)
    this.#wait_ms = Math.min(LONGEST_WAIT_MS, this.#wait_ms * 2)
  }

  /** The last line that is here: folded, or waiting for its frame. */
  #reached(): number {
    return this.#queue.at(-1)?.seq ?? this.picture.seq
  }

  #hear(frame: Frame): void {
    if (this.#hasEnded || !('run_id' in frame) || frame.run_id !== this.#run) return
    if (frame.type === 'lines') this.#take(frame.after, frame.lines)
    else if (frame.type === 'gap') this.#fetchUpTo(frame.to)
    else if (frame.type === 'live') this.#isLive(this.picture.run.status)
    else if (frame.type === 'status') this.#isLive(frame.status)
    else if (frame.type === 'reset') this.#reset(frame.reason)
    else if (frame.type === 'problem' && frame.problem === 'unknown-run') this.#reset('gone')
  }

  #take(after: number, lines: readonly Line[]): void {
    if (after > this.#reached()) {
      if (!this.#isFetching) this.#world.socket.again(`run ${this.#run}`)
      return
    }
    const reached = this.#reached()
    for (const line of lines) if (line.seq > reached) this.#queue.push(line)
    this.heard_ms = this.#world.now_ms()
    this.#drainLater()
  }

  async #fetchUpTo(seq: number): Promise<void> {
    if (seq <= this.picture.seq || this.#isFetching) return
    this.#isFetching = true
    await this.#load(seq)
    this.#isFetching = false
    this.#goOn()
  }

  /** From where it is now; a board that cannot answer is left alone for a while. */
  #goOn(): void {
    const again = () => this.#world.socket.again(`run ${this.#run}`)
    if (this.trouble) this.#laterAgain(again)
    else again()
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
    this.#load(undefined, true).then(() => this.#goOn())
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

/** Without the texts of sub-queries and attempts: they are many, and asked for one by one. */
export const fetchPicture = (run: string, at?: number): Promise<SentPicture> =>
  ask<SentPicture>(`runs/${part(run)}/picture`, { texts: false, at })
