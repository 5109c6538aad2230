import type { ReactNode } from 'react'

/** A column of a grid. What it says of a row is the page's affair. */
export interface Column<Row> {
  key: string
  title: string
  /** In place of the title. */
  head?: ReactNode
  /** Under the title, quiet. */
  note?: string
  width_px: number
  /** Takes what room is left. */
  grows?: boolean
  align?: 'right'
  /** By what the rows are sorted when its title is clicked; nothing: they cannot be. */
  sort?: string
  /** Which way the first click sorts. */
  first?: 'up' | 'down'
  cell: (row: Row) => ReactNode
  /** What is said of it where the pointer rests. */
  hint?: (row: Row) => string | undefined
  /** A class for the cell, as a heat. */
  tone?: (row: Row) => string | undefined
}

/** Columns with the widths that a person gave them, as a grid template. */
export function template(
  columns: readonly Column<never>[],
  widths: Record<string, number>,
): string {
  return columns
    .map((column) => {
      const given = widths[column.key]
      if (given) return `${given}px`
      return column.grows ? `minmax(${column.width_px}px, 1fr)` : `${column.width_px}px`
    })
    .join(' ')
}

/** Columns in as many parts as find room beside the first one, which begins each of them. */
export function sheets<Row>(columns: readonly Column<Row>[], room_px: number): Column<Row>[][] {
  const [first, ...rest] = columns
  if (first === undefined) return []
  const made: Column<Row>[][] = [[first]]
  let left = room_px - first.width_px
  for (const column of rest) {
    const last = made[made.length - 1]
    if (column.width_px <= left || last.length === 1) last.push(column)
    else {
      made.push([first, column])
      left = room_px - first.width_px
    }
    left -= column.width_px
  }
  return made
}

/** Where each of the first columns sticks when the rest is scrolled. */
export function stickyLefts(
  columns: readonly Column<never>[],
  widths: Record<string, number>,
  pinned: number,
): number[] {
  const lefts: number[] = []
  let left = 0
  for (const column of columns.slice(0, pinned)) {
    lefts.push(left)
    left += widths[column.key] ?? column.width_px
  }
  return lefts
}

/** The next order when a title is clicked: the way it first sorts, then the other. */
export function turned(sort: string | undefined, column: Column<never>): string | undefined {
  if (!column.sort) return sort
  const up = column.sort
  const down = `-${column.sort}`
  if (sort === up) return down
  if (sort === down) return up
  return column.first === 'down' ? down : up
}

/** Which way a column sorts now. */
export function direction(
  sort: string | undefined,
  column: Column<never>,
): 'ascending' | 'descending' | undefined {
  if (!column.sort || !sort) return undefined
  if (sort === column.sort) return 'ascending'
  return sort === `-${column.sort}` ? 'descending' : undefined
}
