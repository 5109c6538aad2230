/** What of a run page stands in its address. */
export interface RunSearch {
  tab?: RunTab
  sel?: string
  /** The child run that `sel` is of; without `sel` it is the child run itself. */
  child?: string
  lane?: 'depth' | 'packed'
  tree?: 'icicle'
  order?: string
  size?: 'cost' | 'tokens'
  /** Milliseconds: what the timeline shows. */
  t0?: number
  t1?: number
  /** The playhead of a replay, in milliseconds. */
  at?: number
  cite?: number
  /** Up to this line only. */
  seq?: number
  with?: string
  text?: string
  view?: 'report'
}

export const RUN_TABS = ['answer', 'metrics', 'config', 'trace', 'artifacts', 'comments'] as const
export type RunTab = (typeof RUN_TABS)[number]

const NUMBERS = ['t0', 't1', 'at', 'cite', 'seq'] as const
const TEXTS = ['sel', 'child', 'order', 'with', 'text'] as const

export function runSearch(search: Record<string, unknown>): RunSearch {
  const said: RunSearch = {}
  if (RUN_TABS.includes(search.tab as RunTab)) said.tab = search.tab as RunTab
  for (const name of TEXTS) {
    const value = search[name]
    if (value !== undefined && value !== null && value !== '') said[name] = String(value)
  }
  for (const name of NUMBERS) {
    const value = Number(search[name])
    if (search[name] !== undefined && Number.isFinite(value)) said[name] = value
  }
  if (search.lane === 'depth' || search.lane === 'packed') said.lane = search.lane
  if (search.tree === 'icicle') said.tree = 'icicle'
  if (search.size === 'cost' || search.size === 'tokens') said.size = search.size
  if (search.view === 'report') said.view = 'report'
  return said
}
