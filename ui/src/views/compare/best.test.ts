import { expect, test } from 'vitest'
import type { Comparison } from '../../live/shapes.gen'
import { bestOf } from './best'

const comparison = (costs: (number | null)[], unknown: number[], groups: number[][] = []) =>
  ({
    columns: [{ key: 'cost_msat', from: 'run', kind: 'number', distinct: 3 }],
    runs: costs.map((_, row) => ({ id: `run-${row}`, unknown_cost: unknown[row] ?? 0 })),
    values: costs.map((cost) => [cost]),
    groups: groups.map((runs, n) => ({ value: n, runs })),
  }) as unknown as Comparison

const cheapest = (made: Comparison, group?: string) =>
  bestOf(made, 0, made.columns[0], 'down', group)

test('the least cost is the best one', () => {
  expect(cheapest(comparison([30, 10, null], []))).toBe(10)
})

test('none is the best where one of which a part is unknown may be', () => {
  expect(cheapest(comparison([30, 10, 5], [0, 0, 2]))).toBeNull()
  expect(cheapest(comparison([30, 10, 20], [0, 0, 2]))).toBe(10)
  expect(cheapest(comparison([30, 10], [1, 1]))).toBeNull()
})

test('a group of which a part is unknown is not the best, nor any that it may beat', () => {
  const groups = [
    [0, 1],
    [2, 3],
  ]
  expect(cheapest(comparison([10, 20, 30, 40], [], groups), 'method')).toBe(15)
  expect(cheapest(comparison([10, 20, 30, 40], [0, 1], groups), 'method')).toBeNull()
  expect(cheapest(comparison([10, 20, 30, 40], [0, 0, 1], groups), 'method')).toBe(15)
})

test('of what is better high, one that is known in part may be the best', () => {
  const made = comparison([10, 20, 30], [1])
  expect(bestOf(made, 0, made.columns[0], 'up', undefined)).toBeNull()
})
