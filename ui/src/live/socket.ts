import { readPlain } from '../trace/terminal'
import { heardTime } from './boardClock'
import type { Frame, Request } from './frames'

/** `waiting`: for the next try. `resting`: nobody looks. */
export type SocketState = 'connecting' | 'open' | 'waiting' | 'resting'

/** What somebody follows: what to ask for when the line is up, and who listens. */
interface Subscription {
  ask: () => Request
  end: Request
  hear: (frame: Frame) => void
}

/** As much of a WebSocket as is needed; tests hand in their own. */
export interface Wire {
  send(text: string): void
  close(): void
  onopen: ((event: unknown) => void) | null
  onclose: ((event: unknown) => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
}

export interface World {
  connect: () => Wire
  /** Calls back after so many milliseconds; gives what takes it back. */
  later: (call: () => void, afterMs: number) => () => void
  random: () => number
}

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 8000
/** Three heartbeats missed: the line is dead, whatever the browser says. */
const SILENCE_MS = 16_000

/**
 * One socket for the page. It comes back by itself, and each subscription is asked for again from
 * where it got to; nothing is ever assumed about what was missed.
 */
export class LiveSocket {
  #world: World
  #wire: Wire | null = null
  #state: SocketState = 'waiting'
  #subscriptions = new Map<string, Subscription>()
  #wait_ms = FIRST_WAIT_MS
  #isResting = false
  #retry: (() => void) | null = null
  #silence: (() => void) | null = null
  #watchers = new Set<() => void>()

  constructor(world: World) {
    this.#world = world
  }

  get state(): SocketState {
    return this.#state
  }

  /** Calls back when the state changes. */
  watch(call: () => void): () => void {
    this.#watchers.add(call)
    return () => this.#watchers.delete(call)
  }

  /** Follows something under a name of its own; the answer ends it. */
  follow(name: string, subscription: Subscription): () => void {
    this.#subscriptions.set(name, subscription)
    if (this.#state === 'open') this.#say(subscription.ask())
    else if (!this.#wire && !this.#isResting) this.wake()
    return () => {
      if (this.#subscriptions.get(name) !== subscription) return
      this.#subscriptions.delete(name)
      if (this.#state === 'open') this.#say(subscription.end)
    }
  }

  /** Asks for a subscription again, from where it is now. */
  again(name: string): void {
    const subscription = this.#subscriptions.get(name)
    if (!subscription || this.#state !== 'open') return
    this.#say(subscription.end)
    this.#say(subscription.ask())
  }

  /** Connects now instead of later: the network is back, or the tab is looked at again. */
  wake(): void {
    this.#isResting = false
    this.#retry?.()
    this.#retry = null
    if (!this.#wire) this.#connect()
  }

  /** Nobody looks: follows nothing until it is woken, and then goes on from where it was. */
  rest(): void {
    this.#isResting = true
    this.close()
    this.#turn('resting')
  }

  close(): void {
    this.#retry?.()
    this.#retry = null
    this.#silence?.()
    const wire = this.#wire
    this.#wire = null
    wire?.close()
  }

  #connect(): void {
    const wire = this.#world.connect()
    this.#wire = wire
    this.#turn('connecting')
    this.#listen()
    wire.onopen = () => this.#wire === wire && this.#opened()
    wire.onclose = () => this.#closed(wire)
    wire.onmessage = (event) => this.#wire === wire && this.#heard(String(event.data))
  }

  #opened(): void {
    this.#wait_ms = FIRST_WAIT_MS
    this.#turn('open')
    this.#listen()
    for (const subscription of this.#subscriptions.values()) this.#say(subscription.ask())
  }

  #closed(wire: Wire): void {
    if (this.#wire !== wire) return
    this.#wire = null
    this.#silence?.()
    this.#turn('waiting')
    const wait = this.#wait_ms * (0.75 + this.#world.random() / 2)
    this.#wait_ms = Math.min(LONGEST_WAIT_MS, this.#wait_ms * 2)
    this.#retry = this.#world.later(() => this.wake(), wait)
  }

  #heard(text: string): void {
    this.#listen()
    const frame = readPlain(text) as Frame
    if (frame.type === 'heartbeat') heardTime(frame.at_ms)
    for (const subscription of [...this.#subscriptions.values()]) subscription.hear(frame)
  }

  #listen(): void {
    this.#silence?.()
    const wire = this.#wire
    this.#silence = this.#world.later(() => {
      if (!wire) return
      wire.close()
      this.#closed(wire)
    }, SILENCE_MS)
  }

  #say(request: Request): void {
    this.#wire?.send(JSON.stringify(request))
  }

  #turn(state: SocketState): void {
    this.#state = state
    for (const call of this.#watchers) call()
  }
}
