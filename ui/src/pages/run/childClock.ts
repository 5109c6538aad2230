import type { RunItem } from '../../live/shapes.gen'
import { titleOf } from '../../views/runTitle'
import type { ChildBar } from '../../views/timeline/bars'

type Begun = Pick<RunItem, 'created_at_ms' | 'host'>

/** When a run began on the clock of another, in microseconds; NaN where one of them never said. */
export function offsetOf(run: Begun, child: Begun): number {
  if (run.created_at_ms <= 0 || child.created_at_ms <= 0) return Number.NaN
  return (child.created_at_ms - run.created_at_ms) * 1000
}

/** Whose clocks were compared to place a child; null where one machine told both. */
export function clocksOf(run: Begun, child: Begun): string | null {
  if (Number.isNaN(offsetOf(run, child))) return null
  if (run.host !== null && run.host === child.host) return null
  const [one, other] = [run.host ?? 'an unknown machine', child.host ?? 'an unknown machine']
  return `Placed by two clocks, of ${one} and of ${other}, which may disagree`
}

const STATES: Record<RunItem['status'], ChildBar['state']> = {
  queued: 'open',
  running: 'open',
  completed: 'returned',
  failed: 'failed',
  cancelled: 'cancelled',
  interrupted: 'broken',
}

/** The bar of a child among those of its parent. */
export function barOf(run: RunItem, child: RunItem): ChildBar {
  const start_us = offsetOf(run, child)
  const state = STATES[child.status]
  const end_us = state === 'open' ? Number.NaN : start_us + (child.duration_ms ?? 0) * 1000
  return {
    id: child.id,
    name: titleOf(child),
    start_us,
    end_us,
    state,
    clocks: clocksOf(run, child),
  }
}
