import { figuresOf } from '../../live/figures'
import type { RunItem, RunWhole } from '../../live/shapes.gen'
import type { Picture } from '../../trace/picture'
import { offsetOf } from './childClock'

/** A run as it stood at a moment, beside its picture of that moment. */
export function wholeAt(whole: RunWhole, picture: Picture, at_us: number): RunWhole {
  const run = itemAt(whole.run, picture, at_us)
  const hasEnded = picture.run.ended_us !== null
  return {
    ...whole,
    run,
    span_refs: hasEnded ? whole.span_refs : [],
    children: childrenAt(whole.run, whole.children, at_us),
  }
}

function itemAt(run: RunItem, picture: Picture, at_us: number): RunItem {
  if (picture.run.ended_us !== null) return run
  return { ...run, ...figuresOf(picture), ...UNDER_WAY, duration_ms: at_us / 1000 }
}

const UNDER_WAY = { status: 'running', presumed: false, ended_at: null } as const

/** Of a child run under way nothing is known here but that it goes on. */
const NOT_YET_KNOWN = {
  ...UNDER_WAY,
  duration_ms: null,
  output: null,
  end_reason: null,
  error_type: null,
  error_message: null,
  cost_sats: null,
  cost_msat: null,
  cost_usd_nanos: null,
  unknown_cost: 0,
  tokens_used: null,
  input_tokens: null,
  output_tokens: null,
  unknown_usage: 0,
  estimated_usage: 0,
  citations: null,
} as const

/**
 * The children that had begun by a moment on the clock of their parent, as they stood. One of which
 * nobody can tell when it began is shown as it is known now.
 */
export function childrenAt(
  run: Pick<RunItem, 'created_at_ms' | 'host'>,
  children: readonly RunItem[],
  at_us: number,
): RunItem[] {
  return children.flatMap((child) => {
    const began_us = offsetOf(run, child)
    if (began_us > at_us) return []
    const hasEnded = child.duration_ms !== null && began_us + child.duration_ms * 1000 <= at_us
    return [hasEnded || Number.isNaN(began_us) ? child : { ...child, ...NOT_YET_KNOWN }]
  })
}
