import type { RunItem } from '../../live/shapes.gen'

export interface GroupRow {
  kind: 'group'
  key: string
  value: string
  runs: RunItem[]
  isOpen: boolean
}

/** A row of the list: a run, the head of a group, or how many more a group has. */
export type ListRow = { kind: 'run'; run: RunItem } | GroupRow

/** Runs under the value that they share, in the order in which the values are met. */
export function grouped(
  runs: readonly RunItem[],
  by: string,
  closed: ReadonlySet<string>,
): ListRow[] {
  const groups = new Map<string, RunItem[]>()
  const live: ListRow[] = []
  for (const run of runs) {
    if (run.status === 'running') live.push({ kind: 'run', run })
    const value = sharedValue(run, by)
    const group = groups.get(value)
    if (run.status === 'running') continue
    if (group) group.push(run)
    else groups.set(value, [run])
  }
  return [
    ...live,
    ...[...groups].flatMap(([value, members]) => rowsOf(by, value, members, !closed.has(value))),
  ]
}

function rowsOf(by: string, value: string, runs: RunItem[], isOpen: boolean): ListRow[] {
  const head: GroupRow = { kind: 'group', key: by, value, runs, isOpen }
  return isOpen ? [head, ...runs.map((run) => ({ kind: 'run' as const, run }))] : [head]
}

/** What a run has of a column, a config key or a metric, as words. */
export function sharedValue(run: RunItem, key: string): string {
  const name = key.replace(/^config\./, '')
  const direct = (run as unknown as Record<string, unknown>)[name]
  const value = direct !== undefined && !(name in run.config) ? direct : run.config[name]
  if (value === null || value === undefined) return 'not set'
  return Array.isArray(value) ? value.join(', ') || 'none' : String(value)
}

export interface Spread {
  n: number
  mean: number | null
  std: number | null
}

/** Mean and sample deviation of what is known; the unknown is left out, and counted by the caller. */
export function spread(runs: readonly RunItem[], number: (run: RunItem) => number | null): Spread {
  const known = runs.map(number).filter((value): value is number => value !== null)
  const n = known.length
  if (n === 0) return { n, mean: null, std: null }
  const mean = known.reduce((sum, value) => sum + value, 0) / n
  if (n < 2) return { n, mean, std: null }
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { n, mean, std: Math.sqrt(squares / (n - 1)) }
}

/** Config keys and columns in which all these runs are the same, and what they share. */
export function shared(runs: readonly RunItem[], keys: readonly string[]): Map<string, string> {
  const same = new Map<string, string>()
  const first = runs[0]
  if (!first || runs.length < 2) return same
  for (const key of keys) {
    const value = sharedValue(first, key)
    if (runs.every((run) => sharedValue(run, key) === value)) same.set(key, value)
  }
  return same
}
