import { useNavigate } from '@tanstack/react-router'
import { type Dispatch, type SetStateAction, useCallback, useMemo, useState } from 'react'
import type { Comparison } from '../../live/shapes.gen'
import { type Column, sheets } from '../../parts/grid/columns'
import { Grid } from '../../parts/grid/Grid'
import { widthsKept } from '../../parts/grid/widths'
import { usePhone } from '../../parts/useMedia'
import { useRowHeight } from '../../parts/useRowHeight'
import { type CompareLine, linesOf } from '../../views/compare/table'
import { useListKeys } from '../runs/useListKeys'
import type { Brush } from './brush'
import style from './Compared.module.css'
import { compareColumns } from './columns'
import type { ComparisonSearch } from './search'
import { useCurves } from './useCurves'

export const ROW_PX = 24
const HEAD_PX = 34
/** What is wider than A4 between its margins goes on below; what is this long is cut. */
const PAPER_PX = 698
const RUN_ON_PAPER_PX = 220
const MOST_ON_PAPER_PX = 10_000

interface Props {
  made: Comparison
  /** The runs in their order, as rows of the comparison. */
  rows: readonly number[]
  keys: readonly string[]
  search: ComparisonSearch
  base: string | null
  brush: Brush
  change: (next: { sort?: string; base?: string }) => void
}

const useWidths = widthsKept('rlmboard.comparison.widths')

const keyOf = (line: CompareLine) => (line.kind === 'run' ? line.run.id : `group ${line.value}`)

/** Runs line by line, under what they share where they are grouped. */
export function ComparedTable({ made, rows, keys, search, base, brush, change }: Props) {
  const { sort, group } = search
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const { widths, setWidth } = useWidths()
  const lines = useMemo(
    () => linesOf(made, rows, group, closed, base),
    [made, rows, group, closed, base],
  )
  const open = useOpen(setClosed)
  const { ids, toggle, clear } = brush
  const current = useListKeys(lines, keyOf, open, {
    toggle: (key) => toggle(idsOf(made, lines, key)),
    clear,
    selected: ids,
  })
  const onBase = useCallback((id: string) => change({ base: id }), [change])
  const curves = useCurves(made)
  const isPhone = usePhone()
  const row_px = useRowHeight(ROW_PX)
  const columns = useMemo(
    () => compareColumns(made, keys, { base, onBase, group, marked: ids, toggle, curves, isPhone }),
    [made, keys, base, onBase, group, toggle, ids, curves, isPhone],
  )
  const grid = (part: readonly Column<CompareLine>[]) => (
    <Grid
      label={`Comparison of ${made.runs.length} runs`}
      rows={lines}
      columns={part}
      rowKey={keyOf}
      rowHeight_px={row_px}
      pinned={1}
      sort={sort}
      onSort={(next) => change({ sort: next })}
      widths={widths}
      onWidth={setWidth}
      selected={ids}
      current={current}
      onOpen={open}
      toneOf={(line) => toneOf(line, base)}
    />
  )
  if (search.view !== 'report') return grid(columns)
  const height = Math.min(MOST_ON_PAPER_PX, lines.length * row_px + HEAD_PX)
  const [run, ...values] = columns
  return sheets([{ ...run, width_px: RUN_ON_PAPER_PX }, ...values], PAPER_PX).map((part, n) => (
    <div key={n} className={style.sheet} style={{ height }}>
      {grid(part)}
    </div>
  ))
}

/** The run of a line, or all of a group. */
function idsOf(made: Comparison, lines: readonly CompareLine[], key: string): string[] {
  const line = lines.find((one) => keyOf(one) === key)
  if (!line) return []
  return line.kind === 'run' ? [line.run.id] : line.rows.map((row) => made.runs[row].id)
}

function toneOf(line: CompareLine, base: string | null): string | undefined {
  if (line.kind === 'group') return style.group
  return line.run.id === base ? style.base : undefined
}

/** A run is opened, a group is turned. */
function useOpen(setClosed: Dispatch<SetStateAction<ReadonlySet<string>>>) {
  const go = useNavigate()
  return useCallback(
    (line: CompareLine) => {
      if (line.kind === 'run') go({ to: '/rlm/runs/$id', params: { id: line.run.id } })
      else setClosed((was) => flipped(was, line.value))
    },
    [go, setClosed],
  )
}

function flipped(was: ReadonlySet<string>, value: string): ReadonlySet<string> {
  const next = new Set(was)
  if (!next.delete(value)) next.add(value)
  return next
}
