import { expect, test } from 'vitest'
import { absentMoney } from './absentMoney'

const run = (cost_msat: number | null, cost_usd_nanos: number | null, unknown_cost = 0) => ({
  unknown_cost,
  cost_msat,
  cost_usd_nanos,
  apart_msat: 0,
  apart_usd_nanos: 0,
})
const KEYS = ['name', 'cost', 'cost_usd']
const absent = (...runs: ReturnType<typeof run>[]) => [...absentMoney(KEYS, runs, null)]

test('a currency that no run has takes no column', () => {
  expect(absent(run(5, null), run(null, null))).toEqual(['cost_usd'])
  expect(absent(run(null, 5))).toEqual(['cost'])
})

test('at least nothing is nothing known; nothing that is known is', () => {
  expect(absent(run(5, 0, 3))).toEqual(['cost_usd'])
  expect(absent(run(5, 0))).toEqual([])
})

test('a currency that one run has keeps its column', () => {
  expect(absent(run(5, null), run(null, 5))).toEqual([])
})

test('where no cost is known the first column of cost says so', () => {
  expect(absent(run(null, null))).toEqual(['cost_usd'])
})

test('what a rate converts is no empty column', () => {
  const rate = { usd_per_btc: 100_000, on: '2026-01-02' }
  expect([...absentMoney(KEYS, [run(5000, null)], rate)]).toEqual([])
})

test('without runs nothing is known to be absent', () => {
  expect(absent()).toEqual([])
})
