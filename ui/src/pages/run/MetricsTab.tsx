import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'
import { metricsQuestion, runsQuestion } from '../../live/queries'
import { isServed } from '../../live/served'
import type { RunItem, RunWhole, Series } from '../../live/shapes.gen'
import { Command } from '../../parts/Command'
import { Frame } from '../../parts/Frame'
import { Loading } from '../../parts/Loading'
import { steady } from '../../parts/numbers'
import { Segmented } from '../../parts/Segmented'
import { Empty, Trouble } from '../../parts/Trouble'
import { titleOf } from '../../views/runTitle'
import style from './ListTab.module.css'
import { useRunSearch } from './useRunSearch'

const Curves = lazy(() => import('../../views/Curves').then((file) => ({ default: file.Curves })))

export interface RunSeries {
  run: string
  name: string
  series: Series
}

/** Metrics over steps or time, with those of other runs beside them. */
export function MetricsTab({ whole, at_us }: { whole: RunWhole; at_us: number | null }) {
  const { run } = whole
  const [search] = useRunSearch()
  const [axis, setAxis] = useState<Axis>('step')
  const others = useMemo(() => (search.with ?? '').split(',').filter(Boolean), [search.with])
  const own = useOwn(run)
  const theirs = useQueries({ queries: others.map((id) => metricsQuestion(id)) })
  const known = useNeighbours(run)
  if (own.error) {
    const retry = () => own.refetch()
    return <Trouble title="The metrics cannot be read" detail={own.error.message} onRetry={retry} />
  }
  if (!own.data) return <Loading />
  const logged = at_us === null ? own.data : seriesAt(own.data, at_us)
  const names = [...new Set(logged.map((series) => series.name))]
  if (names.length === 0 && own.data.length > 0)
    return (
      <Frame title="Metrics">
        <Empty title="This run had logged no metrics yet at this moment." />
      </Frame>
    )
  if (names.length === 0) return <NoMetrics whole={whole} />
  const titled = (id: string) => titleOf(known.find((one) => one.id === id) ?? { id, name: null })
  const all: RunSeries[] = [
    ...logged.map((series) => ({ run: run.id, name: titleOf(run), series })),
    ...theirs.flatMap((answer, n) =>
      (answer.data ?? []).map((series) => ({ run: others[n], name: titled(others[n]), series })),
    ),
  ]
  return (
    <>
      <Tools run={run} axis={axis} onAxis={setAxis} others={others} known={known} />
      <Suspense fallback={<Loading />}>
        <div className={style.charts}>
          {names.map((name) => (
            <Chart key={name} name={name} axis={axis} all={all} />
          ))}
        </div>
      </Suspense>
      <Rest whole={whole} drawn={names} />
    </>
  )
}

/** Its curves: again and again while it runs, and after its end when a late figure comes. */
function useOwn({ id, status, metrics }: RunItem) {
  const isLive = status === 'running'
  const question = metricsQuestion(id)
  return useQuery({
    ...question,
    queryKey: [...question.queryKey, isLive || metrics],
    refetchInterval: isLive ? 2000 : false,
    placeholderData: keepPreviousData,
  })
}

/** As far as they had been logged by a moment of their run. */
function seriesAt(all: readonly Series[], at_us: number): Series[] {
  return all.flatMap((one) => {
    const kept = <T,>(column: readonly T[]) =>
      column.filter((_, n) => one.timestamp_ms[n] * 1000 <= at_us)
    const { name, seq, timestamp_ms, step, value, special } = one
    const part = { name, seq: kept(seq), timestamp_ms: kept(timestamp_ms), step: kept(step) }
    const cut = { ...part, value: kept(value), special: kept(special) }
    return cut.seq.length > 0 ? [cut] : []
  })
}

type Axis = 'step' | 'time'
const AXES = [
  { value: 'step', label: 'Step' },
  { value: 'time', label: 'Time' },
] as const

/** Runs that it may be laid beside: those of its experiment. */
function useNeighbours(run: RunItem): readonly RunItem[] {
  const filter = run.experiment ? `experiment:"${run.experiment}"` : ''
  const { data } = useQuery({
    ...runsQuestion({ filter, limit: 30, count: false }),
    enabled: isServed(run.id),
  })
  return data?.runs ?? []
}

interface ToolProps {
  run: RunItem
  axis: Axis
  onAxis: (axis: Axis) => void
  others: readonly string[]
  known: readonly RunItem[]
}

function Tools({ run, axis, onAxis, others, known }: ToolProps) {
  const [, change] = useRunSearch()
  const free = known.filter((one) => one.id !== run.id && !others.includes(one.id))
  return (
    <div className={style.tools}>
      <Segmented label="Axis" value={axis} options={AXES} onChange={onAxis} />
      {isServed(run.id) && (
        <label>
          <span className="c-3">Beside it </span>
          <select
            value=""
            onChange={(event) => change({ with: [...others, event.target.value].join(',') })}
          >
            <option value="">another run …</option>
            {free.map((one) => (
              <option key={one.id} value={one.id}>
                {titleOf(one)}
              </option>
            ))}
          </select>
        </label>
      )}
      {others.length > 0 && (
        <button type="button" className="lnk" onClick={() => change({ with: undefined })}>
          only this run
        </button>
      )}
    </div>
  )
}

function Chart({ name, axis, all }: { name: string; axis: Axis; all: readonly RunSeries[] }) {
  const series = useMemo(() => all.filter((one) => one.series.name === name), [all, name])
  return (
    <Frame title={name} actions={<Last series={series[0]?.series} />}>
      <Curves series={series} axis={axis} label={name} />
    </Frame>
  )
}

/** Scores and results without a curve. */
function Rest({ whole, drawn }: { whole: RunWhole; drawn: readonly string[] }) {
  const rest = Object.entries(whole.run.metrics).filter(([name]) => !drawn.includes(name))
  if (rest.length === 0) return null
  return (
    <Frame title="Scores and results" note="said once">
      <Summary metrics={rest} />
    </Frame>
  )
}

function NoMetrics({ whole }: { whole: RunWhole }) {
  const metrics = Object.entries(whole.run.metrics)
  return (
    <Frame title="Metrics">
      {metrics.length > 0 ? (
        <Summary metrics={metrics} />
      ) : (
        <Empty title="This run logged no metrics. A program logs them so:">
          <Command text='run.log({"accuracy": 0.84}, step=1)' />
        </Empty>
      )}
    </Frame>
  )
}

function Last({ series }: { series: Series | undefined }) {
  const value = series?.value.findLast((one) => one !== null)
  return value == null ? null : <span className="num c-1">{steady(value)}</span>
}

function Summary({ metrics }: { metrics: readonly [string, number | null][] }) {
  return (
    <ul className={style.list}>
      {metrics.map(([name, value]) => (
        <li key={name}>
          <span>{name}</span>
          <span />
          <span className="num">{value === null ? 'unknown' : steady(value)}</span>
          <span />
        </li>
      ))}
    </ul>
  )
}
