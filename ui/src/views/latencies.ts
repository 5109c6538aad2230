import type { Picture } from '../trace/picture'
import { RETURNED } from '../trace/picture.gen'
import { startOf } from './timeline/bars'

/** How long attempts took that returned, on a logarithmic axis. */
export interface Latencies {
  count: number
  p50_ms: number
  p95_ms: number
  p99_ms: number
  /** Edges of the axis, in milliseconds. */
  low_ms: number
  high_ms: number
  bins: number[]
}

const BINS = 34

/** Null where none returned. `at_us`: only what had returned by then. */
export function latencies(picture: Picture, at_us: number): Latencies | null {
  const { attempts } = picture
  const took: number[] = []
  for (let row = 0; row < attempts.rows; row += 1) {
    if (attempts.state[row] !== RETURNED || attempts.ended_us[row] > at_us) continue
    const ms = (attempts.ended_us[row] - startOf(picture, row)) / 1000
    if (ms >= 0) took.push(ms)
  }
  if (took.length === 0) return null
  const sorted = Float64Array.from(took).sort()
  const low_ms = Math.max(0.01, sorted[0] * 0.8)
  const high_ms = Math.max(low_ms * 4, sorted[sorted.length - 1] * 1.25)
  const rank = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]
  return {
    count: took.length,
    p50_ms: rank(0.5),
    p95_ms: rank(0.95),
    p99_ms: rank(0.99),
    low_ms,
    high_ms,
    bins: binned(sorted, low_ms, high_ms),
  }
}

function binned(sorted: Float64Array, low: number, high: number): number[] {
  const bins = new Array<number>(BINS).fill(0)
  const scale = BINS / Math.log(high / low)
  for (const ms of sorted)
    bins[Math.max(0, Math.min(BINS - 1, Math.floor(Math.log(Math.max(ms, low) / low) * scale)))] +=
      1
  return bins
}
