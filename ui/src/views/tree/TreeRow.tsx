import { Link } from '@tanstack/react-router'
import { ArrowUpRight, ChevronDown, ChevronRight } from 'lucide-react'
import { isHere } from '../../live/served'
import { Glyph, type GlyphName } from '../../parts/Glyph'
import { type Cost, costOf } from '../../parts/money'
import { whole } from '../../parts/numbers'
import { Duration, Money, Tokens } from '../../parts/Quantity'
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
import { titleOf } from '../runTitle'
import { StatusGlyph } from '../StatusGlyph'
import { ChildBar, childEnd } from './ChildBar'
import { costAt } from './costs'
import { type Forest, nameOf, whatIs } from './forest'
import { isParentInferred, PARENT_GUESSED } from './guessed'
import type { TreeProps } from './RecursionTree'
import style from './RecursionTree.module.css'
import type { ChildRun, TreeRow } from './rows'

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

export interface RowProps extends Pick<TreeProps, 'now_us' | 'last_us' | 'rootGlyph'> {
  row: TreeRow
  at: number
  top_px: number
  height_px: number
  isSelected: boolean
  onPick: () => void
  onTurn: () => void
}

/** A row of the tree: what, when, how long, how much. */
export function Row(props: RowProps) {
  const { row, at, top_px, height_px, isSelected, onPick } = props
  return (
    <div
      role="row"
      aria-rowindex={at + 2}
      aria-level={row.depth + 1}
      aria-selected={isSelected}
      {...(row.hasChildren && { 'aria-expanded': row.isOpen })}
      className={`${style.row} ${isSelected ? style.selected : ''}`}
      style={{ transform: `translateY(${top_px}px)`, height: height_px }}
      onClick={onPick}
    >
      <Name {...props} />
      {row.kind === 'thing' && (
        <OfThings {...props} forest={row.branch.forest} things={[row.thing]} />
      )}
      {row.kind === 'more' && <OfThings {...props} forest={row.branch.forest} things={row.rest} />}
      {row.kind === 'run' && <OfChild {...props} child={row.child} />}
    </div>
  )
}

function Name(props: RowProps) {
  const { row } = props
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
      {row.kind === 'thing' && <Thing {...props} forest={row.branch.forest} thing={row.thing} />}
      {row.kind === 'more' && (
        <>
          <ChevronRight size={12} aria-hidden="true" />
          <Glyph name={GLYPHS[worstOf(row.branch.forest, row.rest)]} />
          <code>{whole(row.rest.length)} more</code>
        </>
      )}
      {row.kind === 'run' && <Child {...props} child={row.child} />}
      {row.kind === 'wait' && (
        <span className={row.child.trouble ? 'c-fail ell' : 'c-3'}>
          {row.child.trouble ?? 'Loading'}
        </span>
      )}
    </div>
  )
}

/** Opens and closes what is below. */
function Turn({ row, onTurn }: RowProps) {
  const Icon = row.isOpen ? ChevronDown : ChevronRight
  return (
    <button
      type="button"
      className={style.turn}
      aria-label={row.isOpen ? 'Close' : 'Open'}
      onClick={(event) => {
        event.stopPropagation()
        onTurn()
      }}
    >
      <Icon size={12} aria-hidden="true" />
    </button>
  )
}

interface OfForest extends RowProps {
  forest: Forest
}

function Thing(props: OfForest & { thing: number }) {
  const { row, forest, thing, rootGlyph } = props
  const { picture } = forest
  const place = placeAt(forest, thing)
  return (
    <>
      {row.hasChildren && <Turn {...props} />}
      {thing === ROOT ? (
        <Glyph name={rootGlyph} />
      ) : (
        <StateGlyph state={forest.worst[thing]} hasEnded={row.branch.hasEnded} />
      )}
      <code className="ell" title={picture.things.id[thing] ?? ''}>
        {nameOf(picture, thing)}
      </code>
      {isParentInferred(picture, thing) && <Guess />}
      <span className={`${style.what} ell`}>{whatIs(picture, thing)}</span>
      {place && (
        <span className={style.place} title={place.path}>
          {place.short}
        </span>
      )}
    </>
  )
}

const Guess = () => (
  <span className={style.guess} title={PARENT_GUESSED}>
    ≈<span className="sr"> parent inferred</span>
  </span>
)

/** A child run: its rows open below it, its page is a click away. */
function Child(props: RowProps & { child: ChildRun }) {
  const { item } = props.child
  return (
    <>
      {isHere(item.id) && <Turn {...props} />}
      <StatusGlyph status={item.status} presumed={item.presumed} />
      <code className="ell" title={item.id}>
        {titleOf(item)}
      </code>
      <span className={style.place}>run</span>
      <span className={`${style.what} ell`}>{item.query}</span>
      {!isHere(item.id) && <span className="c-3">not in this file</span>}
      {isHere(item.id) && (
        <Link
          to="/rlm/runs/$id"
          params={{ id: item.id }}
          className={style.open}
          aria-label={`The page of ${titleOf(item)}`}
          title="Its page"
          onClick={(event) => event.stopPropagation()}
        >
          <ArrowUpRight size={13} aria-hidden="true" />
        </Link>
      )}
    </>
  )
}

