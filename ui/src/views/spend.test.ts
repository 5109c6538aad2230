import { expect, test } from 'vitest'
import type { Bucket, Overview } from '../live/shapes.gen'
import { say } from '../parts/money'
import { bucketsOf, lostIn, spentIn, spoken } from './spend'

const RATE = { usd_per_btc: 100_000, on: '2026-11-23' }
const DAY_MS = 86_400_000
const midnight = new Date(2026, 10, 23).getTime()

const BUCKET: Bucket = {
  at_ms: midnight,
  runs: 2,
  statuses: { completed: 1, failed: 1 },
  cost_msat: 30_000,
  cost_usd_nanos: 12_000_000,
  apart_msat: 30_000,
  apart_usd_nanos: 12_000_000,
  unknown_cost: 0,
  lost_msat: null,
  lost_usd_nanos: 12_000_000,
  lost_apart_msat: 0,
  lost_apart_usd_nanos: 12_000_000,
  sub_queries: 3,
  tokens: null,
  unknown_usage: 0,
  citations: 0,
  citations_missing: 0,
}
const OVERVIEW: Overview = {
  since_ms: midnight,
  until_ms: midnight + DAY_MS - 1,
  buckets: [BUCKET],
  total: BUCKET,
  failures: [],
}

test('the bar of a day is what was spent in both currencies, at the recorded rate', () => {
  const [day] = bucketsOf(OVERVIEW, false, 'sats', RATE)
  expect([day.spent, day.lost].map((sum) => Math.round(sum ?? Number.NaN))).toEqual([
    42_000, 12_000,
  ])
  expect(day).toMatchObject({ isAbout: true, beside: 0 })
  expect(spoken(OVERVIEW, false, 'sats', RATE)).toContain('≈ 42 sats')
})

test('without a rate a bar is of one currency, and says what is not in it', () => {
  const [day] = bucketsOf(OVERVIEW, false, 'dollars', null)
  expect(day).toMatchObject({ spent: 12_000_000, lost: 12_000_000, isAbout: false, beside: 30_000 })
  expect(spoken(OVERVIEW, false, 'dollars', null)).toContain('$0.012 + 30 sats')
})

test('a day whose prices are not known has not cost nothing', () => {
  const dark = { ...BUCKET, cost_msat: null, cost_usd_nanos: null, apart_msat: 0 }
  const unknown = { ...dark, apart_usd_nanos: 0, lost_usd_nanos: null, lost_apart_usd_nanos: 0 }
  const said = (bucket: Bucket) => {
    const [day] = bucketsOf({ ...OVERVIEW, buckets: [bucket] }, false, 'sats', null)
    const told = (amount: number) => say('sats', amount)
    return [spentIn(day, told), lostIn(day, told)]
  }
  expect(said({ ...unknown, unknown_cost: 3 })).toEqual(['unknown', 'on failed runs: unknown'])
  expect(said({ ...unknown, statuses: { completed: 2 }, unknown_cost: 3 })).toEqual([
    'unknown',
    'none on failed runs',
  ])
  expect(said({ ...BUCKET, unknown_cost: 1 })[0]).toBe('≥ 30 sats')
  expect(said({ ...unknown, unknown_cost: 0 })[0]).toBe('0 sats')
})
