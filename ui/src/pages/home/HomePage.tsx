import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import {
  experimentsQuestion,
  homeQuestion,
  overviewQuestion,
  providersQuestion,
  runsQuestion,
} from '../../live/queries'
import { Loading } from '../../parts/Loading'
import { Trouble } from '../../parts/Trouble'
import { useRunList } from '../runs/useRunList'
import { useTitle } from '../shell/crumbs'
import { useNow } from '../useNow'
import { EmptyHome } from './EmptyHome'
import { Failures } from './Failures'
import style from './HomePage.module.css'
import { LiveRuns } from './LiveRuns'
import { RANGES } from './ranges'
import { SpendAndSuccess } from './SpendAndSuccess'
import { ExperimentStrip, ProviderStrip, RecentRuns } from './Strips'
import { Today } from './Today'

/** What goes on, what was spent, what failed and why. */
export function HomePage() {
  useTitle({ name: 'Home' })
  const search = useSearch({ from: '/rlm' })
  const go = useNavigate({ from: '/rlm' })
  const now_ms = useNow(5000)
  const range = RANGES.find((one) => one.value === search.range) ?? RANGES[1]
  const facts = useQuery({ ...homeQuestion(), refetchInterval: 5000 })
  const over = useQuery({
    ...overviewQuestion(range.value, range.bucket),
    refetchInterval: 15_000,
    placeholderData: (before) => before,
  })
  const live = useRunList('status:running', '-created_at')
  const recent = useQuery({
    ...runsQuestion({ limit: 10, filter: '-archived:true -status:running', count: false }),
    refetchInterval: 10_000,
  })
  const providers = useQuery({
    ...providersQuestion({ since: '24h', sort: '-attempts' }),
    refetchInterval: 20_000,
  })
  const experiments = useQuery({ ...experimentsQuestion(), refetchInterval: 20_000 })
  if (facts.error && !facts.data)
    return (
      <Trouble
        title="The board does not answer"
        detail={facts.error.message}
        onRetry={() => facts.refetch()}
      />
    )
  if (!facts.data) return <Loading rows={10} />
  if (facts.data.runs === 0) return <EmptyHome home={facts.data.home} />
  return (
    <div className={style.page}>
      <h1 className="sr">Home</h1>
      <Today live={live.runs} />
      <div className={style.left}>
        {live.runs.length > 0 && <LiveRuns runs={live.runs} />}
        <SpendAndSuccess
          overview={over.data}
          why={over.error}
          range={range.value}
          onRange={(value) => go({ search: { ...search, range: value }, replace: true })}
        />
        <Failures overview={over.data} why={over.error} now_ms={now_ms} />
      </div>
      <div className={style.right}>
        <ProviderStrip providers={providers.data?.providers} why={providers.error} />
        <ExperimentStrip experiments={experiments.data} why={experiments.error} now_ms={now_ms} />
        <RecentRuns
          runs={recent.data?.runs}
          why={recent.error}
          total={facts.data.runs}
          now_ms={now_ms}
        />
      </div>
    </div>
  )
}
