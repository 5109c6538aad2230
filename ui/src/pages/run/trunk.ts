import type { RunItem } from '../../live/shapes.gen'
import type { Picture } from '../../trace/picture'
import { momentOf } from '../../views/moment'
import { type Forest, forest } from '../../views/tree/forest'
import type { Branch, ChildRun } from '../../views/tree/rows'
import { clocksOf, offsetOf } from './childClock'
import { below } from './relatives'
import type { OpenChild } from './useChildRuns'

interface Asked {
  run: RunItem
  forest: Forest
  hasEnded: boolean
  children: readonly RunItem[]
  open: ReadonlyMap<string, OpenChild>
  /** Where a replay stands; null where there is none. */
  at_us: number | null
}

const DEEPEST = 32

/** The tree of a run with those of its child runs in it, as far as they are open. */
export function trunkOf({ run, forest, hasEnded, children, open, at_us }: Asked): Branch {
  const trunk: Branch = { run: null, forest, offset_us: 0, hasEnded, children: [] }
  return { ...trunk, children: children.map((item) => childOf(item, run, 0, 1)) }

  function childOf(item: RunItem, parent: RunItem, parent_us: number, depth: number): ChildRun {
    const offset_us = parent_us + offsetOf(parent, item)
    const loaded = depth < DEEPEST ? open.get(item.id) : undefined
    const isThere = loaded !== undefined && loaded.follower.picture.seq > 0
    return {
      item,
      offset_us,
      clocks: clocksOf(parent, item),
      isOpen: loaded !== undefined,
      trouble: loaded?.trouble ?? null,
      branch: isThere ? branchOf(item, loaded, offset_us, depth) : null,
    }
  }

  function branchOf(item: RunItem, loaded: OpenChild, offset_us: number, depth: number): Branch {
    const { follower, children } = loaded
    const at = at_us === null || Number.isNaN(offset_us) ? null : at_us - offset_us
    return {
      run: item.id,
      forest: forestAt(follower.picture, follower.version, at),
      offset_us,
      hasEnded: follower.state !== 'live' && item.status !== 'running',
      children: below(item, children, at_us, offset_us).map((child) =>
        childOf(child, item, offset_us, depth + 1),
      ),
    }
  }
}

const made = new WeakMap<Picture, { version: number; at: number | null; forest: Forest }>()

/** At a moment, or as it is. A picture grows in place: what was made of it holds until it did. */
export function forestAt(picture: Picture, version: number, at: number | null): Forest {
  const kept = made.get(picture)
  if (kept?.version === version && kept.at === at) return kept.forest
  const fresh = forest(at === null ? picture : momentOf(picture, at))
  made.set(picture, { version, at, forest: fresh })
  return fresh
}
