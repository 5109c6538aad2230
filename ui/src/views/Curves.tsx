import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Series } from '../live/shapes.gen'
import { type Ink, inkOf, useSize, useThemeTurn } from '../parts/canvas'
import style from './Curves.module.css'

interface Curve {
  run: string
  name: string
  series: Series
  /** Which colour it has; the place in the list where nothing is said. */
  at?: number
}

interface Props {
  series: readonly Curve[]
  axis: 'step' | 'time'
  label: string
}

const HEIGHT_PX = 230
const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3]]

/** Values over steps or seconds; runs are told apart by dashes as well as by colour. */
export function Curves({ series, axis, label }: Props) {
  const [box, size] = useSize<HTMLDivElement>()
  const plot = useRef<HTMLDivElement>(null)
  const turn = useThemeTurn()
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme is drawn anew
  useEffect(() => {
    if (!plot.current || size.width === 0) return
    const made = new uPlot(
      optionsOf(series, axis, size.width, inkOf(plot.current)),
      dataOf(series, axis),
      plot.current,
    )
    return () => made.destroy()
  }, [series, axis, size.width, turn])
  return (
    <div ref={box} className={style.curves} style={{ minHeight: HEIGHT_PX + 30 }}>
      <div
        ref={plot}
        role="img"
        aria-label={`${label}, ${series.length} ${series.length === 1 ? 'curve' : 'curves'}`}
      />
    </div>
  )
}

/** Where a point lies: its step, or the seconds since its run began. */
function placesOf({ step, timestamp_ms }: Series, axis: Props['axis']): number[] {
  return axis === 'time' ? timestamp_ms.map((ms) => ms / 1000) : step.map((one, n) => one ?? n)
}

function dataOf(series: Props['series'], axis: Props['axis']): uPlot.AlignedData {
  const tables = series.map(({ series: one }) => {
    const points = placesOf(one, axis)
      .map((x, n) => [x, one.value[n]] as const)
      .sort((a, b) => a[0] - b[0])
    return [points.map((point) => point[0]), points.map((point) => point[1])] as uPlot.AlignedData
  })
  return tables.length ? uPlot.join(tables) : [[]]
}

function optionsOf(
  series: Props['series'],
  axis: Props['axis'],
  width: number,
  ink: Ink,
): uPlot.Options {
  const colours = [ink.accent, ink.text, ink.verify, ink.slow, ink.ok, ink.run]
  const font = `11px ${ink.m}`
  const line = {
    stroke: ink['text-3'],
    font,
    grid: { stroke: ink.line, width: 1 },
    ticks: { stroke: ink['line-2'], width: 1 },
  }
  return {
    width,
    height: HEIGHT_PX,
    scales: { x: { time: false } },
    legend: { show: series.length > 1 || series[0]?.at !== undefined, live: false },
    cursor: { points: { size: 6 } },
    axes: [
      {
        ...line,
        values: (_: uPlot, marks: number[]) =>
          marks.map((mark) => (axis === 'time' ? `${mark} s` : String(mark))),
      },
      { ...line, size: 56 },
    ],
    series: [
      { label: axis },
      ...series.map(({ name, series: one, at: n = series.findIndex((s) => s.series === one) }) => ({
        label: name,
        stroke: colours[n % colours.length],
        width: 1.5,
        dash: DASHES[n % DASHES.length] ?? [],
        points: { show: one.value.length < 40, size: 5 },
        spanGaps: true,
      })),
    ],
  } as uPlot.Options
}
