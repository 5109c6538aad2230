const LOWEST_MS = 10
const HIGHEST_MS = 60_000
const BINS = 24

export interface LogBins {
  bins: number[]
  /** The bin that a latency falls into. */
  at: (ms: number) => number
}

/** Counts on the one logarithmic axis that all sparks share, from 10 ms to a minute. */
export function onLogAxis(from_ms: readonly number[], counts: readonly number[]): LogBins {
  const bins = new Array<number>(BINS).fill(0)
  from_ms.forEach((from, n) => {
    const bin = binOf(from)
    bins[bin] = (bins[bin] ?? 0) + (counts[n] ?? 0)
  })
  return { bins, at: binOf }
}

function binOf(ms: number): number {
  const share = Math.log(Math.max(ms, LOWEST_MS) / LOWEST_MS) / Math.log(HIGHEST_MS / LOWEST_MS)
  return Math.min(BINS - 1, Math.floor(share * BINS))
}
