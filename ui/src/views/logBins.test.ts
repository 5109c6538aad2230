import { expect, test } from 'vitest'
import { isFree } from './isFree'
import { medianOf } from './logBins'

const BAR = 1.04 ** 6

test('half of all latencies stay within their median, whoever had them', () => {
  const fast = { from_ms: [100, 100 * BAR], counts: [90, 10] }
  const slow = { from_ms: [1000], counts: [20] }
  const median = medianOf([fast, slow]) ?? 0
  expect(median).toBeGreaterThan(100)
  expect(median).toBeLessThan(100 * BAR)
  expect(medianOf([slow, fast])).toBe(median)
  expect(medianOf([slow])).toBeCloseTo(1000 * Math.sqrt(BAR))
  expect(medianOf([{ from_ms: [], counts: [] }])).toBeNull()
})

test('a provider is free where all is known to have cost nothing, in whatever money', () => {
  const spent = (cost_msat: number | null, cost_usd_nanos: number | null, unknown_cost = 0) =>
    isFree({ cost_msat, cost_usd_nanos, unknown_cost })
  expect([spent(0, null), spent(null, 0), spent(0, 0)]).toEqual([true, true, true])
  expect([spent(null, null), spent(0, null, 1), spent(0, 5), spent(3, null)]).toEqual([
    false,
    false,
    false,
    false,
  ])
})
