import { useCallback, useMemo } from 'react'
import type { Comparison } from '../../live/shapes.gen'
import { Parallel } from '../../views/compare/Parallel'
import { Scatter } from '../../views/compare/Scatter'
import { directionOf } from '../../views/compare/table'
import { chosenAxes } from './axes'
import type { Brush } from './brush'
import style from './Compared.module.css'
import type { ComparisonSearch } from './search'

interface Props {
  made: Comparison
  search: ComparisonSearch
  change: (next: { x?: string; y?: string }) => void
  brush: Brush
}

/** The runs as points and as lines; what is marked there is marked in the table. */
export function ComparedCharts({ made, search, change, brush }: Props) {
  const numeric = useMemo(() => numericKeys(made), [made])
  const axes = useMemo(() => parallelKeys(made), [made])
  const [xKey, yKey] = chosenAxes(made, numeric, search)
  const shapes = useMemo(() => groupOfRows(made), [made])
  const shapeOf = useCallback((row: number) => shapes[row] ?? 0, [shapes])
  const { rows, by, mark } = brush
  const byScatter = useCallback((next: ReadonlySet<number> | null) => mark(next, 'scatter'), [mark])
  const byParallel = useCallback(
    (next: ReadonlySet<number> | null) => mark(next, 'parallel'),
    [mark],
  )
  if (numeric.length < 2) return null
  return (
    <div className={style.charts}>
      <Scatter
        {...{ made, xKey, yKey, numeric, shapeOf }}
        brushed={rows}
        isMine={by === 'scatter'}
        onBrush={byScatter}
        onAxes={change}
      />
      <Parallel
        made={made}
        keys={axes}
        brushed={rows}
        isMine={by === 'parallel'}
        onBrush={byParallel}
      />
    </div>
  )
}

/** The group of each run; the first where there are none. */
function groupOfRows(made: Comparison): number[] {
  const found = made.runs.map(() => 0)
  made.groups.forEach((group, n) => {
    for (const row of group.runs) found[row] = n
  })
  return found
}

const numericKeys = (made: Comparison): string[] =>
  made.columns
    .filter((column) => column.kind === 'number' && column.known > 0)
    .map((column) => column.key)

/** Numbers that differ: settings first, then what counts as better or worse. */
function parallelKeys(made: Comparison): string[] {
  const differing = made.columns.filter((column) => column.kind === 'number' && column.distinct > 1)
  const judged = differing.filter((column) => directionOf(column) !== null)
  const settings = differing.filter((column) => column.from === 'config')
  return [
    ...settings.slice(0, 3),
    ...judged
      .toSorted((a, b) => Number(b.from === 'metric') - Number(a.from === 'metric'))
      .slice(0, 4),
  ].map((column) => column.key)
}
