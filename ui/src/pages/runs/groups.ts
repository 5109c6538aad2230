import type { RunGroup, RunItem } from '../../live/shapes.gen'

/** The value that the runs of a group share; null where it is not set. */
export type GroupValue = RunGroup['value']

export interface GroupRow {
  kind: 'group'
  /** By what is grouped. */
  by: string
  group: RunGroup
  isOpen: boolean
}

/** What a group that is open has beyond the runs that are here. */
export interface MoreRow {
  kind: 'more'
  value: GroupValue
  left: number
  isLoading: boolean
}

/** A row of the list: a run, the head of a group, or how many more a group has. */
export type ListRow = { kind: 'run'; run: RunItem } | GroupRow | MoreRow

/** The runs of a group that are here, in their order. */
export interface Members {
  runs: readonly RunItem[]
  isLoading: boolean
}

/** The value as a key: a text that looks like a number is not the number. */
export const keyOfValue = (value: GroupValue): string => JSON.stringify(value)

/** Groups with the runs of those that are open below them. */
export function groupRows(
  by: string,
  groups: readonly RunGroup[],
  open: ReadonlyMap<string, Members>,
): ListRow[] {
  return groups.flatMap((group): ListRow[] => {
    const members = open.get(keyOfValue(group.value))
    const head: GroupRow = { kind: 'group', by, group, isOpen: members !== undefined }
    if (!members) return [head]
    const { runs, isLoading } = members
    const left = group.runs - runs.length
    const more: MoreRow = { kind: 'more', value: group.value, left, isLoading }
    const rows = runs.map((run) => ({ kind: 'run' as const, run }))
    return left > 0 || isLoading ? [head, ...rows, more] : [head, ...rows]
  })
}

/** What a run has of a column, a config key or a metric, as words. */
export function sharedValue(run: RunItem, key: string): string {
  const name = key.replace(/^config\./, '')
  const direct = (run as unknown as Record<string, unknown>)[name]
  const value = direct !== undefined && !(name in run.config) ? direct : run.config[name]
  if (value === null || value === undefined) return 'not set'
  return Array.isArray(value) ? value.join(', ') || 'none' : String(value)
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
