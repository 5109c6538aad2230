import { expect, test } from 'vitest'
import type { ComparedRun, Comparison, ComparisonColumn } from '../../live/shapes.gen'
import { inCurrency, isConverted, isPartly, titleIn } from './inCurrency'

const RATE = { usd_per_btc: 100_000, on: '2026-11-23' }
const column = (key: string, known: number): ComparisonColumn => ({
  key,
  from: 'run',
  kind: 'number',
  known,
  distinct: known,
  same: null,
  lowest: null,
  highest: null,
})
const run = (id: string, apart_msat: number, apart_usd_nanos: number) =>
  ({ id, apart_msat, apart_usd_nanos }) as ComparedRun

/** 10 sats; $0.02; 5 sats and $0.01 of other attempts; 7 sats that were told in dollars too. */
const MADE: Comparison = {
  columns: [column('cost_msat', 3), column('failed', 4), column('cost_usd_nanos', 3)],
  runs: [
    run('sats', 10_000, 0),
    run('dollars', 0, 20_000_000),
    run('apart', 5_000, 10_000_000),
    run('both', 0, 0),
  ],
  values: [
    [10_000, 0, null],
    [null, 1, 20_000_000],
    [5_000, 2, 10_000_000],
    [7_000, 3, 7_000_000],
  ],
  groups: [],
  count: 4,
  cut: false,
}
const costs = (made: Comparison, key: string) => {
  const at = made.columns.findIndex((one) => one.key === key)
  return made.values.map((row) => (typeof row[at] === 'number' ? Math.round(row[at]) : row[at]))
}

test('costs are put together in the currency that comes first, and marked where converted', () => {
  const made = inCurrency(MADE, 'sats', RATE)
  expect(costs(made, 'cost_msat')).toEqual([10_000, 20_000, 15_000, 7_000])
  const [cost] = made.columns
  expect([0, 1, 2, 3].map((row) => isConverted(cost, row))).toEqual([false, true, true, false])
  expect(cost).toMatchObject({ known: 4, lowest: 7_000 })
  expect(Math.round(cost.highest ?? 0)).toBe(20_000)
  expect(titleIn(made, 'cost_msat')).toBe('≈ cost sats')
  expect(costs(made, 'cost_usd_nanos')).toEqual([10_000_000, 20_000_000, 15_000_000, 7_000_000])
})

test('the column of the currency that comes first stands before that of the other', () => {
  const made = inCurrency(MADE, 'dollars', RATE)
  expect(made.columns.map(({ key }) => key)).toEqual(['cost_usd_nanos', 'failed', 'cost_msat'])
  expect(costs(made, 'cost_usd_nanos')).toEqual([10_000_000, 20_000_000, 15_000_000, 7_000_000])
  expect(costs(made, 'failed')).toEqual([0, 1, 2, 3])
})

test('without a rate every cost stands as it was recorded', () => {
  const made = inCurrency(MADE, 'dollars', null)
  expect(costs(made, 'cost_usd_nanos')).toEqual(costs(MADE, 'cost_usd_nanos'))
  expect(costs(made, 'cost_msat')).toEqual(costs(MADE, 'cost_msat'))
  expect(made.columns.some((one) => isConverted(one))).toBe(false)
  const rows = [0, 1, 2, 3]
  expect(made.columns.map((one) => rows.filter((row) => isPartly(one, row)))).toEqual([
    [2],
    [],
    [2],
  ])
})

test('a second currency in which nothing was recorded is not brought up', () => {
  const runs = [MADE.runs[0]]
  const values = [[10_000, 0, null]]
  const columns = [column('cost_msat', 1), column('failed', 1), column('cost_usd_nanos', 0)]
  const made = inCurrency({ ...MADE, runs, values, columns }, 'sats', RATE)
  expect(made.values).toEqual(values)
  expect(made.columns[2].known).toBe(0)
})

test('what was recorded is left as it is', () => {
  const before = JSON.stringify(MADE)
  inCurrency(MADE, 'sats', RATE)
  expect(JSON.stringify(MADE)).toBe(before)
})
