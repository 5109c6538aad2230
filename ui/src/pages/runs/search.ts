/** What of the run list stands in its address. */
export interface RunsSearch {
  filter?: string
  sort?: string
  /** Columns in order, comma-separated; `*` before the last that stays when the rest is scrolled. */
  cols?: string
  group?: string
  /** What the runs of the groups that are open share; null: not set. */
  open?: readonly (string | number | null)[]
  /** Hide the columns in which all shown runs are the same. */
  differ?: boolean
  archived?: boolean
}

const TEXTS = ['filter', 'sort', 'cols', 'group'] as const

export function runsSearch(search: Record<string, unknown>): RunsSearch {
  const said: RunsSearch = {}
  for (const name of TEXTS) {
    const value = search[name]
    if (value !== undefined && value !== null && value !== '') said[name] = String(value)
  }
  if (Array.isArray(search.open) && search.open.length > 0) said.open = search.open.filter(isValue)
  if (search.differ === true) said.differ = true
  if (search.archived === true) said.archived = true
  return said
}

const isValue = (value: unknown) => value === null || ['string', 'number'].includes(typeof value)

export const DEFAULT_SORT = '-created_at'

/** The filter as the board is asked: archived runs are out of sight unless they are asked for. */
export function askedFilter({ filter = '', archived }: RunsSearch): string {
  const settled = archived || /\barchived:/.test(filter)
  return settled ? filter : `${filter} -archived:true`.trim()
}
