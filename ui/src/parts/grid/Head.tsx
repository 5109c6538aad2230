import { useRef } from 'react'
import { type Column, direction, turned } from './columns'
import type { GridProps } from './Grid'
import style from './Grid.module.css'

const NARROWEST_PX = 36

interface Props<Row> extends GridProps<Row> {
  lefts: readonly number[]
  widths: Record<string, number>
}

/** The titles: a click sorts, a drag of the edge resizes. */
export function Head<Row>({ columns, sort, onSort, onWidth, lefts, widths }: Props<Row>) {
  const plain = columns as readonly Column<never>[]
  return (
    <div className={style.head} role="rowgroup">
      <div role="row" aria-rowindex={1} className={style.titles}>
        {plain.map((column, n) => (
          <div
            key={column.key}
            role="columnheader"
            aria-colindex={n + 1}
            aria-sort={direction(sort, column)}
            className={`${style.cell} ${column.align === 'right' ? style.right : ''} ${n < lefts.length ? style.pinned : ''}`}
            style={n < lefts.length ? { left: lefts[n] } : undefined}
          >
            {column.head ?? <Title column={column} sort={sort} onSort={onSort} />}
            {onWidth && column.title && (
              <Edge column={column} width_px={widths[column.key]} onWidth={onWidth} />
            )}
          </div>
        ))}
      </div>
    </div>
  )
}

interface TitleProps {
  column: Column<never>
  sort: string | undefined
  onSort: ((sort: string) => void) | undefined
}

function Title({ column, sort, onSort }: TitleProps) {
  const way = direction(sort, column)
  const arrow = way === 'ascending' ? ' ↑' : way === 'descending' ? ' ↓' : ''
  const words = (
    <>
      <span className={`lbl ${way ? 'c-1' : ''}`}>
        {column.title ? column.title + arrow : <span className="sr">{column.key}</span>}
      </span>
      {column.note && <small className={style.note}>{column.note}</small>}
    </>
  )
  if (!column.sort || !onSort) return <span className={style.title}>{words}</span>
  const next = turned(sort, column)
  return (
    <button type="button" className={style.title} onClick={() => next && onSort(next)}>
      {words}
    </button>
  )
}

interface EdgeProps {
  column: Column<never>
  width_px: number | undefined
  onWidth: (key: string, width_px: number) => void
}

function Edge({ column, width_px, onWidth }: EdgeProps) {
  const start = useRef({ x: 0, width: 0 })
  return (
    <i
      className={style.edge}
      aria-hidden="true"
      onPointerDown={(event) => {
        const cell = event.currentTarget.parentElement
        start.current = {
          x: event.clientX,
          width: width_px ?? cell?.getBoundingClientRect().width ?? column.width_px,
        }
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
        onWidth(
          column.key,
          Math.max(NARROWEST_PX, Math.round(start.current.width + event.clientX - start.current.x)),
        )
      }}
      onDoubleClick={() => onWidth(column.key, column.width_px)}
    />
  )
}
