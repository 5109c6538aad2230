import { useNavigate } from '@tanstack/react-router'
import { useCallback, useRef, useState } from 'react'
import type { Follower } from '../../live/follow'
import type { ComparedRun } from '../../live/shapes.gen'
import { useSize } from '../../parts/canvas'
import { Frame } from '../../parts/Frame'
import { Loading } from '../../parts/Loading'
import { duration, spoken, whole } from '../../parts/numbers'
import { Segmented } from '../../parts/Segmented'
import { Trouble } from '../../parts/Trouble'
import type { Chosen } from '../../views/chosen'
import { titleOf } from '../../views/runTitle'
import { StatusGlyph } from '../../views/StatusGlyph'
import type { Limits } from '../../views/timeline/engine'
import { GROUPINGS } from '../../views/timeline/FanoutTimeline'
import { Legend } from '../../views/timeline/Legend'
import type { Grouping } from '../../views/timeline/lanes'
import type { Moment } from '../../views/timeline/moment'
import { Plot } from '../../views/timeline/Plot'
import { SharedAxis } from '../../views/timeline/sharedAxis'
import { useEngine } from '../../views/timeline/useEngine'
import type { View } from '../../views/timeline/view'
import { useKeys } from '../keys'
import { RunClock } from '../run/clock'
import { useFollowed, useSampled } from '../run/useFollowed'
import type { ComparisonSearch } from './search'
import style from './Timelines.module.css'

interface Props {
  runs: readonly ComparedRun[]
  search: ComparisonSearch
  change: (next: {
    lane?: 'depth' | 'packed' | undefined
    t0?: number | undefined
    t1?: number | undefined
  }) => void
}

/** Quorum and budget have no room here. */
const NO_LIMITS: Limits = { planned: 0, quorum: null, budget: null }
/** Child runs have lists of their own: here each run is alone. */
const NO_CHILDREN: Moment['children'] = []
const STEP = 0.12

/** Fan-outs above each other on one time axis: aligned at their start, moved together. */
export function Timelines({ runs, search, change }: Props) {
  const [axis] = useState(() => new SharedAxis())
  const grouping = search.lane ?? 'provider'
  const { t0, t1 } = search
  const [view, setView] = useState<View | null>(
    t0 !== undefined && t1 !== undefined ? { t0: t0 * 1000, t1: t1 * 1000 } : null,
  )
  useAxisKeys(axis)
  const onView = (next: View | null) => {
    setView(next)
    change({ t0: inMs(next?.t0), t1: inMs(next?.t1) })
  }
  return (
    <Frame
      title="Fan-out timelines"
      className={style.frame}
      note={<Legend />}
      actions={
        <>
          <Segmented
            label="Group lanes"
            value={grouping}
            options={GROUPINGS}
            onChange={(lane) => change({ lane: lane === 'provider' ? undefined : lane })}
          />
          <button
            type="button"
            className={style.fit}
            aria-pressed={view === null}
            title="Fit (f)"
            onClick={() => axis.first?.fit()}
          >
            Fit
          </button>
        </>
      }
    >
      {runs.map((run) => (
        <OneRun key={run.id} run={run} {...{ axis, grouping, view, onView }} />
      ))}
    </Frame>
  )
}

const inMs = (us: number | undefined): number | undefined =>
  us === undefined ? undefined : Math.round(us) / 1000

/** W, S, A, D and F, for all of them at once. */
function useAxisKeys(axis: SharedAxis): void {
  const pan = (share: number) => {
    const made = axis.first?.made
    if (made) axis.first?.pan((made.view.t1 - made.view.t0) * share)
  }
  useKeys({
    w: () => axis.first?.zoom(0.75),
    s: () => axis.first?.zoom(1 / 0.75),
    a: () => pan(-STEP),
    d: () => pan(STEP),
    f: () => axis.first?.fit(),
  })
}

interface OneProps {
  run: ComparedRun
  axis: SharedAxis
  grouping: Grouping
  view: View | null
  onView: (view: View | null) => void
}

function OneRun({ run, ...rest }: OneProps) {
  const follower = useFollowed(run.id)
  const version = useSampled(follower)
  if (follower?.state === 'failed')
    return <Trouble title={`${titleOf(run)} cannot be drawn`} detail={follower.trouble?.message} />
  return (
    <section className={style.one} aria-label={`Timeline of ${titleOf(run)}`}>
      <h3>
        <StatusGlyph status={run.status as 'completed'} />
        <code className="ell">{titleOf(run)}</code>
        {follower && <Said follower={follower} />}
      </h3>
      {!follower || follower.state === 'loading' ? (
        <Loading rows={4} />
      ) : (
        <Drawn run={run} follower={follower} version={version} {...rest} />
      )}
    </section>
  )
}

/** How many attempts it made, and how long it took. */
function Said({ follower }: { follower: Follower }) {
  const { attempts, run } = follower.picture
  const ended = run.ended_us
  return (
    <span className="c-3">
      {whole(attempts.rows)} attempts
      {ended !== null && ` · ${spoken(duration(ended / 1000))}`}
    </span>
  )
}

interface DrawnProps extends OneProps {
  follower: Follower
  version: number
}

function Drawn({ run, follower, version, axis, grouping, view, onView }: DrawnProps) {
  const go = useNavigate()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [box, size] = useSize<HTMLDivElement>()
  const source = useSource(run, follower)
  const onSelect = useCallback(
    (pick: Chosen | null) => {
      const sel = pick ? follower.picture.things.id[pick.thing] : undefined
      if (sel) go({ to: '/rlm/runs/$id', params: { id: run.id }, search: { sel } })
    },
    [go, follower, run.id],
  )
  const told = { source, version, grouping, selected: null, onSelect, limits: NO_LIMITS }
  const { engine } = useEngine({ ...told, view, onView, axis }, canvas, size, true)
  return (
    <Plot
      {...{ source, onSelect, engine, canvas, box, size }}
      label={`Fan-out of ${titleOf(run)}. W and S zoom, A and D move, F fits, all timelines together. A table of the same follows.`}
    />
  )
}

/** The run as it stands. */
function useSource(run: ComparedRun, follower: Follower): () => Moment {
  const [clock] = useState(() => new RunClock())
  return useCallback(() => {
    const isLive = follower.state === 'live' && run.status !== 'interrupted'
    return {
      picture: follower.picture,
      children: NO_CHILDREN,
      version: follower.version,
      now_us: clock.now_us(follower, isLive, run.created_at_ms),
      hasEnded: !isLive && run.status !== 'running',
      isLive,
      isReplay: false,
    }
  }, [clock, follower, run.status, run.created_at_ms])
}
