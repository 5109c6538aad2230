import type { Hours } from '../live/shapes.gen'
import { faint, type Ink, type Size } from '../parts/canvas'
import { duration, spoken, ticks } from '../parts/numbers'
import { clock, day } from '../parts/times'

const LEFT_PX = 52
const FOOT_PX = 22
const HOUR_MS = 3_600_000

/** Median as a line, up to p99 as a band; hours with timeouts and failures are marked below. */
export function paintLatencyOverTime(
  pen: CanvasRenderingContext2D,
  { width, height }: Size,
  ink: Ink,
  hours: Hours,
): void {
  const known = hours.at_ms.map((_, n) => n).filter((n) => hours.p50_ms[n] !== null)
  if (known.length === 0) return
  const base = height - FOOT_PX
  const first = hours.at_ms[0] ?? 0
  const last = Math.max(hours.at_ms.at(-1) ?? 0, first + HOUR_MS)
  const highest = Math.max(...known.map((n) => hours.p99_ms[n] ?? hours.p50_ms[n] ?? 0)) * 1.1
  const x = (at_ms: number) => LEFT_PX + ((at_ms - first) / (last - first)) * (width - LEFT_PX - 14)
  const y = (ms: number) => base - (ms / highest) * (base - 12)
  axes(pen, ink, { width, x, y, base, first, last, highest })
  band(pen, ink, hours, known, x, y)
  marks(pen, ink, hours, x, base)
}

interface Axes {
  width: number
  x: (at_ms: number) => number
  y: (ms: number) => number
  base: number
  first: number
  last: number
  highest: number
}

function axes(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  { width, x, y, base, first, last, highest }: Axes,
): void {
  pen.font = `400 11px ${ink.m}`
  pen.textBaseline = 'middle'
  pen.textAlign = 'right'
  for (const ms of ticks(0, highest, 4)) {
    pen.fillStyle = ms ? ink.line : ink['line-2']
    pen.fillRect(LEFT_PX, Math.round(y(ms)), width - LEFT_PX - 14, 1)
    pen.fillStyle = ink['text-3']
    pen.fillText(ms ? spoken(duration(ms)).replace('.00', '') : '0', LEFT_PX - 6, y(ms))
  }
  pen.textAlign = 'center'
  const isLong = last - first > 72 * HOUR_MS
  for (const share of [0, 0.5, 1]) {
    const at = first + share * (last - first)
    pen.textAlign = share === 0 ? 'left' : share === 1 ? 'right' : 'center'
    pen.fillText(isLong ? day(at) : clock(at), x(at), base + 13)
  }
}

function band(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  hours: Hours,
  known: readonly number[],
  x: (at: number) => number,
  y: (ms: number) => number,
): void {
  const at = (n: number) => x(hours.at_ms[n] ?? 0)
  pen.beginPath()
  for (const n of known) pen.lineTo(at(n), y(hours.p99_ms[n] ?? hours.p50_ms[n] ?? 0))
  for (const n of [...known].reverse()) pen.lineTo(at(n), y(hours.p50_ms[n] ?? 0))
  pen.fillStyle = faint(ink['ok-1'], 0.32)
  pen.fill()
  pen.beginPath()
  for (const n of known) pen.lineTo(at(n), y(hours.p50_ms[n] ?? 0))
  pen.strokeStyle = ink.text
  pen.lineWidth = 1.5
  pen.stroke()
  const end = known.at(-1) ?? 0
  pen.beginPath()
  pen.arc(at(end), y(hours.p50_ms[end] ?? 0), 2.5, 0, 7)
  pen.fillStyle = ink.text
  pen.fill()
  if (known.length === 1) {
    pen.fillStyle = faint(ink['ok-1'], 0.6)
    pen.fillRect(
      at(end) - 1,
      y(hours.p99_ms[end] ?? 0),
      2,
      y(hours.p50_ms[end] ?? 0) - y(hours.p99_ms[end] ?? 0),
    )
  }
}

function marks(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  hours: Hours,
  x: (at: number) => number,
  base: number,
): void {
  hours.at_ms.forEach((at, n) => {
    if ((hours.timed_out[n] ?? 0) > 0) {
      pen.fillStyle = ink.slow
      pen.fillRect(x(at) - 4, base - 5, 8, 4)
    }
    if ((hours.failed[n] ?? 0) > 0) {
      pen.fillStyle = ink.fail
      pen.fillRect(x(at) - 4, base - 10, 8, 4)
    }
  })
}
