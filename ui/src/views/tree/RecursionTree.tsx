import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { Glyph, type GlyphName } from '../../parts/Glyph'
import { whole } from '../../parts/numbers'
import { Dollars, Duration, Sats, Tokens } from '../../parts/Quantity'
import { useRowHeight } from '../../parts/useRowHeight'
import {
  CANCELLED,
  FAILED,
  RETURNED,
  ROOT,
  RUNNING,
  SUB_QUERY,
  SUBMITTED,
  TIMEOUT,
} from '../../trace/picture.gen'
import { type Forest, type Order, openRows, type TreeRow, whatIs } from './forest'
import style from './RecursionTree.module.css'

interface Props {
  forest: Forest
  order: Order
  now_us: number
  /** How the run itself stands. */
  rootGlyph: GlyphName
  /** Nobody works on it any more: what is open was left so. */
  hasEnded: boolean
  selected: number
  onSelect: (thing: number) => void
  inDollars: boolean
}

const ROW_PX = 26

const GLYPHS: Record<number, GlyphName> = {
  [SUBMITTED]: 'queued',
  [RUNNING]: 'run',
  [RETURNED]: 'ok',
  [FAILED]: 'fail',
  [TIMEOUT]: 'slow',
  [CANCELLED]: 'idle',
}
const WORDS: Record<number, string> = {
  [SUBMITTED]: 'submitted',
  [RUNNING]: 'in flight',
  [RETURNED]: 'returned',
  [FAILED]: 'failed',
  [TIMEOUT]: 'timed out',
  [CANCELLED]: 'cancelled',
}

/** Who asked whom: a table whose rows open. */
export function RecursionTree(props: Props) {
  const { forest, order, now_us, selected, onSelect, inDollars } = props
  const [turned, setTurned] = useState<ReadonlySet<number>>(new Set())
  const box = useRef<HTMLDivElement>(null)
  const row_px = useRowHeight(ROW_PX)
  const rows = useMemo(
    () => openRows(forest, (thing) => isOpen(forest, turned, thing), order, now_us),
    [forest, turned, order, now_us],
  )
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => row_px,
    overscan: 8,
    // The head stays above the rows, which begin below it.
    scrollPaddingEnd: row_px,
  })
  const turn = (thing: number) => setTurned((was) => toggled(was, thing))
  const at = rows.findIndex((row) => row.kind === 'thing' && row.thing === selected)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new selection scrolls
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' })
  }, [selected])
  const press = (event: React.KeyboardEvent) => {
    const next = stepped(rows, at, event.key)
    if (next === null) return
    event.preventDefault()
    if (typeof next === 'number') onSelect(next)
    else turn(next.turn)
  }
  return (
    <div
      ref={box}
      className={style.tree}
      role="treegrid"
      aria-label="Recursion tree"
      aria-rowcount={rows.length + 1}
      tabIndex={0}
      onKeyDown={press}
    >
      <Head inDollars={inDollars} />
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ key, index, start, size }) => (
          <Row
            key={key}
            {...props}
            row={rows[index]}
            at={index}
            top_px={start}
            height_px={size}
            isSelected={index === at}
            onTurn={turn}
          />
        ))}
      </div>
    </div>
  )
}

/** Open at first: the root, and what has few children. A turn by hand is kept. */
function isOpen(forest: Forest, turned: ReadonlySet<number>, thing: number): boolean {
  if (thing < 0) return turned.has(thing)
  const kids = forest.first[thing + 1] - forest.first[thing]
  const atFirst = thing === ROOT || kids <= 12
  return turned.has(thing) ? !atFirst : atFirst
}

function toggled(was: ReadonlySet<number>, thing: number): ReadonlySet<number> {
  const next = new Set(was)
  if (!next.delete(thing)) next.add(thing)
  return next
}

