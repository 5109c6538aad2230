import { type RefObject, useCallback } from 'react'
import type { Size } from '../../parts/canvas'
import type { Chosen } from '../chosen'
import { chosenOf } from './bars'
import type { Limits, TimelineEngine } from './engine'
import style from './FanoutTimeline.module.css'
import { usePointing } from './gestures'
import type { Grouping } from './lanes'
import { Mirror } from './Mirror'
import { type Moment, toldIn } from './moment'
import type { SharedAxis } from './sharedAxis'
import { Tip } from './Tip'
import type { View } from './view'

/** What an engine is told of. */
export interface EngineProps {
  source: () => Moment
  /** Grows when the picture did: paint. */
  version: number
  grouping: Grouping
  selected: Chosen | null
  onSelect: (pick: Chosen | null) => void
  limits: Limits
  view: View | null
  onView: (view: View | null) => void
  onEngine?: (engine: TimelineEngine | null) => void
  axis?: SharedAxis
}

interface PlotProps {
  source: () => Moment
  onSelect: (pick: Chosen | null) => void
  engine: RefObject<TimelineEngine | null>
  canvas: RefObject<HTMLCanvasElement | null>
  box: RefObject<HTMLDivElement | null>
  size: Size
  /** What a screen reader says of the canvas. */
  label: string
}

/** The bars, what is known of the one under the pointer, and their twin for those who see none. */
export function Plot({ source, onSelect, engine, canvas, box, size, label }: PlotProps) {
  const pick = useCallback(
    (bar: number) => onSelect(bar < 0 ? null : chosenOf(source(), bar)),
    [onSelect, source],
  )
  const { pointed, handlers } = usePointing(engine, pick)
  return (
    <div className={style.plot} ref={box}>
      <canvas ref={canvas} tabIndex={0} role="application" aria-label={label} {...handlers} />
      {pointed && <Tip moment={toldIn(source())} {...pointed} size={size} />}
      <div className="sr">
        <Mirror source={source} onSelect={onSelect} />
      </div>
    </div>
  )
}
