import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { advance } from '../../trace/advance'
import { emptyPicture } from '../../trace/picture'
import { readTrace } from '../../trace/read'
import {
  barEnd,
  barsOf,
  chosenOf,
  type Drawn,
  FIRST_CHILD,
  FIRST_NODE,
  LOOKS,
  lookOf,
} from './bars'
import { CHILD_RUNS, Lanes, OWN_WORK } from './lanes'
import { barAt, layout, rectOf } from './layout'

const GOLDEN = join(import.meta.dirname, '../../../../golden')
const BOX = { width: 1000, height: 500, gutter: 148, scroll: 0, bands: 0 }

const linesOf = (name: string) => [...readTrace(readFileSync(join(GOLDEN, name, 'trace.jsonl')))]

function drawnOf(name: string): Drawn {
  const picture = emptyPicture()
  for (const line of linesOf(name)) advance(picture, line)
  return { picture, children: [] }
}

function allBars({ picture, children }: Drawn): number[] {
  return [
    ...Array.from({ length: picture.attempts.rows }, (_, n) => n),
    ...Array.from({ length: picture.nodes.rows }, (_, n) => FIRST_NODE + n),
    ...children.map((_, n) => FIRST_CHILD + n),
  ]
}

describe.each([
  'normal',
  'deep-recursion',
  'redundancy',
  'hedging',
  'timeout',
  'interrupted',
  'damaged',
  'joined-writers',
])('lanes of %s', (name) => {
  test.each(['provider', 'depth', 'packed'] as const)(
    'by %s: no two bars of a row overlap',
    (grouping) => {
      const drawn = drawnOf(name)
      const lanes = new Lanes(grouping)
      lanes.update(drawn)
      for (const lane of lanes.groups.flatMap((group) => group.lanes)) {
        lane.bars.slice(1).forEach((_, n) => {
          expect(barEnd(drawn, lane.bars[n])).toBeLessThanOrEqual(lane.starts[n + 1])
        })
      }
    },
  )

  test('a bar keeps its row while the run goes on', () => {
    const lanes = new Lanes('provider')
    const drawn: Drawn = { picture: emptyPicture(), children: [] }
    const first = new Map<number, number>()
    for (const line of linesOf(name)) {
      advance(drawn.picture, line)
      lanes.update(drawn)
      for (const bar of allBars(drawn)) {
        const lane = lanes.placeOf(bar)?.lane
        if (lane !== undefined) expect(first.get(bar) ?? lane).toBe(lane)
        if (lane !== undefined) first.set(bar, lane)
      }
    }
  })

  test('what is pointed at is what was drawn there', () => {
    const drawn = drawnOf(name)
    const lanes = new Lanes('provider')
    lanes.update(drawn)
    const end = drawn.picture.run.last_us ?? 1
    const made = layout(
      drawn,
      lanes,
      { t0: 0, t1: end * 1.03 },
      { now_us: end, hasEnded: true, hasLater: false },
      BOX,
    )
    for (let n = 0; n < made.rects.count; n++) {
      const at = rectOf(drawn, lanes, made, made.rects.bar[n])
      if (!at || at.w < 6) continue
      expect(barAt(made, at.x + at.w / 2, at.y + at.h / 2)).toBe(made.rects.bar[n])
    }
  })
})

test('where bars are too small to be told apart, the worst shows', () => {
  const drawn = drawnOf('hedging')
  const lanes = new Lanes('packed')
  lanes.update(drawn)
  const end = drawn.picture.run.last_us ?? 1
  const far = { t0: -end * 5000, t1: end * 5000 }
  const made = layout(drawn, lanes, far, { now_us: end, hasEnded: true, hasLater: false }, BOX)
  const looks = Array.from(made.rects.look.subarray(0, made.rects.count), (look) => LOOKS[look])
  expect(looks.some((look) => look !== 'returned')).toBe(true)
  expect(made.rects.count).toBeLessThan(drawn.picture.attempts.rows)
})

test('nothing is drawn before it happened', () => {
  const drawn = drawnOf('normal')
  const lanes = new Lanes('provider')
  lanes.update(drawn)
  const made = layout(
    drawn,
    lanes,
    { t0: 0, t1: 1e7 },
    { now_us: 0, hasEnded: false, hasLater: false },
    BOX,
  )
  expect(made.rects.count).toBe(0)
})