/** Arrows: another row to select, or a branch to turn. */
function stepped(
  rows: readonly TreeRow[],
  at: number,
  key: string,
): number | { turn: number } | null {
  const row = rows[at]
  if (key === 'ArrowDown' || key === 'ArrowUp') {
    const by = key === 'ArrowDown' ? 1 : -1
    for (let n = at + by; n >= 0 && n < rows.length; n += by)
      if (rows[n].kind === 'thing') return rows[n].thing
    return null
  }
  if (!row) return null
  if (key === 'ArrowRight' && row.hasChildren && !row.isOpen) return { turn: row.thing }
  if (key === 'ArrowLeft' && row.isOpen) return { turn: row.thing }
  return null
}

function Head({ inDollars }: { inDollars: boolean }) {
  return (
    <div className={`${style.row} ${style.head} lbl`} role="row" aria-rowindex={1}>
      {['Call', 'When', 'Took', inDollars ? 'USD' : 'Sats', 'Tokens', 'Spans'].map((title, n) => (
        <span
          key={title}
          role="columnheader"
          className={`${n > 1 ? style.number : ''} ${n === 1 ? style.when : ''} ${n > 3 ? style.wide : ''}`}
        >
          {title}
        </span>
      ))}
    </div>
  )
}

interface RowProps extends Omit<Props, 'order' | 'selected'> {
  row: TreeRow
  at: number
  top_px: number
  height_px: number
  isSelected: boolean
  onTurn: (thing: number) => void
}

function Row(props: RowProps) {
  const { row, at, top_px, height_px, isSelected, onSelect, onTurn } = props
  const things = row.kind === 'more' ? row.rest : [row.thing]
  const opens = row.kind === 'more' ? () => onTurn(-row.thing - 1) : () => onSelect(row.thing)
  return (
    <div
      role="row"
      aria-rowindex={at + 2}
      aria-level={row.depth + 1}
      aria-selected={isSelected}
      {...(row.hasChildren && { 'aria-expanded': row.isOpen })}
      className={`${style.row} ${isSelected ? style.selected : ''}`}
      style={{ transform: `translateY(${top_px}px)`, height: height_px }}
      onClick={opens}
    >
      <Name {...props} />
      <Gantt {...props} things={things} />
      <Numbers {...props} things={things} />
    </div>
  )
}

function Name(props: RowProps) {
  const { row, forest } = props
  const last = row.guides.length - 1
  const guide = (more: boolean, level: number) => {
    if (level < last) return more ? '' : style.none
    return more ? style.join : style.end
  }
  return (
    <div role="gridcell" className={style.name}>
      {row.guides.map((more, level) => (
        <i key={level} className={`${style.guide} ${guide(more, level)}`} />
      ))}
      {row.kind === 'more' ? (
        <>
          <ChevronRight size={12} aria-hidden="true" />
          <Glyph name={GLYPHS[worstOf(forest, row.rest)]} />
          <code>{whole(row.rest.length)} more</code>
        </>
      ) : (
        <Thing {...props} />
      )}
    </div>
  )
}

function Thing({ row, forest, rootGlyph, hasEnded, onTurn }: RowProps) {
  const { picture } = forest
  const Icon = row.isOpen ? ChevronDown : ChevronRight
  const place = placeAt(forest, row.thing)
  return (
    <>
      {row.hasChildren && (
        <button
          type="button"
          className={style.turn}
          aria-label={row.isOpen ? 'Close' : 'Open'}
          onClick={(event) => {
            event.stopPropagation()
            onTurn(row.thing)
          }}
        >
          <Icon size={12} aria-hidden="true" />
        </button>
      )}
      {row.thing === ROOT ? (
        <Glyph name={rootGlyph} />
      ) : (
        <StateGlyph state={forest.worst[row.thing]} hasEnded={hasEnded} />
      )}
      <code className="ell">{picture.things.id[row.thing]}</code>
      <span className={`${style.what} ell`}>{whatIs(picture, row.thing)}</span>
      {place && (
        <span className={style.place} title={place.path}>
          {place.short}
        </span>
      )}
    </>
  )
}

function StateGlyph({ state, hasEnded }: { state: number; hasEnded: boolean }) {
  if (hasEnded && state === RUNNING) return <Glyph name="interrupted" label="interrupted" />
  return <Glyph name={GLYPHS[state]} label={WORDS[state]} />
}

