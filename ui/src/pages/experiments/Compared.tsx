import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import type { Params } from '../../live/api'
import { chosen } from '../../live/chosen'
import { comparisonQuestion } from '../../live/queries'
import type { ComparedRun, Comparison } from '../../live/shapes.gen'
import { Frame } from '../../parts/Frame'
import { Loading } from '../../parts/Loading'
import { whole } from '../../parts/numbers'
import { Facts } from '../../parts/Pill'
import { usePreferences, useRate } from '../../parts/preferences'
import { Empty, Trouble } from '../../parts/Trouble'
import { useAfterPaint } from '../../parts/useAfterPaint'
import { useRowHeight } from '../../parts/useRowHeight'
import { inCurrency } from '../../views/compare/inCurrency'
import { titleOfKey } from '../../views/compare/sayings'
import { sortedRows, wordsOf } from '../../views/compare/table'
import { useTellChosen } from '../chosen'
import { columnsOf } from '../runs/choices'
import { type Brush, useBrush } from './brush'
import { Choices } from './Choices'
import style from './Compared.module.css'
import { ComparedCharts } from './ComparedCharts'
import { ComparedFoot } from './ComparedFoot'
import { ComparedTable, ROW_PX } from './ComparedTable'
import { CompareMarked } from './CompareMarked'
import { Overlaid } from './Overlaid'
import { SideBySide } from './SideBySide'
import type { ComparisonSearch } from './search'
import { Timelines } from './Timelines'
import { WhichBeside } from './WhichBeside'

export interface ComparedProps {
  ask: Params
  search: ComparisonSearch
  base: string | null
  name: string
  /** The runs were chosen one by one: show each whole, while they are few. */
  isChosen?: boolean
}

/** So many runs stand side by side, with their timelines and curves. */
export const MOST_BESIDE = 6

/** Runs as a table of what differs, with its scatter and its lines; each brushes the others. */
export function Compared(props: ComparedProps) {
  const { data, error, refetch } = useQuery({
    ...comparisonQuestion({ ...props.ask, group: props.search.group }),
    refetchInterval: 15_000,
    placeholderData: (before) => before,
  })
  if (error && !data)
    return (
      <Trouble
        title="The runs cannot be compared"
        detail={error.message}
        onRetry={() => refetch()}
      />
    )
  if (!data) return <Loading rows={12} />
  if (data.runs.length === 0) return <Empty title="No run fits." />
  return <Whole {...props} made={data} />
}

type Change = { [K in keyof ComparisonSearch]?: ComparisonSearch[K] | undefined }

interface WholeProps extends ComparedProps {
  made: Comparison
}

function Whole({ made: recorded, ...props }: WholeProps) {
  const { search, base, isChosen } = props
  const currency = usePreferences((preferences) => preferences.currency)
  const { rate } = useRate()
  const made = useMemo(() => inCurrency(recorded, currency, rate), [recorded, currency, rate])
  const change = useChange()
  const brush = useBrush(made)
  const ids = useMemo(() => [...brush.ids], [brush.ids])
  useTellChosen(ids)
  const first = useMemo(() => shownKeys(made, search.same === true), [made, search.same])
  const keys = useMemo(() => chosenKeys(made, search.cols, first), [made, search.cols, first])
  const rows = useMemo(() => sortedRows(made, search.sort, base), [made, search.sort, base])
  const isBeside = isChosen === true && isSideBySide(made.runs.length, search)
  const inOrder = useMemo(() => rows.map((row) => made.runs[row]), [rows, made])
  const beside = useMemo(() => drawn(inOrder, search.beside), [inOrder, search.beside])
  const drawnOnly = useMemo(() => {
    if (!isBeside || beside.length === recorded.runs.length) return made
    const ids = beside.map((run) => run.id)
    return inCurrency(chosen(recorded, ids), currency, rate)
  }, [isBeside, beside, recorded, made, currency, rate])
  const part = { ...props, made, recorded, change, brush, keys, first, rows }
  const isAfter = useAfterPaint()
  return (
    <>
      <Common made={made} />
      {!isBeside && <Tabled {...part} />}
      {isChosen && made.runs.length > MOST_BESIDE && (
        <WhichBeside
          runs={inOrder}
          beside={beside}
          most={MOST_BESIDE}
          marked={brush.ids}
          onChange={(ids) => change({ beside: ids })}
        />
      )}
      {isBeside && <Beside {...part} made={drawnOnly} />}
      {isChosen && isAfter && <Timelines runs={beside} search={search} change={change} />}
      {isChosen && isAfter && (
        <Overlaid
          runs={beside}
          over={search.over ?? 'step'}
          onOver={(over) => change({ over: over === 'step' ? undefined : over })}
        />
      )}
      {made.runs.length > 1 &&
        (isAfter ? (
          <ComparedCharts {...{ made, search, change, brush }} />
        ) : (
          <div className={style.charts} />
        ))}
      {search.view === 'report' && <ComparedFoot made={made} ask={props.ask} />}
    </>
  )
}

