import { type RefObject, useLayoutEffect, useMemo, useState } from 'react'
import type { Column } from './columns'

/** Columns from the first to the last that are in sight. */
export interface Span {
  first: number
  last: number
}

/** With fewer columns than these, all cells of a row are there. */
const MANY = 24
/** So many until the table knows how wide it is. */
const AT_FIRST = 12
/** Columns beyond the edges that are there already when they come into sight. */
const BESIDE = 3

/** Which columns are in sight; null where there are so few that all of them are there. */
export function useColumnsInSight(
  box: RefObject<HTMLElement | null>,
  columns: readonly Column<never>[],
  widths: Record<string, number>,
): Span | null {
  const ends = useMemo(() => endsOf(columns, widths), [columns, widths])
  const isMany = columns.length > MANY
  const [span, setSpan] = useState<Span>({ first: 0, last: AT_FIRST })
  useLayoutEffect(() => {
    const element = box.current
    if (!isMany || !element) return
    const look = () => {
      const { scrollLeft, clientWidth } = element
      const next = spanOf(ends, scrollLeft, scrollLeft + clientWidth)
      setSpan((was) =>
        was.first <= next.first && was.last >= next.last && isNear(was, next) ? was : wider(next),
      )
    }
    look()
    element.addEventListener('scroll', look, { passive: true })
    const observer = new ResizeObserver(look)
    observer.observe(element)
    return () => {
      element.removeEventListener('scroll', look)
      observer.disconnect()
    }
  }, [box, ends, isMany])
  return isMany ? span : null
}

/** Where each column ends. */
function endsOf(columns: readonly Column<never>[], widths: Record<string, number>): number[] {
  let end = 0
  return columns.map((column) => {
    end += widths[column.key] ?? column.width_px
    return end
  })
}

/** The columns that touch a stretch; with none that grow, their ends say it. */
export function spanOf(ends: readonly number[], from_px: number, to_px: number): Span {
  const first = ends.findIndex((end) => end > from_px)
  const after = ends.findIndex((end) => end >= to_px)
  return {
    first: first < 0 ? ends.length - 1 : first,
    last: after < 0 ? ends.length - 1 : after,
  }
}

const wider = ({ first, last }: Span): Span => ({ first: first - BESIDE, last: last + BESIDE })

/** Not far wider than what is in sight, as after the window became narrower. */
const isNear = (was: Span, next: Span): boolean =>
  was.last - was.first <= next.last - next.first + 4 * BESIDE