/** The lines that a sub-query reads, where they are known. */
function placeAt({ picture }: Forest, thing: number): { path: string; short: string } | null {
  const { things, queries, fragments, names } = picture
  if (thing === ROOT || things.kind[thing] !== SUB_QUERY) return null
  const fragment = queries.fragment[things.row[thing]]
  const path = fragment < 0 ? undefined : names.path.all[fragments.path[fragment]]
  if (!path) return null
  const short = placeOf(path, fragments.start_line[fragment], fragments.end_line[fragment])
  return { path, short }
}

function placeOf(path: string, from: number, to: number): string {
  const file = path.slice(path.lastIndexOf('/') + 1)
  return Number.isNaN(from) ? file : `${file}:${from}-${to}`
}

function worstOf(forest: Forest, things: readonly number[]): number {
  let worst = RETURNED as number
  const rank = [1, 3, 0, 5, 4, 2]
  for (const thing of things)
    if (rank[forest.worst[thing]] > rank[worst]) worst = forest.worst[thing]
  return worst
}

interface Many extends RowProps {
  things: readonly number[]
}

function Gantt({ forest, things, now_us, hasEnded }: Many) {
  let start = Number.POSITIVE_INFINITY
  let end = Number.NEGATIVE_INFINITY
  for (const thing of things) {
    start = Math.min(start, forest.start_us[thing])
    end = Math.max(end, Number.isNaN(forest.end_us[thing]) ? now_us : forest.end_us[thing])
  }
  const span = Math.max(1, now_us)
  const isKnown = Number.isFinite(start) && start <= now_us
  const worst = things.length === 1 ? forest.worst[things[0]] : worstOf(forest, things)
  const isRoot = things[0] === ROOT
  return (
    <div role="gridcell" className={style.when} aria-hidden="true">
      {isKnown && (
        <i
          className={`${style.bar} ${style[`bar${worst}`]} ${isRoot ? style.barRoot : ''} ${hasEnded && worst === RUNNING ? style.broken : ''}`}
          style={{
            left: `${(Math.max(0, start) / span) * 100}%`,
            width: `${(Math.max(0, Math.min(end, now_us) - Math.max(0, start)) / span) * 100}%`,
          }}
        />
      )}
    </div>
  )
}

function Numbers({ forest, things, now_us, inDollars, row }: Many) {
  const sum = (column: Float64Array) =>
    known(
      things.reduce(
        (total, thing) =>
          Number.isNaN(column[thing]) ? total : (Number.isNaN(total) ? 0 : total) + column[thing],
        Number.NaN,
      ),
    )
  const unknown = things.reduce((total, thing) => total + forest.unknown[thing], 0)
  const one = things[0]
  const took =
    row.kind === 'more'
      ? null
      : known(
          (Number.isNaN(forest.end_us[one]) ? now_us : forest.end_us[one]) - forest.start_us[one],
        )
  const cost = sum(inDollars ? forest.nanos : forest.msat)
  const asked = things.some((thing) => forest.size[thing] > 0)
  const Money = inDollars ? Dollars : Sats
  const cell = (content: React.ReactNode, wide = false) => (
    <span role="gridcell" className={`${style.number} ${wide ? style.wide : ''}`}>
      {content}
    </span>
  )
  return (
    <>
      {cell(took === null ? <None /> : <Duration ms={took / 1000} />)}
      {cell(
        cost === null && unknown === 0 ? (
          <None />
        ) : (
          <Money value={cost} unknown={unknown} {...(!inDollars && { bare: true })} />
        ),
      )}
      {cell(sum(forest.tokens) === null ? <None /> : <Tokens value={sum(forest.tokens)} />, true)}
      {cell(sum(forest.spans) ?? (asked ? <None /> : ''), true)}
    </>
  )
}

const None = () => <span className="c-3">–</span>
const known = (value: number): number | null => (Number.isNaN(value) ? null : value)
