import { expect, test } from 'vitest'
import { advance } from '../../trace/advance'
import type { TraceEvent } from '../../trace/events.gen'
import { emptyPicture } from '../../trace/picture'
import { barEnd, type Drawn, FIRST_CHILD, LATER, lookOf } from './bars'
import { Lanes } from './lanes'
import { barAt, type Layout, layout, OVERVIEW_PX, RULER_PX, rectOf } from './layout'
import { Rects } from './rects'
import { fitted, panned, type View, zoomed } from './view'

const BOX = { width: 700, height: 420, gutter: 148, scroll: 0, bands: 38 }
const STEPS = 40
const LINES = 25

/** A number below so many, the same ones for the same seed (mulberry32). */
function drawing(seed: number): (below: number) => number {
  let at = seed
  return (below) => {
    at = (at + 0x6d2b79f5) | 0
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

type Draw = ReturnType<typeof drawing>

/** Anything about one of sixty sub-queries and eight nodes, in any order: some of it comes late. */
function event(draw: Draw): TraceEvent {
  const query_id = `q${draw(60)}`
  const of = { query_id, attempt: draw(8) === 0 ? 1 : 0, replica: draw(10) === 0 ? 1 : 0 }
  const cell_id = `cell ${draw(8)}`
  const roles = ['extractor', 'verifier', 'reducer', null] as const
  const any = [
    { type: 'SubQuerySubmit', query_id, depth: draw(4), role: roles[draw(4)] },
    { type: 'SubQueryExecute', ...of, provider_id: `provider ${draw(3)}` },
    { type: 'SubQueryReturn', ...of, success: draw(4) > 0 },
    { type: 'SubQueryReturn', ...of, success: true },
    { type: 'SubQueryTimeout', ...of },
    { type: 'SubQueryCancel', ...of, reason: 'late' },
    { type: 'CellStart', cell_id, node_id: null, code_preview: 'x' },
    { type: 'CellEnd', cell_id, error: draw(3) === 0 ? { type: 'E', message: '' } : null },
  ]
  return any[draw(any.length)] as TraceEvent
}

interface Run extends Drawn {
  now_us: number
}

/** So many lines more; once in a while from another writer, whose lines come late. */
function grow(run: Run, draw: Draw): void {
  for (let n = 0; n < LINES; n += 1) {
    run.now_us += draw(20_000)
    const at_us = run.now_us - (draw(5) === 0 ? draw(300_000) : 0)
    const line = { seq: run.picture.seq + 1, run_id: 'r', timestamp_ms: at_us / 1000 }
    advance(run.picture, { ...line, event: event(draw) })
  }
}

/** What is drawn, found without anything that was noted before: each bar is looked at anew. */
function plain(drawn: Drawn, made: Layout, moment: Parameters<typeof layout>[3]): Rects {
  const out = new Rects()
  const { box, view } = made
  for (const { group, top } of made.groups)
    for (const [row, lane] of group.lanes.entries()) {
      const y = top + row * made.rowHeight
      const isSeen = y + made.rowHeight >= OVERVIEW_PX + RULER_PX && y <= box.height - box.bands
      if (!isSeen) continue
      let column = Number.NEGATIVE_INFINITY
      // As in a row of paper: from the first bar, with one that reaches into the view.
      for (const [n, bar] of lane.bars.entries()) {
        if (n + 1 < lane.bars.length && lane.starts[n + 1] < view.t0) continue
        const start = lane.starts[n]
        const isLater = start > moment.now_us
        if (start > view.t1 || (isLater && !moment.hasLater)) continue
        const now = Math.max(moment.now_us, start)
        const ended = barEnd(drawn, bar)
        const until = Number.isNaN(ended) ? now : isLater ? ended : Math.min(ended, now)
        if (until < view.t0) continue
        const left = Math.max(box.gutter, made.x(start))
        const wide = made.x(until) - left
        const look = isLater ? LATER : lookOf(drawn, bar, moment.now_us, moment.hasEnded)
        const at = y + (made.rowHeight - made.barHeight) / 2
        if (wide >= 2) out.add(left, at, wide - (wide > 4 ? 0.75 : 0), look, bar)
        else if (Math.floor(left / 2) === column) out.louder(look, bar)
        else out.add(Math.floor(left / 2) * 2, at, 1.75, look, bar)
        column = wide >= 2 ? Number.NEGATIVE_INFINITY : Math.floor(left / 2)
      }
    }
  return out
}

const shown = ({ count, x, y, w, look, bar }: Rects) =>
  [x, y, w, look, bar].map((column) => Array.from(column.subarray(0, count)))

/** The view as a hand leaves it. */
function turned(view: View, whole: View, draw: Draw): View {
  const span = view.t1 - view.t0
  const next = zoomed(view, 0.4 + draw(30) / 10, view.t0 + (span * draw(100)) / 100, whole)
  return panned(next, span * (draw(21) / 10 - 1), whole)
}

test.each(['provider', 'depth', 'packed'] as const)(
  'by %s: while a run grows and a hand moves the view, each bar is drawn as it is now',
  (grouping) => {
    let bars = 0
    for (let seed = 1; seed <= 12; seed += 1) {
      const draw = drawing(seed)
      const run: Run = { picture: emptyPicture(), children: [], now_us: 0 }
      const lanes = new Lanes(grouping)
      const into = new Rects()
      let view: View = { t0: 0, t1: 4_000_000 }
      for (let step = 0; step < STEPS; step += 1) {
        if (draw(3) > 0) grow(run, draw)
        const whole = fitted(0, run.now_us)
        view = draw(4) === 0 ? whole : turned(view, whole, draw)
        lanes.update(run)
        const isReplay = draw(3) === 0
        const now_us = isReplay ? draw(run.now_us) : run.now_us
        const moment = { now_us, hasEnded: draw(2) === 0, hasLater: isReplay }
        const box = { ...BOX, scroll: draw(60) }
        const made = layout(run, lanes, view, moment, box, into)
        expect(shown(made.rects)).toEqual(shown(plain(run, made, moment)))
        bars += made.rects.count
      }
    }
    expect(bars).toBeGreaterThan(5_000)
  },
)

test('who comes back after more has happened than is remembered sees all of it', () => {
  const draw = drawing(1)
  const run: Run = { picture: emptyPicture(), children: [], now_us: 0 }
  const lanes = new Lanes('packed')
  grow(run, draw)
  lanes.update(run)
  for (let n = 0; n < 1000; n += 1) grow(run, draw)
  lanes.update(run)
  const moment = { now_us: run.now_us, hasEnded: false, hasLater: false }
  const made = layout(run, lanes, fitted(0, run.now_us), moment, BOX)
  expect(made.rects.count).toBeGreaterThan(20)
  expect(shown(made.rects)).toEqual(shown(plain(run, made, moment)))
})

test('a child run that ended is drawn as it ended', () => {
  const child = { id: 'c', name: 'c', start_us: 0, state: 'open' as const, clocks: null }
  const open = { picture: emptyPicture(), children: [{ ...child, end_us: Number.NaN }] }
  const lanes = new Lanes('provider')
  lanes.update(open)
  const ended = { ...open, children: [{ ...child, end_us: 70, state: 'failed' as const }] }
  lanes.update(ended)
  const moment = { now_us: 100, hasEnded: false, hasLater: false }
  const made = layout(ended, lanes, { t0: 0, t1: 100 }, moment, BOX)
  expect(shown(made.rects)).toEqual(shown(plain(ended, made, moment)))
  const at = rectOf(ended, lanes, made, FIRST_CHILD)
  expect(barAt(made, (at?.x ?? 0) + 5, (at?.y ?? 0) + 5)).toBe(FIRST_CHILD)
})
