import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunItem } from '../../live/shapes.gen'
import { advance } from '../../trace/advance'
import type { TraceEvent } from '../../trace/events.gen'
import { emptyPicture, type Picture } from '../../trace/picture'
import { RETURNED, RUNNING, SUBMITTED } from '../../trace/picture.gen'
import { readTrace } from '../../trace/read'
import { totals } from '../../trace/totals'
import { momentOf } from '../moment'
import { whoOf } from '../timeline/bars'
import { forest } from './forest'
import { type IcicleBox, icicle, type Measure } from './icicleLayout'
import { sizesOf } from './icicleSizes'
import { type Branch, type ChildRun, openRows } from './rows'

const GOLDEN = join(import.meta.dirname, '../../../../golden')

function pictureOf(name: string): Picture {
  const picture = emptyPicture()
  for (const line of readTrace(readFileSync(join(GOLDEN, name, 'trace.jsonl'))))
    advance(picture, line)
  return picture
}

test.each(['normal', 'deep-recursion', 'redundancy', 'hedging', 'timeout', 'interrupted'])(
  'the root of %s adds up to the totals',
  (name) => {
    const picture = pictureOf(name)
    const made = forest(picture)
    const { cost_msat, unknown_usage, estimated_usage } = totals(picture)
    expect(Number.isNaN(made.msat[0]) ? null : made.msat[0]).toBe(cost_msat)
    expect([made.untold[0], made.estimated[0]]).toEqual([unknown_usage, estimated_usage])
  },
)

test('what was given up before anybody was asked cost nothing, and that is known', () => {
  const picture = emptyPicture()
  const tell = (seq: number, event: TraceEvent) =>
    advance(picture, { seq, run_id: 'r', timestamp_ms: seq, event })
  tell(1, { type: 'SubQuerySubmit', query_id: 'refused' })
  tell(2, { type: 'SubQueryCancel', query_id: 'refused', reason: 'budget' })
  tell(3, { type: 'SubQuerySubmit', query_id: 'untold' })
  tell(4, { type: 'SubQueryExecute', query_id: 'untold' })
  tell(5, { type: 'SubQueryReturn', query_id: 'untold' })
  const made = forest(picture)
  const of = (id: string) => made.unknown[picture.found.things.get(id) ?? -1]
  expect([of('refused'), of('untold'), made.unknown[0]]).toEqual([0, 1, 1])
  expect(made.untold[0]).toBe(1)
  expect([0, 1].map((row) => whoOf(picture, row))).toEqual(['refused', null])
})

test('everything hangs on the root, and once', () => {
  const picture = pictureOf('deep-recursion')
  const trunk = { run: null, forest: forest(picture), offset_us: 0, hasEnded: true, children: [] }
  const rows = openRows(trunk, () => true, 'time', picture.run.last_us ?? 0)
  const things = rows.filter((row) => row.kind === 'thing').map((row) => row.thing)
  expect(new Set(things).size).toBe(picture.things.rows)
  expect(things).toHaveLength(picture.things.rows)
})

const branchOf = (name: string, children: ChildRun[] = []): Branch => ({
  run: null,
  forest: forest(pictureOf(name)),
  offset_us: 0,
  hasEnded: true,
  children,
})

const boxesOf = (trunk: Branch, measure: Measure): IcicleBox[] =>
  icicle(trunk, sizesOf(trunk, measure, 1_000_000, 'sats', null), 1000, 0)

function withinParents(boxes: readonly IcicleBox[]): void {
  for (const box of boxes.filter((one) => one.depth > 0)) {
    const isIn = (up: IcicleBox) =>
      up.depth === box.depth - 1 && up.x <= box.x + 1e-6 && up.x + up.w >= box.x + box.w - 1e-6
    expect(boxes.some(isIn)).toBe(true)
  }
}

test('boxes of an icicle lie within their parents', () => {
  withinParents(boxesOf(branchOf('deep-recursion'), 'time'))
})

test('an icicle has child runs as boxes, and what is in them once they are loaded', () => {
  const item = { id: 'part', parent_id: 'cell-1', status: 'completed', duration_ms: 60 }
  const child = (branch: Branch | null): ChildRun => ({
    item: { ...item, cost_msat: 5_000, cost_usd_nanos: null, tokens_used: 70 } as RunItem,
    offset_us: 20_000,
    clocks: null,
    isOpen: branch !== null,
    branch,
    trouble: null,
  })
  const of = (boxes: readonly IcicleBox[]) => boxes.find((box) => box.child !== null)
  const closed = branchOf('deep-recursion', [child(null)])
  expect(of(boxesOf(closed, 'time'))?.amount).toBe(60_000)
  expect(of(boxesOf(closed, 'cost'))?.amount).toBe(5_000)
  withinParents(boxesOf(closed, 'cost'))
  const cost = (trunk: Branch) => boxesOf(trunk, 'cost')[0].amount
  expect(cost(closed)).toBe(cost(branchOf('deep-recursion')) + 5_000)
  expect(of(boxesOf(closed, 'tokens'))?.amount).toBe(70)
  const loaded = { ...branchOf('normal'), run: 'part', offset_us: 20_000 }
  const boxes = boxesOf(branchOf('deep-recursion', [child(loaded)]), 'time')
  withinParents(boxes)
  const inside = boxes.filter(({ path }) => path.includes('part'))
  expect(inside.map((box) => loaded.forest.picture.things.id[box.thing]).sort()).toEqual([
    'q-001',
    'q-002',
    'q-003',
  ])
})

test('a replay at the end shows what is known now', () => {
  const picture = pictureOf('normal')
  const end = picture.run.last_us ?? 0
  expect(totals(momentOf(picture, end + 1))).toEqual(totals(picture))
})

test('a replay at the beginning shows nothing done', () => {
  const moment = momentOf(pictureOf('normal'), -1)
  expect(totals(moment)).toMatchObject({ returned: 0, running: 0, cost_msat: null })
})

test('a replay shows a turn and a cell as they stood', () => {
  const { nodes, things } = momentOf(pictureOf('deep-recursion'), 50_000)
  const row = (id: string) => things.row[things.id.indexOf(id)]
  expect(nodes.state[row('cell-1')]).toBe(RUNNING)
  expect(nodes.output[row('cell-1')]).toBeNull()
  expect(nodes.state[row('grep-1')]).toBe(RETURNED)
  expect(nodes.state[row('root turn 2')]).toBe(SUBMITTED)
  expect(nodes.started_us[row('cell-2')]).toBeNaN()
})
