import type { FollowWorld } from './follow'
import { Follower } from './follow'

/** Runs that are followed together: those that are wanted, and no others. */
export class Followers {
  readonly #world: (run: string) => FollowWorld
  readonly #followed = new Map<string, Follower>()
  readonly #stops = new Map<string, () => void>()
  readonly #listeners = new Set<() => void>()
  /** Grows with every change of any of them. */
  version = 0

  constructor(world: (run: string) => FollowWorld) {
    this.#world = world
  }

  get(run: string): Follower | null {
    return this.#followed.get(run) ?? null
  }

  /** Begins with what is new in the list and ends with what is no longer there. */
  keep(runs: readonly string[]): void {
    const wanted = new Set(runs)
    for (const run of this.#followed.keys()) if (!wanted.has(run)) this.#end(run)
    for (const run of wanted) if (!this.#followed.has(run)) this.#begin(run)
  }

  /** Calls back on each change. */
  watch(call: () => void): () => void {
    this.#listeners.add(call)
    return () => this.#listeners.delete(call)
  }

  #begin(run: string): void {
    const made = new Follower(run, this.#world(run))
    this.#followed.set(run, made)
    this.#stops.set(
      run,
      made.watch(() => this.#changed()),
    )
    made.start()
    this.#changed()
  }

  #end(run: string): void {
    this.#stops.get(run)?.()
    this.#stops.delete(run)
    this.#followed.get(run)?.end()
    this.#followed.delete(run)
    this.#changed()
  }

  #changed(): void {
    this.version += 1
    for (const call of this.#listeners) call()
  }
}
