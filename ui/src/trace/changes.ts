/** What was told of lately, so that who draws looks again at that alone. */

/** A power of two; more than come in between two frames. */
const MOST = 2 ** 13

export class Changes {
  /** So many there were, of which the last ones are remembered. */
  count = 0
  readonly #things = new Int32Array(MOST)

  /** Something about a thing may be another now. */
  note(thing: number): void {
    this.#things[this.count & (MOST - 1)] = thing
    this.count += 1
  }

  /** The things that changed after so many changes, each once; null where that was too long ago. */
  since(count: number): Set<number> | null {
    if (count < 0 || this.count - count > MOST) return null
    const things = new Set<number>()
    for (let n = count; n < this.count; n += 1) things.add(this.#things[n & (MOST - 1)])
    return things
  }
}
