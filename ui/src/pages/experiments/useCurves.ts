import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { curvesQuestion } from '../../live/queries'
import type { ComparedRun, Comparison, RunCurves } from '../../live/shapes.gen'
import { useAfterPaint } from '../../parts/useAfterPaint'

/** So many runs are asked for at once. */
const AT_ONCE = 100
const LIVE_MS = 15_000

export type CurvesOf = ReadonlyMap<string, RunCurves['metrics']>

const NONE: CurvesOf = new Map()

/** How the metrics of each run went, once all are here: a few questions after the table. */
export function useCurves(made: Comparison): CurvesOf {
  const isAfter = useAfterPaint()
  const hasMetrics = isAfter && made.columns.some((column) => column.from === 'metric')
  const chunks = useMemo(() => (hasMetrics ? chunksOf(made.runs) : []), [made.runs, hasMetrics])
  return useQueries({
    queries: chunks.map((runs) => ({
      ...curvesQuestion(runs.map((run) => run.id)),
      staleTime: runs.some((run) => run.status === 'running') ? LIVE_MS : Number.POSITIVE_INFINITY,
    })),
    combine,
  })
}

/** Nothing until all are here: the table is drawn anew once, not with each of them. */
function combine(answers: readonly { data: RunCurves[] | undefined }[]): CurvesOf {
  const all = answers.map((answer) => answer.data)
  if (all.length === 0 || all.includes(undefined)) return NONE
  return new Map(all.flatMap((some) => some ?? []).map((one) => [one.run_id, one.metrics]))
}

function chunksOf(runs: readonly ComparedRun[]): ComparedRun[][] {
  return Array.from({ length: Math.ceil(runs.length / AT_ONCE) }, (_, n) =>
    runs.slice(n * AT_ONCE, (n + 1) * AT_ONCE),
  )
}
