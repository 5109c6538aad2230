import type { Bucket, Overview } from '../live/shapes.gen'
import { faint, hatch, type Ink, type Size } from '../parts/canvas'
import {
  amountIn,
  type Cost,
  type Currency,
  costOf,
  type Rate,
  say,
  spokenCost,
} from '../parts/money'
import { percent, type Said, spoken as said, ticks, whole } from '../parts/numbers'
import { clock, day } from '../parts/times'

/** Spend and success of an hour or a day, empty ones included. */
export interface SpendBucket {
  at_ms: number
  runs: number
  /**
   * In the currency of the chart; what was recorded in the other alone is in it by the rate.
   * Null where no price of it is known.
   */
  spent: number | null
  lost: number | null
  /** Whether some of its prices are unknown: it was `spent` and more. */
  isLeast: boolean
  isAbout: boolean
  /** What else was spent, in the other currency, where there is no rate. */
  beside: number
  /** Share of the ended runs that completed; null where none ended. */
  success: number | null
  bad: number
}

const HOUR_MS = 3_600_000

/** One bucket for each hour or day of the range, in order. */
export function bucketsOf(
  overview: Overview,
  isHourly: boolean,
  currency: Currency,
  rate: Rate | null,
): SpendBucket[] {
  const step = isHourly ? HOUR_MS : HOUR_MS * 24
  const known = new Map(overview.buckets.map((bucket) => [bucket.at_ms, bucket]))
  const last = overview.buckets.at(-1)?.at_ms ?? startOf(overview.until_ms, isHourly)
  const end = Math.max(last, startOf(overview.until_ms, isHourly))
  const count = Math.max(1, Math.round((overview.until_ms - overview.since_ms) / step))
  return Array.from({ length: count }, (_, n) => {
    const at_ms = end - (count - 1 - n) * step
    const bucket = known.get(at_ms)
    if (!bucket) return { ...EMPTY, at_ms }
    const spent = amountIn(costOf(bucket), currency, rate)
    const lost = amountIn(lostOf(bucket), currency, rate)
    const { completed = 0, failed = 0, interrupted = 0, cancelled = 0 } = bucket.statuses
    const ended = completed + failed + interrupted + cancelled
    return {
      at_ms,
      runs: bucket.runs,
      spent: spent.amount ?? (bucket.unknown_cost > 0 ? null : 0),
      lost: lost.amount,
      isLeast: bucket.unknown_cost > 0,
      isAbout: spent.isAbout,
      beside: spent.beside,
      success: ended ? completed / ended : null,
      bad: failed + interrupted,
    }
  })
}

const EMPTY = {
  runs: 0,
  spent: 0,
  lost: null,
  isLeast: false,
  isAbout: false,
  beside: 0,
  success: null,
  bad: 0,
}

/** What was spent on runs that did not complete. */
const lostOf = (bucket: Bucket): Cost => ({
  msat: bucket.lost_msat,
  nanos: bucket.lost_usd_nanos,
  apart: { msat: bucket.lost_apart_msat, nanos: bucket.lost_apart_usd_nanos },
})

function startOf(at_ms: number, isHourly: boolean): number {
  const at = new Date(at_ms)
  if (isHourly) at.setMinutes(0, 0, 0)
  else at.setHours(0, 0, 0, 0)
  return at.getTime()
}

/** The same for those who do not see it. */
export function spoken(
  overview: Overview,
  isHourly: boolean,
  currency: Currency,
  rate: Rate | null,
): string {
  const { total } = overview
  const cost = spokenCost(costOf(total), currency, rate)
  return `Spend and success by ${isHourly ? 'hour' : 'day'}: ${whole(total.runs)} runs, ${total.statuses.completed ?? 0} completed, ${cost}`
}

interface Manner {
  isPhone: boolean
  isHourly: boolean
  currency: Currency
}

type Told = (amount: number) => Said

interface Axes {
  left: number
  right: number
  step: number
  x: (n: number) => number
  spent: (value: number) => number
  success: (share: number) => number
  base: number
  top: number
}

const BAD_SHARE = 0.85

export function paintSpend(
  pen: CanvasRenderingContext2D,
  size: Size,
  ink: Ink,
  buckets: readonly SpendBucket[],
  manner: Manner,
): void {
  const told: Told = (amount) => say(manner.currency, amount)
  const most = Math.max(0, ...buckets.map((bucket) => bucket.spent ?? 0))
  const axes = axesOf(size, buckets.length, most || 1, manner)
  grid(pen, ink, axes, most, told)
  bars(pen, ink, axes, buckets, manner)
  line(pen, ink, axes, buckets)
  if (!manner.isPhone) latest(pen, ink, axes, buckets, told)
}

function axesOf(
  { width, height }: Size,
  count: number,
  highest: number,
  { isPhone }: Manner,
): Axes {
  const left = 54
  const right = width - (isPhone ? 14 : 132)
  const base = height - 24
  const split = Math.round(12 + (height - 36) * 0.36)
  const top = split + 8
  const step = (right - left) / count
  return {
    left,
    right,
    step,
    base,
    top,
    x: (n) => left + (n + 0.5) * step,
    spent: (value) => base - (value / highest) * (base - top),
    success: (share) => split - 10 - Math.max(0, (share - 0.5) / 0.5) * (split - 24),
  }
}

