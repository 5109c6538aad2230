import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useState } from 'react'
import { BoardError } from '../../live/api'
import { runQuestion } from '../../live/queries'
import { Loading } from '../../parts/Loading'
import { Trouble } from '../../parts/Trouble'
import { titleOf } from '../../views/runTitle'
import { useTitle } from '../shell/crumbs'
import { FanOut } from './FanOut'
import { Gone } from './Gone'
import { RunHeader } from './RunHeader'
import style from './RunPage.module.css'
import { Tabs } from './Tabs'
import { isUnderWay, LIVE_MS } from './useChildRuns'
import { useFollowed, useSampled } from './useFollowed'
import { useNews } from './useNews'
import { useRunSearch } from './useRunSearch'

const AnswerTab = lazy(() => import('./AnswerTab').then((file) => ({ default: file.AnswerTab })))
const MetricsTab = lazy(() => import('./MetricsTab').then((file) => ({ default: file.MetricsTab })))
const ConfigTab = lazy(() => import('./ConfigTab').then((file) => ({ default: file.ConfigTab })))
const RunReport = lazy(() => import('./RunReport').then((file) => ({ default: file.RunReport })))
const TraceTab = lazy(() => import('./TraceTab').then((file) => ({ default: file.TraceTab })))
const ArtifactsTab = lazy(() =>
  import('./ArtifactsTab').then((file) => ({ default: file.ArtifactsTab })),
)
const CommentsTab = lazy(() =>
  import('./CommentsTab').then((file) => ({ default: file.CommentsTab })),
)

/** One run: what was asked, how it fanned out, what came back. */
export function RunPage() {
  const { id } = useParams({ from: '/rlm/runs/$id' })
  const [times, setTimes] = useState(0)
  const client = useQueryClient()
  const back = useCallback(() => {
    client.removeQueries({ queryKey: ['run'] })
    setTimes((n) => n + 1)
  }, [client])
  return <OneRun key={`${id} ${times}`} id={id} onBack={back} />
}

/** `onBack`: it was away, and is there again. */
export function OneRun({ id, onBack = () => {} }: { id: string; onBack?: () => void }) {
  const [search] = useRunSearch()
  const follower = useFollowed(id)
  const version = useSampled(follower)
  const isLive = follower?.state === 'live' || follower?.state === 'behind'
  const { data, error, refetch } = useQuery({
    ...runQuestion(id),
    refetchInterval: ({ state }) =>
      isLive || state.data?.children.some(isUnderWay) ? LIVE_MS : false,
  })
  const run = data?.run
  useTitle(
    { name: 'Runs', to: '/rlm/runs' },
    ...(run?.experiment
      ? [{ name: run.experiment, to: `/rlm/experiments/${encodeURIComponent(run.experiment)}` }]
      : []),
    { name: run ? titleOf(run) : id },
  )
  useNews(id)
  const isUnknown = error instanceof BoardError && error.problem.type === 'unknown-run'
  if (follower?.state === 'gone' || isUnknown)
    return <Gone id={id} wasHere={data !== undefined} onBack={onBack} />
  if (error && !data)
    return (
      <Trouble
        title={error instanceof BoardError ? error.problem.title : 'The run cannot be shown'}
        detail={error.message}
        onRetry={() => refetch()}
      />
    )
  if (!data || !run || !follower) return <Loading rows={10} />
  if (search.view === 'report')
    return (
      <Suspense fallback={<Loading rows={10} />}>
        <RunReport whole={data} follower={follower} version={version} />
      </Suspense>
    )
  return (
    <div className={style.page} data-tab={search.tab ?? 'fan-out'}>
      <RunHeader whole={data} follower={follower} version={version} />
      <Tabs whole={data} picture={follower.picture} />
      <Suspense fallback={<Loading />}>
        {search.tab === undefined && <FanOut whole={data} follower={follower} version={version} />}
        {search.tab === 'answer' && <AnswerTab whole={data} />}
        {search.tab === 'metrics' && <MetricsTab whole={data} />}
        {search.tab === 'config' && <ConfigTab whole={data} />}
        {search.tab === 'trace' && <TraceTab whole={data} />}
        {search.tab === 'artifacts' && <ArtifactsTab whole={data} />}
        {search.tab === 'comments' && <CommentsTab whole={data} />}
      </Suspense>
    </div>
  )
}
