import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { advance } from '../../trace/advance'
import { emptyPicture, type Picture } from '../../trace/picture'
import { readTrace } from '../../trace/read'
import { LOOKS } from './bars'
import { Lanes } from './lanes'
import { attemptAt, layout, rectOf } from './layout'

const GOLDEN = join(import.meta.dirname, '../../../../golden')
const BOX = { width: 1000, height: 500, gutter: 148, scroll: 0, bands: 0 }

const linesOf = (name: string) => [...readTrace(readFileSync(join(GOLDEN, name, 'trace.jsonl')))]

function pictureOf(name: string, upTo = Number.POSITIVE_INFINITY): Picture {
  const picture = emptyPicture()
  for (const line of linesOf(name)) if (line.seq <= upTo) advance(picture, line)
  return picture
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
    'by %s: no two attempts of a row overlap',
    (grouping) => {
      const picture = pictureOf(name)
      const lanes = new Lanes(grouping)
      lanes.update(picture)
      for (const lane of lanes.groups.flatMap((group) => group.lanes)) {
        lane.rows.slice(1).forEach((_, n) => {
          expect(picture.attempts.ended_us[lane.rows[n]]).toBeLessThanOrEqual(lane.starts[n + 1])
        })
      }
    },
  )

  test('an attempt keeps its row while the run goes on', () => {
    const lanes = new Lanes('provider')
    const picture = emptyPicture()
    const first = new Map<number, number>()
    for (const line of linesOf(name)) {
      advance(picture, line)
      lanes.update(picture)
      for (let row = 0; row < picture.attempts.rows; row++) {
        const lane = lanes.laneOf[row]
        if (lane >= 0) expect(first.get(row) ?? lane).toBe(lane)
        if (lane >= 0) first.set(row, lane)
      }
    }
  })

  test('what is pointed at is what was drawn there', () => {
    const picture = pictureOf(name)
    const lanes = new Lanes('provider')
    lanes.update(picture)
    const end = picture.run.last_us ?? 1
    const made = layout(
      picture,
      lanes,
      { t0: 0, t1: end * 1.03 },
      { now_us: end, hasEnded: true, hasLater: false },
      BOX,
    )
    for (let n = 0; n < made.rects.count; n++) {
      const at = rectOf(picture, lanes, made, made.rects.row[n])
      if (!at || at.w < 6) continue
      expect(attemptAt(picture, made, at.x + at.w / 2, at.y + at.h / 2)).toBe(made.rects.row[n])
    }
  })
})

test('where bars are too small to be told apart, the worst shows', () => {
  const picture = pictureOf('hedging')
  const lanes = new Lanes('packed')
  lanes.update(picture)
  const end = picture.run.last_us ?? 1
  const far = { t0: -end * 5000, t1: end * 5000 }
  const made = layout(picture, lanes, far, { now_us: end, hasEnded: true, hasLater: false }, BOX)
  const looks = Array.from(made.rects.look.subarray(0, made.rects.count), (look) => LOOKS[look])
  expect(looks.some((look) => look !== 'returned')).toBe(true)
  expect(made.rects.count).toBeLessThan(picture.attempts.rows)
})

test('nothing is drawn before it happened', () => {
  const picture = pictureOf('normal')
  const lanes = new Lanes('provider')
  lanes.update(picture)
  const made = layout(
    picture,
    lanes,
    { t0: 0, t1: 1e7 },
    { now_us: 0, hasEnded: false, hasLater: false },
    BOX,
  )
  expect(made.rects.count).toBe(0)
})

test('an attempt waits for its provider before it gets a row', () => {
  const picture = emptyPicture()
  const lanes = new Lanes('provider')
  for (const line of linesOf('normal')) {
    advance(picture, line)
    lanes.update(picture)
  }
  expect(lanes.groups.map((group) => group.key)).not.toContain('provider unknown')
})
