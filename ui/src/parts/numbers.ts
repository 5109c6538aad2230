/** How numbers are said: three significant digits, the unit apart, unknown never zero. */

/** A number as it is read: the figure, and its unit (empty for none). */
export interface Said {
  figure: string
  unit: string
}

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const EXACT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 9 })

export const whole = (value: number): string => WHOLE.format(value)
export const exact = (value: number): string => EXACT.format(value)

/** Three significant digits; thousands in full. */
export function significant(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return value === 0 ? '0' : String(value)
  if (Math.abs(value) >= 1000) return whole(value)
  return String(Number(value.toPrecision(digits)))
}

/** As many fraction digits as stand beside each other without jumping: 0.831, 12.4, 305. */
export function steady(value: number, digits = 3): string {
  const size = Math.abs(value)
  if (!Number.isFinite(value) || (size > 0 && size < 0.001)) return significant(value, digits)
  const before = size < 1 ? 0 : Math.floor(Math.log10(size)) + 1
  return before > digits ? whole(value) : value.toFixed(digits - before)
}

/** Counts from a hundred thousand up as k and M. */
export function count(value: number): Said {
  if (value >= 1e9) return { figure: (value / 1e9).toFixed(2), unit: 'G' }
  if (value >= 1e6) return { figure: (value / 1e6).toFixed(2), unit: 'M' }
  if (value >= 1e5) return { figure: (value / 1e3).toFixed(0), unit: 'k' }
  if (value >= 1e4) return { figure: (value / 1e3).toFixed(1), unit: 'k' }
  return { figure: whole(value), unit: '' }
}

export function duration(ms: number): Said {
  const size = Math.abs(ms)
  if (size < 1) return { figure: significant(ms * 1000), unit: 'µs' }
  if (size < 10) return { figure: ms.toFixed(1), unit: 'ms' }
  if (size < 999.5) return { figure: ms.toFixed(0), unit: 'ms' }
  if (size < 9_995) return { figure: (ms / 1000).toFixed(2), unit: 's' }
  if (size < 59_950) return { figure: (ms / 1000).toFixed(1), unit: 's' }
  return longDuration(Math.round(ms / 1000))
}

function longDuration(seconds: number): Said {
  if (seconds < 3600)
    return { figure: `${Math.floor(seconds / 60)}:${two(seconds % 60)}`, unit: 'min' }
  const minutes = Math.floor(seconds / 60)
  if (minutes < 48 * 60)
    return { figure: `${Math.floor(minutes / 60)}:${two(minutes % 60)}`, unit: 'h' }
  return { figure: (minutes / 1440).toFixed(1), unit: 'd' }
}

const two = (value: number): string => String(value).padStart(2, '0')

/** Whole sats, one decimal below ten, more below a tenth. */
export function sats(msat: number): Said {
  return { figure: satsFigure(msat / 1000), unit: Math.abs(msat) === 1000 ? 'sat' : 'sats' }
}

function satsFigure(value: number): string {
  const size = Math.abs(value)
  if (value === 0) return '0'
  if (size >= 10) return whole(value)
  return size >= 0.1 ? value.toFixed(1) : significant(value, 2)
}

export function dollars(nanos: number): Said {
  const value = nanos / 1e9
  if (value === 0) return { figure: '$0', unit: '' }
  if (value >= 1) return { figure: `$${value.toFixed(value >= 10 ? 1 : 2)}`, unit: '' }
  const [steps, exactly] = [value.toFixed(3), significant(value)]
  return { figure: `$${Number(steps) === Number(exactly) ? steps : exactly}`, unit: '' }
}

/** A share of one as percent. */
export function percent(share: number): Said {
  const value = share * 100
  const figure = value === 100 || value === 0 ? String(value) : value.toFixed(1)
  return { figure, unit: '%' }
}

export function bytes(size: number): Said {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let step = 0
  let value = size
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000
    step += 1
  }
  return { figure: step ? significant(value) : String(value), unit: units[step] ?? 'B' }
}

export const spoken = ({ figure, unit }: Said): string => (unit ? `${figure} ${unit}` : figure)

/** Round figures for an axis, at most `most` of them, none outside. */
export function ticks(low: number, high: number, most: number): number[] {
  const span = high - low
  if (!(span > 0) || most < 1) return [low]
  const rough = span / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
  const marks: number[] = []
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n += 1) {
    marks.push(Number((n * step).toPrecision(12)))
  }
  return marks
}
