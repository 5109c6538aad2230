import { expect, test } from 'vitest'
import type { Comparison, ComparisonColumn } from '../../live/shapes.gen'
import { brushedBy } from './parallel'
import { directionOf, frontier, heatOf, sortedRows, spreadOf } from './table'

const column = (
  key: string,
  from: ComparisonColumn['from'],
  lowest: number,
  highest: number,
): ComparisonColumn => ({
  key,
  from,
  kind: 'number',
  known: 3,
  distinct: 3,
  same: null,
  lowest,
  highest,
})

const MADE = {
  columns: [column('accuracy', 'metric', 0.5, 0.9), column('cost_msat', 'run', 10, 40)],
  runs: [
    { id: 'a', name: 'a' },
    { id: 'b', name: '=b' },
    { id: 'c', name: 'c|d' },
  ],
  values: [
    [0.5, 10],
    [0.9, 40],
    [null, 20],
  ],
  groups: [],
  count: 3,
  cut: false,
} as unknown as Comparison

test('scores are better high, costs low, settings neither', () => {
  expect(MADE.columns.map(directionOf)).toEqual(['up', 'down'])
  expect(directionOf(column('chunk_size', 'config', 1, 2))).toBeNull()
})

test('heat is stronger where better', () => {
  expect([
    heatOf(MADE.columns[1], 'down', 10),
    heatOf(MADE.columns[1], 'down', 40),
    heatOf(MADE.columns[1], 'down', null),
  ]).toEqual([5, 0, 0])
})

test('unknown values sort last either way, and the base stays on top', () => {
  expect(sortedRows(MADE, 'accuracy', null)).toEqual([0, 1, 2])
  expect(sortedRows(MADE, '-accuracy', null)).toEqual([1, 0, 2])
  expect(sortedRows(MADE, '-accuracy', 'c')).toEqual([2, 1, 0])
})

test('means say how many were unknown', () => {
  expect(spreadOf(MADE, [0, 1, 2], 0)).toMatchObject({ n: 2, unknown: 1 })
})

test('nothing on the frontier is beaten in both', () => {
  const points = [
    { x: 1, y: 0.5 },
    { x: 2, y: 0.4 },
    { x: 3, y: 0.9 },
    { x: 4, y: 0.9 },
  ]
  expect(frontier(points, 'down', 'up')).toEqual([0, 2])
})

test('brushes keep the runs within all of them', () => {
  const axes = MADE.columns.map(({ key }, at) => ({
    key,
    title: key,
    low: 0,
    high: 1,
    isTurned: false,
    values: MADE.values.map((row) => row[at] as number | null),
  }))
  expect([...(brushedBy(axes, { cost_msat: [25, 5] }, 3) ?? [])]).toEqual([0, 2])
  expect(brushedBy(axes, {}, 3)).toBeNull()
})
