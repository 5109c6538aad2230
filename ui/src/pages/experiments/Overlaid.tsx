import { useQueries } from '@tanstack/react-query'
import { lazy, Suspense, useMemo } from 'react'
import { metricsQuestion } from '../../live/queries'
import type { ComparedRun, Series } from '../../live/shapes.gen'
import { Frame } from '../../parts/Frame'
import { Loading } from '../../parts/Loading'
import { Segmented } from '../../parts/Segmented'
import { titleOf } from '../../views/runTitle'
import style from './Overlaid.module.css'

const Curves = lazy(() => import('../../views/Curves').then((file) => ({ default: file.Curves })))

const AXES = [
  { value: 'step', label: 'Step' },
  { value: 'time', label: 'Time' },
] as const

interface Props {
  runs: readonly ComparedRun[]
  over: 'step' | 'time'
  onOver: (over: 'step' | 'time') => void
}

/** The curves of each metric, those of all runs in one picture; a run has one colour in all. */
export function Overlaid({ runs, over, onOver }: Props) {
  const { series, isPending } = useQueries({
    queries: runs.map((run) => ({
      ...metricsQuestion(run.id),
      refetchInterval: run.status === 'running' ? 2000 : (false as const),
    })),
    combine: (answers) => ({
      series: answers.map((answer) => answer.data ?? NONE),
      isPending: answers.some((answer) => answer.isPending),
    }),
  })
  const names = useMemo(() => curvedNames(series), [series])
  if (isPending) return <Loading rows={6} />
  if (names.length === 0) return null
  return (
    <Suspense fallback={<Loading rows={6} />}>
      <div className={style.curves}>
        {names.map((name, n) => (
          <Frame
            key={name}
            title={name}
            actions={
              n === 0 && <Segmented label="Axis" value={over} options={AXES} onChange={onOver} />
            }
          >
            <One name={name} runs={runs} series={series} over={over} />
          </Frame>
        ))}
      </div>
    </Suspense>
  )
}

const NONE: readonly Series[] = []

interface OneProps {
  name: string
  runs: readonly ComparedRun[]
  series: readonly (readonly Series[])[]
  over: 'step' | 'time'
}

function One({ name, runs, series, over }: OneProps) {
  const curves = useMemo(
    () =>
      runs.flatMap((run, at) => {
        const one = series[at]?.find((curve) => curve.name === name)
        return one ? [{ run: run.id, name: titleOf(run), series: one, at }] : []
      }),
    [name, runs, series],
  )
  return <Curves series={curves} axis={over} label={name} />
}

/** Metrics that some run has more than one value of: a single value is no curve. */
function curvedNames(series: readonly (readonly Series[])[]): string[] {
  const names = series.flat().filter((one) => one.value.length > 1)
  return [...new Set(names.map((one) => one.name))]
}
