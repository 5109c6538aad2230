import type { RunItem, RunWhole } from '../../live/shapes.gen'
import { offsetOf } from './childClock'
import { childrenAt } from './past'
import type { ChildRuns } from './useChildRuns'

/** A run below that of the page, with the one that began it. */
export interface Relative {
  parent: RunItem
  item: RunItem
  /** When it began on the clock of the page's run, in microseconds; NaN where nobody can tell. */
  offset_us: number
}

/** Runs below that of the page, as far as they are loaded; in a replay those that had begun. */
export function relativesOf(
  { run, children }: RunWhole,
  open: ChildRuns['open'],
  at_us: number | null,
): Map<string, Relative> {
  const found = new Map<string, Relative>()
  const families: [parent: RunItem, offset_us: number, children: readonly RunItem[]][] = [
    [run, 0, children],
  ]
  for (const [parent, parent_us, items] of families) {
    for (const item of below(parent, items, at_us, parent_us)) {
      if (found.has(item.id)) continue
      const offset_us = parent_us + offsetOf(parent, item)
      found.set(item.id, { parent, item, offset_us })
      families.push([item, offset_us, open.get(item.id)?.children ?? []])
    }
  }
  return found
}

/** The children of a run that began at `parent_us`, as they stood at a moment of the page's run. */
export function below(
  parent: RunItem,
  children: readonly RunItem[],
  at_us: number | null,
  parent_us: number,
): readonly RunItem[] {
  if (at_us === null || Number.isNaN(parent_us)) return children
  return childrenAt(parent, children, at_us - parent_us)
}
