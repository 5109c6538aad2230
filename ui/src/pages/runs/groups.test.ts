import { expect, test } from 'vitest'
import type { RunItem } from '../../live/shapes.gen'
import { columnsOf, moved, NOTHING, pinnedTo, saidColumns, toggled, without } from './choices'
import { grouped, shared, spread } from './groups'

const run = (id: string, chunk: number | null, cost: number | null, status = 'completed') =>
  ({
    id,
    status,
    cost_msat: cost,
    config: chunk === null ? {} : { chunk_size: chunk, seed: 7 },
    tags: [],
  }) as unknown as RunItem

test('live runs stand above the groups', () => {
  const rows = grouped(
    [run('a', 512, 1), run('b', 256, 2), run('c', 512, 3, 'running')],
    'config.chunk_size',
    new Set(),
  )
  expect(rows.map((row) => (row.kind === 'run' ? row.run.id : row.value))).toEqual([
    'c',
    '512',
    'a',
    '256',
    'b',
  ])
})

test('a closed group shows only its head', () => {
  expect(grouped([run('a', 512, 1)], 'config.chunk_size', new Set(['512']))).toHaveLength(1)
})

test('means leave the unknown out and say of how many they are', () => {
  const runs = [run('a', 1, 10), run('b', 1, 20), run('c', 1, null)]
  expect(spread(runs, (one) => one.cost_msat)).toMatchObject({ n: 2, mean: 15 })
})

test('what is the same in all is named once', () => {
  const same = shared([run('a', 512, 1), run('b', 256, 2)], ['config.chunk_size', 'config.seed'])
  expect([...same]).toEqual([['config.seed', '7']])
})

test('a range takes everything between two clicks', () => {
  const first = toggled(NOTHING, 'b', ['a', 'b', 'c', 'd'], false)
  expect([...toggled(first, 'd', ['a', 'b', 'c', 'd'], true).selected]).toEqual(['b', 'c', 'd'])
})

const FIRST = ['name', 'query', 'cost']

test('the address says columns, their order and which stay; nothing where they are as at first', () => {
  expect(columnsOf(undefined, FIRST)).toEqual({ keys: FIRST, pinned: 1 })
  expect(columnsOf('name,*cost,query', FIRST)).toEqual({
    keys: ['name', 'cost', 'query'],
    pinned: 2,
  })
  expect(saidColumns(columnsOf('name,*cost,query', FIRST), FIRST)).toBe('name,*cost,query')
  expect(saidColumns({ keys: FIRST, pinned: 1 }, FIRST)).toBeUndefined()
})

test('what stays in sight survives moving and leaving out', () => {
  const two = pinnedTo({ keys: FIRST, pinned: 1 }, 'query')
  expect(two.pinned).toBe(2)
  expect(moved(two, 'cost', -1)).toEqual({ keys: ['name', 'cost', 'query'], pinned: 2 })
  expect(without(two, 'cost')).toEqual({ keys: ['name', 'query'], pinned: 2 })
  expect(without(two, 'name')).toEqual({ keys: ['query', 'cost'], pinned: 1 })
  expect(pinnedTo(two, 'query').pinned).toBe(1)
})
