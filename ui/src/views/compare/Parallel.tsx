import { type RefObject, useCallback, useMemo, useRef, useState } from 'react'
import type { Comparison } from '../../live/shapes.gen'
import { Button } from '../../parts/Button'
import type { Ink, Size } from '../../parts/canvas'
import { Frame } from '../../parts/Frame'
import { Picture } from '../../parts/Picture'
import { Empty } from '../../parts/Trouble'
import style from './compare.module.css'
import { titleIn } from './inCurrency'
import {
  axisX,
  type Brushes,
  brushedBy,
  type ParallelAxis,
  paintParallel,
  valueAt,
} from './parallel'
import { directionOf, numberAt } from './table'

interface Props {
  made: Comparison
  keys: readonly string[]
  brushed: ReadonlySet<number> | null
  /** They were marked here, and the marks still stand. */
  isMine: boolean
  onBrush: (rows: ReadonlySet<number> | null) => void
}

const NO_BRUSHES: Brushes = {}

const MOST_AXES = 7

/** Each run as a line across its settings and results; a drag along an axis brushes. */
export function Parallel({ made, keys, brushed, isMine, onBrush }: Props) {
  const [drawn, setBrushes] = useState<Brushes>(NO_BRUSHES)
  const brushes = isMine ? drawn : NO_BRUSHES
  const size = useRef<Size>({ width: 1, height: 1 })
  const axes = useMemo(
    () => keys.slice(0, MOST_AXES).flatMap((key) => axisOf(made, key)),
    [made, keys],
  )
  const paint = useCallback(
    (pen: CanvasRenderingContext2D, box: Size, ink: Ink) => {
      size.current = box
      paintParallel(pen, box, ink, axes, made.runs.length, brushed, brushes)
    },
    [axes, made, brushed, brushes],
  )
  const change = (next: Brushes) => {
    setBrushes(next)
    onBrush(brushedBy(axes, next, made.runs.length))
  }
  const drag = useBrush(axes, size, brushes, change)
  const names = axes.map((axis) => axis.key).join(', ')
  const clear = (
    <Button size="small" onClick={() => change(NO_BRUSHES)}>
      Clear brush
    </Button>
  )
  return (
    <Frame
      title="Parallel coordinates"
      className={style.chart}
      note={brushed ? `${brushed.size} of ${made.runs.length}` : undefined}
      actions={Object.keys(brushes).length > 0 && clear}
    >
      {axes.length < 2 ? (
        <Empty title="Fewer than two numbers differ among these runs." />
      ) : (
        <div className={style.brushable} {...drag}>
          <Picture
            paint={paint}
            label={`${made.runs.length} runs across ${names}; the table above has the same`}
          />
        </div>
      )}
    </Frame>
  )
}

/** A drag along the nearest axis marks a stretch of it; a click takes the mark away. */
function useBrush(
  axes: readonly ParallelAxis[],
  size: RefObject<Size>,
  brushes: Brushes,
  change: (next: Brushes) => void,
) {
  const start = useRef<{ axis: ParallelAxis; value: number } | null>(null)
  const inBox = (event: React.PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  return {
    onPointerDown: (event: React.PointerEvent) => {
      event.currentTarget.setPointerCapture(event.pointerId)
      const { x, y } = inBox(event)
      const { width, height } = size.current
      const away = axes.map((_, n) => Math.abs(axisX(n, axes.length, width) - x))
      const axis = axes[away.indexOf(Math.min(...away))]
      start.current = { axis, value: valueAt(axis, y, height) }
      const { [axis.key]: _, ...rest } = brushes
      change(rest)
    },
    onPointerMove: (event: React.PointerEvent) => {
      if (!start.current) return
      const { axis, value } = start.current
      const here = valueAt(axis, inBox(event).y, size.current.height)
      change({ ...brushes, [axis.key]: [value, here] })
    },
    onPointerUp: () => {
      start.current = null
    },
  }
}

function axisOf(made: Comparison, key: string): ParallelAxis[] {
  const at = made.columns.findIndex((column) => column.key === key)
  const column = made.columns[at]
  if (!column || column.lowest === null || column.highest === null) return []
  return [
    {
      key,
      title: titleIn(made, key),
      low: column.lowest,
      high: column.highest,
      isTurned: directionOf(column) === 'down',
      values: made.runs.map((_, row) => numberAt(made, row, at)),
    },
  ]
}