/** Few runs stand side by side unless they are asked for as a table; many where it is asked for. */
export const isSideBySide = (runs: number, { as }: ComparisonSearch): boolean =>
  runs <= MOST_BESIDE ? as !== 'table' : as === 'beside'

/** Those that are drawn, in their order: the chosen, else the first. */
function drawn(
  runs: readonly ComparedRun[],
  ids: readonly string[] | undefined,
): readonly ComparedRun[] {
  const found = ids && runs.length > MOST_BESIDE ? runs.filter((run) => ids.includes(run.id)) : []
  return (found.length > 0 ? found : runs).slice(0, MOST_BESIDE)
}

/** What the address says of the comparison, changed in place. */
function useChange(): (next: Change) => void {
  const go = useNavigate()
  return useCallback(
    (next) =>
      go({ to: '.', search: (was: object) => ({ ...was, ...next }) as never, replace: true }),
    [go],
  )
}

const MOST_COMMON = 8

/** Settings in which all runs are the same are named once. */
function Common({ made }: { made: Comparison }) {
  if (made.runs.length < 2) return null
  const same = made.columns.filter((column) => column.from === 'config' && column.same !== null)
  if (same.length === 0) return null
  const more = same.length - MOST_COMMON
  return (
    <div className={style.common}>
      <span className="c-3">The same in all:</span>
      <Facts
        facts={same
          .slice(0, MOST_COMMON)
          .map((column) => [titleOfKey(column.key), wordsOf(column.same)] as const)}
      />
      {more > 0 && <span className="c-3">and {more} more settings</span>}
    </div>
  )
}

interface PartProps extends WholeProps {
  /** With every cost as it was recorded: what is taken away as a file. */
  recorded: Comparison
  change: (next: Change) => void
  brush: Brush
  keys: readonly string[]
  /** The columns that are shown where none are chosen. */
  first: readonly string[]
  rows: readonly number[]
}

/** On the page so much of a table, then it is scrolled; on paper it is whole. */
const TALLEST_PX = 560

function Tabled(props: PartProps) {
  const { made, keys, brush } = props
  const row_px = useRowHeight(ROW_PX)
  const high = (made.runs.length + made.groups.length) * row_px + 100
  return (
    <Frame
      title="Comparison"
      className={style.table}
      {...(props.search.view !== 'report' && { height_px: Math.min(TALLEST_PX, high) })}
      note={noteOf(made, keys, brush)}
      actions={
        <>
          <CompareMarked ids={[...brush.ids]} onClear={brush.clear} />
          <Choices {...props} />
        </>
      }
    >
      <ComparedTable {...props} />
    </Frame>
  )
}

function Beside(props: PartProps) {
  const { made, keys, base, ask, change } = props
  const asked = Array.isArray(ask.run) ? (ask.run as string[]) : null
  const leaveOut = asked && made.runs.length > 1
  return (
    <Frame
      title="Side by side"
      className={style.beside}
      note={noteOf(made, keys, props.brush)}
      actions={<Choices {...props} isBeside />}
    >
      <SideBySide
        made={made}
        keys={keys}
        base={base}
        onBase={(id) => change({ base: id })}
        onRemove={
          leaveOut ? (id) => change({ runs: asked.filter((one) => one !== id) }) : undefined
        }
      />
    </Frame>
  )
}

function noteOf(made: Comparison, keys: readonly string[], { rows }: Brush): string {
  const hidden = made.columns.filter((column) => column.known > 0).length - keys.length
  const parts = [
    `${whole(made.runs.length)}${made.cut ? ` of ${whole(made.count)}` : ''} runs`,
    rows ? `${rows.size} marked` : null,
    hidden > 0 ? `${hidden} equal columns hidden` : null,
  ]
  return parts.filter(Boolean).join(' · ')
}

/** The columns that the address says, as far as there are such; else those at first. */
function chosenKeys(
  made: Comparison,
  cols: string | undefined,
  first: readonly string[],
): readonly string[] {
  const known = new Set(made.columns.map((column) => column.key))
  const chosen = columnsOf(cols, first).keys.filter((key) => known.has(key))
  return chosen.length > 0 ? chosen : first
}

/** Settings, then metrics, then what it took; without what is the same in all, where that is asked. */
function shownKeys(made: Comparison, withSame: boolean): string[] {
  const order = { config: 0, metric: 1, run: 2 }
  const all = withSame || made.runs.length < 2
  return made.columns
    .filter(
      (column) =>
        column.known > 0 && (all || column.distinct > 1 || column.known < made.runs.length),
    )
    .toSorted((a, b) => order[a.from as 'run'] - order[b.from as 'run'])
    .map((column) => column.key)
}
