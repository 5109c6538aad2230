import { expect, test } from 'vitest'
import type { Comparison } from '../../live/shapes.gen'
import { chosenAxes } from './axes'

const KEYS = ['max_iters', 'accuracy', 'cost_msat', 'duration_ms']

/** Runs with a value in each of the columns above; null is unknown. */
const made = (...values: (number | null)[][]) =>
  ({
    columns: KEYS.map((key) => ({ key, from: key === 'accuracy' ? 'metric' : 'run' })),
    runs: values.map((_, n) => ({ id: `r${n}` })),
    values,
  }) as unknown as Comparison

test('a score stands over the cost', () => {
  expect(chosenAxes(made([1, 0.5, 9, 100]), KEYS, {})).toEqual(['cost_msat', 'accuracy'])
})

test('and over the time where no run with a score has a cost', () => {
  const apart = made([1, 0.5, null, 100], [2, null, 9, 200])
  expect(chosenAxes(apart, KEYS, {})).toEqual(['duration_ms', 'accuracy'])
})

test('without a score it is the time over the cost', () => {
  const keys = KEYS.filter((key) => key !== 'accuracy')
  expect(chosenAxes(made([1, null, 9, 100]), keys, {})).toEqual(['cost_msat', 'duration_ms'])
})

test('what the address says counts, as far as there is such a number', () => {
  const one = made([1, 0.5, 9, 100])
  expect(chosenAxes(one, KEYS, { x: 'max_iters', y: 'duration_ms' })).toEqual([
    'max_iters',
    'duration_ms',
  ])
  expect(chosenAxes(one, KEYS, { x: 'gone' })).toEqual(['cost_msat', 'accuracy'])
})
