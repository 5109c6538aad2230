import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { GlyphName } from '../../parts/Glyph'
import { usePreferences, useRate } from '../../parts/preferences'
import { useRowHeight } from '../../parts/useRowHeight'
import { ROOT } from '../../trace/picture.gen'
import type { Chosen } from '../chosen'
import { costAt, dearness } from './costs'
import style from './RecursionTree.module.css'
import {
  type Branch,
  chosenOf,
  type Dear,
  type Order,
  openRows,
  placeOf,
  type TreeRow,
} from './rows'
import { Row } from './TreeRow'

export interface TreeProps {
  trunk: Branch
  order: Order
  now_us: number
  /** The moment at the right of the times: later than now where a child run goes on. */
  last_us: number
  /** How the run itself stands. */
  rootGlyph: GlyphName
  selected: Chosen | null
  onSelect: (chosen: Chosen) => void
  /** Opens a child run, or closes it. */
  onTurnRun: (id: string) => void
  inDollars: boolean
}

const ROW_PX = 26

/** Things that were opened or closed by hand, of each run. */
type Turned = ReadonlyMap<string, ReadonlySet<number>>

/** Who asked whom: a table whose rows open. */
export function RecursionTree(props: TreeProps) {
  const { trunk, order, now_us, selected, onSelect, onTurnRun, inDollars } = props
  const [turned, setTurned] = useState<Turned>(new Map())
  const box = useRef<HTMLDivElement>(null)
  const row_px = useRowHeight(ROW_PX)
  const dear = useDearness()
  const rows = useMemo(
    () => openRows(trunk, (branch, thing) => isOpen(branch, turned, thing), order, now_us, dear),
    [trunk, turned, order, now_us, dear],
  )
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => row_px,
    overscan: 8,
    // The head stays above the rows, which begin below it.
    scrollPaddingEnd: row_px,
  })
  const turn = (row: TreeRow) => {
    if (row.kind === 'run' || row.kind === 'wait') return onTurnRun(row.child.item.id)
    const key = row.kind === 'more' ? -row.thing - 1 : row.thing
    setTurned((was) => toggled(was, row.branch.run ?? '', key))
  }
  const at = placeOf(rows, selected)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new selection scrolls
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' })
  }, [selected])
  const press = (event: React.KeyboardEvent) => {
    const next = stepped(rows, at, event.key)
    if (next === null) return
    event.preventDefault()
    if ('turn' in next) turn(next.turn)
    else onSelect(next)
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
            onPick={() => {
              const chosen = chosenOf(rows[index])
              if (chosen) onSelect(chosen)
              else turn(rows[index])
            }}
            onTurn={() => turn(rows[index])}
          />
        ))}
      </div>
    </div>
  )
}

/** Open at first: the root, and what has few children. A turn by hand is kept. */
function isOpen({ run, forest }: Branch, turned: Turned, thing: number): boolean {
  const byHand = turned.get(run ?? '')?.has(thing) ?? false
  if (thing < 0) return byHand
  const kids = forest.first[thing + 1] - forest.first[thing]
  const atFirst = thing === ROOT || kids <= 12
  return byHand ? !atFirst : atFirst
}

function toggled(was: Turned, run: string, thing: number): Turned {
  const things = new Set(was.get(run))
  if (!things.delete(thing)) things.add(thing)
  return new Map(was).set(run, things)
}

/** Arrows: another row to select, or a branch to turn. */
function stepped(
  rows: readonly TreeRow[],
  at: number,
  key: string,
): Chosen | { turn: TreeRow } | null {
  const row = rows[at]
  if (key === 'ArrowDown' || key === 'ArrowUp') {
    const by = key === 'ArrowDown' ? 1 : -1
    for (let n = at + by; n >= 0 && n < rows.length; n += by) {
      const chosen = chosenOf(rows[n])
      if (chosen) return chosen
    }
    return null
  }
  if (!row) return null
  if (key === 'ArrowRight' && row.hasChildren && !row.isOpen) return { turn: row }
  if (key === 'ArrowLeft' && row.isOpen) return { turn: row }
  return null
}

/** By what branches are put in order of their cost. */
function useDearness(): Dear {
  const first = usePreferences((preferences) => preferences.currency)
  const { rate } = useRate()
  return useCallback((made, thing) => dearness(costAt(made, [thing]), first, rate), [first, rate])
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
