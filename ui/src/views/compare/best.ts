import type { Comparison, ComparisonColumn } from '../../live/shapes.gen'
import { isPartly } from './inCurrency'
import { isAtLeast } from './sayings'
import { type Direction, numberAt, spreadOf } from './table'

/** A figure, and whether it is all of it: of what is so much at least nobody knows the rest. */
interface Figure {
  value: number
  isWhole: boolean
}

/**
 * The best mean of the groups, or the best value where there are none; null where nothing is better,
 * or where one that is known in part may be.
 */
export function bestOf(
  made: Comparison,
  at: number,
  column: ComparisonColumn,
  direction: Direction,
  group: string | undefined,
): number | null {
  if (!direction || column.distinct < 2) return null
  const figures = group ? ofGroups(made, at, column) : ofRuns(made, at, column)
  if (figures.length < 2) return null
  const whole = figures.filter((one) => one.isWhole).map((one) => one.value)
  const best = direction === 'up' ? Math.max(...whole) : Math.min(...whole)
  const isBeaten = ({ isWhole, value }: Figure) => !isWhole && (direction === 'up' || value < best)
  return whole.length === 0 || figures.some(isBeaten) ? null : best
}

const ofRuns = (made: Comparison, at: number, column: ComparisonColumn): Figure[] =>
  made.runs.flatMap((_, row) => {
    const value = numberAt(made, row, at)
    return value === null ? [] : { value, isWhole: isWhole(made, column, row) }
  })

const ofGroups = (made: Comparison, at: number, column: ComparisonColumn): Figure[] =>
  made.groups.flatMap(({ runs }) => {
    const spread = spreadOf(made, runs, at)
    const whole = runs.every((row) => isWhole(made, column, row))
    return spread ? { value: spread.mean, isWhole: whole } : []
  })

const isWhole = (made: Comparison, column: ComparisonColumn, row: number): boolean =>
  !isAtLeast(column, made.runs[row]) && !isPartly(column, row)
