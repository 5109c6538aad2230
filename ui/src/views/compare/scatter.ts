import { faint, type Ink, type Size } from '../../parts/canvas'
import { spoken, ticks } from '../../parts/numbers'
import { sayColumn } from './sayings'

export interface Point {
  row: number
  x: number
  y: number
  /** Which shape: that of its group. */
  shape: number
  label: string
}

export interface Box {
  x0: number
  x1: number
  y0: number
  y1: number
}

export interface ScatterScene {
  points: readonly Point[]
  frontier: readonly number[]
  brushed: ReadonlySet<number> | null
  brush: Box | null
  xKey: string
  yKey: string
}

const LEFT_PX = 52
const FOOT_PX = 26
const ROOM = 0.06

export interface Scale {
  x: (value: number) => number
  y: (value: number) => number
  xAt: (px: number) => number
  yAt: (px: number) => number
  low: { x: number; y: number }
  high: { x: number; y: number }
}

export function scaleOf(points: readonly Point[], { width, height }: Size): Scale {
  const [x0, x1] = range(points.map((point) => point.x))
  const [y0, y1] = range(points.map((point) => point.y))
  const wide = width - LEFT_PX - 16
  const tall = height - FOOT_PX - 14
  return {
    low: { x: x0, y: y0 },
    high: { x: x1, y: y1 },
    x: (value) => LEFT_PX + ((value - x0) / (x1 - x0)) * wide,
    y: (value) => 14 + (1 - (value - y0) / (y1 - y0)) * tall,
    xAt: (px) => x0 + ((px - LEFT_PX) / wide) * (x1 - x0),
    yAt: (px) => y0 + (1 - (px - 14) / tall) * (y1 - y0),
  }
}

function range(values: readonly number[]): [number, number] {
  const low = Math.min(...values)
  const high = Math.max(...values)
  const room = (high - low || Math.abs(high) || 1) * ROOM
  return [low >= 0 && low - room < 0 ? Math.min(0, low) : low - room, high + room]
}

export function paintScatter(
  pen: CanvasRenderingContext2D,
  size: Size,
  ink: Ink,
  scene: ScatterScene,
): void {
  if (scene.points.length === 0) return
  const scale = scaleOf(scene.points, size)
  axes(pen, ink, size, scale, scene)
  line(pen, ink, size, scale, scene)
  for (const point of scene.points) mark(pen, ink, scale, point, scene.brushed)
  if (scene.brush) brush(pen, ink, scale, scene.brush)
}

function axes(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  { width, height }: Size,
  scale: Scale,
  { xKey, yKey }: ScatterScene,
): void {
  const base = height - FOOT_PX
  pen.font = `400 11px ${ink.m}`
  pen.textBaseline = 'middle'
  for (const value of ticks(scale.low.y, scale.high.y, 5)) {
    pen.fillStyle = ink.line
    pen.fillRect(LEFT_PX, Math.round(scale.y(value)), width - LEFT_PX - 16, 1)
    pen.fillStyle = ink['text-3']
    pen.textAlign = 'right'
    pen.fillText(spoken(sayColumn(yKey, value)), LEFT_PX - 6, scale.y(value))
  }
  pen.textAlign = 'center'
  for (const value of ticks(scale.low.x, scale.high.x, Math.max(2, Math.floor(width / 110)))) {
    pen.fillStyle = ink['line-2']
    pen.fillRect(Math.round(scale.x(value)), base, 1, 4)
    pen.fillStyle = ink['text-3']
    const said = spoken(sayColumn(xKey, value))
    const half = pen.measureText(said).width / 2
    pen.fillText(said, Math.min(scale.x(value), width - half - 4), base + 13)
  }
  pen.fillStyle = ink['line-2']
  pen.fillRect(LEFT_PX, base, width - LEFT_PX - 16, 1)
}

/** Steps from one run that nothing beats to the next. */
function line(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  { width }: Size,
  scale: Scale,
  { points, frontier }: ScatterScene,
): void {
  if (frontier.length === 0) return
  pen.strokeStyle = ink['text-2']
  pen.lineWidth = 1.25
  pen.beginPath()
  frontier.forEach((n, place) => {
    const { x, y } = points[n]
    if (place > 0) pen.lineTo(scale.x(x), scale.y(points[frontier[place - 1]].y))
    pen.lineTo(scale.x(x), scale.y(y))
  })
  const last = points[frontier[frontier.length - 1]]
  pen.lineTo(last.x >= points[frontier[0]].x ? width - 16 : LEFT_PX, scale.y(last.y))
  pen.stroke()
}

function mark(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  scale: Scale,
  point: Point,
  brushed: ReadonlySet<number> | null,
): void {
  const isIn = brushed?.has(point.row) ?? false
  pen.fillStyle = isIn ? ink.accent : faint(ink['text-2'], brushed ? 0.18 : 0.32)
  pen.strokeStyle = isIn ? ink.accent : brushed ? ink['line-3'] : ink['text-2']
  pen.lineWidth = 1.25
  shape(pen, scale.x(point.x), scale.y(point.y), 4.5, point.shape)
  pen.fill()
  pen.stroke()
}

/** Circle, diamond, square, triangle up, triangle down. */
export function shape(
  pen: CanvasRenderingContext2D,
  x: number,
  y: number,
  r: number,
  kind: number,
): void {
  pen.beginPath()
  const corners = [
    [],
    [
      [0, -1.2],
      [1.2, 0],
      [0, 1.2],
      [-1.2, 0],
    ],
    [
      [-0.9, -0.9],
      [0.9, -0.9],
      [0.9, 0.9],
      [-0.9, 0.9],
    ],
    [
      [0, -1.1],
      [1.1, 0.9],
      [-1.1, 0.9],
    ],
    [
      [0, 1.1],
      [1.1, -0.9],
      [-1.1, -0.9],
    ],
  ][kind % 5]
  if (corners.length === 0) pen.arc(x, y, r, 0, 7)
  corners.forEach(([dx, dy], n) =>
    n ? pen.lineTo(x + dx * r, y + dy * r) : pen.moveTo(x + dx * r, y + dy * r),
  )
  pen.closePath()
}

function brush(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  scale: Scale,
  { x0, x1, y0, y1 }: Box,
): void {
  const [left, right] = [scale.x(Math.min(x0, x1)), scale.x(Math.max(x0, x1))]
  const [top, bottom] = [scale.y(Math.max(y0, y1)), scale.y(Math.min(y0, y1))]
  pen.fillStyle = faint(ink.accent, 0.12)
  pen.fillRect(left, top, right - left, bottom - top)
  pen.strokeStyle = ink.accent
  pen.strokeRect(left + 0.5, top + 0.5, right - left, bottom - top)
}
