import { ticks } from '../../parts/numbers'
import { barEnd, barStart, type Drawn, LATER, lookOf } from './bars'
import { CHILD_RUNS, type Group, type Lane, type Lanes, lowerBound, OWN_WORK } from './lanes'
import { Rects } from './rects'
import type { View } from './view'

export const GUTTER_PX = 148
export const RULER_PX = 22
export const OVERVIEW_PX = 48
export const BAND_PX = 38
const GAP_PX = 11
const LOWEST_ROW_PX = 3
const HIGHEST_ROW_PX = 18
const LEAST_WORDED_ROW_PX = 5
/** Room for three lines of words, for two, for one. */
const WORDS_PX = [46, 30, 14]

export interface Box {
  width: number
  height: number
  /** Where the bars begin; none on a phone. */
  gutter: number
  /** How far the rows are scrolled. */
  scroll: number
  bands: number
}

/** A group of rows as it lies on the picture. */
export interface GroupBox {
  group: Group
  top: number
  height: number
}

export interface Layout {
  view: View
  now_us: number
  box: Box
  rowHeight: number
  barHeight: number
  groups: GroupBox[]
  contentHeight: number
  rects: Rects
  ticks: { x: number; label: string }[]
  x: (at_us: number) => number
  at: (x: number) => number
}

interface Moment {
  /** The end of what has happened, or the playhead of a replay. */
  now_us: number
  /** Nobody works on it any more. */
  hasEnded: boolean
  /** Show what came after now as outlines. */
  hasLater: boolean
}

/**
 * Where everything lies: the same run, view and box give the same. Lanes are up to date with the
 * run. Rectangles of a layout that is no longer needed are written over where they are given.
 */
export function layout(
  drawn: Drawn,
  lanes: Lanes,
  view: View,
  moment: Moment,
  box: Box,
  out: Rects = new Rects(),
): Layout {
  const top = OVERVIEW_PX + RULER_PX
  const room = box.height - top - box.bands - 4
  const groups = inOrder(lanes)
  const { rowHeight, least } = heights(groups, room)
  const boxes = placed(groups, rowHeight, least, top - box.scroll)
  const width = box.width - box.gutter
  const scale = width / (view.t1 - view.t0)
  const x = (at_us: number) => box.gutter + (at_us - view.t0) * scale
  const at = (px: number) => view.t0 + (px - box.gutter) / scale
  const shape = {
    view,
    now_us: moment.now_us,
    box,
    rowHeight,
    barHeight: barHeight(rowHeight),
    groups: boxes,
    x,
    at,
  }
  return {
    ...shape,
    contentHeight: contentOf(groups, rowHeight, least),
    rects: rects(drawn, shape, moment, out),
    ticks: marks(view, width).map((mark) => ({ x: x(mark.at_us), label: mark.label })),
  }
}

const barHeight = (row: number): number =>
  row <= 4 ? Math.max(1, row - 0.6) : Math.min(row - 1.5, 15)

/** Rows as high as there is room for; a group at least as high as its words, where they fit. */
function heights(groups: readonly Group[], room: number): { rowHeight: number; least: number } {
  for (const least of WORDS_PX) {
    for (let rowHeight = HIGHEST_ROW_PX; rowHeight > LEAST_WORDED_ROW_PX; rowHeight -= 0.5) {
      if (contentOf(groups, rowHeight, least) <= room) return { rowHeight, least }
    }
  }
  const lanes = groups.reduce((sum, group) => sum + group.lanes.length, 0)
  const fitting = (room - GAP_PX * groups.length - 2) / Math.max(1, lanes)
  return { rowHeight: Math.min(HIGHEST_ROW_PX, Math.max(LOWEST_ROW_PX, fitting)), least: 0 }
}

const contentOf = (groups: readonly Group[], rowHeight: number, least: number): number =>
  groups.reduce((sum, group) => sum + Math.max(least, group.lanes.length * rowHeight) + GAP_PX, 2)

function placed(
  groups: readonly Group[],
  rowHeight: number,
  least: number,
  top: number,
): GroupBox[] {
  let y = top + GAP_PX / 2 + 1
  return groups.map((group) => {
    const height = Math.max(least, group.lanes.length * rowHeight)
    const box = { group, top: y, height }
    y += height + GAP_PX
    return box
  })
}

/**
 * The run's own work first and child runs last. By depth from the root down; providers as they were
 * first met, so that they stay in place.
 */
function inOrder(lanes: Lanes): Group[] {
  const groups = lanes.groups.filter((group) => group.lanes.length > 0)
  const place = ({ key }: Group) => (key === OWN_WORK ? 0 : key === CHILD_RUNS ? 2 : 1)
  const byKey = (a: Group, b: Group) =>
    lanes.grouping === 'depth' ? a.key.localeCompare(b.key, 'en', { numeric: true }) : 0
  return groups.sort((a, b) => place(a) - place(b) || byKey(a, b))
}

