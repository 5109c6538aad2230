import { described } from '../../live/chosen'
import type { ComparedRun, Comparison, ComparisonColumn } from '../../live/shapes.gen'
import { type Amount, amountIn, type Currency, type Rate } from '../../parts/money'
import { titleOfKey } from './sayings'

/** A column of costs in one currency, and what of it was recorded in the other alone. */
interface CostColumn extends ComparisonColumn {
  /** Rows of which some was converted. */
  converted: ReadonlySet<number>
  /** Rows that cost more, in the other currency, which no rate converts. */
  more: ReadonlySet<number>
}

/** Whether a value was converted, wholly or in part; of a column, whether any was. */
export function isConverted(column: ComparisonColumn, row?: number): boolean {
  const { converted } = column as Partial<CostColumn>
  return converted !== undefined && (row === undefined ? converted.size > 0 : converted.has(row))
}

/** Whether a run cost more than the value says, in the other currency. */
export const isPartly = (column: ComparisonColumn, row: number): boolean =>
  (column as Partial<CostColumn>).more?.has(row) ?? false

/** The title of a column, with ≈ where some of it was converted. */
export function titleIn(made: Comparison, key: string): string {
  const column = made.columns.find((one) => one.key === key)
  return `${column && isConverted(column) ? '≈ ' : ''}${titleOfKey(key)}`
}

/**
 * The comparison with the costs of this currency first. What was recorded in the other alone is
 * converted, and said to be; without a rate every cost stands as it was recorded.
 */
export function inCurrency(made: Comparison, first: Currency, rate: Rate | null): Comparison {
  const sats = placeOf(made, 'cost_msat')
  const dollars = placeOf(made, 'cost_usd_nanos')
  if (sats < 0 || dollars < 0) return made
  const columns = [...made.columns]
  const values = made.values.map((row) => [...row])
  const costs = made.runs.map((run, row) =>
    costAt(run, made.values[row]?.[sats], made.values[row]?.[dollars]),
  )
  const places = first === 'sats' ? [sats, dollars] : [dollars, sats]
  const from = [Math.min(sats, dollars), Math.max(sats, dollars)]
  places.forEach((place, n) => {
    // The second currency is not brought up where nothing was recorded in it.
    const isAsked = n === 0 || made.columns[place].known > 0
    const currency = place === sats ? 'sats' : 'dollars'
    const told = costs.map((cost) => amountIn(cost, currency, isAsked ? rate : null))
    told.forEach(({ amount }, row) => {
      values[row][from[n]] = amount
    })
    columns[from[n]] = costColumn(made.columns[place], told)
  })
  return { ...made, columns, values }
}

function costColumn(column: ComparisonColumn, told: readonly Amount[]): ComparisonColumn {
  const rows = (holds: (one: Amount) => boolean) =>
    new Set(told.flatMap((one, row) => (holds(one) ? [row] : [])))
  const converted = rows((one) => one.isAbout)
  const more = rows((one) => one.amount !== null && one.beside > 0)
  if (converted.size + more.size === 0) return column
  const amounts = told.map(({ amount }) => amount)
  const found: CostColumn = { ...described(column, amounts), converted, more }
  return found
}

const placeOf = (made: Comparison, name: string): number =>
  made.columns.findIndex(
    ({ key, from }) => from === 'run' && (key === name || key === `run.${name}`),
  )

const costAt = (run: ComparedRun, msat: unknown, nanos: unknown) => ({
  msat: typeof msat === 'number' ? msat : null,
  nanos: typeof nanos === 'number' ? nanos : null,
  apart: { msat: run.apart_msat, nanos: run.apart_usd_nanos },
})
