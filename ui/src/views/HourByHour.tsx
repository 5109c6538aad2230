import { useCallback, useMemo } from 'react'
import type { ProviderItem } from '../live/shapes.gen'
import { faint, hatch, type Ink, type Size } from '../parts/canvas'
import { Frame } from '../parts/Frame'
import { Picture } from '../parts/Picture'
import { clock, day } from '../parts/times'
import style from './HourByHour.module.css'

interface Props {
  rows: readonly ProviderItem[]
  selected: string | undefined
  onSelect: (provider: string) => void
}

const ROW_PX = 24
const LEFT_PX = 136
const FOOT_PX = 26
const MANY_TIMEOUTS = 0.05
const MANY_FAILURES = 0.05
const HOUR_MS = 3_600_000
const MOST_ROWS = 14

/** When each provider answered, and when it did not. */
export function HourByHour({ rows, selected, onSelect }: Props) {
  const shown = rows.slice(0, MOST_ROWS)
  const times = useMemo(() => axisOf(rows), [rows])
  const paint = useCallback(
    (pen: CanvasRenderingContext2D, size: Size, ink: Ink) =>
      paintHours(pen, size, ink, shown, times, selected),
    [shown, times, selected],
  )
  const step = times.length > 1 ? (times[1] ?? 0) - (times[0] ?? 0) : HOUR_MS
  const first = times[0]
  const last = times.at(-1)
  return (
    <Frame
      title={step > HOUR_MS ? 'Day by day' : 'Hour by hour'}
      note={
        <span className={style.legend}>
          <span>
            <i className={style.ok} />
            answering
          </span>
          <span>
            <i className="hatch" />
            timeouts over 5 %
          </span>
          <span>
            <i className={style.fail} />
            failures over 5 %
          </span>
        </span>
      }
      actions={
        first !== undefined &&
        last !== undefined && (
          <span>
            {day(first)} {clock(first)} to {clock(last + step)}
          </span>
        )
      }
    >
      <div style={{ height: shown.length * ROW_PX + FOOT_PX + 8, display: 'flex' }}>
        <Picture
          paint={paint}
          label="Answers of each provider over time; the leaderboard has the sums"
          onPick={(_, y) => {
            const row = shown[Math.floor((y - 6) / ROW_PX)]
            if (row) onSelect(row.provider)
          }}
        />
      </div>
    </Frame>
  )
}

/** All hours or days from the first to the last in which something ended. */
function axisOf(rows: readonly ProviderItem[]): number[] {
  const known = [...new Set(rows.flatMap((row) => row.hours.at_ms))].sort((a, b) => a - b)
  const gaps = known.slice(1).map((at, n) => at - (known[n] ?? 0))
  const step = gaps.length && Math.min(...gaps) >= 20 * HOUR_MS ? 24 * HOUR_MS : HOUR_MS
  const last = known.at(-1) ?? 0
  const count = Math.max(24, known.length ? Math.round((last - (known[0] ?? 0)) / step) + 1 : 0)
  return Array.from(
    { length: Math.min(count, 400) },
    (_, n) => last - (Math.min(count, 400) - 1 - n) * step,
  )
}

function paintHours(
  pen: CanvasRenderingContext2D,
  { width }: Size,
  ink: Ink,
  rows: readonly ProviderItem[],
  times: readonly number[],
  selected: string | undefined,
): void {
  const wide = (width - LEFT_PX - 14) / times.length
  const most = Math.max(1, ...rows.flatMap((row) => row.hours.returned))
  const slow = hatch(pen, ink.slow)
  pen.textBaseline = 'middle'
  rows.forEach((row, n) => {
    const y = 6 + n * ROW_PX
    if (row.provider === selected) {
      pen.fillStyle = ink.select
      pen.fillRect(0, y - 1, width, ROW_PX)
      pen.fillStyle = ink.accent
      pen.fillRect(0, y - 1, 2, ROW_PX)
    }
    pen.font = `400 11px ${ink.m}`
    pen.fillStyle = ink['text-2']
    pen.fillText(row.provider.slice(0, 17), 12, y + ROW_PX / 2 - 1)
    const at = new Map(row.hours.at_ms.map((ms, index) => [ms, index]))
    times.forEach((ms, column) =>
      hour(
        pen,
        ink,
        row,
        at.get(ms),
        LEFT_PX + column * wide,
        y + 3,
        Math.max(1, wide - 2),
        most,
        slow,
      ),
    )
  })
  labels(pen, ink, times, wide, 6 + rows.length * ROW_PX + 12)
}

function hour(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  row: ProviderItem,
  index: number | undefined,
  x: number,
  y: number,
  w: number,
  most: number,
  slow: CanvasPattern | string,
): void {
  const h = ROW_PX - 8
  if (index === undefined) {
    pen.fillStyle = ink.line
    pen.fillRect(x + w / 2 - 3, y + h / 2, Math.min(6, w), 1)
    return
  }
  const { returned, failed, timed_out } = row.hours
  const all = Math.max(1, (returned[index] ?? 0) + (failed[index] ?? 0) + (timed_out[index] ?? 0))
  if ((failed[index] ?? 0) / all > MANY_FAILURES) {
    const notch = Math.min(5, w * 0.3)
    pen.fillStyle = ink.fail
    pen.beginPath()
    pen.moveTo(x, y)
    pen.lineTo(x + w, y)
    pen.lineTo(x + w - notch, y + h / 2)
    pen.lineTo(x + w, y + h)
    pen.lineTo(x, y + h)
    pen.fill()
    return
  }
  const isSlow = (timed_out[index] ?? 0) / all > MANY_TIMEOUTS
  pen.fillStyle = isSlow
    ? faint(ink.slow, 0.2)
    : faint(ink['ok-1'], 0.35 + 0.65 * Math.sqrt((returned[index] ?? 0) / most))
  pen.fillRect(x, y, w, h)
  if (!isSlow) return
  pen.fillStyle = slow
  pen.fillRect(x, y, w, h)
  pen.strokeStyle = ink.slow
  pen.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1)
}

function labels(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  times: readonly number[],
  wide: number,
  y: number,
): void {
  const every = Math.max(1, Math.ceil(72 / wide))
  const isDaily = times.length > 1 && (times[1] ?? 0) - (times[0] ?? 0) > HOUR_MS
  pen.fillStyle = ink['text-3']
  pen.font = `400 11px ${ink.m}`
  times.forEach((ms, column) => {
    if (column % every === 0)
      pen.fillText(isDaily ? day(ms) : clock(ms), LEFT_PX + column * wide, y)
  })
}