function grid(pen: CanvasRenderingContext2D, ink: Ink, axes: Axes, most: number, told: Told): void {
  pen.font = `400 11px ${ink.m}`
  pen.textBaseline = 'middle'
  pen.textAlign = 'right'
  for (const share of [0.5, 0.75, 1]) mark(axes.success(share), `${share * 100}%`, ink.line)
  for (const value of most > 0 ? ticks(0, most, 3) : [0])
    mark(
      axes.spent(value),
      value === 0 ? '0' : told(value).figure,
      value ? ink.line : ink['line-2'],
    )

  function mark(y: number, words: string, colour: string): void {
    pen.fillStyle = colour
    pen.fillRect(axes.left, Math.round(y), axes.right - axes.left, 1)
    pen.fillStyle = ink['text-3']
    pen.fillText(words, axes.left - 8, Math.round(y) + 0.5)
  }
}

function bars(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  axes: Axes,
  buckets: readonly SpendBucket[],
  { isHourly, isPhone }: Manner,
): void {
  const hatched = hatch(pen, ink.slow)
  const every = Math.max(1, Math.ceil((isPhone ? 56 : 72) / axes.step))
  buckets.forEach((bucket, n) => {
    const isLast = n === buckets.length - 1
    const wide = Math.min(48, axes.step * 0.6)
    const x = axes.x(n) - wide / 2
    const y = axes.spent(bucket.spent ?? 0)
    const lost = axes.spent(bucket.lost ?? 0)
    pen.fillStyle = isLast ? ink.accent : faint(ink.accent, 0.42)
    pen.fillRect(x, y, wide, Math.max(0, lost - y - (bucket.lost ? 1 : 0)))
    if (bucket.lost) {
      pen.fillStyle = faint(ink.slow, 0.22)
      pen.fillRect(x, lost, wide, axes.base - lost)
      pen.fillStyle = hatched
      pen.fillRect(x, lost, wide, axes.base - lost)
    }
    pen.textAlign = 'center'
    if (bucket.isLeast) {
      pen.fillStyle = ink['text-3']
      pen.fillText(bucket.spent === null ? '?' : '≥', axes.x(n), y - 9)
    }
    if ((buckets.length - 1 - n) % every !== 0) return
    pen.fillStyle = isLast ? ink.text : ink['text-3']
    pen.fillText(
      isLast ? (isHourly ? 'now' : 'today') : isHourly ? clock(bucket.at_ms) : day(bucket.at_ms),
      axes.x(n),
      axes.base + 13,
    )
  })
}

function line(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  axes: Axes,
  buckets: readonly SpendBucket[],
): void {
  pen.strokeStyle = ink.ok
  pen.lineWidth = 1.5
  pen.beginPath()
  let isDrawing = false
  buckets.forEach((bucket, n) => {
    if (bucket.success === null) return
    const y = axes.success(bucket.success)
    if (isDrawing) pen.lineTo(axes.x(n), y)
    else pen.moveTo(axes.x(n), y)
    isDrawing = true
  })
  pen.stroke()
  buckets.forEach((bucket, n) => {
    if (bucket.success === null) return
    const isBad = bucket.success < BAD_SHARE
    pen.beginPath()
    pen.arc(axes.x(n), axes.success(bucket.success), isBad ? 3.5 : 2, 0, 7)
    pen.fillStyle = isBad ? ink.inset : ink.ok
    pen.fill()
    if (!isBad) return
    pen.strokeStyle = ink.fail
    pen.stroke()
  })
}

/** The latest that is known, in words at the right. */
function latest(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  axes: Axes,
  buckets: readonly SpendBucket[],
  told: Told,
): void {
  const bucket = buckets.at(-1)
  const x = axes.right + 14
  pen.textAlign = 'left'
  if (bucket?.success != null)
    words(said(percent(bucket.success)), 'of runs completed', axes.success(bucket.success))
  if (bucket && bucket.runs > 0)
    words(
      spentIn(bucket, told),
      lostIn(bucket, told),
      Math.min(axes.base - 18, axes.spent(bucket.spent ?? 0) + 8),
    )

  function words(strong: string, quiet: string, y: number): void {
    pen.font = `500 12px ${ink.f}`
    pen.fillStyle = ink.text
    pen.fillText(strong, x, y)
    pen.font = `400 11px ${ink.f}`
    pen.fillStyle = ink['text-3']
    pen.fillText(quiet, x, y + 15)
  }
}

export function spentIn({ spent, isLeast, isAbout }: SpendBucket, told: Told): string {
  if (spent === null) return 'unknown'
  return `${isLeast ? '≥ ' : ''}${isAbout ? '≈ ' : ''}${said(told(spent))}`
}

export function lostIn({ lost, isLeast, bad }: SpendBucket, told: Told): string {
  if (lost) return `${told(lost).figure} on failed runs`
  return isLeast && bad > 0 ? 'on failed runs: unknown' : 'none on failed runs'
}
