import { Pin } from 'lucide-react'
import type {
  ComparedRun,
  Comparison,
  ComparisonColumn,
  MetricCurve,
  RunItem,
} from '../../live/shapes.gen'
import type { Column } from '../../parts/grid/columns'
import { exact, spoken } from '../../parts/numbers'
import { bestOf } from '../../views/compare/best'
import cmp from '../../views/compare/compare.module.css'
import { isConverted } from '../../views/compare/inCurrency'
import { aboutValue, inWords } from '../../views/compare/inWords'
import { MetricSpark, SPARK_PX } from '../../views/compare/MetricSpark'
import {
  isAtLeast,
  sayColumn,
  sayDelta,
  spokenColumn,
  titleOfKey,
} from '../../views/compare/sayings'
import {
  type CompareLine,
  directionOf,
  type GroupLine,
  heatOf,
  numberAt,
  spreadOf,
  wordsOf,
} from '../../views/compare/table'
import { titleOf } from '../../views/runTitle'
import { StatusGlyph } from '../../views/StatusGlyph'
import style from './Compared.module.css'
import type { CurvesOf } from './useCurves'

const WIDEST_PX = 150

/** What cells need beside the comparison. */
export interface TableWorld {
  base: string | null
  onBase: (id: string) => void
  group: string | undefined
  marked: ReadonlySet<string>
  toggle: (ids: readonly string[]) => void
  curves: CurvesOf
  /** The name of a run takes two lines, and leaves room for the rest. */
  isPhone: boolean
}

/** A column for each key, with the run itself first. */
export function compareColumns(
  made: Comparison,
  keys: readonly string[],
  world: TableWorld,
): Column<CompareLine>[] {
  const baseRow = made.runs.findIndex((run) => run.id === world.base)
  const places = new Map(made.columns.map((column, at) => [column.key, at]))
  const curved = curvedNames(world.curves)
  return [
    runColumn(made, world),
    ...keys.map((key) => valueColumn(made, places.get(key) ?? 0, baseRow, world, curved)),
  ]
}

/** Metrics of which some run has a curve. */
function curvedNames(curves: CurvesOf): ReadonlySet<string> {
  const names = new Set<string>()
  for (const metrics of curves.values()) for (const name in metrics) names.add(name)
  return names
}

function runColumn(
  made: Comparison,
  { base, onBase, toggle, marked, isPhone }: TableWorld,
): Column<CompareLine> {
  return {
    key: 'run',
    title: 'Run',
    width_px: isPhone ? 146 : 236,
    cell: (line) =>
      line.kind === 'group' ? (
        <GroupHead
          line={line}
          ids={line.rows.map((row) => made.runs[row].id)}
          toggle={toggle}
          marked={marked}
        />
      ) : (
        <RunHead
          run={line.run}
          isBase={line.run.id === base}
          onBase={onBase}
          toggle={toggle}
          isMarked={marked.has(line.run.id)}
        />
      ),
  }
}

interface GroupHeadProps {
  line: GroupLine
  ids: readonly string[]
  toggle: (ids: readonly string[]) => void
  marked: ReadonlySet<string>
}

function GroupHead({ line, ids, toggle, marked }: GroupHeadProps) {
  return (
    <>
      <Check
        label={`Mark all of ${line.value}`}
        isOn={ids.every((id) => marked.has(id))}
        onTurn={() => toggle(ids)}
      />
      <span className="c-3">{line.isOpen ? '▾' : '▸'}</span>
      <code className="c-1 ell">{line.value}</code>
      <span className="c-3">n {line.rows.length}</span>
    </>
  )
}

interface RunHeadProps {
  run: ComparedRun
  isBase: boolean
  onBase: (id: string) => void
  toggle: (ids: readonly string[]) => void
  isMarked: boolean
}

function RunHead({ run, isBase, onBase, toggle, isMarked }: RunHeadProps) {
  return (
    <>
      <Check label={`Mark ${titleOf(run)}`} isOn={isMarked} onTurn={() => toggle([run.id])} />
      <StatusGlyph status={run.status as RunItem['status']} />
      <code className={`ell c-1 ${style.name}`} title={run.query}>
        {titleOf(run)}
      </code>
      <button
        type="button"
        className={style.pin}
        aria-pressed={isBase}
        aria-label={`Compare with ${titleOf(run)}`}
        title="Make it the base"
        onClick={() => onBase(run.id)}
      >
        <Pin size={11} />
      </button>
    </>
  )
}

function Check({ label, isOn, onTurn }: { label: string; isOn: boolean; onTurn: () => void }) {
  return (
    <input
      type="checkbox"
      className={style.check}
      aria-label={label}
      checked={isOn}
      onChange={onTurn}
    />
  )
}

