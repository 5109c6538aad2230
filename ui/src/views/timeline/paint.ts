import { duration, spoken, whole } from '../../parts/numbers'
import type { Bands } from './bands'
import { paintBands } from './bands'
import type { Drawn } from './bars'
import type { GroupFacts } from './groupFacts'
import { type GroupBox, type Layout, moment, OVERVIEW_PX, RULER_PX } from './layout'
import { type Overview, scaleOf } from './overview'
import { paintBars } from './paintBars'
import { type Palette, wash } from './palette'

export interface Scene {
  drawn: Drawn
  made: Layout
  overview: Overview
  facts: Map<string, GroupFacts>
  bands: Bands | null
  /** The bars of what is selected, and what the pointer is on. */
  marks: readonly { x: number; y: number; w: number; h: number; kind: 'selected' | 'pointed' }[]
  isLive: boolean
  isReplay: boolean
  /** Somebody said when it ended. */
  isEndKnown: boolean
  inFlight: number
}

/** The whole picture, from back to front. */
export function paint(pen: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const { made } = scene
  const { ink } = palette
  pen.fillStyle = ink.inset
  pen.fillRect(0, 0, made.box.width, made.box.height)
  stripes(pen, scene, palette)
  grid(pen, made, palette)
  paintBars(pen, scene.drawn, made, palette)
  for (const mark of scene.marks) outlined(pen, mark, palette)
  if (made.box.gutter > 0) gutter(pen, scene, palette)
  else labelsInside(pen, scene, palette)
  if (scene.bands) paintBands(pen, made, scene.bands, palette)
  ruler(pen, made, palette)
  overviewBar(pen, scene, palette)
  nowLine(pen, scene, palette)
}

/** Groups of which something can be seen. */
function* seen({ groups, box }: Layout): Iterable<GroupBox & { n: number }> {
  for (const [n, group] of groups.entries())
    if (
      group.top + group.height + 8 > OVERVIEW_PX + RULER_PX &&
      group.top - 8 < box.height - box.bands
    )
      yield { ...group, n }
}

function stripes(pen: CanvasRenderingContext2D, { made }: Scene, { ink }: Palette): void {
  for (const { top, height, n } of seen(made)) {
    if (n % 2 === 0) {
      pen.fillStyle = wash(ink['line-2'], 0.1)
      pen.fillRect(0, top - 5.5, made.box.width, height + 11)
    }
    pen.fillStyle = ink.line
    pen.fillRect(0, Math.round(top - 5.5), made.box.width, 1)
  }
}

function grid(pen: CanvasRenderingContext2D, made: Layout, { ink }: Palette): void {
  pen.fillStyle = wash(ink['line-2'], 0.38)
  for (const tick of made.ticks)
    if (tick.x >= made.box.gutter)
      pen.fillRect(Math.round(tick.x), OVERVIEW_PX + RULER_PX, 1, made.box.height)
}

function outlined(
  pen: CanvasRenderingContext2D,
  mark: Scene['marks'][number],
  { ink }: Palette,
): void {
  pen.strokeStyle = mark.kind === 'selected' ? ink.text : ink['text-2']
  pen.lineWidth = mark.kind === 'selected' ? 1.5 : 1
  pen.strokeRect(mark.x - 2, mark.y - 2, mark.w + 4, mark.h + 4)
}

function gutter(pen: CanvasRenderingContext2D, { made, facts }: Scene, { ink }: Palette): void {
  const { gutter: wide, height } = made.box
  pen.fillStyle = ink.inset
  pen.fillRect(0, OVERVIEW_PX + RULER_PX, wide, height)
  pen.textBaseline = 'middle'
  for (const { group, top, height: tall } of seen(made)) {
    const said = facts.get(group.key)
    pen.fillStyle = ink.line
    pen.fillRect(0, Math.round(top - 5.5), wide, 1)
    pen.font = `500 12px ${ink.m}`
    pen.fillStyle = ink.text
    pen.fillText(
      clipped(pen, group.key, wide - 20),
      12,
      top + (tall > 26 ? 7 : Math.max(4, tall / 2)),
      wide - 20,
    )
    pen.font = `400 11px ${ink.f}`
    pen.fillStyle = ink['text-3']
    if (said && tall > 26) pen.fillText(said.line, 12, top + 23, wide - 20)
    if (said?.busy && tall > 44) pen.fillText(said.busy, 12, top + 39, wide - 20)
  }
  pen.fillStyle = ink.line
  pen.fillRect(wide - 1, 0, 1, height)
}

function labelsInside(pen: CanvasRenderingContext2D, { made }: Scene, { ink }: Palette): void {
  pen.font = `500 11px ${ink.m}`
  pen.textBaseline = 'middle'
  for (const { group, top } of seen(made)) {
    const wide = pen.measureText(group.key).width
    pen.fillStyle = wash(ink.inset, 0.86)
    pen.fillRect(4, top - 1, wide + 8, 13)
    pen.fillStyle = ink.text
    pen.fillText(group.key, 8, top + 6)
  }
}

export function clipped(pen: CanvasRenderingContext2D, text: string, wide: number): string {
  if (pen.measureText(text).width <= wide) return text
  let cut = text
  while (cut.length > 1 && pen.measureText(`${cut}…`).width > wide) cut = cut.slice(0, -1)
  return `${cut}…`
}