function StateGlyph({ state, hasEnded }: { state: number; hasEnded: boolean }) {
  if (hasEnded && state === RUNNING) return <Glyph name="interrupted" label="interrupted" />
  const isLeft = hasEnded && state === SUBMITTED
  return <Glyph name={GLYPHS[state]} label={isLeft ? 'never asked' : WORDS[state]} />
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

interface Many extends OfForest {
  things: readonly number[]
}

const OfThings = (props: Many) => (
  <>
    <Gantt {...props} />
    <Numbers {...props} />
  </>
)

/** When, on the clock of the page's run; nothing where that cannot be told. */
function Gantt({ forest, things, now_us, last_us, row }: Many) {
  const { offset_us, hasEnded } = row.branch
  let start = Number.POSITIVE_INFINITY
  let end = Number.NEGATIVE_INFINITY
  for (const thing of things) {
    const ended = forest.end_us[thing]
    start = Math.min(start, offset_us + forest.start_us[thing])
    end = Math.max(end, Number.isNaN(ended) ? openEnd(row, now_us) : offset_us + ended)
  }
  const span = Math.max(1, last_us)
  const isKnown = Number.isFinite(start) && start <= last_us
  const worst = things.length === 1 ? forest.worst[things[0]] : worstOf(forest, things)
  const isRoot = things[0] === ROOT
  return (
    <div role="gridcell" className={style.when} aria-hidden="true">
      {isKnown && (
        <i
          className={`${style.bar} ${style[`bar${worst}`]} ${isRoot ? (hasEnded ? style.barWhole : style.barRoot) : ''} ${hasEnded && worst === RUNNING ? style.broken : ''}`}
          style={{
            left: `${(Math.max(0, start) / span) * 100}%`,
            width: `${(Math.max(0, Math.min(end, last_us) - Math.max(0, start)) / span) * 100}%`,
          }}
        />
      )}
    </div>
  )
}

/** What is open ends now; in a run that has ended, with the run. */
function openEnd({ branch }: TreeRow, now_us: number): number {
  const { run } = branch.forest.picture
  return branch.run !== null && branch.hasEnded
    ? branch.offset_us + (run.ended_us ?? run.last_us ?? 0)
    : now_us
}

function Numbers({ forest, things, now_us, row }: Many) {
  const sum = (column: Float64Array) =>
    known(
      things.reduce(
        (total, thing) =>
          Number.isNaN(column[thing]) ? total : (Number.isNaN(total) ? 0 : total) + column[thing],
        Number.NaN,
      ),
    )
  const count = (column: Int32Array) => things.reduce((total, thing) => total + column[thing], 0)
  const one = things[0]
  const ended = forest.end_us[one]
  const end = Number.isNaN(ended) ? openEnd(row, now_us) - row.branch.offset_us : ended
  const took = row.kind === 'more' ? null : known(end - forest.start_us[one])
  const asked = things.some((thing) => forest.size[thing] > 0)
  return (
    <Cells
      ms={took === null ? null : took / 1000}
      cost={costAt(forest, things)}
      unknown={count(forest.unknown)}
      tokens={{
        value: sum(forest.tokens),
        unknown: count(forest.untold),
        estimated: count(forest.estimated),
      }}
      spans={sum(forest.spans) ?? (asked ? <None /> : '')}
    />
  )
}

function OfChild({ child, now_us, last_us }: RowProps & { child: ChildRun }) {
  const { item } = child
  const end = childEnd(child, now_us)
  const took = end - child.offset_us
  return (
    <>
      <ChildBar child={child} now_us={now_us} last_us={last_us} />
      <Cells
        ms={item.status === 'running' && !Number.isNaN(took) ? took / 1000 : item.duration_ms}
        cost={costOf(item)}
        unknown={item.unknown_cost}
        tokens={{
          value: item.tokens_used,
          unknown: item.unknown_usage,
          estimated: item.estimated_usage,
        }}
        spans={item.citations ?? <None />}
      />
    </>
  )
}

interface CellsProps {
  ms: number | null
  cost: Cost
  unknown: number
  tokens: { value: number | null; unknown: number; estimated: number }
  spans: React.ReactNode
}

function Cells({ ms, cost, unknown, tokens, spans }: CellsProps) {
  const cell = (content: React.ReactNode, wide = false) => (
    <span role="gridcell" className={`${style.number} ${wide ? style.wide : ''}`}>
      {content}
    </span>
  )
  return (
    <>
      {cell(ms === null ? <None /> : <Duration ms={ms} />)}
      {cell(
        cost.msat === null && cost.nanos === null && unknown === 0 ? (
          <None />
        ) : (
          <Money {...cost} unknown={unknown} bare />
        ),
      )}
      {cell(
        tokens.value === null && tokens.unknown === 0 ? <None /> : <Tokens {...tokens} />,
        true,
      )}
      {cell(spans, true)}
    </>
  )
}

const None = () => <span className="c-3">–</span>
const known = (value: number): number | null => (Number.isNaN(value) ? null : value)
