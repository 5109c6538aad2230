import { useCallback, useMemo, useState } from 'react'
import type { Comparison } from '../../live/shapes.gen'

/** Who marked the runs: the mark of another is no longer shown. */
export type Hand = 'scatter' | 'parallel' | 'table'

export interface Brush {
  /** The runs that are marked, as rows of the comparison; null for none. */
  rows: ReadonlySet<number> | null
  ids: ReadonlySet<string>
  by: Hand | null
  mark: (rows: ReadonlySet<number> | null, by: Hand) => void
  toggle: (ids: readonly string[]) => void
  clear: () => void
}

const NONE: { ids: ReadonlySet<string>; by: Hand | null } = { ids: new Set(), by: null }

/** Runs that are marked in the table or a chart, for all of them. Kept by id: rows move. */
export function useBrush(made: Comparison): Brush {
  const [{ ids, by }, set] = useState(NONE)
  const rows = useMemo(() => rowsOf(made, ids), [made, ids])
  const mark = useCallback(
    (next: ReadonlySet<number> | null, hand: Hand) =>
      set(
        next === null
          ? NONE
          : { ids: new Set([...next].map((row) => made.runs[row].id)), by: hand },
      ),
    [made],
  )
  const toggle = useCallback(
    (some: readonly string[]) =>
      set((was) => ({ ids: toggled(was.ids, some), by: 'table' as const })),
    [],
  )
  const clear = useCallback(() => set(NONE), [])
  return { rows: by === null ? null : rows, ids, by, mark, toggle, clear }
}

function rowsOf(made: Comparison, ids: ReadonlySet<string>): ReadonlySet<number> {
  return new Set(made.runs.flatMap((run, row) => (ids.has(run.id) ? [row] : [])))
}

/** All of them, or none where all were. */
function toggled(was: ReadonlySet<string>, some: readonly string[]): ReadonlySet<string> {
  const next = new Set(was)
  const isOn = some.every((id) => next.has(id))
  for (const id of some) isOn ? next.delete(id) : next.add(id)
  return next
}
