import { useCallback, useMemo, useRef } from 'react'
import type { Follower } from '../../live/follow'
import type { RunWhole } from '../../live/shapes.gen'
import { usePreferences } from '../../parts/preferences'
import { Budget } from '../../views/Budget'
import { Latency } from '../../views/Latency'
import type { TimelineEngine } from '../../views/timeline/engine'
import { FanoutTimeline } from '../../views/timeline/FanoutTimeline'
import { Collected } from './Collected'
import { budgetOf, quorumOf } from './limits'
import { ReplayBar } from './ReplayBar'
import style from './RunPage.module.css'
import { doneOf, RunReadouts } from './RunReadouts'
import { Selected } from './Selected'
import { TreePanel } from './TreePanel'
import { useChildRuns } from './useChildRuns'
import { type Seen, useMoment } from './useMoment'
import type { Replay } from './useReplay'
import { useRunSearch } from './useRunSearch'
import { type RunSelection, useSelection } from './useSelection'
import { useTimelineKeys } from './useTimelineKeys'

interface Props {
  /** The run as it is known now. */
  now: RunWhole
  /** As it stood where a replay stands; the same where there is none. */
  whole: RunWhole
  follower: Follower
  version: number
  replay: Replay
}

/** The fan-out of a run: timeline, tree and what they add up to, all of one moment. */
export function FanOut({ now, whole, follower, version, replay }: Props) {
  const { run } = whole
  const [search] = useRunSearch()
  const children = useChildRuns(now, search.child)
  const seen = useMoment(now.run, follower, version, replay, children.bars)
  const pictureOf = useCallback(
    (run: string | null) => (run === null ? follower.picture : children.pictureOf(run)),
    [follower, children.pictureOf],
  )
  const selection = useSelection(pictureOf)
  const wished = usePreferences((preferences) => preferences.currency) === 'dollars'
  const { cost_msat, cost_usd_nanos } = seen.totals
  const inDollars = wished || (cost_msat === null && cost_usd_nanos !== null)
  const planned = Math.max(seen.totals.sub_queries, run.selected ?? 0)
  return (
    <>
      <RunReadouts run={run} seen={seen} planned={planned} />
      <div className={style.columns}>
        <div className={style.left}>
          <Timeline
            whole={whole}
            follower={follower}
            version={version}
            replay={replay}
            seen={seen}
            selection={selection}
            planned={planned}
          />
          <TreePanel
            whole={whole}
            seen={seen}
            runs={children}
            selection={selection}
            inDollars={inDollars}
          />
        </div>
        <div className={style.right} data-selected={selection.chosen ? true : undefined}>
          <Gauges whole={whole} seen={seen} planned={planned} inDollars={inDollars} />
          <Selected
            whole={whole}
            follower={follower}
            seen={seen}
            runs={children}
            selection={selection}
          />
        </div>
      </div>
    </>
  )
}

interface TimelineProps extends Omit<Props, 'now'> {
  seen: Seen
  selection: RunSelection
  planned: number
}

function Timeline(props: TimelineProps) {
  const { whole, follower, version, replay, seen, selection, planned } = props
  const { config } = whole.run
  const [search, change] = useRunSearch()
  const engine = useRef<TimelineEngine | null>(null)
  const quorum = quorumOf(config, planned)
  const budget = useMemo(() => budgetOf(config), [config])
  const limits = useMemo(() => ({ planned, quorum, budget }), [planned, quorum, budget])
  const { t0, t1 } = search
  useTimelineKeys(engine, follower, selection)
  const paint = () => engine.current?.paintSoon()
  return (
    <FanoutTimeline
      source={seen.source}
      version={version + replay.played}
      grouping={search.lane ?? 'provider'}
      onGrouping={(lane) => change({ lane: lane === 'provider' ? undefined : lane })}
      selected={selection.chosen}
      onSelect={selection.pick}
      limits={limits}
      view={t0 !== undefined && t1 !== undefined ? { t0: t0 * 1000, t1: t1 * 1000 } : null}
      onView={(view) => change({ t0: inMs(view?.t0), t1: inMs(view?.t1) })}
      onEngine={(made) => {
        engine.current = made
      }}
    >
      {replay.isOn && <ReplayBar follower={follower} replay={replay} onPaint={paint} />}
    </FanoutTimeline>
  )
}

const inMs = (us: number | undefined): number | undefined =>
  us === undefined ? undefined : Math.round(us) / 1000

interface GaugeProps {
  whole: RunWhole
  seen: Seen
  planned: number
  inDollars: boolean
}

function Gauges({ whole, seen, planned, inDollars }: GaugeProps) {
  const { config } = whole.run
  const { totals, isLive, isReplay } = seen
  const progress = { done: doneOf(totals), planned }
  return (
    <>
      <Budget
        totals={totals}
        limit={budgetOf(config)}
        inDollars={inDollars}
        elapsed_ms={seen.now_us / 1000}
        progress={isLive || isReplay ? progress : null}
      />
      <Collected seen={seen} planned={planned} threshold={quorumOf(config, planned)} />
      <Latency latencies={seen.latencies} />
    </>
  )
}
