import type { Comparison } from '../../live/shapes.gen'
import { numberAt } from '../../views/compare/table'
import type { ComparisonSearch } from './search'

/** Sideways and upwards: what the address says, else a score against the cost. */
export function chosenAxes(
  made: Comparison,
  numeric: readonly string[],
  search: Pick<ComparisonSearch, 'x' | 'y'>,
): [string, string] {
  const y = named(numeric, search.y) ?? scoreOf(made, numeric)
  return [named(numeric, search.x) ?? besideOf(made, numeric, y), y]
}

const named = (numeric: readonly string[], key: string | undefined) =>
  numeric.find((one) => one === key)

function scoreOf(made: Comparison, numeric: readonly string[]): string {
  const isScore = (key: string) =>
    made.columns.some((column) => column.key === key && column.from === 'metric')
  return (
    numeric.find(isScore) ??
    numeric.find((key) => /duration|returned|citations/.test(key)) ??
    numeric.at(-1) ??
    ''
  )
}

/** The cost, else the time, else whatever is known of a run whose `y` is. */
function besideOf(made: Comparison, numeric: readonly string[], y: string): string {
  const others = numeric.filter((key) => key !== y)
  const ranked = [/^cost/, /^duration/, /tokens/].flatMap((kind) =>
    others.filter((key) => kind.test(key)),
  )
  return [...ranked, ...others].find((key) => isOfOne(made, key, y)) ?? ranked[0] ?? others[0] ?? ''
}

function isOfOne(made: Comparison, a: string, b: string): boolean {
  const [atA, atB] = [a, b].map((key) => made.columns.findIndex((column) => column.key === key))
  return made.runs.some(
    (_, row) => numberAt(made, row, atA) !== null && numberAt(made, row, atB) !== null,
  )
}