function ruler(pen: CanvasRenderingContext2D, made: Layout, { ink }: Palette): void {
  const { width, gutter: left } = made.box
  pen.fillStyle = ink.panel
  pen.fillRect(0, OVERVIEW_PX, width, RULER_PX)
  pen.fillStyle = ink.line
  pen.fillRect(0, OVERVIEW_PX, width, 1)
  pen.fillRect(0, OVERVIEW_PX + RULER_PX - 1, width, 1)
  pen.font = `400 11px ${ink.m}`
  pen.textBaseline = 'middle'
  const now = made.x(made.now_us)
  for (const tick of made.ticks) {
    if (tick.x < left) continue
    pen.fillStyle = ink['line-2']
    pen.fillRect(Math.round(tick.x), OVERVIEW_PX + RULER_PX - 9, 1, 8)
    const near = tick.x + 56 > now - 30 && tick.x < now + 40
    pen.fillStyle = ink['text-3']
    if (!near) pen.fillText(tick.label, tick.x + 4, OVERVIEW_PX + 9)
  }
}

function overviewBar(pen: CanvasRenderingContext2D, scene: Scene, { ink }: Palette): void {
  const { made, overview } = scene
  const { width, gutter: left } = made.box
  pen.fillStyle = ink.inset
  pen.fillRect(0, 0, width, OVERVIEW_PX)
  inFlight(pen, scene, ink)
  brush(pen, scene, ink)
  if (left === 0) return
  pen.font = `500 11px ${ink.m}`
  pen.fillStyle = ink['text-3']
  pen.textBaseline = 'middle'
  pen.fillText('IN FLIGHT', 12, 16)
  pen.font = `500 13px ${ink.f}`
  pen.fillStyle = ink.text
  pen.fillText(
    scene.isLive || scene.isReplay
      ? `${whole(scene.inFlight)} now · ${whole(overview.highest)} max`
      : `${whole(overview.highest)} at most`,
    12,
    33,
  )
}

/** How many were in flight, one upon the other by how they ended; one colour after the other. */
function inFlight(
  pen: CanvasRenderingContext2D,
  { made, overview }: Scene,
  ink: Palette['ink'],
): void {
  const { calm, slow, fail } = overview
  const { width, gutter: left } = made.box
  const wide = (width - left - 12) / calm.length
  const bar = Math.max(0.75, wide - 0.5)
  const scale = (OVERVIEW_PX - 16) / scaleOf(overview)
  const base = OVERVIEW_PX - 6
  pen.fillStyle = ink['ok-1']
  for (let n = 0; n < calm.length; n += 1)
    if (calm[n] > 0) pen.fillRect(left + n * wide, base - calm[n] * scale, bar, calm[n] * scale)
  pen.fillStyle = ink.slow
  for (let n = 0; n < slow.length; n += 1)
    if (slow[n] > 0)
      pen.fillRect(left + n * wide, base - (calm[n] + slow[n]) * scale, bar, slow[n] * scale)
  pen.fillStyle = ink.fail
  for (let n = 0; n < fail.length; n += 1)
    if (fail[n] > 0)
      pen.fillRect(
        left + n * wide,
        base - (calm[n] + slow[n] + fail[n]) * scale,
        bar,
        fail[n] * scale,
      )
}

/** What of the whole the picture below shows. */
function brush(
  pen: CanvasRenderingContext2D,
  { made, overview }: Scene,
  ink: Palette['ink'],
): void {
  const { width, gutter: left } = made.box
  const scale = (width - left - 12) / (overview.to_us - overview.from_us)
  const x0 = Math.max(left, left + (made.view.t0 - overview.from_us) * scale)
  const x1 = Math.min(width - 6, left + (made.view.t1 - overview.from_us) * scale)
  pen.fillStyle = wash(ink.bg, 0.62)
  pen.fillRect(left, 0, x0 - left, OVERVIEW_PX)
  pen.fillRect(x1, 0, width - x1, OVERVIEW_PX)
  pen.strokeStyle = ink.accent
  pen.lineWidth = 1
  pen.strokeRect(Math.round(x0) + 0.5, 4.5, Math.max(2, Math.round(x1 - x0) - 1), OVERVIEW_PX - 9)
  pen.fillStyle = ink.accent
  pen.fillRect(x0 - 1, OVERVIEW_PX / 2 - 7, 3, 14)
  pen.fillRect(x1 - 2, OVERVIEW_PX / 2 - 7, 3, 14)
}

function nowLine(
  pen: CanvasRenderingContext2D,
  { made, isLive, isReplay, isEndKnown }: Scene,
  { ink }: Palette,
): void {
  const x = Math.round(made.x(made.now_us)) + 0.5
  if (x < made.box.gutter || x > made.box.width) return
  const isMoving = isLive || isReplay
  pen.strokeStyle = isMoving ? ink.accent : ink['line-3']
  pen.lineWidth = 1
  pen.beginPath()
  pen.moveTo(x, OVERVIEW_PX + RULER_PX - 2)
  pen.lineTo(x, made.box.height)
  pen.stroke()
  const span_ms = (made.view.t1 - made.view.t0) / 1000
  const said = isMoving
    ? moment(made.now_us / 1000, Math.min(span_ms, 9999))
    : `${isEndKnown ? 'ended' : 'last heard of'} ${spoken(duration(made.now_us / 1000))}`
  pen.font = `600 11px ${ink.m}`
  const wide = pen.measureText(said).width + 10
  const left = Math.min(x - wide / 2, made.box.width - wide - 3)
  pen.fillStyle = isMoving ? ink.accent : ink.panel
  pen.beginPath()
  pen.roundRect(left, OVERVIEW_PX + 3, wide, 15, 2)
  pen.fill()
  pen.fillStyle = isMoving ? ink['accent-ink'] : ink['text-2']
  pen.fillText(said, left + 5, OVERVIEW_PX + 11)
}
