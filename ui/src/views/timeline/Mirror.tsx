import { memo, useEffect, useState } from 'react'
import { duration, spoken } from '../../parts/numbers'
import type { Chosen } from '../chosen'
import { isParentInferred } from '../tree/guessed'
import { barLabel, barName } from './barName'
import {
  barStart,
  chosenOf,
  type Drawn,
  FIRST_CHILD,
  FIRST_NODE,
  isAttempt,
  isInferred,
  isStartKnown,
  kindOf,
  LOOK_WORDS,
  LOOKS,
  lookOf,
  whoOf,
} from './bars'
import style from './FanoutTimeline.module.css'
import { endBy, hasBegun, type Moment, toldIn } from './moment'

const NEWEST = 50
const EVERY_MS = 5000

interface Props {
  source: () => Moment
  onSelect: (pick: Chosen) => void
  visible?: boolean
}

/**
 * The newest bars as tables: for those who do not see them, and those who prefer words. Written
 * anew by its own clock, not with each figure beside it.
 */
export const Mirror = memo(function Mirror({ source, onSelect, visible = false }: Props) {
  const [, again] = useState(0)
  useEffect(() => {
    const timer = setInterval(
      () => source().isLive && again((n) => n + 1),
      visible ? 500 : EVERY_MS,
    )
    return () => clearInterval(timer)
  }, [source, visible])
  const moment = toldIn(source())
  const { attempts, nodes } = moment.picture
  const asked = begun(moment, attempts.rows, 0)
  const runs = begun(moment, moment.children.length, FIRST_CHILD)
  const calls = begun(moment, nodes.rows, FIRST_NODE)
  const own = [...runs.newest, ...calls.newest].slice(0, NEWEST)
  const select = visible ? onSelect : null
  return (
    <div className={visible ? style.mirror : undefined}>
      <Bars
        moment={moment}
        bars={asked.newest}
        caption={captionOf(asked.all, 'attempts')}
        titles={['Sub-query', 'Provider']}
        onSelect={select}
      />
      {own.length > 0 && (
        <Bars
          moment={moment}
          bars={own}
          caption={captionOf(calls.all + runs.all, 'turns, cells, tools and children')}
          titles={['Call', 'What']}
          onSelect={select}
        />
      )}
    </div>
  )
})

const captionOf = (all: number, what: string): string =>
  `The newest ${Math.min(NEWEST, all)} of ${all} ${what}`

interface BarsProps {
  moment: Moment
  bars: readonly number[]
  caption: string
  titles: readonly [string, string]
  onSelect: ((pick: Chosen) => void) | null
}

function Bars({ moment, bars, caption, titles, onSelect }: BarsProps) {
  return (
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          {[...titles, 'State', 'Started', 'Took'].map((title) => (
            <th key={title}>{title}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {bars.map((bar) => (
          <Row key={bar} moment={moment} bar={bar} onSelect={onSelect} />
        ))}
      </tbody>
    </table>
  )
}

function Row({
  moment,
  bar,
  onSelect,
}: {
  moment: Moment
  bar: number
  onSelect: BarsProps['onSelect']
}) {
  const start = barStart(moment, bar)
  const ended = endBy(moment, bar)
  const name = barName(moment, bar)
  return (
    <tr>
      <td>
        {onSelect ? (
          <button type="button" className="lnk" onClick={() => onSelect(chosenOf(moment, bar))}>
            {name}
          </button>
        ) : (
          name
        )}
      </td>
      <td>{whatOf(moment, bar)}</td>
      <td>{LOOK_WORDS[LOOKS[lookOf(moment, bar, moment.now_us, moment.hasEnded)]]}</td>
      <td>{startSaid(moment, bar)}</td>
      <td>{Number.isNaN(ended) ? 'open' : spoken(duration((ended - start) / 1000))}</td>
    </tr>
  )
}

function startSaid(moment: Moment, bar: number): string {
  if (!isStartKnown(moment, bar)) return 'unknown'
  const start = barStart(moment, bar)
  if (Number.isNaN(start)) return 'not yet'
  const said = spoken(duration(start / 1000))
  return isInferred(moment, bar) ? `≈ ${said}, inferred` : said
}

/** Who was asked; of everything else what it is. */
function whatOf(drawn: Drawn, bar: number): string {
  if (isAttempt(bar)) return `${whoOf(drawn.picture, bar) ?? 'unknown'}${belowOf(drawn, bar)}`
  const kind = kindOf(drawn.picture, bar)
  if (kind === 'run') return 'child run'
  return kind === 'rlm' ? 'child RLM' : `${kind}: ${barLabel(drawn, bar)}`
}

/** On what its sub-query hangs, where that is a guess. */
function belowOf({ picture }: Drawn, bar: number): string {
  const { attempts, queries, things } = picture
  const query = attempts.query[bar]
  if (!isParentInferred(picture, queries.thing[query])) return ''
  return `, below ≈ ${things.id[queries.parent[query]]} (inferred)`
}

/** Bars that began, the newest of them first, and how many there are. */
function begun(moment: Moment, rows: number, first: number): { newest: number[]; all: number } {
  const newest: number[] = []
  let all = 0
  for (let bar = first + rows - 1; bar >= first; bar -= 1) {
    if (!hasBegun(moment, bar)) continue
    all += 1
    if (newest.length < NEWEST) newest.push(bar)
    else if (!moment.isReplay) return { newest, all: rows }
  }
  return { newest, all }
}
