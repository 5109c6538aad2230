import { Link } from '@tanstack/react-router'
import { Pin, X } from 'lucide-react'
import type { ComparedRun, Comparison } from '../../live/shapes.gen'
import { bestOf } from '../../views/compare/best'
import cmp from '../../views/compare/compare.module.css'
import { titleOfKey } from '../../views/compare/sayings'
import { directionOf, numberAt } from '../../views/compare/table'
import { titleOf } from '../../views/runTitle'
import { StatusGlyph } from '../../views/StatusGlyph'
import { hintOf, metricOf, Value, Went } from './columns'
import style from './SideBySide.module.css'
import { type CurvesOf, useCurves } from './useCurves'

interface Props {
  made: Comparison
  /** The columns of the comparison, which are lines here. */
  keys: readonly string[]
  base: string | null
  onBase: (id: string) => void
  /** Nothing: the runs were not chosen one by one. */
  onRemove: ((id: string) => void) | undefined
}

const PARTS = [
  ['config', 'Config'],
  ['metric', 'Metrics'],
  ['run', 'What it took'],
] as const

/** A few runs beside each other, line by line: what they were told, reached and took. */
export function SideBySide({ made, keys, base, onBase, onRemove }: Props) {
  const curves = useCurves(made)
  return (
    <div
      className={style.box}
      tabIndex={0}
      role="region"
      aria-label={`${made.runs.length} runs side by side`}
    >
      <table className={style.table}>
        <thead>
          <tr>
            <td />
            {made.runs.map((run) => (
              <th key={run.id} scope="col">
                <RunHead run={run} isBase={run.id === base} onBase={onBase} onRemove={onRemove} />
              </th>
            ))}
          </tr>
        </thead>
        {PARTS.map(([from, title]) => (
          <Part
            key={from}
            title={title}
            made={made}
            base={base}
            curves={curves}
            keys={keys.filter((key) => columnAt(made, key)?.from === from)}
          />
        ))}
      </table>
    </div>
  )
}

const columnAt = (made: Comparison, key: string) =>
  made.columns.find((column) => column.key === key)

interface RunHeadProps {
  run: ComparedRun
  isBase: boolean
  onBase: (id: string) => void
  onRemove: ((id: string) => void) | undefined
}

function RunHead({ run, isBase, onBase, onRemove }: RunHeadProps) {
  return (
    <span className={style.run}>
      <StatusGlyph status={run.status as 'completed'} />
      <Link to="/rlm/runs/$id" params={{ id: run.id }} className="ell" title={run.query}>
        {titleOf(run)}
      </Link>
      <button
        type="button"
        aria-pressed={isBase}
        aria-label={`Compare with ${titleOf(run)}`}
        title="Make it the base"
        onClick={() => onBase(run.id)}
      >
        <Pin size={11} />
      </button>
      {onRemove && (
        <button
          type="button"
          aria-label={`Leave ${titleOf(run)} out`}
          title="Leave it out"
          onClick={() => onRemove(run.id)}
        >
          <X size={12} />
        </button>
      )}
    </span>
  )
}

interface PartProps {
  title: string
  made: Comparison
  keys: readonly string[]
  base: string | null
  curves: CurvesOf
}

function Part({ title, made, keys, base, curves }: PartProps) {
  if (keys.length === 0) return null
  const baseRow = made.runs.findIndex((run) => run.id === base)
  return (
    <tbody>
      <tr className={style.part}>
        <th scope="rowgroup" colSpan={made.runs.length + 1}>
          <span className="lbl">{title}</span>
        </th>
      </tr>
      {keys.map((key) => (
        <Line
          key={key}
          made={made}
          at={made.columns.findIndex((one) => one.key === key)}
          baseRow={baseRow}
          curves={curves}
        />
      ))}
    </tbody>
  )
}

interface LineProps {
  made: Comparison
  at: number
  baseRow: number
  curves: CurvesOf
}

function Line({ made, at, baseRow, curves }: LineProps) {
  const column = made.columns[at]
  const name = metricOf(column)
  const direction = directionOf(column)
  const best = bestOf(made, at, column, direction, undefined)
  const isSame = column.distinct <= 1 && column.known === made.runs.length
  return (
    <tr className={isSame ? style.same : ''}>
      <th scope="row">
        {titleOfKey(column.key)}
        {direction && (
          <small title={direction === 'up' ? 'more is better' : 'less is better'}>
            {direction === 'up' ? ' ↑' : ' ↓'}
          </small>
        )}
      </th>
      {made.runs.map((run, row) => (
        <td key={run.id} className={row === baseRow ? cmp.base : ''} title={hintOf(made, row, at)}>
          <span className={style.value}>
            <span>
              <Value
                {...{ made, row, at, baseRow }}
                isBest={best !== null && numberAt(made, row, at) === best}
              />
            </span>
            {name && <Went name={name} curve={curves.get(run.id)?.[name]} />}
          </span>
        </td>
      ))}
    </tr>
  )
}
