import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunItem } from '../../live/shapes.gen'
import { advance } from '../../trace/advance'
import { emptyPicture } from '../../trace/picture'
import { readTrace } from '../../trace/read'
import { forest } from './forest'
import { type Branch, type ChildRun, openRows, placeOf, type TreeRow } from './rows'

const GOLDEN = join(import.meta.dirname, '../../../../golden')

function branch(name: string, more: Partial<Branch> = {}): Branch {
  const picture = emptyPicture()
  for (const line of readTrace(readFileSync(join(GOLDEN, name, 'trace.jsonl'))))
    advance(picture, line)
  return { run: null, forest: forest(picture), offset_us: 0, hasEnded: true, children: [], ...more }
}

const child = (id: string, parent_id: string | null, below: Branch | null, isOpen = true) =>
  ({
    item: { id, parent_id } as RunItem,
    offset_us: 5000,
    clocks: null,
    isOpen,
    branch: below && { ...below, run: id },
    trouble: null,
  }) satisfies ChildRun

const rowsOf = (trunk: Branch) => openRows(trunk, () => true, 'time', 1e6)
const said = (row: TreeRow): string => {
  if (row.kind === 'run' || row.kind === 'wait') return `${row.kind} ${row.child.item.id}`
  return row.branch.forest.picture.things.id[row.thing] ?? ''
}

test('a child run hangs below the node that its parent_id names, after what that node began itself', () => {
  const rows = rowsOf(branch('deep-recursion', { children: [child('far', 'cell-1', null, false)] }))
  const at = rows.findIndex((row) => said(row) === 'run far')
  const parent = rows.findIndex((row) => said(row) === 'cell-1')
  expect(rows[at].depth).toBe(rows[parent].depth + 1)
  expect(rows.slice(parent + 1, at).every((row) => row.depth > rows[parent].depth)).toBe(true)
  expect(rows[at + 1].depth).toBeLessThan(rows[at].depth)
})

test('one that names nobody, or a node that the trace does not have, hangs on the root', () => {
  for (const parent of [null, 'never-heard-of']) {
    const rows = rowsOf(branch('normal', { children: [child('far', parent, null, false)] }))
    expect(said(rows.at(-1) as TreeRow)).toBe('run far')
    expect(rows.at(-1)?.depth).toBe(1)
  }
})

test('an open one has its own rows below it, and children of children work', () => {
  const inner = branch('hedging', { children: [child('farther', 'q-002', branch('timeout'))] })
  const rows = rowsOf(branch('normal', { children: [child('far', null, inner)] }))
  const names = rows.map(said)
  expect(names).toContain('run farther')
  const far = rows[names.indexOf('run far')]
  const farther = rows[names.indexOf('run farther')]
  expect(farther.depth).toBe(far.depth + 2)
  expect(farther.branch.run).toBe('far')
  expect(rows.at(-1)?.branch.run).toBe('far')
  expect(rows.filter((row) => row.kind === 'thing' && row.branch.run === 'farther')).toHaveLength(2)
})

test('one that is not loaded yet says so in its place', () => {
  const rows = rowsOf(branch('normal', { children: [child('far', null, null)] }))
  expect(rows.slice(-2).map(said)).toEqual(['run far', 'wait far'])
})

test('a run that claims to be its own ancestor is shown once', () => {
  const inner = branch('hedging')
  const loop = child('far', null, { ...inner, children: [child('far', null, inner)] })
  const rows = rowsOf(branch('normal', { children: [loop] }))
  expect(rows.filter((row) => row.kind === 'run')).toHaveLength(1)
})

test('guides tell at each level whether a sibling follows', () => {
  const inner = branch('hedging')
  const rows = rowsOf(
    branch('deep-recursion', {
      children: [child('far', null, inner), child('b', null, null, false)],
    }),
  )
  rows.forEach((row, n) => {
    row.guides.forEach((more, level) => {
      const later = rows.slice(n + 1).find((next) => next.depth <= level + 1)
      expect(more, `${said(row)} at ${level}`).toBe(later?.depth === level + 1)
    })
  })
})

test('a row that only opens is not what is selected while nothing is', () => {
  const rows = rowsOf(branch('normal', { children: [child('far', null, null)] }))
  expect(placeOf(rows, null)).toBe(-1)
  expect(placeOf(rows, { run: 'far', thing: 0 })).toBe(rows.length - 2)
})
