import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { BoardError } from '../../live/api'
import type { Follower } from '../../live/follow'
import { runQuestion } from '../../live/queries'
import type { RunWhole } from '../../live/shapes.gen'
import { Frame } from '../../parts/Frame'
import { Loading } from '../../parts/Loading'
import { Trouble } from '../../parts/Trouble'
import { seqAt } from '../../views/moment'
import { titleOf } from '../../views/runTitle'
import { useTitle } from '../shell/crumbs'
import { FanOut } from './FanOut'
import { Gone } from './Gone'
import { wholeAt } from './past'
import { ReplayBar } from './ReplayBar'
import { RunHeader } from './RunHeader'
import style from './RunPage.module.css'
import { Tabs } from './Tabs'
import { isUnderWay, LIVE_MS } from './useChildRuns'
import { useFollowed, useSampled } from './useFollowed'
import { useNews } from './useNews'
import { useReplay } from './useReplay'
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
  return <Shown now={data} follower={follower} version={version} />
}

interface ShownProps {
  now: RunWhole
  follower: Follower
  version: number
}

/** All parts of the page, of one moment: now, or where a replay stands. */
function Shown({ now, follower, version }: ShownProps) {
  const [search] = useRunSearch()
  const replay = useReplay(follower, version, search.at)
  const { at_us, picture } = replay
  const whole = useMemo(
    () => (at_us === null ? now : wholeAt(now, picture, at_us)),
    [now, picture, at_us],
  )
  if (search.view === 'report')
    return (
      <Suspense fallback={<Loading rows={10} />}>
        <RunReport whole={now} follower={follower} version={version} />
      </Suspense>
    )
  const isElsewhere = replay.isOn && search.tab !== undefined
  return (
    <div className={style.page} data-tab={search.tab ?? 'fan-out'}>
      <RunHeader whole={whole} follower={follower} picture={picture} />
      <Tabs whole={whole} lines={at_us === null ? picture.seq : seqAt(picture, at_us)} />
      {isElsewhere && (
        <Frame title="Replay" className={style.replay}>
          <ReplayBar follower={follower} replay={replay} />
        </Frame>
      )}
      <Suspense fallback={<Loading />}>
        {search.tab === undefined && <FanOut {...{ now, whole, follower, version, replay }} />}
        {search.tab === 'answer' && <AnswerTab whole={whole} at_us={at_us} />}
        {search.tab === 'metrics' && <MetricsTab whole={whole} at_us={at_us} />}
        {search.tab === 'config' && <ConfigTab whole={whole} />}
        {search.tab === 'trace' && <TraceTab whole={now} at_us={at_us} />}
        {search.tab === 'artifacts' && <ArtifactsTab whole={whole} at_us={at_us} />}
        {search.tab === 'comments' && <CommentsTab {...{ whole, picture, at_us }} />}
      </Suspense>
    </div>
  )
}
