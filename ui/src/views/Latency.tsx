import { useCallback } from 'react'
import type { Ink, Size } from '../parts/canvas'
import { Frame } from '../parts/Frame'
import { duration, spoken } from '../parts/numbers'
import { Picture } from '../parts/Picture'
import { Empty } from '../parts/Trouble'
import style from './gauges.module.css'
import type { Latencies } from './latencies'

const SIDE_PX = 14
const FOOT_PX = 20

/** How long answers took: histogram, and where half, 95 and 99 of a hundred lie. */
export function Latency({ latencies }: { latencies: Latencies | null }) {
  const paint = useCallback(
    (pen: CanvasRenderingContext2D, size: Size, ink: Ink) =>
      latencies && paintLatency(pen, size, ink, latencies),
    [latencies],
  )
  if (!latencies)
    return (
      <Frame title="Latency">
        <Empty title="Nothing has returned yet." />
      </Frame>
    )
  const { p50_ms, p95_ms, p99_ms } = latencies
  const said = (
    [
      ['p50', p50_ms],
      ['p95', p95_ms],
      ['p99', p99_ms],
    ] as const
  ).map(([name, ms]) => `${name} ${spoken(duration(ms))}`)
  return (
    <Frame title="Latency" actions={<span className="mono">{said.join('  ')}</span>}>
      <Picture
        paint={paint}
        className={style.latency}
        label={`Latency of ${latencies.count} attempts that returned: ${said.join(', ')}`}
      />
    </Frame>
  )
}

function paintLatency(
  pen: CanvasRenderingContext2D,
  { width, height }: Size,
  ink: Ink,
  made: Latencies,
): void {
  const wide = width - SIDE_PX * 2
  const base = height - FOOT_PX
  const x = (ms: number) =>
    SIDE_PX + (Math.log(ms / made.low_ms) / Math.log(made.high_ms / made.low_ms)) * wide
  const highest = Math.max(...made.bins)
  const bin_px = wide / made.bins.length
  made.bins.forEach((count, n) => {
    const middle = made.low_ms * (made.high_ms / made.low_ms) ** ((n + 0.5) / made.bins.length)
    const tall = (count / highest) * (base - 30)
    pen.fillStyle = middle > made.p95_ms ? ink.slow : ink['ok-1']
    if (count > 0)
      pen.fillRect(
        SIDE_PX + n * bin_px + 0.5,
        base - Math.max(1, tall),
        bin_px - 1.5,
        Math.max(1, tall),
      )
  })
  pen.fillStyle = ink['line-2']
  pen.fillRect(SIDE_PX, base, wide, 1)
  axis(pen, ink, made, x, base)
  marks(pen, ink, made, x, base)
}

function axis(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  made: Latencies,
  x: (ms: number) => number,
  base: number,
): void {
  pen.font = `400 11px ${ink.m}`
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  let lastX = Number.NEGATIVE_INFINITY
  for (const ms of roundSteps(made.low_ms, made.high_ms)) {
    if (x(ms) - lastX < 44) continue
    lastX = x(ms)
    pen.fillStyle = ink['line-2']
    pen.fillRect(x(ms), base, 1, 4)
    pen.fillStyle = ink['text-3']
    pen.fillText(
      spoken(duration(ms))
        .replace(/\.0+ /, ' ')
        .replace(/(\.\d)0 s/, '$1 s'),
      x(ms),
      base + 11,
    )
  }
}

/** 1, 2, 5, 10 … between two values. */
function roundSteps(low: number, high: number): number[] {
  const steps: number[] = []
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power += 1) {
    for (const factor of [1, 2, 5]) {
      const step = factor * 10 ** power
      if (step >= low && step <= high) steps.push(step)
    }
  }
  return steps
}

function marks(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  made: Latencies,
  x: (ms: number) => number,
  base: number,
): void {
  pen.font = `500 11px ${ink.m}`
  const at = [
    ['p50', made.p50_ms, 'center'],
    ['p95', made.p95_ms, 'right'],
    ['p99', made.p99_ms, 'left'],
  ] as const
  // Where they are nearly one, one name stands for all: the figures are in the head.
  const isOne = x(made.p99_ms) - x(made.p50_ms) < 40
  // Their names lean over their lines, unless these are so close that the names would meet.
  const lean = x(made.p99_ms) - x(made.p95_ms) < 12 ? -2 : 4
  for (const [name, ms, align] of at) {
    const left = Math.round(x(ms)) + 0.5
    pen.strokeStyle = ink['text-2']
    pen.setLineDash([2, 2])
    pen.beginPath()
    pen.moveTo(left, 20)
    pen.lineTo(left, base)
    pen.stroke()
    pen.setLineDash([])
    pen.fillStyle = ink.text
    pen.textAlign = isOne ? 'center' : align
    if (isOne && name !== 'p50') continue
    const said = isOne ? 'p50 – p99' : name
    pen.fillText(said, isOne ? left : left + { right: lean, left: -lean, center: 0 }[align], 12)
  }
}
