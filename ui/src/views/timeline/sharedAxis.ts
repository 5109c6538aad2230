import type { TimelineEngine } from './engine'
import type { View } from './view'

/**
 * One time axis for several runs, all of which begin at its zero: what one timeline shows, all show.
 */
export class SharedAxis {
  #engines = new Set<TimelineEngine>()

  /** Puts a timeline on the axis; the answer takes it off again. */
  join(engine: TimelineEngine): () => void {
    engine.axis = this
    this.#engines.add(engine)
    this.#paintOthers(engine)
    return () => {
      engine.axis = null
      this.#engines.delete(engine)
      this.#paintOthers(engine)
    }
  }

  /** From the first moment of any run to the last. */
  reach(): View {
    const reaches = [...this.#engines].map((engine) => engine.reach())
    return {
      t0: Math.min(...reaches.map((reach) => reach.t0)),
      t1: Math.max(...reaches.map((reach) => reach.t1)),
    }
  }

  /** A hand moved one of them. */
  moved(by: TimelineEngine, view: View | null): void {
    for (const engine of this.#engines) if (engine !== by) engine.show(view)
  }

  /** Keys move them all. */
  get first(): TimelineEngine | null {
    return this.#engines.values().next().value ?? null
  }

  /** A run that grew moves the end of the axis for all. */
  grew(by: TimelineEngine): void {
    this.#paintOthers(by)
  }

  #paintOthers(by: TimelineEngine): void {
    for (const engine of this.#engines) if (engine !== by) engine.paintSoon()
  }
}
