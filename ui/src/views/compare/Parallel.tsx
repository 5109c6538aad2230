import { useCallback, useMemo, useRef, useState } from 'react'
import type { Comparison } from '../../live/shapes.gen'
import { Button } from '../../parts/Button'
import type { Ink, Size } from '../../parts/canvas'
import { Frame } from '../../parts/Frame'
import { Picture } from '../../parts/Picture'
import { Empty } from '../../parts/Trouble'
import style from './compare.module.css'
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
  onBrush: (rows: ReadonlySet<number> | null) => void
}

const MOST_AXES = 7

/** Each run as a line across its settings and results; a drag along an axis brushes. */
export function Parallel({ made, keys, brushed, onBrush }: Props) {
  const [brushes, setBrushes] = useState<Brushes>({})
  const size = useRef<Size>({ width: 1, height: 1 })
  const start = useRef<{ axis: ParallelAxis; value: number } | null>(null)
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
  const near = (event: React.PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect()
    const x = event.clientX - box.left
    const distances = axes.map((_, n) => Math.abs(axisX(n, axes.length, size.current.width) - x))
    const axis = axes[distances.indexOf(Math.min(...distances))]
    return { axis, value: valueAt(axis, event.clientY - box.top, size.current.height) }
  }
  if (axes.length < 2)
    return (
      <Frame title="Parallel coordinates" className={style.chart}>
        <Empty title="Fewer than two numbers differ among these runs." />
      </Frame>
    )
  return (
    <Frame
      title="Parallel coordinates"
      className={style.chart}
      note={brushed ? `${brushed.size} of ${made.runs.length}` : undefined}
      actions={
        Object.keys(brushes).length > 0 && (
          <Button size="small" onClick={() => change({})}>
            Clear brush
          </Button>
        )
      }
    >
      <div
        className={style.brushable}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          start.current = near(event)
          const { [start.current.axis.key]: _, ...rest } = brushes
          change(rest)
        }}
        onPointerMove={(event) => {
          const from = start.current
          if (!from) return
          const box = event.currentTarget.getBoundingClientRect()
          change({
            ...brushes,
            [from.axis.key]: [
              from.value,
              valueAt(from.axis, event.clientY - box.top, size.current.height),
            ],
          })
        }}
        onPointerUp={() => {
          start.current = null
        }}
      >
        <Picture
          paint={paint}
          label={`${made.runs.length} runs across ${axes.map((axis) => axis.key).join(', ')}; the table above has the same`}
        />
      </div>
    </Frame>
  )
}

function axisOf(made: Comparison, key: string): ParallelAxis[] {
  const at = made.columns.findIndex((column) => column.key === key)
  const column = made.columns[at]
  if (!column || column.lowest === null || column.highest === null) return []
  return [
    {
      key,
      low: column.lowest,
      high: column.highest,
      isTurned: directionOf(column) === 'down',
      values: made.runs.map((_, row) => numberAt(made, row, at)),
    },
  ]
}
