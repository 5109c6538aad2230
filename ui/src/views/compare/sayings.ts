import type { ComparedRun, ComparisonColumn } from '../../live/shapes.gen'
import {
  dollars,
  duration,
  percent,
  type Said,
  sats,
  spoken,
  steady,
  whole,
} from '../../parts/numbers'

/** A number of a column as people read it: money, time and shares by the name of the column. */
export function sayColumn(key: string, value: number): Said {
  if (/usd_nanos$/.test(key)) return dollars(value)
  if (/msat$/.test(key)) return sats(value)
  if (/^cost(_sats)?$/.test(key)) return { figure: sats(value * 1000).figure, unit: '' }
  if (/^cost_usd$/.test(key)) return { figure: `$${steady(value)}`, unit: '' }
  if (/_ms$/.test(key)) return duration(value)
  if (/^duration(_s)?$/.test(key)) return duration(value * 1000)
  if (/_(rate|share)$/.test(key)) return percent(value)
  return { figure: Number.isInteger(value) ? whole(value) : steady(value), unit: '' }
}

export const spokenColumn = (key: string, value: number): string => spoken(sayColumn(key, value))

/** Whether a run's value leaves out attempts of which it is not known: it is that much at least. */
export const isAtLeast = ({ from, key }: ComparisonColumn, run: ComparedRun): boolean =>
  from === 'run' &&
  ((/cost_(msat|usd_nanos)$/.test(key) && run.unknown_cost > 0) ||
    (/_tokens$/.test(key) && run.unknown_usage > 0))

/** How far a value is from the base, with its sign; the unit too, where it is not that of the value. */
export function sayDelta(key: string, value: number, base: number): string {
  const said = sayColumn(key, Math.abs(value - base))
  if (value === base) return '±0'
  const isSame = said.unit === sayColumn(key, value).unit
  return `${value > base ? '+' : '−'}${isSame ? said.figure : spoken(said)}`
}

export const titleOfKey = (key: string): string =>
  key
    .replace(/^(config|metrics?)\./, '')
    .replace(/_(ms|msat|usd_nanos|bytes)$/, (unit) =>
      unit === '_usd_nanos' ? ' usd' : unit === '_msat' ? ' sats' : '',
    )
    .replace(/^sub_queries$/, 'sub-queries')
    .replaceAll('_', ' ')
