import { type RefObject, useRef, useState } from 'react'
import { useSize } from '../../parts/canvas'
import { Frame } from '../../parts/Frame'
import { Segmented } from '../../parts/Segmented'
import type { TimelineEngine } from './engine'
import style from './FanoutTimeline.module.css'
import { Legend } from './Legend'
import type { Grouping } from './lanes'
import { Mirror } from './Mirror'
import { type EngineProps, Plot } from './Plot'
import { useEngine } from './useEngine'

export interface TimelineProps extends EngineProps {
  onGrouping: (grouping: Grouping) => void
  children?: React.ReactNode
}

export const GROUPINGS = [
  { value: 'provider', label: 'Provider' },
  { value: 'depth', label: 'Depth' },
  { value: 'packed', label: 'Packed' },
] as const

const SAID =
  'Fan-out timeline. W and S zoom, A and D move, F fits, L follows, N goes to the next failure. A table of the same follows.'

/**
 * Every attempt of a run as a bar: who worked on what, when, and how it ended. Turns, cells, tools
 * and child runs have bars of their own shape.
 */
export function FanoutTimeline(props: TimelineProps) {
  const { source, grouping, onSelect } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const [box, size] = useSize<HTMLDivElement>()
  const [asTable, setAsTable] = useState(false)
  const { engine, isFollowing } = useEngine(props, canvas, size, !asTable)
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
          <ViewButtons engine={engine} isLive={source().isLive} isFollowing={isFollowing} />
        </>
      }
    >
      {asTable && <Mirror source={source} onSelect={onSelect} visible />}
      {!asTable && <Plot {...{ source, onSelect, engine, canvas, box, size }} label={SAID} />}
      {props.children}
    </Frame>
  )
}

interface ButtonProps {
  engine: RefObject<TimelineEngine | null>
  isLive: boolean
  isFollowing: boolean
}

function ViewButtons({ engine, isLive, isFollowing }: ButtonProps) {
  const isFitted = !isFollowing && (engine.current?.view ?? null) === null
  return (
    <div className={style.view}>
      {isLive && (
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
        aria-pressed={isFitted}
        title="Fit (f)"
        onClick={() => engine.current?.fit()}
      >
        Fit
      </button>
    </div>
  )
}
