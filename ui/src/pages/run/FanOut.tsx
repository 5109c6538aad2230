import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Follower } from '../../live/follow'
import type { RunWhole } from '../../live/shapes'
import { Frame } from '../../parts/Frame'
import type { GlyphName } from '../../parts/Glyph'
import { Menu, MenuItem } from '../../parts/Menu'
import { usePreferences } from '../../parts/preferences'
import { Segmented } from '../../parts/Segmented'
import { totals as totalsOf } from '../../trace/totals'
import { Budget } from '../../views/Budget'
import { Latency } from '../../views/Latency'
import { latencies } from '../../views/latencies'
import { momentOf } from '../../views/moment'
import { Quorum } from '../../views/Quorum'
import type { Moment, TimelineEngine } from '../../views/timeline/engine'
import { FanoutTimeline } from '../../views/timeline/FanoutTimeline'
import type { View } from '../../views/timeline/view'
import { forest as forestOf, type Order } from '../../views/tree/forest'
import { Icicle } from '../../views/tree/Icicle'
import { RecursionTree } from '../../views/tree/RecursionTree'
import { RunClock } from './clock'
import { budgetOf, quorumOf } from './limits'
import { ReplayBar } from './ReplayBar'
import style from './RunPage.module.css'
import { RunReadouts } from './RunReadouts'
import { Selected } from './Selected'
import { useRunSearch } from './useRunSearch'
import { useTimelineKeys } from './useTimelineKeys'

interface Props {
  whole: RunWhole
  follower: Follower
  version: number
}

const ORDERS: readonly { value: Order; label: string }[] = [
  { value: 'time', label: 'By start' },
  { value: 'slowest', label: 'Slowest first' },
  { value: 'cost', label: 'Dearest first' },
  { value: 'tokens', label: 'Most tokens first' },
]

