import { widthsKept } from '../../parts/grid/widths'

/** Widths that a person gave the columns of the run list. */
export const useWidths = widthsKept('rlmboard.runs.widths')

export interface Selection {
  selected: ReadonlySet<string>
  /** The last that was clicked, from which a range goes. */
  anchor: string | null
}

/** Columns in their order, and how many of them stay in sight when the rest is scrolled. */
export interface Columns {
  keys: readonly string[]
  pinned: number
}

/** As the address says them: `*` before the last that stays; where none is said, only the first. */
export function columnsOf(said: string | undefined, first: readonly string[]): Columns {
  if (!said) return { keys: first, pinned: 1 }
  const keys = said.split(',').filter(Boolean)
  const last = keys.findIndex((key) => key.startsWith('*'))
  return { keys: keys.map((key) => key.replace(/^\*/, '')), pinned: Math.max(0, last) + 1 }
}

/** Nothing where they are as at first. */
export function saidColumns(
  { keys, pinned }: Columns,
  first: readonly string[],
): string | undefined {
  if (keys.length === 0 || (pinned === 1 && keys.join() === first.join())) return undefined
  return keys.map((key, n) => (pinned > 1 && n === pinned - 1 ? `*${key}` : key)).join(',')
}

/** One column less; what stayed in sight stays. */
export const without = ({ keys, pinned }: Columns, key: string): Columns => ({
  keys: keys.filter((one) => one !== key),
  pinned: keys.indexOf(key) < pinned ? Math.max(1, pinned - 1) : pinned,
})

/** All up to this column stay in sight; if they do already, only the first. */
export const pinnedTo = ({ keys, pinned }: Columns, key: string): Columns => {
  const upTo = keys.indexOf(key) + 1
  return { keys, pinned: pinned === upTo ? 1 : upTo }
}

export function moved({ keys, pinned }: Columns, key: string, by: number): Columns {
  const at = keys.indexOf(key)
  const next = keys.filter((one) => one !== key)
  next.splice(Math.max(0, at + by), 0, key)
  return { keys: next, pinned }
}

export const NOTHING: Selection = { selected: new Set(), anchor: null }

/** Selects or not; a range takes everything between the last click and this one. */
export function toggled(
  was: Selection,
  id: string,
  order: readonly string[],
  range: boolean,
): Selection {
  const selected = new Set(was.selected)
  const from = was.anchor === null ? -1 : order.indexOf(was.anchor)
  const to = order.indexOf(id)
  if (range && from >= 0 && to >= 0) {
    for (const one of order.slice(Math.min(from, to), Math.max(from, to) + 1)) selected.add(one)
  } else if (!selected.delete(id)) selected.add(id)
  return { selected, anchor: id }
}
