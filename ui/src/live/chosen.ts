import type { Comparison, ComparisonColumn } from './shapes.gen'

/** Some runs of a comparison, in the order that is asked for, as the board would have compared them. */
export function chosen(made: Comparison, ids: readonly string[]): Comparison {
  const places = ids.map((id) => made.runs.findIndex((run) => run.id === id)).filter((n) => n >= 0)
  const values = places.map((place) => made.values[place])
  return {
    columns: made.columns.map((column, at) =>
      described(
        column,
        values.map((row) => row[at]),
      ),
    ),
    runs: places.map((place) => made.runs[place]),
    values,
    groups: [],
    count: places.length,
    cut: false,
  }
}

/** A column, with what these values of it are. */
export function described(column: ComparisonColumn, values: readonly unknown[]): ComparisonColumn {
  const known = values.filter((value) => value !== null && value !== undefined)
  const distinct = new Set(known.map((value) => JSON.stringify(value))).size
  const numbers = known.filter((value) => typeof value === 'number')
  return {
    ...column,
    known: known.length,
    distinct,
    same: distinct === 1 && known.length === values.length ? known[0] : null,
    lowest: numbers.length ? Math.min(...numbers) : null,
    highest: numbers.length ? Math.max(...numbers) : null,
  }
}
