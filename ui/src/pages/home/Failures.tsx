import { Link } from '@tanstack/react-router'
import type { FailureCount, Overview } from '../../live/shapes.gen'
import { Frame } from '../../parts/Frame'
import { Glyph, type GlyphName } from '../../parts/Glyph'
import { whole } from '../../parts/numbers'
import { Pending } from '../../parts/Pending'
import { Empty } from '../../parts/Trouble'
import { ago } from '../../parts/times'
import style from './Failures.module.css'

const MOST = 7

interface Props {
  overview: Overview | undefined
  why: Error | null
  now_ms: number
}

/** Errors by class, the most frequent first, and where the last of each was. */
export function Failures({ overview, why, now_ms }: Props) {
  const failures = overview?.failures ?? []
  const attempts = failures.reduce((sum, failure) => sum + failure.attempts, 0)
  const runs = failures.reduce(
    (sum, failure) => sum + (failure.status === 'run' ? failure.runs : 0),
    0,
  )
  const most = Math.max(...failures.map(countOf), 1)
  return (
    <Frame
      title="What failed, and why"
      note={
        overview && `${whole(attempts)} attempts, and ${whole(runs)} ${runs === 1 ? 'run' : 'runs'}`
      }
    >
      {!overview ? (
        <Pending why={why} />
      ) : failures.length === 0 ? (
        <Empty title="Nothing failed in this time." />
      ) : (
        <table className={style.table}>
          <thead>
            <tr className="lbl">
              <th>Error</th>
              <th>Count</th>
              <th>Most often</th>
              <th>Where</th>
              <th>Last</th>
            </tr>
          </thead>
          <tbody>
            {failures.slice(0, MOST).map((failure) => (
              <Row
                key={failure.error + failure.status}
                failure={failure}
                most={most}
                now_ms={now_ms}
              />
            ))}
          </tbody>
        </table>
      )}
    </Frame>
  )
}

const countOf = (failure: FailureCount): number => failure.attempts || failure.runs
const isSlow = (failure: FailureCount): boolean =>
  failure.status === 'timeout' || failure.error === 'timeout'

function Row({ failure, most, now_ms }: { failure: FailureCount; most: number; now_ms: number }) {
  const glyph: GlyphName =
    failure.error === 'interrupted' ? 'interrupted' : isSlow(failure) ? 'slow' : 'fail'
  return (
    <tr>
      <td>
        <Link
          to="/rlm/runs/$id"
          params={{ id: failure.last_run }}
          search={failure.last_query ? { sel: failure.last_query } : {}}
          className={style.error}
        >
          <Glyph name={glyph} />
          <code className="ell">{failure.error}</code>
        </Link>
      </td>
      <td>
        <span className={style.count}>
          <span className="num">{whole(countOf(failure))}</span>
          <i
            className={
              failure.status === 'run' ? style.ofRuns : isSlow(failure) ? 'hatch' : style.notched
            }
            style={{ width: `${Math.max(5, (countOf(failure) / most) * 64)}px` }}
          />
        </span>
      </td>
      <td>
        <span className="ell" title={failure.message ?? ''}>
          {failure.message ?? (failure.status === 'run' ? 'the process ended without a word' : '')}
        </span>
      </td>
      <td>
        <span className="ell">
          {failure.status === 'run'
            ? `${whole(failure.runs)} ${failure.runs === 1 ? 'run' : 'runs'} ended`
            : failure.providers.join(', ')}
        </span>
      </td>
      <td className="num">{ago(failure.last_at_ms, now_ms)}</td>
    </tr>
  )
}
