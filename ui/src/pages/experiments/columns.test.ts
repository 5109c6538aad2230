import { expect, test } from 'vitest'
import type { Comparison } from '../../live/shapes.gen'
import { inCurrency } from '../../views/compare/inCurrency'
import type { RunLine } from '../../views/compare/table'
import { compareColumns, type TableWorld } from './columns'

const MADE = {
  columns: [
    { key: 'cost_msat', from: 'run', kind: 'number', known: 2, distinct: 2, lowest: 10_000 },
    { key: 'cost_usd_nanos', from: 'run', kind: 'number', known: 1, distinct: 1 },
    { key: 'input_tokens', from: 'run', kind: 'number', known: 3, distinct: 3, lowest: 10 },
  ],
  runs: [
    { id: 'a', unknown_cost: 0, unknown_usage: 0, apart_msat: 0, apart_usd_nanos: 0 },
    { id: 'b', unknown_cost: 2, unknown_usage: 2, apart_msat: 0, apart_usd_nanos: 0 },
    { id: 'c', unknown_cost: 0, unknown_usage: 0, apart_msat: 0, apart_usd_nanos: 1_000_000 },
  ],
  values: [
    [10_000, null, 10],
    [40_000, null, 70],
    [null, 1_000_000, 30],
  ],
  groups: [],
  count: 3,
  cut: false,
} as unknown as Comparison

const WORLD: TableWorld = {
  base: null,
  onBase: () => {},
  group: undefined,
  marked: new Set(),
  toggle: () => {},
  curves: new Map(),
  isPhone: false,
}

test('a number that stands alone in its cell says what it leaves out and what it rests on', () => {
  const made = inCurrency(MADE, 'sats', { usd_per_btc: 100_000, on: '2026-11-01' })
  const [, cost, tokens] = compareColumns(made, ['cost_msat', 'input_tokens'], WORLD)
  const line = (row: number) => ({ kind: 'run', run: made.runs[row], row }) as RunLine
  expect(tokens.cell(line(1))).toBe('≥ 70')
  expect(cost.cell(line(1))).toBe('≥ 40 sats')
  expect(cost.hint?.(line(1))).toContain('at least: part of it is unknown')
  expect(cost.hint?.(line(2))).toContain('converted')
  expect(tokens.cell(line(2))).toBe('30')
})
