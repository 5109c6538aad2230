import type { Comparison, ComparisonColumn } from '../../live/shapes.gen'
import { isConverted, isPartly } from './inCurrency'
import { isAtLeast, spokenColumn } from './sayings'
import { spreadOf, wordsOf } from './table'

/** A value with what it leaves out or rests on. */
export function inWords(made: Comparison, row: number, at: number): string {
  const column = made.columns[at]
  const value = made.values[row]?.[at]
  if (typeof value !== 'number') return wordsOf(value)
  const more = isPartly(column, row) ? ' +' : ''
  return `${signs(made, column, [row])}${spokenColumn(column.key, value)}${more}`
}

/** A mean with its deviation. */
export function meanInWords(made: Comparison, rows: readonly number[], at: number): string {
  const column = made.columns[at]
  const spread = spreadOf(made, rows, at)
  if (!spread) return ''
  const std = spread.std === null ? '' : ` ± ${spokenColumn(column.key, spread.std)}`
  return `${signs(made, column, rows)}${spokenColumn(column.key, spread.mean)}${std}`
}

/** ≥ where a part is unknown, ≈ where it was converted. */
const signs = (made: Comparison, column: ComparisonColumn, rows: readonly number[]): string =>
  (rows.some((row) => isAtLeast(column, made.runs[row])) ? '≥ ' : '') +
  (rows.some((row) => isConverted(column, row)) ? '≈ ' : '')

/** The same in sentences; none where a value is all there is to it. */
export function aboutValue(made: Comparison, row: number, at: number): string[] {
  const column = made.columns[at]
  return [
    isAtLeast(column, made.runs[row]) ? 'at least: part of it is unknown' : '',
    isConverted(column, row) ? 'converted from the other currency, by the recorded rate' : '',
    isPartly(column, row) ? 'and more in the other currency; no rate converts it' : '',
  ].filter(Boolean)
}
