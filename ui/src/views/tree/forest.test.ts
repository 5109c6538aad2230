import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { advance } from '../../trace/advance'
import { emptyPicture, type Picture } from '../../trace/picture'
import { RETURNED, RUNNING, SUBMITTED } from '../../trace/picture.gen'
import { readTrace } from '../../trace/read'
import { totals } from '../../trace/totals'
import { momentOf } from '../moment'
import { forest } from './forest'
import { icicle } from './icicleLayout'
import { openRows } from './rows'

const GOLDEN = join(import.meta.dirname, '../../../../golden')

function pictureOf(name: string): Picture {
  const picture = emptyPicture()
  for (const line of readTrace(readFileSync(join(GOLDEN, name, 'trace.jsonl'))))
    advance(picture, line)
  return picture
}

test.each(['normal', 'deep-recursion', 'redundancy', 'hedging'])(
  'the root of %s adds up to the totals',
  (name) => {
    const picture = pictureOf(name)
    const made = forest(picture)
    const { cost_msat } = totals(picture)
    expect(Number.isNaN(made.msat[0]) ? null : made.msat[0]).toBe(cost_msat)
  },
)

test('everything hangs on the root, and once', () => {
  const picture = pictureOf('deep-recursion')
  const trunk = { run: null, forest: forest(picture), offset_us: 0, hasEnded: true, children: [] }
  const rows = openRows(trunk, () => true, 'time', picture.run.last_us ?? 0)
  const things = rows.filter((row) => row.kind === 'thing').map((row) => row.thing)
  expect(new Set(things).size).toBe(picture.things.rows)
  expect(things).toHaveLength(picture.things.rows)
})

test('boxes of an icicle lie within their parents', () => {
  const picture = pictureOf('deep-recursion')
  const boxes = icicle(forest(picture), 'time', picture.run.last_us ?? 0, 1000, 0)
  for (const box of boxes.filter((one) => one.depth > 0)) {
    expect(
      boxes.some(
        (up) =>
          up.depth === box.depth - 1 && up.x <= box.x + 1e-6 && up.x + up.w >= box.x + box.w - 1e-6,
      ),
    ).toBe(true)
  }
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
