import { expect, test } from 'vitest'
import { chosen } from './chosen'
import type { Comparison } from './shapes.gen'

const MADE = {
  columns: [
    {
      key: 'method',
      from: 'config',
      kind: 'text',
      known: 3,
      distinct: 2,
      same: null,
      lowest: null,
      highest: null,
    },
    {
      key: 'score',
      from: 'metric',
      kind: 'number',
      known: 2,
      distinct: 2,
      same: null,
      lowest: 1,
      highest: 9,
    },
  ],
  runs: [{ id: 'a' }, { id: 'b' }, { id: 'c' }],
  values: [
    ['base', 1],
    ['rlm', 9],
    ['rlm', null],
  ],
  groups: [],
  count: 3,
  cut: false,
} as unknown as Comparison

test('runs come in the order in which they are asked for, and those that are not there stay out', () => {
  const some = chosen(MADE, ['c', 'nobody', 'b'])
  expect(some.runs.map((run) => run.id)).toEqual(['c', 'b'])
  expect(some.values).toEqual([
    ['rlm', null],
    ['rlm', 9],
  ])
})

test('columns are described by the runs that are left', () => {
  const [method, score] = chosen(MADE, ['b', 'c']).columns
  expect(method).toMatchObject({ distinct: 1, same: 'rlm', known: 2 })
  expect(score).toMatchObject({ known: 1, distinct: 1, same: null, lowest: 9, highest: 9 })
})
