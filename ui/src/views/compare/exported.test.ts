import { expect, test } from 'vitest'
import type { Comparison } from '../../live/shapes.gen'
import { exported, type Shown } from './exported'

const MADE = {
  columns: [
    { key: 'method', from: 'config', kind: 'text', known: 3, distinct: 2 },
    { key: 'accuracy', from: 'metric', kind: 'number', known: 2, distinct: 2 },
    { key: 'cost_msat', from: 'run', kind: 'number', known: 3, distinct: 3 },
  ],
  runs: [
    { id: 'a', name: 'a', unknown_cost: 2 },
    { id: 'b', name: '=b', unknown_cost: 0 },
    { id: 'c', name: 'c|d', unknown_cost: 0 },
  ],
  values: [
    ['rlm', 0.5, 10_000],
    ['rlm', 0.9, 40_000],
    [null, null, 20_000],
  ],
  groups: [
    { value: 'rlm', runs: [0, 1] },
    { value: null, runs: [2] },
  ],
  count: 3,
  cut: false,
} as unknown as Comparison

const shown = (keys: string[], more: Partial<Shown> = {}): Shown => ({
  made: MADE,
  recorded: MADE,
  keys,
  rows: [2, 0, 1],
  group: undefined,
  ...more,
})

test('programs get numbers as they were recorded, in the order that is shown', () => {
  expect(exported(shown(['accuracy', 'cost_msat']), 'csv')).toBe(
    "run,accuracy,cost_msat\r\nc|d,,20000\r\na,0.5,10000\r\n'=b,0.9,40000",
  )
  expect(JSON.parse(exported(shown(['accuracy']), 'json'))[0]).toEqual({
    run: 'c|d',
    accuracy: null,
  })
})

test('people get words, with what a number leaves out', () => {
  expect(exported(shown(['accuracy', 'cost_msat']), 'md').split('\n')).toEqual([
    '| run | accuracy | cost sats |',
    '| --- | --- | --- |',
    '| c\\|d |  | 20 sats |',
    '| a | 0.500 | ≥ 10 sats |',
    '| =b | 0.900 | 40 sats |',
  ])
  expect(exported(shown(['cost_msat']), 'tex')).toContain('a & $\\geq$ 10 sats \\\\')
})

test('groups are exported as their means and deviations, with how many they are of', () => {
  const grouped = shown(['method', 'accuracy', 'cost_msat'], { group: 'method' })
  expect(exported(grouped, 'md').split('\n')[2]).toBe(
    '| rlm | 2 | 0.700 ± 0.283 | ≥ 25 sats ± 21 sats |',
  )
  expect(exported(grouped, 'tex')).toContain('rlm & 2 & 0.700 $\\pm$ 0.283')
  const [first, second] = JSON.parse(exported(grouped, 'json'))
  expect(first).toMatchObject({ method: 'rlm', runs: 2, accuracy: 0.7, accuracy_n: 2 })
  expect(second).toMatchObject({ method: null, runs: 1, accuracy: null, accuracy_std: null })
  expect(exported(grouped, 'csv').split('\r\n')[0]).toBe(
    'method,runs,accuracy,accuracy_std,accuracy_n,cost_msat,cost_msat_std,cost_msat_n',
  )
})

test('what its reader would misread is a letter', () => {
  const hostile = { ...MADE, runs: [{ ...MADE.runs[0], name: '![x](i.png) <img src=x>' }] }
  const said = exported(shown([], { made: hostile, recorded: hostile, rows: [0] }), 'md')
  expect(said).toContain('| !\\[x\\](i.png) \\<img src=x> |')
  expect(exported(shown(['cost_msat']), 'csv')).toContain("'=b")
})
