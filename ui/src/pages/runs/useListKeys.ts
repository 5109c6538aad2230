import { useState } from 'react'
import { useKeys } from '../keys'

interface Acts {
  toggle: (id: string, range: boolean) => void
  clear: () => void
  selected: ReadonlySet<string>
}

/** j, k, Enter, x and Escape over a list; gives the row that they are at. */
export function useListKeys<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  open: (row: Row) => void,
  acts?: Acts,
): string | undefined {
  const [current, setCurrent] = useState<string>()
  const at = current === undefined ? -1 : rows.findIndex((row) => keyOf(row) === current)
  const move = (by: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))]
    if (next !== undefined) setCurrent(keyOf(next))
  }
  const here = rows[at]
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    Enter: () => here !== undefined && open(here),
    x: () => current !== undefined && acts?.toggle(current, false),
    Escape: () => {
      acts?.clear()
      setCurrent(undefined)
    },
  })
  return current
}
