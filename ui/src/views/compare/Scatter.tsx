import { useCallback, useMemo, useRef, useState } from 'react'
import type { Comparison } from '../../live/shapes.gen'
import type { Ink, Size } from '../../parts/canvas'
import { Frame } from '../../parts/Frame'
import { Picture } from '../../parts/Picture'
import { Empty } from '../../parts/Trouble'
import style from './compare.module.css'
import { titleIn } from './inCurrency'
import { type Box, type Point, paintScatter, scaleOf } from './scatter'
import { directionOf, frontier, numberAt, wordsOf } from './table'

interface Props {
  made: Comparison
  xKey: string
  yKey: string
  numeric: readonly string[]
  shapeOf: (row: number) => number
  brushed: ReadonlySet<number> | null
  /** They were marked here, and the mark still stands. */
  isMine: boolean
  onBrush: (rows: ReadonlySet<number> | null) => void
  onAxes: (axes: { x?: string; y?: string }) => void
}

/** One column against another, with the runs that nothing beats. */
export function Scatter(props: Props) {
  const { made, xKey, yKey, numeric, shapeOf, brushed, isMine, onBrush, onAxes } = props
  const [drawn, setBrush] = useState<Box | null>(null)
  const brush = isMine ? drawn : null
  const size = useRef<Size>({ width: 1, height: 1 })
  const points = useMemo(() => pointsOf(made, xKey, yKey, shapeOf), [made, xKey, yKey, shapeOf])
  const [xColumn, yColumn] = [xKey, yKey].map((key) =>
    made.columns.find((column) => column.key === key),
  )
  const ways = [xColumn && directionOf(xColumn), yColumn && directionOf(yColumn)]
  const best = useMemo(
    () => (ways[0] && ways[1] ? frontier(points, ways[0], ways[1]) : []),
    [points, ways[0], ways[1]],
  )
  const paint = useCallback(
    (pen: CanvasRenderingContext2D, box: Size, ink: Ink) => {
      size.current = box
      paintScatter(pen, box, ink, { points, frontier: best, brushed, brush, xKey, yKey })
    },
    [points, best, brushed, brush, xKey, yKey],
  )
  const drag = (next: Box | null) => {
    setBrush(next)
    if (!next) return onBrush(null)
    const within = (value: number, a: number, b: number) =>
      value >= Math.min(a, b) && value <= Math.max(a, b)
    onBrush(
      new Set(
        points
          .filter((point) => within(point.x, next.x0, next.x1) && within(point.y, next.y0, next.y1))
          .map((point) => point.row),
      ),
    )
  }
  return (
    <Frame
      title="Scatter"
      className={style.chart}
      note={made.groups.length > 1 && <Shapes groups={made.groups} />}
      actions={
        <>
          <Choice
            made={made}
            label="Upwards"
            value={yKey}
            options={numeric}
            onChange={(y) => onAxes({ y })}
          />
          <span>against</span>
          <Choice
            made={made}
            label="Sideways"
            value={xKey}
            options={numeric}
            onChange={(x) => onAxes({ x })}
          />
        </>
      }
    >
      {points.length === 0 ? (
        <Empty title="No run has both." />
      ) : (
        <Brushable size={size} points={points} onBrush={drag}>
          <Picture
            paint={paint}
            label={`${titleIn(made, yKey)} against ${titleIn(made, xKey)} of ${points.length} runs${best.length ? `; ${best.length} on the frontier: ${best.map((n) => points[n].label).join(', ')}` : ''}`}
          />
        </Brushable>
      )}
    </Frame>
  )
}

/** As `shape` draws them. */
const SHAPES = ['○', '◇', '□', '△', '▽']

/** Which shape is which group. */
function Shapes({ groups }: { groups: Comparison['groups'] }) {
  return groups.slice(0, SHAPES.length).map((group, n) => (
    <span key={n} className={style.shape}>
      <span aria-hidden="true">{SHAPES[n]}</span> {wordsOf(group.value) || 'not set'}
    </span>
  ))
}

function pointsOf(
  made: Comparison,
  xKey: string,
  yKey: string,
  shapeOf: (row: number) => number,
): Point[] {
  const at = (key: string) => made.columns.findIndex((column) => column.key === key)
  const [xAt, yAt] = [at(xKey), at(yKey)]
  return made.runs.flatMap((run, row) => {
    const x = numberAt(made, row, xAt)
    const y = numberAt(made, row, yAt)
    return x === null || y === null
      ? []
      : [{ row, x, y, shape: shapeOf(row), label: run.name ?? run.id }]
  })
}

interface ChoiceProps {
  made: Comparison
  label: string
  value: string
  options: readonly string[]
  onChange: (value: string) => void
}

function Choice({ made, label, value, options, onChange }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      className={style.choice}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {options.map((option) => (
        <option key={option} value={option}>
          {titleIn(made, option)}
        </option>
      ))}
    </select>
  )
}

interface BrushableProps {
  size: React.RefObject<Size>
  points: readonly Point[]
  onBrush: (box: Box | null) => void
  children: React.ReactNode
}

/** A drag marks a part; a click takes the mark away. */
function Brushable({ size, points, onBrush, children }: BrushableProps) {
  const start = useRef<{ x: number; y: number } | null>(null)
  const at = (event: React.PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect()
    const scale = scaleOf(points, size.current)
    return { x: scale.xAt(event.clientX - box.left), y: scale.yAt(event.clientY - box.top) }
  }
  return (
    <div
      className={style.brushable}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        start.current = at(event)
        onBrush(null)
      }}
      onPointerMove={(event) => {
        const here = at(event)
        if (start.current)
          onBrush({ x0: start.current.x, y0: start.current.y, x1: here.x, y1: here.y })
      }}
      onPointerUp={() => {
        start.current = null
      }}
    >
      {children}
    </div>
  )
}
