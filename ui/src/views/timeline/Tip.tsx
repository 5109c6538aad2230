import type { Size } from '../../parts/canvas'
import { Duration, Sats } from '../../parts/Quantity'
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
  const { attempts, queries, things, names, fragments } = picture
  const query = attempts.query[row]
  const look = LOOKS[lookOf(picture, row, now_us, hasEnded)]
  const start = startOf(picture, row)
  const ended = attempts.ended_us[row]
  const provider = names.provider.all[attempts.provider[row]]
  const venue = names.venue.all[attempts.venue[row]]
  const fragment = queries.fragment[query] < 0 ? null : fragments.id[queries.fragment[query]]
  const nth = [
    attempts.replica[row] > 0 && `replica ${attempts.replica[row]}`,
    attempts.attempt[row] > 0 && `attempt ${attempts.attempt[row] + 1}`,
  ]
    .filter(Boolean)
    .join(', ')
  const left = x + 14 + WIDTH_PX > size.width ? x - WIDTH_PX - 10 : x + 14
  const top = Math.max(4, Math.min(y + 14, size.height - HEIGHT_PX))
  return (
    <div className={style.tip} style={{ left, top, width: WIDTH_PX }}>
      <div className={style.tipHead}>
        <code className="ell">{things.id[queries.thing[query]]}</code>
        <span className={style[`look-${look}`] ?? 'c-2'}>{LOOK_WORDS[look]}</span>
      </div>
      <dl>
        <dt>Provider</dt>
        <dd className="ell">
          {provider ?? 'unknown'}
          {venue && ` · ${venue}`}
          {(attempts.flags[row] & SIMULATED) !== 0 && ' · simulated'}
        </dd>
        {nth && (
          <>
            <dt>Which</dt>
            <dd>{nth}</dd>
          </>
        )}
        {fragment && (
          <>
            <dt>Fragment</dt>
            <dd className="ell">{fragment}</dd>
          </>
        )}
        <dt>Started</dt>
        <dd>
          <Duration ms={start / 1000} />
        </dd>
        <dt>Took</dt>
        <dd>
          <Duration ms={(Number.isNaN(ended) ? now_us : ended) / 1000 - start / 1000} />
        </dd>
        <dt>Cost</dt>
        <dd>
          {Number.isNaN(ended) ? (
            <span className="c-3">open</span>
          ) : (
            <Sats value={orNull(attempts.cost_msat[row])} />
          )}
        </dd>
        <dt>Evidence</dt>
        <dd>{orNull(attempts.span_refs[row]) ?? '–'}</dd>
        {attempts.reason[row] >= 0 && (
          <>
            <dt>Why</dt>
            <dd className="ell">{names.reason.all[attempts.reason[row]]}</dd>
          </>
        )}
      </dl>
    </div>
  )
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value)
