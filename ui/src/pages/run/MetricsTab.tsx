import { useQueries, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'
import { metricsQuestion, runsQuestion } from '../../live/queries'
import type { RunWhole, Series } from '../../live/shapes'
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
export function MetricsTab({ whole }: { whole: RunWhole }) {
  const { run } = whole
  const [search, change] = useRunSearch()
  const [axis, setAxis] = useState<'step' | 'time'>('step')
  const others = useMemo(() => (search.with ?? '').split(',').filter(Boolean), [search.with])
  const isLive = run.status === 'running'
  const own = useQuery({ ...metricsQuestion(run.id), refetchInterval: isLive ? 2000 : false })
  const theirs = useQueries({ queries: others.map((id) => metricsQuestion(id)) })
  const known = useQuery(
    runsQuestion({
      filter: run.experiment ? `experiment:"${run.experiment}"` : '',
      limit: 30,
      count: false,
    }),
  )
  const names = useMemo(
    () => [...new Set((own.data ?? []).map((series) => series.name))],
    [own.data],
  )
  if (own.error)
    return (
      <Trouble
        title="The metrics cannot be read"
        detail={own.error.message}
        onRetry={() => own.refetch()}
      />
    )
  if (!own.data) return <Loading />
  if (names.length === 0)
    return (
      <Frame title="Metrics">
        <Empty title="This run logged no metrics. A program logs them so:">
          <Command text='run.log({"accuracy": 0.84}, step=1)' />
        </Empty>
        <Summary whole={whole} />
      </Frame>
    )
  const nameOf = (id: string) => {
    const found = known.data?.runs.find((one) => one.id === id)
    return found ? titleOf(found) : id
  }
  const of = (name: string): RunSeries[] => [
    ...own.data
      .filter((series) => series.name === name)
      .map((series) => ({ run: run.id, name: titleOf(run), series })),
    ...theirs.flatMap((answer, n) =>
      (answer.data ?? [])
        .filter((series) => series.name === name)
        .map((series) => ({ run: others[n], name: nameOf(others[n]), series })),
    ),
  ]
  return (
    <>
      <div className={style.tools}>
        <Segmented
          label="Axis"
          value={axis}
          options={[
            { value: 'step', label: 'Step' },
            { value: 'time', label: 'Time' },
          ]}
          onChange={setAxis}
        />
        <label>
          <span className="c-3">Beside it </span>
          <select
            value=""
            onChange={(event) => change({ with: [...others, event.target.value].join(',') })}
          >
            <option value="">another run …</option>
            {(known.data?.runs ?? [])
              .filter((one) => one.id !== run.id && !others.includes(one.id))
              .map((one) => (
                <option key={one.id} value={one.id}>
                  {titleOf(one)}
                </option>
              ))}
          </select>
        </label>
        {others.length > 0 && (
          <button type="button" className="lnk" onClick={() => change({ with: undefined })}>
            only this run
          </button>
        )}
      </div>
      <Suspense fallback={<Loading />}>
        <div className={style.charts}>
          {names.map((name) => (
            <Frame key={name} title={name} actions={<Last series={of(name)[0]?.series} />}>
              <Curves series={of(name)} axis={axis} label={name} />
            </Frame>
          ))}
        </div>
      </Suspense>
    </>
  )
}

function Last({ series }: { series: Series | undefined }) {
  const value = series?.value.findLast((one) => one !== null)
  return value == null ? null : <span className="num c-1">{steady(value)}</span>
}

function Summary({ whole }: { whole: RunWhole }) {
  const metrics = Object.entries(whole.run.metrics)
  if (metrics.length === 0) return null
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
