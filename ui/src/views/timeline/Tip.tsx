import { Fragment } from 'react'
import type { Size } from '../../parts/canvas'
import { Duration, Sats } from '../../parts/Quantity'
import type { Picture } from '../../trace/picture'
import { SIMULATED } from '../../trace/picture.gen'
import { LOOK_WORDS, LOOKS, lookOf, startOf } from './bars'
import type { Moment } from './engine'
import style from './FanoutTimeline.module.css'

interface Props {
  moment: Moment
  row: number
  x: number
  y: number
  size: Size
}

const WIDTH_PX = 244
const HEIGHT_PX = 168

/** What is known of the attempt that the pointer is on. */
export function Tip({ moment, row, x, y, size }: Props) {
  const { picture, now_us, hasEnded } = moment
  const { attempts, queries, things } = picture
  const look = LOOKS[lookOf(picture, row, now_us, hasEnded)]
  const left = x + 14 + WIDTH_PX > size.width ? x - WIDTH_PX - 10 : x + 14
  const top = Math.max(4, Math.min(y + 14, size.height - HEIGHT_PX))
  return (
    <div className={style.tip} style={{ left, top, width: WIDTH_PX }}>
      <div className={style.tipHead}>
        <code className="ell">{things.id[queries.thing[attempts.query[row]]]}</code>
        <span className={style[`look-${look}`] ?? 'c-2'}>{LOOK_WORDS[look]}</span>
      </div>
      <dl>
        {factsOf(moment, row).map(([name, fact]) =>
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

function factsOf({ picture, now_us }: Moment, row: number): [string, React.ReactNode][] {
  const { attempts, names } = picture
  const start = startOf(picture, row)
  const ended = attempts.ended_us[row]
  const isOpen = Number.isNaN(ended)
  const reason = attempts.reason[row]
  return [
    ['Provider', whoOf(picture, row)],
    ['Which', whichOf(picture, row)],
    ['Fragment', fragmentOf(picture, row)],
    ['Started', <Duration key="started" ms={start / 1000} />],
    ['Took', <Duration key="took" ms={((isOpen ? now_us : ended) - start) / 1000} />],
    ['Cost', isOpen ? 'open' : <Sats key="cost" value={orNull(attempts.cost_msat[row])} />],
    ['Evidence', orNull(attempts.span_refs[row]) ?? '–'],
    ['Why', reason < 0 ? null : names.reason.all[reason]],
  ]
}

function whoOf({ attempts, names }: Picture, row: number): string {
  const provider = names.provider.all[attempts.provider[row]] ?? 'unknown'
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
