import { faint, type Ink, type Size } from '../../parts/canvas'
import { spokenColumn } from './sayings'

export interface ParallelAxis {
  key: string
  title: string
  low: number
  high: number
  /** Better is above. */
  isTurned: boolean
  /** The value of each run, null where unknown. */
  values: readonly (number | null)[]
}

export type Brushes = Record<string, readonly [number, number]>

const TOP_PX = 34
const FOOT_PX = 22
const SIDE_PX = 44

export const axisX = (n: number, count: number, width: number): number =>
  SIDE_PX + (n * (width - SIDE_PX * 2)) / Math.max(1, count - 1)

export function valueY(axis: ParallelAxis, value: number, height: number): number {
  const share = (value - axis.low) / (axis.high - axis.low || 1)
  return TOP_PX + (axis.isTurned ? share : 1 - share) * (height - TOP_PX - FOOT_PX)
}

export function valueAt(axis: ParallelAxis, y: number, height: number): number {
  const share = (y - TOP_PX) / (height - TOP_PX - FOOT_PX)
  return axis.low + (axis.isTurned ? share : 1 - share) * (axis.high - axis.low)
}

/** Runs that lie within all brushes; null while there is none. */
export function brushedBy(
  axes: readonly ParallelAxis[],
  brushes: Brushes,
  runs: number,
): ReadonlySet<number> | null {
  const active = axes.filter((axis) => brushes[axis.key])
  if (active.length === 0) return null
  const kept = new Set<number>()
  for (let row = 0; row < runs; row += 1) {
    const isIn = active.every((axis) => {
      const value = axis.values[row]
      const [low, high] = brushes[axis.key]
      return value != null && value >= Math.min(low, high) && value <= Math.max(low, high)
    })
    if (isIn) kept.add(row)
  }
  return kept
}

export function paintParallel(
  pen: CanvasRenderingContext2D,
  { width, height }: Size,
  ink: Ink,
  axes: readonly ParallelAxis[],
  runs: number,
  brushed: ReadonlySet<number> | null,
  brushes: Brushes,
): void {
  const dim: number[] = []
  const lit: number[] = []
  for (let row = 0; row < runs; row += 1) (brushed?.has(row) ? lit : dim).push(row)
  pen.lineWidth = 1
  for (const row of dim)
    curve(
      pen,
      axes,
      row,
      width,
      height,
      brushed ? faint(ink['line-3'], 0.35) : faint(ink['text-2'], 0.4),
    )
  pen.lineWidth = 1.5
  for (const row of lit) curve(pen, axes, row, width, height, ink.accent)
  axes.forEach((axis, n) =>
    paintAxis(pen, ink, axis, axisX(n, axes.length, width), height, brushes[axis.key]),
  )
}

function curve(
  pen: CanvasRenderingContext2D,
  axes: readonly ParallelAxis[],
  row: number,
  width: number,
  height: number,
  colour: string,
): void {
  pen.strokeStyle = colour
  pen.beginPath()
  let before: { x: number; y: number } | null = null
  axes.forEach((axis, n) => {
    const value = axis.values[row]
    if (value == null) {
      before = null
      return
    }
    const here = { x: axisX(n, axes.length, width), y: valueY(axis, value, height) }
    if (before) {
      const middle = (before.x + here.x) / 2
      pen.bezierCurveTo(middle, before.y, middle, here.y, here.x, here.y)
    } else pen.moveTo(here.x, here.y)
    before = here
  })
  pen.stroke()
}

function paintAxis(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  axis: ParallelAxis,
  x: number,
  height: number,
  brush: readonly [number, number] | undefined,
): void {
  pen.fillStyle = ink['line-3']
  pen.fillRect(Math.round(x), TOP_PX, 1, height - TOP_PX - FOOT_PX)
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  pen.font = `500 11px ${ink.f}`
  pen.fillStyle = ink.text
  pen.fillText(axis.title, x, 12, 96)
  pen.font = `400 11px ${ink.m}`
  pen.fillStyle = ink['text-3']
  const [top, bottom] = axis.isTurned ? [axis.low, axis.high] : [axis.high, axis.low]
  pen.fillText(spokenColumn(axis.key, top), x, TOP_PX - 8)
  pen.fillText(spokenColumn(axis.key, bottom), x, height - FOOT_PX + 11)
  if (!brush) return
  const [y0, y1] = brush.map((value) => valueY(axis, value, height)).sort((a, b) => a - b)
  pen.fillStyle = faint(ink.accent, 0.25)
  pen.fillRect(x - 5, y0, 11, y1 - y0)
  pen.strokeStyle = ink.accent
  pen.strokeRect(x - 5, y0 + 0.5, 11, Math.max(1, y1 - y0 - 1))
}
