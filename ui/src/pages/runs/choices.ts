import { create } from 'zustand'
import { persist } from 'zustand/middleware'

interface Choices {
  widths: Record<string, number>
  setWidth: (key: string, width_px: number) => void
}

/** Widths that a person gave the columns, kept in their browser. */
export const useWidths = create<Choices>()(
  persist(
    (set) => ({
      widths: {},
      setWidth: (key, width_px) => set((was) => ({ widths: { ...was.widths, [key]: width_px } })),
    }),
    { name: 'rlmboard.runs.widths' },
  ),
)

export interface Selection {
  selected: ReadonlySet<string>
  /** The last that was clicked, from which a range goes. */
  anchor: string | null
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
