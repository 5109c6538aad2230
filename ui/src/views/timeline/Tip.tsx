import { Fragment } from 'react'
import type { Size } from '../../parts/canvas'
import { Duration, Money } from '../../parts/Quantity'
import type { Picture } from '../../trace/picture'
import { SIMULATED } from '../../trace/picture.gen'
import { barLabel, barName } from './barName'
import {
  type BarKind,
  barStart,
  childOf,
  isAttempt,
  isChild,
  isInferred,
  isStartKnown,
  kindOf,
  LOOK_WORDS,
  LOOKS,
  lookOf,
  nodeOf,
  whoOf,
} from './bars'
import style from './FanoutTimeline.module.css'
import { endBy, hasBegun, type Moment } from './moment'

interface Props {
  moment: Moment
  bar: number
  x: number
  y: number
  size: Size
}

const WIDTH_PX = 244
const HEIGHT_PX = 168

/** What is known of the bar that the pointer is on. */
export function Tip({ moment, bar, x, y, size }: Props) {
  const isThere = hasBegun(moment, bar)
  const look = isThere ? LOOKS[lookOf(moment, bar, moment.now_us, moment.hasEnded)] : 'later'
  const facts = isThere ? [...factsOf(moment, bar), guessed(moment, bar)] : []
  const left = x + 14 + WIDTH_PX > size.width ? x - WIDTH_PX - 10 : x + 14
  const top = Math.max(4, Math.min(y + 14, size.height - HEIGHT_PX))
  return (
    <div className={style.tip} style={{ left, top, width: WIDTH_PX }}>
      <div className={style.tipHead}>
        <code className="ell">{barName(moment, bar)}</code>
        <span className={style[`look-${look}`] ?? 'c-2'}>{LOOK_WORDS[look]}</span>
      </div>
      <dl>
        {facts.map(([name, fact]) =>
          fact === null ? null : (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd className="ell">{fact}</dd>
            </Fragment>
          ),
        )}
      </dl>
    </div>
  )
}

type Fact = [string, React.ReactNode]

const guessed = (moment: Moment, bar: number): Fact => [
  'Times',
  isInferred(moment, bar) ? 'inferred, not measured' : null,
]

function factsOf(moment: Moment, bar: number): Fact[] {
  if (isAttempt(bar)) return attemptFacts(moment, bar)
  if (isChild(bar)) return childFacts(moment, bar)
  return nodeFacts(moment, bar)
}

function childFacts(moment: Moment, bar: number): Fact[] {
  const { clocks } = moment.children[childOf(bar)]
  return [
    ['What', KINDS.run],
    ...times(moment, bar),
    ['Clocks', clocks && <span title={clocks}>two, which may disagree</span>],
  ]
}

function times(moment: Moment, bar: number): [Fact, Fact] {
  const start = isStartKnown(moment, bar) ? barStart(moment, bar) : Number.NaN
  const ended = endBy(moment, bar)
  const took = (Number.isNaN(ended) ? moment.now_us : ended) - start
  return [
    ['Started', <Duration key="started" ms={orNull(start / 1000)} />],
    ['Took', <Duration key="took" ms={orNull(took / 1000)} />],
  ]
}

function attemptFacts(moment: Moment, row: number): Fact[] {
  const { picture } = moment
  const { attempts } = picture
  const isOpen = Number.isNaN(attempts.ended_us[row])
  return [
    ['Provider', whereOf(picture, row)],
    ['Which', whichOf(picture, row)],
    ['Fragment', fragmentOf(picture, row)],
    ...times(moment, row),
    [
      'Cost',
      isOpen ? (
        'open'
      ) : (
        <Money
          key="cost"
          msat={orNull(attempts.cost_msat[row])}
          nanos={orNull(attempts.cost_usd_nanos[row])}
        />
      ),
    ],
    ['Evidence', orNull(attempts.span_refs[row]) ?? '–'],
    ['Why', reasonOf(picture, attempts.reason[row])],
  ]
}

const KINDS: Record<BarKind, string> = {
  attempt: 'attempt',
  cell: 'code cell',
  rlm: 'child RLM',
  run: 'child run',
  tool: 'tool',
  turn: 'turn',
}

function nodeFacts(moment: Moment, bar: number): Fact[] {
  const { picture } = moment
  const { nodes } = picture
  const row = nodeOf(bar)
  const kind = kindOf(picture, bar)
  return [
    ['What', KINDS[kind]],
    ['Turn', kind === 'turn' ? turnOf(picture, row) : null],
    ['Tool', kind === 'tool' ? nodes.label[row] : null],
    ['Model', kind === 'rlm' ? nodes.label[row] : null],
    ['Code', kind === 'cell' ? barLabel(moment, bar) : null],
    ...times(moment, bar),
    ['Why', reasonOf(picture, nodes.reason[row])],
    ['Error', nodes.error[row] || null],
  ]
}

function turnOf({ nodes }: Picture, row: number): string {
  const most = nodes.max_n[row]
  return Number.isNaN(most) ? String(nodes.n[row]) : `${nodes.n[row]} of ${most}`
}

const reasonOf = ({ names }: Picture, reason: number): string | null =>
  reason < 0 ? null : names.reason.all[reason]

function whereOf(picture: Picture, row: number): string {
  const { attempts, names } = picture
  const provider = whoOf(picture, row) ?? 'unknown'
  const venue = names.venue.all[attempts.venue[row]]
  const isSimulated = (attempts.flags[row] & SIMULATED) !== 0
  return [provider, venue, isSimulated && 'simulated'].filter(Boolean).join(' · ')
}

function whichOf({ attempts }: Picture, row: number): string | null {
  const parts = [
    attempts.replica[row] > 0 && `replica ${attempts.replica[row]}`,
    attempts.attempt[row] > 0 && `attempt ${attempts.attempt[row] + 1}`,
  ]
  return parts.filter(Boolean).join(', ') || null
}

function fragmentOf({ attempts, queries, fragments }: Picture, row: number): string | null {
  const fragment = queries.fragment[attempts.query[row]]
  return fragment < 0 ? null : fragments.id[fragment]
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value)
