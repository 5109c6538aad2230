import { Fragment } from 'react'
import { Frame } from '../parts/Frame'
import { Glyph, type GlyphName } from '../parts/Glyph'
import { whole } from '../parts/numbers'
import type { Totals } from '../trace/totals'
import style from './gauges.module.css'

interface Props {
  totals: Totals
  planned: number
  /** The share that must succeed; null where best effort is enough. */
  threshold: number | null
  hasEnded: boolean
}

const STEPS = 54
const RADIUS = 42
const FROM_DEGREES = -225
const SWEEP_DEGREES = 270

/** How many answers came, and how many must, where a quorum is asked. */
export function Quorum(props: Props) {
  const { totals, planned, threshold, hasEnded } = props
  const of = Math.max(1, planned)
  const { returned, timed_out, failed, running } = totals
  const shares = [returned, timed_out, failed, hasEnded ? 0 : running].map((n) => n / of)
  const must = threshold === null ? '' : `, threshold ${Math.round(threshold * 100)} percent`
  return (
    <Frame title={threshold === null ? 'Answers' : 'Quorum'} actions={<Standing {...props} />}>
      <div className={style.quorum}>
        <svg
          viewBox="0 0 128 92"
          role="img"
          aria-label={`${returned} of ${planned} collected${must}`}
        >
          <Dial shares={shares} />
          {threshold !== null && <Threshold share={threshold} />}
          <text x="58" y="55" textAnchor="middle" className={style.dialFigure}>
            {Math.floor((returned / of) * 100)}%
          </text>
          <text x="58" y="70" textAnchor="middle" className={style.dialWord}>
            collected
          </text>
        </svg>
        <dl>
          {countsOf(props).map(([glyph, words, count]) => (
            <Fragment key={words}>
              <dt>
                <Glyph name={glyph} />
                {words}
              </dt>
              <dd>{whole(count)}</dd>
            </Fragment>
          ))}
        </dl>
      </div>
    </Frame>
  )
}

function countsOf({ totals, hasEnded }: Props): [GlyphName, string, number][] {
  const { sub_queries, returned, running, timed_out, failed, cancelled } = totals
  const waiting = sub_queries - returned - running - timed_out - failed - cancelled
  const counts: [GlyphName, string, number][] = [
    ['ok', 'Collected', returned],
    [hasEnded && running ? 'interrupted' : 'run', hasEnded ? 'Left open' : 'In flight', running],
    ['slow', 'Timed out', timed_out],
    ['fail', 'Failed', failed],
  ]
  if (cancelled > 0) counts.push(['idle', 'Cancelled', cancelled])
  if (waiting > 0) counts.push(['queued', hasEnded ? 'Never asked' : 'Waiting', waiting])
  return counts
}

function Standing({ totals, planned, threshold, hasEnded }: Props) {
  if (threshold === null) return <span>best effort</span>
  const need = Math.ceil(planned * threshold - 1e-9) - totals.returned
  const percent = Math.round(threshold * 100)
  if (need <= 0)
    return (
      <span className={style.reached}>
        <Glyph name="ok" />
        {percent}% reached
      </span>
    )
  return (
    <span className="num c-2">
      {hasEnded
        ? `${whole(need)} short of ${percent}%`
        : `${whole(need)} more to reach ${percent}%`}
    </span>
  )
}

const COLOURS = ['var(--ok-1)', 'var(--slow)', 'var(--fail)', 'var(--run)']

function Dial({ shares }: { shares: readonly number[] }) {
  const sums = shares.map((_, n) => shares.slice(0, n + 1).reduce((sum, part) => sum + part, 0))
  return Array.from({ length: STEPS }, (_, n) => {
    const share = (n + 0.5) / STEPS
    const kind = sums.findIndex((sum) => share < sum)
    const [x1, y1] = at(share, RADIUS - 7)
    const [x2, y2] = at(share, RADIUS + 1)
    return (
      <line
        key={n}
        x1={x1}
        y1={y1}
        x2={x2}
        y2={y2}
        stroke={COLOURS[kind] ?? 'var(--line-2)'}
        strokeWidth={2.6}
      />
    )
  })
}

function Threshold({ share }: { share: number }) {
  const [x1, y1] = at(share, RADIUS - 11)
  const [x2, y2] = at(share, RADIUS + 7)
  const [x, y] = at(share, RADIUS + 10)
  return (
    <>
      <line x1={x1} y1={y1} x2={x2} y2={y2} stroke="var(--text)" strokeWidth={1.5} />
      <text x={x} y={y} className={style.dialMark} textAnchor={x < 40 ? 'end' : 'start'}>
        {Math.round(share * 100)}
      </text>
    </>
  )
}

function at(share: number, radius: number): [number, number] {
  const angle = ((FROM_DEGREES + SWEEP_DEGREES * share) * Math.PI) / 180
  return [58 + radius * Math.cos(angle), 52 + radius * Math.sin(angle)]
}