test('an attempt waits for its provider before it gets a row', () => {
  const drawn: Drawn = { picture: emptyPicture(), children: [] }
  const lanes = new Lanes('provider')
  for (const line of linesOf('normal')) {
    advance(drawn.picture, line)
    lanes.update(drawn)
  }
  expect(lanes.groups.map((group) => group.key)).not.toContain('provider unknown')
})

test('turns, cells, tools and child RLMs have bars, each below what it is a part of', () => {
  const drawn = drawnOf('deep-recursion')
  const { nodes, things } = drawn.picture
  const lanes = new Lanes('provider')
  lanes.update(drawn)
  const own = lanes.groups.find((group) => group.key === OWN_WORK)
  expect(own?.lanes.flatMap((lane) => lane.bars)).toHaveLength(nodes.rows)
  const laneOf = (id: string) =>
    lanes.placeOf(FIRST_NODE + things.row[things.id.indexOf(id)])?.lane ?? -1
  expect(laneOf('child-1')).toBeGreaterThan(laneOf('cell-1'))
  expect(laneOf('child-2')).toBeGreaterThan(laneOf('child-1'))
  expect(laneOf('grep-1')).toBeGreaterThan(laneOf('child-1'))
})

test('by depth, a turn and a cell stand with the RLM that they are of', () => {
  const drawn = drawnOf('deep-recursion')
  const { things } = drawn.picture
  const lanes = new Lanes('depth')
  lanes.update(drawn)
  const depthOf = (id: string) => {
    const place = lanes.placeOf(FIRST_NODE + things.row[things.id.indexOf(id)])
    return place && lanes.groups[place.group].key
  }
  expect(['root turn 1', 'cell-1', 'child-1', 'grep-1', 'child-2'].map(depthOf)).toEqual([
    'depth 0',
    'depth 0',
    'depth 1',
    'depth 1',
    'depth 2',
  ])
})

test('what is selected by a bar has that bar among its bars', () => {
  const drawn = drawnOf('deep-recursion')
  for (const bar of allBars(drawn)) expect(barsOf(drawn, chosenOf(drawn, bar))).toContain(bar)
})

test('a cell that failed looks failed, and a run that died leaves its turn broken', () => {
  const drawn = drawnOf('deep-recursion')
  const { things, nodes } = drawn.picture
  const bar = FIRST_NODE + things.row[things.id.indexOf('cell-2')]
  expect(LOOKS[lookOf(drawn, bar, 1e9, true)]).toBe('failed')
  nodes.ended_us[things.row[things.id.indexOf('root turn 2')]] = Number.NaN
  const turn = FIRST_NODE + things.row[things.id.indexOf('root turn 2')]
  expect(LOOKS[lookOf(drawn, turn, 1e9, true)]).toBe('broken')
  expect(LOOKS[lookOf(drawn, turn, 1e9, false)]).toBe('flight')
})

test('a child run is a bar in a group of its own, and keeps its row when it ends', () => {
  const open = {
    id: 'r2',
    name: 'child',
    start_us: 20,
    end_us: Number.NaN,
    state: 'open' as const,
    clocks: null,
  }
  const drawn = { ...drawnOf('normal'), children: [open] }
  const lanes = new Lanes('provider')
  lanes.update(drawn)
  const place = lanes.placeOf(FIRST_CHILD)
  expect(place && lanes.groups[place.group].key).toBe(CHILD_RUNS)
  const ended = { ...open, end_us: 90, state: 'failed' as const }
  const later = { picture: drawn.picture, children: [ended, { ...open, id: 'r3', start_us: 95 }] }
  lanes.update(later)
  expect(lanes.placeOf(FIRST_CHILD)).toEqual(place)
  expect(lanes.placeOf(FIRST_CHILD + 1)).toEqual({ ...place, at: 1 })
  expect(LOOKS[lookOf(later, FIRST_CHILD, 100, false)]).toBe('failed')
  expect(chosenOf(later, FIRST_CHILD)).toEqual({ run: 'r2', thing: 0 })
})
