import { expect, test } from 'vitest'
import type { RunGroup, RunItem } from '../../live/shapes.gen'
import { columnsOf, moved, NOTHING, pinnedTo, saidColumns, toggled, without } from './choices'
import { groupRows, keyOfValue, type ListRow, shared } from './groups'

const run = (id: string, chunk: number | null, cost: number | null, status = 'completed') =>
  ({
    id,
    status,
    cost_msat: cost,
    config: chunk === null ? {} : { chunk_size: chunk, seed: 7 },
    tags: [],
  }) as unknown as RunItem

test('groups stand with the runs of those that are open, and say how many more they have', () => {
  const group = (value: number | null, runs: number) =>
    ({ value, said: value === null ? null : String(value), runs }) as RunGroup
  const groups = [group(512, 3), group(256, 1), group(null, 2)]
  const open = new Map([
    [keyOfValue(512), { runs: [run('a', 512, 1), run('b', 512, 2)], isLoading: false }],
    [keyOfValue(null), { runs: [], isLoading: true }],
  ])
  const rows = groupRows('config.chunk_size', groups, open)
  expect(rows.map(said)).toEqual(['512 open', 'a', 'b', '1 left', '256', 'null open', '2 left'])
})

test('a text that looks like a number is another group than the number', () => {
  expect(keyOfValue('512')).not.toBe(keyOfValue(512))
})

const said = (row: ListRow): string => {
  if (row.kind === 'run') return row.run.id
  if (row.kind === 'more') return `${row.left} left`
  return `${row.group.value}${row.isOpen ? ' open' : ''}`
}

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
