import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type CSSProperties,
  memo,
  type ReactNode,
  type RefObject,
  useEffect,
  useMemo,
  useRef,
} from 'react'
import { type Column, stickyLefts, template } from './columns'
import style from './Grid.module.css'
import { Head } from './Head'
import { type Span, useColumnsInSight } from './useColumnsInSight'

export interface GridProps<Row> {
  label: string
  rows: readonly Row[]
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string
  rowHeight_px?: number
  heightOf?: (row: Row) => number
  /** How many columns from the left stay when the rest is scrolled. */
  pinned?: number
  sort?: string | undefined
  onSort?: (sort: string) => void
  widths?: Record<string, number>
  onWidth?: (key: string, width_px: number) => void
  selected?: ReadonlySet<string>
  current?: string | undefined
  onOpen?: (row: Row) => void
  /** A row that is not made of cells, as the head of a group. */
  whole?: (row: Row) => ReactNode | null
  toneOf?: (row: Row) => string | undefined
  /** Called when the end of the rows comes near. */
  onEnd?: () => void
  /** Where rows come from beyond those that are here. */
  total?: number | null
  className?: string
}

const EMPTY: Record<string, number> = {}
const NEAR_THE_END_ROWS = 60
const OVERSCAN_ROWS = 6

/** A table of any length and width: only the rows in sight are there, and of them the cells. */
export function Grid<Row>(props: GridProps<Row>) {
  const { rows, columns, rowKey, pinned = 0, widths = EMPTY, current } = props
  const box = useRef<HTMLDivElement>(null)
  const virtual = useRowsInSight(props, box)
  const span = useColumnsInSight(box, columns, widths)
  const lefts = useMemo(() => stickyLefts(columns, widths, pinned), [columns, widths, pinned])
  const shape = { '--columns': template(columns, widths) } as CSSProperties
  return (
    <div
      ref={box}
      className={`${style.grid} ${props.className ?? ''}`}
      role="grid"
      aria-label={props.label}
      aria-rowcount={(props.total ?? rows.length) + 1}
      aria-colcount={columns.length}
      tabIndex={0}
      style={shape}
    >
      <Head {...props} lefts={lefts} widths={widths} />
      <div className={style.body} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ key, index, start, size }) => {
          const row = rows[index]
          if (row === undefined) return null
          return (
            <Row
              key={key}
              row={row}
              at={index}
              top_px={start}
              height_px={size}
              columns={columns}
              lefts={lefts}
              span={span}
              whole={props.whole}
              tone={props.toneOf?.(row)}
              isSelected={props.selected?.has(rowKey(row)) ?? false}
              isCurrent={current === rowKey(row)}
              onOpen={props.onOpen}
            />
          )
        })}
      </div>
    </div>
  )
}

/** Which rows are in sight; the end of them asks for more, and a new current one is brought there. */
function useRowsInSight<Row>(props: GridProps<Row>, box: RefObject<HTMLDivElement | null>) {
  const { rows, rowKey, rowHeight_px = 24, heightOf, current, onEnd } = props
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: (n) => (heightOf && rows[n] !== undefined ? heightOf(rows[n]) : rowHeight_px),
    overscan: OVERSCAN_ROWS,
    getItemKey: (n) => (rows[n] === undefined ? n : rowKey(rows[n])),
  })
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0
  useEffect(() => {
    if (rows.length > 0 && last > rows.length - NEAR_THE_END_ROWS) onEnd?.()
  }, [last, rows.length, onEnd])
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new current row scrolls
  useEffect(() => {
    const at = current === undefined ? -1 : rows.findIndex((row) => rowKey(row) === current)
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' })
  }, [current])
  return virtual
}

interface RowProps<Row> {
  row: Row
  at: number
  top_px: number
  height_px: number
  columns: readonly Column<Row>[]
  lefts: readonly number[]
  span: Span | null
  whole: ((row: Row) => ReactNode | null) | undefined
  tone: string | undefined
  isSelected: boolean
  isCurrent: boolean
  onOpen: ((row: Row) => void) | undefined
}

function RowOf<Row>({
  row,
  at,
  top_px,
  height_px,
  columns,
  lefts,
  span,
  whole,
  tone,
  isSelected,
  isCurrent,
  onOpen,
}: RowProps<Row>) {
  const instead = whole?.(row) ?? null
  const place = { transform: `translateY(${top_px}px)`, height: height_px }
  const kind = `${style.row} ${isSelected ? style.selected : ''} ${isCurrent ? style.current : ''} ${tone ?? ''}`
  return (
    <div
      role="row"
      aria-rowindex={at + 2}
      aria-selected={isSelected}
      className={kind}
      style={place}
      onClick={onOpen && ((event) => opens(event) && onOpen(row))}
    >
      {instead ?? cellsOf(row, columns, lefts, span)}
    </div>
  )
}

/** Those that stick, and those in sight. */
function cellsOf<Row>(
  row: Row,
  columns: readonly Column<Row>[],
  lefts: readonly number[],
  span: Span | null,
): ReactNode[] {
  const first = Math.max(lefts.length, span?.first ?? 0)
  const last = Math.min(columns.length - 1, span?.last ?? columns.length)
  const cells = lefts.map((left, n) => cellOf(row, columns[n], n, style.pinned, { left }))
  for (let n = first; n <= last; n += 1) {
    // The others follow: only the first after those that were left out is told its place.
    const place = n === first && span ? { gridColumn: n + 1 } : undefined
    cells.push(cellOf(row, columns[n], n, '', place))
  }
  return cells
}

function cellOf<Row>(
  row: Row,
  column: Column<Row>,
  n: number,
  kind: string,
  place: CSSProperties | undefined,
) {
  return (
    <div
      key={column.key}
      role="gridcell"
      aria-colindex={n + 1}
      className={`${style.cell} ${column.align === 'right' ? style.right : ''} ${kind} ${column.tone?.(row) ?? ''}`}
      style={place}
      title={column.hint?.(row)}
    >
      {column.cell(row)}
    </div>
  )
}

const Row = memo(RowOf) as typeof RowOf

/** A click on a control in the row is for the control. */
function opens(event: React.MouseEvent): boolean {
  const at = event.target as Element
  return !at.closest('button, a, input, label') && !getSelection()?.toString()
}