/** The fan-out of a run: timeline, tree and what they add up to, all of one moment. */
export function FanOut({ whole, follower, version }: Props) {
  const { run } = whole
  const [search, change] = useRunSearch()
  const [clock] = useState(() => new RunClock())
  const playhead = useRef<number | null>(null)
  playhead.current = search.at === undefined ? null : (playhead.current ?? search.at * 1000)
  const [played, setPlayed] = useState(0)
  const isReplay = search.at !== undefined
  const isLive = follower.state === 'live' && run.status !== 'interrupted' && !isReplay
  const hasEnded = !isLive && follower.state !== 'loading'
  const source = useCallback((): Moment => {
    const now = clock.now_us(follower, isLive, run.created_at_ms)
    return {
      picture: follower.picture,
      version: follower.version,
      now_us: playhead.current ?? now,
      hasEnded,
      isLive,
      isReplay,
    }
  }, [clock, follower, isLive, isReplay, hasEnded, run.created_at_ms])
  const now_us = source().now_us
  // biome-ignore lint/correctness/useExhaustiveDependencies: the picture is changed in place, its version says when
  const seen = useMemo(
    () => (isReplay ? momentOf(follower.picture, now_us) : follower.picture),
    [follower, version, isReplay, played],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const made = useMemo(
    () => ({ totals: totalsOf(seen), forest: forestOf(seen), latencies: latencies(seen, now_us) }),
    [seen, version],
  )
  const planned = Math.max(made.totals.sub_queries, run.selected ?? 0)
  const quorum = quorumOf(run.config, planned)
  const budget = budgetOf(run.config)
  const limits = useMemo(
    () => ({ planned, quorum, budget_msat: budget?.unit === 'sats' ? budget.amount : null }),
    [planned, quorum, budget?.unit, budget?.amount],
  )
  const engine = useRef<TimelineEngine | null>(null)
  const selected = rowOf(follower, search.sel)
  const select = useCallback((sel: string | undefined) => change({ sel }), [change])
  const selectQuery = useCallback(
    (row: number) =>
      select(
        row < 0
          ? undefined
          : (follower.picture.things.id[follower.picture.queries.thing[row]] ?? undefined),
      ),
    [select, follower],
  )
  const view: View | null =
    search.t0 !== undefined && search.t1 !== undefined
      ? { t0: search.t0 * 1000, t1: search.t1 * 1000 }
      : null
  useTimelineKeys(engine, follower, selected.query, selectQuery)
  useEffect(() => {
    if (isReplay) engine.current?.paintSoon()
  }, [isReplay])
  const inDollars = usePreferences((preferences) => preferences.currency) === 'dollars'
  const order = (search.order as Order | undefined) ?? 'time'
  return (
    <>
      <RunReadouts
        run={run}
        picture={seen}
        totals={made.totals}
        planned={planned}
        now_us={now_us}
        isReplay={isReplay}
        isLive={isLive}
        inDollars={inDollars}
      />
      <div className={style.columns}>
        <div className={style.left}>
          <FanoutTimeline
            source={source}
            version={version + played}
            grouping={search.lane ?? 'provider'}
            onGrouping={(lane) => change({ lane: lane === 'provider' ? undefined : lane })}
            selected={selected.query}
            onSelect={selectQuery}
            limits={limits}
            view={view}
            onView={(next) =>
              change({
                t0: next ? Math.round(next.t0) / 1000 : undefined,
                t1: next ? Math.round(next.t1) / 1000 : undefined,
              })
            }
            onEngine={(made) => {
              engine.current = made
            }}
          >
            {isReplay && (
              <ReplayBar
                follower={follower}
                playhead={playhead}
                onMove={() => {
                  setPlayed((n) => n + 1)
                  engine.current?.paintSoon()
                }}
                onSettle={(ms) => change({ at: ms })}
                onPaint={() => engine.current?.paintSoon()}
              />
            )}
          </FanoutTimeline>
          <Frame
            title="Recursion tree"
            note={treeNote(made)}
            className={style.treeFrame}
            actions={
              <>
                <Menu
                  trigger={
                    <button type="button">
                      {ORDERS.find((one) => one.value === order)?.label}
                    </button>
                  }
                >
                  {ORDERS.map((one) => (
                    <MenuItem
                      key={one.value}
                      onSelect={() =>
                        change({ order: one.value === 'time' ? undefined : one.value })
                      }
                    >
                      {one.label}
                    </MenuItem>
                  ))}
                </Menu>
                <Segmented
                  label="Shape of the tree"
                  value={search.tree ?? 'tree'}
                  options={[
                    { value: 'tree', label: 'Tree' },
                    { value: 'icicle', label: 'Icicle' },
                  ]}
                  onChange={(tree) => change({ tree: tree === 'icicle' ? 'icicle' : undefined })}
                />
              </>
            }
          >
            {search.tree === 'icicle' ? (
              <Icicle
                forest={made.forest}
                size={search.size ?? 'time'}
                onSize={(size) => change({ size: size === 'time' ? undefined : size })}
                now_us={now_us}
                selected={selected.thing}
                onSelect={(thing) => select(seen.things.id[thing] ?? undefined)}
              />
            ) : (
              <RecursionTree
                forest={made.forest}
                order={order}
                now_us={now_us}
                rootGlyph={ROOT_GLYPHS[isLive || isReplay ? 'running' : run.status]}
                hasEnded={hasEnded && !isReplay}
                selected={selected.thing}
                onSelect={(thing) => select(seen.things.id[thing] ?? undefined)}
                inDollars={inDollars}
              />
            )}
          </Frame>
        </div>
        <div className={style.right}>
          <Budget
            totals={made.totals}
            limit={budget}
            inDollars={inDollars}
            elapsed_ms={now_us / 1000}
            progress={
              isLive || isReplay
                ? { done: made.totals.sub_queries - made.totals.running, planned }
                : null
            }
          />
          <Quorum
            totals={made.totals}
            planned={planned}
            threshold={quorum}
            hasEnded={hasEnded && !isReplay}
          />
          <Latency latencies={made.latencies} />
          <Selected
            id={run.id}
            follower={follower}
            sel={search.sel}
            onClose={() => select(undefined)}
          />
        </div>
      </div>
    </>
  )
}

const ROOT_GLYPHS: Record<string, GlyphName> = {
  queued: 'queued',
  running: 'run',
  completed: 'ok',
  failed: 'fail',
  cancelled: 'idle',
  interrupted: 'interrupted',
}

function rowOf({ picture }: Follower, sel: string | undefined): { thing: number; query: number } {
  const thing = sel === undefined ? undefined : picture.found.things.get(sel)
  if (thing === undefined) return { thing: -1, query: -1 }
  return { thing, query: picture.things.kind[thing] === 1 ? picture.things.row[thing] : -1 }
}

function treeNote({ forest }: { forest: ReturnType<typeof forestOf> }): string {
  const branches = forest.first[1] - forest.first[0]
  const spans = forest.spans[0]
  return [
    `${branches} ${branches === 1 ? 'branch' : 'branches'}`,
    Number.isNaN(spans) ? null : `${spans} SpanRefs`,
    forest.size[0] > 1 ? `${forest.size[0]} calls` : null,
  ]
    .filter(Boolean)
    .join(' · ')
}
