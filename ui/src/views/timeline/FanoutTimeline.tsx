import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useSize, useThemeTurn } from '../../parts/canvas'
import { Frame } from '../../parts/Frame'
import { Segmented } from '../../parts/Segmented'
import { usePhone } from '../../parts/useMedia'
import type { Picture } from '../../trace/picture'
import { type Limits, type Moment, TimelineEngine } from './engine'
import style from './FanoutTimeline.module.css'
import { usePointing } from './gestures'
import { Legend } from './Legend'
import type { Grouping } from './lanes'
import { Mirror } from './Mirror'
import { Tip } from './Tip'
import type { View } from './view'

export interface TimelineProps {
  source: () => Moment
  /** Grows when the picture did: paint. */
  version: number
  grouping: Grouping
  onGrouping: (grouping: Grouping) => void
  /** Sub-query that is selected, as a row. */
  selected: number
  onSelect: (query: number) => void
  limits: Limits
  view: View | null
  onView: (view: View | null) => void
  onEngine: (engine: TimelineEngine | null) => void
  children?: React.ReactNode
}

const GROUPINGS = [
  { value: 'provider', label: 'Provider' },
  { value: 'depth', label: 'Depth' },
  { value: 'packed', label: 'Packed' },
] as const

/** Every attempt of a run as a bar: who worked on what, when, and how it ended. */
export function FanoutTimeline(props: TimelineProps) {
  const { source, version, grouping, selected, limits, onEngine } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const engine = useRef<TimelineEngine | null>(null)
  const [box, size] = useSize<HTMLDivElement>()
  const [isFollowing, setFollowing] = useState(false)
  const [asTable, setAsTable] = useState(false)
  const turn = useThemeTurn()
  const isPhone = usePhone()
  const latest = useRef(source)
  latest.current = source
  const onView = useRef(props.onView)
  onView.current = props.onView
  // biome-ignore lint/correctness/useExhaustiveDependencies: one engine for as long as the canvas is there
  useLayoutEffect(() => {
    if (!canvas.current) return
    const made = new TimelineEngine(canvas.current, () => latest.current(), grouping)
    made.view = props.view
    let settle: ReturnType<typeof setTimeout>
    made.onView = (view, follows) => {
      setFollowing(follows)
      clearTimeout(settle)
      settle = setTimeout(() => onView.current(view), 300)
    }
    engine.current = made
    onEngine(made)
    if (!props.view && latest.current().isLive) made.follow()
    return () => {
      clearTimeout(settle)
      made.stop()
      onEngine(null)
    }
  }, [asTable])
  useEffect(() => {
    if (!engine.current) return
    engine.current.isPhone = isPhone
    engine.current.resize(size.width, size.height)
  }, [size, isPhone])
  useEffect(() => engine.current?.group(grouping), [grouping])
  useEffect(() => engine.current?.limit(limits), [limits])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each version is painted
  useEffect(() => engine.current?.paintSoon(), [version, source])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme is painted
  useEffect(() => engine.current?.retheme(), [turn])
  useEffect(
    () => engine.current?.select(attemptsOf(latest.current().picture, selected)),
    [selected],
  )
  const pointing = usePointing(
    engine,
    useCallback(
      (row: number) => props.onSelect(row < 0 ? -1 : latest.current().picture.attempts.query[row]),
      [props.onSelect],
    ),
  )
  return (
    <Frame
      title="Fan-out timeline"
      className={style.frame}
      note={<Legend />}
      actions={
        <>
          <button type="button" className="lnk" onClick={() => setAsTable((was) => !was)}>
            {asTable ? 'Picture' : 'Table'}
          </button>
          <Segmented
            label="Group lanes"
            value={grouping}
            options={GROUPINGS}
            onChange={props.onGrouping}
          />
          <div className={style.view}>
            {source().isLive && (
              <button
                type="button"
                aria-pressed={isFollowing}
                title="Follow (l)"
                onClick={() => engine.current?.follow()}
              >
                {isFollowing ? 'Follow' : 'Back to live'}
              </button>
            )}
            <button
              type="button"
              title="Fit (f)"
              aria-pressed={!isFollowing && engine.current?.view === null}
              onClick={() => engine.current?.fit()}
            >
              Fit
            </button>
          </div>
        </>
      }
    >
      {asTable ? (
        <Mirror source={source} onSelect={props.onSelect} visible />
      ) : (
        <div className={style.plot} ref={box}>
          <canvas
            ref={canvas}
            tabIndex={0}
            role="application"
            aria-label="Fan-out timeline. W and S zoom, A and D move, F fits, L follows, N goes to the next failure. A table of the same follows."
            {...pointing.handlers}
          />
          {pointing.pointed && (
            <Tip
              moment={source()}
              row={pointing.pointed.row}
              x={pointing.pointed.x}
              y={pointing.pointed.y}
              size={size}
            />
          )}
          <div className="sr">
            <Mirror source={source} onSelect={props.onSelect} />
          </div>
        </div>
      )}
      {props.children}
    </Frame>
  )
}

/** All attempts of a sub-query. */
export function attemptsOf({ attempts, queries }: Picture, query: number): number[] {
  const rows: number[] = []
  if (query < 0 || query >= queries.rows) return rows
  for (let row = queries.first[query]; row >= 0 && rows.length < 200; row = attempts.next[row])
    rows.push(row)
  return rows
}
