import type { ComparedRun, Comparison, ComparisonColumn } from '../../live/shapes.gen'
import { withoutCodes } from '../../trace/terminal'

/** Which way a column is better; null where neither is. */
export type Direction = 'up' | 'down' | null

const LESS =
  /cost|spend|token|duration|latency|(^|_)(ms|time|seconds)$|fail|error|timeout|timed_out|loss|retries|unknown|missing|perplexity|cancelled/i
const MORE =
  /acc|score|f1|recall|precision|success|reward|bleu|rouge|exact|pass|returned|cited|hold/i

/** Costs and failures are better low, scores high; settings are neither. */
export function directionOf(column: ComparisonColumn): Direction {
  if (column.kind !== 'number' || column.from === 'config') return null
  if (MORE.test(column.key)) return 'up'
  return LESS.test(column.key) ? 'down' : column.from === 'metric' ? 'up' : null
}

export interface RunLine {
  kind: 'run'
  run: ComparedRun
  /** Its row in the values of the comparison. */
  row: number
}

export interface GroupLine {
  kind: 'group'
  value: string
  rows: number[]
  isOpen: boolean
}

export type CompareLine = RunLine | GroupLine

export const numberAt = (made: Comparison, row: number, column: number): number | null => {
  const value = made.values[row]?.[column]
  return typeof value === 'number' ? value : null
}

/** A value as words. */
export function wordsOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return withoutCodes(value.join(', '))
  return typeof value === 'object' ? JSON.stringify(value) : withoutCodes(String(value))
}

/** Rows by a column, unknown last; the base stays on top. */
export function sortedRows(
  made: Comparison,
  sort: string | undefined,
  base: string | null,
): number[] {
  const rows = made.runs.map((_, n) => n)
  const down = sort?.startsWith('-') ?? false
  const at = sort ? made.columns.findIndex((column) => column.key === sort.replace(/^-/, '')) : -1
  const values = made.values.map((row) => row?.[at])
  if (at >= 0) rows.sort((a, b) => compared(values[a], values[b], down))
  const pinned = rows.findIndex((row) => made.runs[row]?.id === base)
  if (pinned > 0) rows.unshift(...rows.splice(pinned, 1))
  return rows
}

const ORDER = new Intl.Collator()

function compared(a: unknown, b: unknown, down: boolean): number {
  if (a == null || b == null) return a == null ? (b == null ? 0 : 1) : -1
  const way =
    typeof a === 'number' && typeof b === 'number' ? a - b : ORDER.compare(wordsOf(a), wordsOf(b))
  return down ? -way : way
}

export function linesOf(
  made: Comparison,
  rows: readonly number[],
  group: string | undefined,
  closed: ReadonlySet<string>,
  base: string | null,
): CompareLine[] {
  const line = (row: number): RunLine => ({ kind: 'run', run: made.runs[row], row })
  if (!group) return rows.map(line)
  const place = new Map(rows.map((row, n) => [row, n]))
  const pinned = rows.filter((row) => made.runs[row].id === base)
  const groups = made.groups.map((one) => ({
    value: one.value === null ? 'not set' : wordsOf(one.value),
    rows: one.runs.toSorted((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0)),
  }))
  return [
    ...pinned.map(line),
    ...groups.flatMap((one) => {
      const isOpen = !closed.has(one.value)
      const head: GroupLine = { kind: 'group', value: one.value, rows: one.rows, isOpen }
      return isOpen
        ? [head, ...one.rows.filter((row) => made.runs[row].id !== base).map(line)]
        : [head]
    }),
  ]
}

export interface Spread {
  n: number
  mean: number
  std: number | null
  unknown: number
}

export function spreadOf(made: Comparison, rows: readonly number[], column: number): Spread | null {
  const known = rows.flatMap((row) => numberAt(made, row, column) ?? [])
  if (known.length === 0) return null
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length
  const std =
    known.length < 2
      ? null
      : Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (known.length - 1))
  return { n: known.length, mean, std, unknown: rows.length - known.length }
}

const HEATS = 6

/** How good a value is among the others of its column: 0 nothing, up to 5. */
export function heatOf(
  column: ComparisonColumn,
  direction: Direction,
  value: number | null,
): number {
  const { lowest, highest } = column
  if (!direction || value === null || lowest === null || highest === null || highest <= lowest)
    return 0
  const share = (value - lowest) / (highest - lowest)
  return Math.min(HEATS - 1, Math.floor((direction === 'up' ? share : 1 - share) * HEATS))
}

/** Runs on the frontier: none is both cheaper and better. */
export function frontier(
  points: readonly { x: number; y: number }[],
  x: Direction,
  y: Direction,
): number[] {
  const cost = (value: number, way: Direction) => (way === 'up' ? -value : value)
  const order = points
    .map((_, n) => n)
    .sort(
      (a, b) =>
        cost(points[a].x, x) - cost(points[b].x, x) || cost(points[a].y, y) - cost(points[b].y, y),
    )
  const kept: number[] = []
  let best = Number.POSITIVE_INFINITY
  for (const n of order) {
    const value = cost(points[n].y, y)
    if (value >= best) continue
    best = value
    kept.push(n)
  }
  return kept
}
