/** What of a comparison stands in its address. */
export interface ComparisonSearch {
  filter?: string
  runs?: string[]
  group?: string
  base?: string
  sort?: string
  cols?: string
  same?: boolean
  x?: string
  y?: string
  view?: 'report'
  /** A few runs as a table, where they would stand side by side; many side by side. */
  as?: 'table' | 'beside'
  /** Of many runs, those that are drawn. */
  beside?: string[]
  lane?: 'depth' | 'packed'
  /** What of the time axis is in sight, in milliseconds. */
  t0?: number
  t1?: number
  /** Curves over time, where they would be over steps. */
  over?: 'time'
}

export function comparisonSearch(search: Record<string, unknown>): ComparisonSearch {
  const said: ComparisonSearch = {}
  for (const name of ['filter', 'group', 'base', 'sort', 'cols', 'x', 'y'] as const) {
    const value = search[name]
    if (value !== undefined && value !== null && value !== '') said[name] = String(value)
  }
  if (Array.isArray(search.runs)) said.runs = search.runs.map(String)
  if (search.same === true) said.same = true
  if (search.view === 'report') said.view = 'report'
  if (search.as === 'table' || search.as === 'beside') said.as = search.as
  if (Array.isArray(search.beside)) said.beside = search.beside.map(String)
  if (search.over === 'time') said.over = 'time'
  if (search.lane === 'depth' || search.lane === 'packed') said.lane = search.lane
  for (const name of ['t0', 't1'] as const) {
    const value = search[name]
    if (typeof value === 'number' && Number.isFinite(value)) said[name] = value
  }
  return said
}