type Shape = Omit<Layout, 'contentHeight' | 'rects' | 'ticks'>

function rects(drawn: Drawn, shape: Shape, moment: Moment, out: Rects): Rects {
  out.count = 0
  const { box } = shape
  const clip = { top: OVERVIEW_PX + RULER_PX, bottom: box.height - box.bands }
  for (const { group, top } of shape.groups) {
    group.lanes.forEach((lane, n) => {
      const y = top + n * shape.rowHeight
      if (y + shape.rowHeight < clip.top || y > clip.bottom) return
      laneRects(drawn, lane, y + (shape.rowHeight - shape.barHeight) / 2, shape, moment, out)
    })
  }
  return out
}

/** Bars of one row. Those below two pixels share a column, and the loudest of them shows. */
function laneRects(
  drawn: Drawn,
  lane: Lane,
  y: number,
  shape: Shape,
  moment: Moment,
  out: Rects,
): void {
  const { view, box, x } = shape
  const { bars, starts, ends, looks } = lane
  const first = Math.max(0, lowerBound(starts, view.t0) - 1)
  let lastColumn = Number.NEGATIVE_INFINITY
  for (let n = first; n < bars.length; n += 1) {
    const start = starts[n]
    if (start > view.t1) break
    const bar = bars[n]
    const isLater = start > moment.now_us
    if (isLater && !moment.hasLater) continue
    const ended = ends[n]
    const until = Number.isNaN(ended)
      ? Math.max(moment.now_us, start)
      : isLater
        ? ended
        : Math.min(ended, Math.max(moment.now_us, start))
    if (until < view.t0) continue
    const left = Math.max(box.gutter, x(start))
    const wide = x(until) - left
    const look = isLater
      ? LATER
      : ended <= moment.now_us
        ? looks[n]
        : lookOf(drawn, bar, moment.now_us, moment.hasEnded)
    if (wide >= 2) {
      out.add(left, y, wide - (wide > 4 ? 0.75 : 0), look, bar)
      lastColumn = Number.NEGATIVE_INFINITY
      continue
    }
    const column = Math.floor(left / 2)
    if (column === lastColumn) out.louder(look, bar)
    else out.add(column * 2, y, 1.75, look, bar)
    lastColumn = column
  }
}

const TICK_PX = 84

function marks(view: View, width: number): { at_us: number; label: string }[] {
  const from_ms = view.t0 / 1000
  const to_ms = view.t1 / 1000
  return ticks(from_ms, to_ms, Math.max(1, Math.floor(width / TICK_PX))).map((ms) => ({
    at_us: ms * 1000,
    label: moment(ms, to_ms - from_ms),
  }))
}

/** A moment on the ruler, as exact as the ruler is near. */
export function moment(ms: number, span_ms: number): string {
  if (span_ms < 50) return `${ms.toFixed(1)} ms`
  if (span_ms < 1000) return `${ms.toFixed(0)} ms`
  if (Math.abs(ms) < 120_000)
    return `${(ms / 1000).toFixed(span_ms < 10_000 ? 2 : span_ms < 60_000 ? 1 : 0)} s`
  const digits = span_ms < 8_000 ? 2 : span_ms < 60_000 ? 1 : 0
  const seconds = ms / 1000
  const rest = (seconds % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, '0')
  return `${Math.floor(seconds / 60)}:${rest}`
}

/** The bar at a point, -1 for none. */
export function barAt(made: Layout, px: number, py: number): number {
  const box = made.groups.find((one) => py >= one.top && py < one.top + one.height)
  if (!box || px < made.box.gutter) return -1
  const lane = box.group.lanes[Math.floor((py - box.top) / made.rowHeight)]
  if (!lane) return -1
  const slack = 3 / ((made.box.width - made.box.gutter) / (made.view.t1 - made.view.t0))
  const time = made.at(px)
  const n = lowerBound(lane.starts, time + slack) - 1
  for (const at of [n, n - 1]) {
    const bar = lane.bars[at]
    if (bar === undefined) continue
    const ended = lane.ends[at]
    if (Number.isNaN(ended) ? time <= made.now_us + slack : ended >= time - slack) return bar
  }
  return -1
}

/** Where a bar lies, for the mark around it. */
export function rectOf(drawn: Drawn, lanes: Lanes, made: Layout, bar: number) {
  const place = lanes.placeOf(bar)
  const group = place && made.groups.find((one) => one.group === lanes.groups[place.group])
  if (!group) return null
  const start = barStart(drawn, bar)
  const ended = barEnd(drawn, bar)
  const left = made.x(start)
  const right = made.x(Number.isNaN(ended) ? made.now_us : ended)
  const y = group.top + place.lane * made.rowHeight + (made.rowHeight - made.barHeight) / 2
  return { x: left, y, w: Math.max(2, right - left), h: made.barHeight }
}
