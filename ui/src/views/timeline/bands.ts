import { type SpendLimit, saidApart, say } from '../../parts/money'
import { percent, spoken } from '../../parts/numbers'
import { overTime } from '../../trace/overTime'
import type { Picture } from '../../trace/picture'
import { BAND_PX, type Layout } from './layout'
import { type Palette, wash } from './palette'

/** Quorum and budget on the time axis of the bars. */
export interface Bands {
  /** The stretch of time that was counted. */
  from_us: number
  to_us: number
  /** Null where nothing is asked that could be collected. */
  quorum: Band | null
  budget: Band | null
}

export interface Band {
  name: string
  said: string
  /** A share of one at the end of each bin. */
  shares: Float64Array
  /** Laid on top, fainter: what is reserved. */
  above: Float64Array | null
  /** The threshold, as a share. */
  mark: number | null
  at_us: Float64Array
}

interface Limits {
  planned: number
  quorum: number | null
  budget: SpendLimit | null
}

const BINS = 720

export function bandsOf(
  picture: Picture,
  from_us: number,
  to_us: number,
  now_us: number,
  limits: Limits,
): Bands {
  const over = overTime(picture, from_us, to_us, BINS, now_us)
  const last = Math.max(0, lastBin(over.at_us, now_us))
  const quorum = asksFor(limits) ? quorumBand(over, limits, last) : null
  return { from_us, to_us, quorum, budget: budgetBand(over, limits.budget, last) }
}

/** Whether there is anything to collect: a run without sub-queries has no share of them. */
export const asksFor = ({ planned, quorum }: Limits): boolean => planned > 0 || quorum !== null

function quorumBand(over: ReturnType<typeof overTime>, limits: Limits, last: number): Band {
  const planned = Math.max(1, limits.planned)
  const shares = over.returned.map((n) => n / planned)
  const collected = spoken(percent(shares[last] ?? 0))
  const isAsked = limits.quorum !== null
  return {
    name: isAsked ? 'quorum' : 'answers',
    said: isAsked ? `${collected} of ${spoken(percent(limits.quorum ?? 0))}` : collected,
    shares,
    above: null,
    mark: limits.quorum,
    at_us: over.at_us,
  }
}

function spentSaid(unit: SpendLimit['unit'], spent: number, budget: SpendLimit | null): string {
  if (budget === null) return spoken(say(unit, spent))
  return saidApart(unit, spent, budget.amount).map(spoken).join(' of ')
}

function budgetBand(
  over: ReturnType<typeof overTime>,
  budget: SpendLimit | null,
  last: number,
): Band | null {
  const unit = budget?.unit ?? ((over.settled_msat.at(-1) ?? 0) > 0 ? 'sats' : 'dollars')
  const isSats = unit === 'sats'
  const settled = isSats ? over.settled_msat : over.settled_usd_nanos
  const reserved = isSats ? over.reserved_msat : over.reserved_usd_nanos
  const limit = budget?.amount ?? settled.at(-1) ?? 0
  if (!(limit > 0)) return null
  return {
    name: 'budget',
    said: spentSaid(unit, settled[last] ?? 0, budget),
    shares: settled.map((amount) => amount / limit),
    above: reserved.map((amount) => amount / limit),
    mark: budget === null ? null : 1,
    at_us: over.at_us,
  }
}

function lastBin(at_us: Float64Array, now_us: number): number {
  let bin = 0
  while (bin < at_us.length - 1 && at_us[bin] < now_us) bin += 1
  return bin
}

export function paintBands(
  pen: CanvasRenderingContext2D,
  made: Layout,
  bands: Bands,
  palette: Palette,
): void {
  const shown = [bands.quorum, bands.budget].filter((band) => band !== null)
  shown.forEach((band, n) => {
    paintBand(
      pen,
      made,
      band,
      made.box.height - BAND_PX * (shown.length - n),
      palette,
      band === bands.quorum ? palette.ink['ok-1'] : palette.ink.accent,
    )
  })
}

function paintBand(
  pen: CanvasRenderingContext2D,
  made: Layout,
  band: Band,
  top: number,
  { ink }: Palette,
  colour: string,
): void {
  const { width, gutter } = made.box
  pen.fillStyle = ink.inset
  pen.fillRect(0, top, width, BAND_PX)
  pen.fillStyle = ink.line
  pen.fillRect(0, top, width, 1)
  const base = top + BAND_PX - 4
  const tall = BAND_PX - 12
  const { above } = band
  const highest = band.shares.reduce(
    (most, share, n) => Math.max(most, share + (above?.[n] ?? 0)),
    1,
  )
  const y = (share: number) => base - (share / highest) * tall
  if (band.mark !== null) {
    pen.fillStyle = ink['text-2']
    for (let x = gutter; x < width; x += 5) pen.fillRect(x, Math.round(y(band.mark)), 2, 1)
  }
  if (above)
    area(
      pen,
      made,
      band,
      (share) => y(share),
      (n) => band.shares[n] + above[n],
      base,
      wash(colour, 0.18),
    )
  area(
    pen,
    made,
    band,
    (share) => y(share),
    (n) => band.shares[n],
    base,
    wash(colour, 0.32),
    colour,
  )
  if (gutter === 0) return
  pen.fillStyle = ink.inset
  pen.fillRect(0, top + 1, gutter - 1, BAND_PX - 1)
  pen.font = `500 12px ${ink.m}`
  pen.textBaseline = 'middle'
  pen.fillStyle = ink.text
  pen.fillText(band.name, 12, top + 13)
  pen.font = `400 11px ${ink.f}`
  pen.fillStyle = ink['text-3']
  pen.fillText(band.said, 12, top + 28, gutter - 20)
}

function area(
  pen: CanvasRenderingContext2D,
  made: Layout,
  band: Band,
  y: (share: number) => number,
  share: (n: number) => number,
  base: number,
  fill: string,
  line?: string,
): void {
  const { gutter, width } = made.box
  const until_us = Math.max(made.now_us, made.view.t0)
  pen.beginPath()
  let last = gutter
  pen.moveTo(gutter, base)
  // From the last bin before the view to the first one after it.
  let n = Math.max(0, lastBin(band.at_us, made.view.t0) - 1)
  for (; n < band.at_us.length && band.at_us[n] <= until_us && last <= width; n += 1) {
    last = Math.max(gutter, made.x(band.at_us[n]))
    pen.lineTo(last, y(share(n)))
  }
  pen.lineTo(last, base)
  pen.fillStyle = fill
  pen.fill()
  if (!line) return
  pen.strokeStyle = line
  pen.lineWidth = 1.25
  pen.stroke()
}