function valueColumn(
  made: Comparison,
  at: number,
  baseRow: number,
  { group, curves }: TableWorld,
  curved: ReadonlySet<string>,
): Column<CompareLine> {
  const column = made.columns[at]
  const name = metricOf(column)
  const hasCurves = name !== null && curved.has(name)
  const direction = directionOf(column)
  const arrow = direction === 'up' ? ' ↑' : direction === 'down' ? ' ↓' : ''
  const isNumber = column.kind === 'number'
  const best = bestOf(made, at, column, direction, group)
  return {
    key: column.key,
    title: titleOfKey(column.key),
    note: `${column.from}${arrow}`,
    width_px: widthOf(column) + (hasCurves ? SPARK_PX + 6 : 0),
    ...(isNumber && { align: 'right' as const }),
    sort: column.key,
    ...(direction === 'up' && { first: 'down' as const }),
    tone: (line) =>
      line.kind === 'run' && isNumber
        ? cmp[`heat${heatOf(column, direction, numberAt(made, line.row, at))}`]
        : undefined,
    hint: (line) => (line.kind === 'run' ? hintOf(made, line.row, at) : undefined),
    cell: (line) => {
      if (line.kind === 'group') return <Mean made={made} rows={line.rows} at={at} best={best} />
      const value = numberAt(made, line.row, at)
      const isBest = !group && best !== null && value === best
      const isMarked = isBest || hasCurves || baseRow >= 0
      // Most cells are a number and nothing else: they are no elements of their own.
      if (value !== null && !isMarked) return inWords(made, line.row, at)
      return (
        <>
          {hasCurves && <Went name={name} curve={curves.get(line.run.id)?.[name]} />}
          <Value made={made} row={line.row} at={at} baseRow={baseRow} isBest={isBest} />
        </>
      )
    },
  }
}

/** A value to the last digit, or to its last word. */
export function hintOf(made: Comparison, row: number, at: number): string | undefined {
  const value = made.values[row]?.[at]
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'number') return wordsOf(value)
  return [exact(value), ...aboutValue(made, row, at)].join(', ')
}

function widthOf(column: ComparisonColumn): number {
  const least = column.kind === 'number' && column.from !== 'config' ? 116 : 84
  return Math.min(WIDEST_PX, Math.max(least, titleOfKey(column.key).length * 8 + 22))
}

/** The name of the metric that a column is of. */
export const metricOf = ({ key, from }: ComparisonColumn): string | null =>
  from === 'metric' ? key.replace(/^metric\./, '') : null

/** The curve at the left of its cell, so that all begin at one place. */
export function Went({ name, curve }: { name: string; curve: MetricCurve | undefined }) {
  return <span className={style.went}>{curve && <MetricSpark name={name} curve={curve} />}</span>
}

interface ValueProps {
  made: Comparison
  row: number
  at: number
  baseRow: number
  isBest: boolean
}

export function Value({ made, row, at, baseRow, isBest }: ValueProps) {
  const column = made.columns[at]
  const value = made.values[row]?.[at]
  if (value === null || value === undefined) return <span className="c-3">–</span>
  const base = baseRow >= 0 ? made.values[baseRow]?.[at] : undefined
  if (typeof value !== 'number') {
    const differs = base !== undefined && row !== baseRow && wordsOf(base) !== wordsOf(value)
    return <span className={`ell ${differs ? cmp.differs : ''}`}>{wordsOf(value)}</span>
  }
  const isJudged = column.from !== 'config'
  const isHeld = row !== baseRow && typeof base === 'number' && isJudged
  return (
    <span className={isBest ? cmp.best : ''}>
      {isBest && (
        <span className={cmp.star} title="best of its column">
          ★{' '}
        </span>
      )}
      {inWords(made, row, at)}
      {row === baseRow && isJudged && <span className={cmp.delta}> base</span>}
      {isHeld && <span className={cmp.delta}> {sayDelta(column.key, value, base)}</span>}
    </span>
  )
}

function Mean({
  made,
  rows,
  at,
  best,
}: {
  made: Comparison
  rows: readonly number[]
  at: number
  best: number | null
}) {
  const column = made.columns[at]
  if (column.kind !== 'number' || column.from === 'config') {
    const values = new Set(rows.map((row) => said(column.key, made.values[row]?.[at])))
    return (
      <span className="ell c-3">
        {values.size === 1 ? [...values][0] : `${values.size} values`}
      </span>
    )
  }
  const spread = spreadOf(made, rows, at)
  if (!spread) return <span className="c-3">–</span>
  const isBest = best !== null && Math.abs(spread.mean - best) <= Math.abs(best) * 1e-9
  return (
    <span
      className="c-1"
      title={`mean of ${spread.n}${spread.unknown ? `, ${spread.unknown} unknown left out` : ''}`}
    >
      {isBest && (
        <span className={cmp.star} title="best mean">
          ★{' '}
        </span>
      )}
      {rows.some((row) => isAtLeast(column, made.runs[row])) && (
        <span title="at least: part of some is unknown">≥ </span>
      )}
      {rows.some((row) => isConverted(column, row)) && '≈ '}
      {spoken(sayColumn(column.key, spread.mean))}
      {spread.std !== null && (
        <span className={cmp.delta}> ± {stdOf(column.key, spread.mean, spread.std)}</span>
      )}
    </span>
  )
}

const said = (key: string, value: unknown): string =>
  typeof value === 'number' ? spokenColumn(key, value) : wordsOf(value) || '–'

/** The deviation, with its unit where that is not the one of the mean. */
function stdOf(key: string, mean: number, std: number): string {
  const said = sayColumn(key, std)
  return said.unit === sayColumn(key, mean).unit ? said.figure : spoken(said)
}
