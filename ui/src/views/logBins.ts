const LOWEST_MS = 10
const HIGHEST_MS = 60_000
const BINS = 24
/** How many times its beginning a bar of the board ends at. */
const BAR = 1.04 ** 6

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

/** A latency that half of all of them stay within, as near as bars tell; null where there are none. */
export function medianOf(
  told: readonly { from_ms: readonly number[]; counts: readonly number[] }[],
): number | null {
  const bars = told
    .flatMap(({ from_ms, counts }) => from_ms.map((from, n) => ({ from, count: counts[n] })))
    .sort((a, b) => a.from - b.from)
  let left = bars.reduce((sum, { count }) => sum + count, 0) / 2
  if (left === 0) return null
  for (const { from, count } of bars) {
    if (count >= left) return from * BAR ** (left / count)
    left -= count
  }
  return null
}

function binOf(ms: number): number {
  const share = Math.log(Math.max(ms, LOWEST_MS) / LOWEST_MS) / Math.log(HIGHEST_MS / LOWEST_MS)
  return Math.min(BINS - 1, Math.floor(share * BINS))
}
