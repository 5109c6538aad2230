import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { useCallback } from 'react'
import { providerQuestion } from '../../live/queries'
import type { ProviderAttempt, ProviderItem, ProviderWhole } from '../../live/shapes.gen'
import type { Ink, Size } from '../../parts/canvas'
import { Frame } from '../../parts/Frame'
import { Glyph } from '../../parts/Glyph'
import { Loading } from '../../parts/Loading'
import { percent, whole } from '../../parts/numbers'
import { Picture } from '../../parts/Picture'
import { Duration, Figure, Sats } from '../../parts/Quantity'
import { Trouble } from '../../parts/Trouble'
import { when } from '../../parts/times'
import { paintLatencyOverTime } from '../../views/latencyOverTime'
import type { ProvidersSearch } from '../router'
import style from './OneProvider.module.css'

interface Props {
  name: string
  since: string | undefined
  search: ProvidersSearch
  onClose: () => void
}

/** One provider: its latency over time, its errors, its slowest and its failures. */
export function OneProvider({ name, since, search, onClose }: Props) {
  const { data, error, refetch } = useQuery({
    ...providerQuestion(name, { since, model: search.model, venue: search.venue, limit: 12 }),
    placeholderData: (before) => before,
  })
  const row = data?.items[0]
  return (
    <Frame
      title={<code className={style.name}>{name}</code>}
      label={name}
      note={
        row &&
        [row.venues.join(', '), row.models.join(', '), row.simulated && 'simulated']
          .filter(Boolean)
          .join(' · ')
      }
      className={style.frame}
      actions={
        <>
          <kbd>J</kbd>
          <kbd>K</kbd>
          <button type="button" aria-label="Close" title="Esc" onClick={onClose}>
            <X size={14} />
          </button>
        </>
      }
    >
      {error && !data ? (
        <Trouble
          title="The provider cannot be shown"
          detail={error.message}
          onRetry={() => refetch()}
        />
      ) : !data || !row ? (
        <Loading rows={6} />
      ) : (
        <Whole data={data} row={row} />
      )}
    </Frame>
  )
}

function Whole({ data, row }: { data: ProviderWhole; row: ProviderItem }) {
  const paint = useCallback(
    (pen: CanvasRenderingContext2D, size: Size, ink: Ink) =>
      paintLatencyOverTime(pen, size, ink, row.hours),
    [row],
  )
  const bad = data.errors.reduce((sum, error) => sum + error.attempts, 0)
  const most = Math.max(...data.errors.map((error) => error.attempts), 1)
  return (
    <div className={style.whole}>
      <dl className={style.figures}>
        <div>
          <dt className="lbl">p50</dt>
          <dd>
            <Duration ms={row.p50_ms} />
          </dd>
        </div>
        <div>
          <dt className="lbl">p99</dt>
          <dd>
            <Duration ms={row.p99_ms} />
          </dd>
        </div>
        <div>
          <dt className="lbl">Success</dt>
          <dd>{row.success_rate === null ? '–' : <Figure said={percent(row.success_rate)} />}</dd>
        </div>
        <div>
          <dt className="lbl">Spend</dt>
          <dd>
            <Sats value={row.cost_msat} unknown={row.unknown_cost} />
          </dd>
        </div>
      </dl>
      <h3>
        <span className="lbl">Latency over time</span>
        <span>p50 line · band to p99</span>
      </h3>
      <Picture
        paint={paint}
        className={style.plot}
        label={`Latency over time: median ${row.p50_ms} ms, p99 ${row.p99_ms} ms`}
      />
      <h3>
        <span className="lbl">Errors by class</span>
        <span>
          {whole(bad)} of {whole(row.attempts)} attempts
          {row.attempts > 0 && ` · ${percent(bad / row.attempts).figure} %`}
        </span>
      </h3>
      {data.errors.length === 0 && <p className={style.none}>None in this time.</p>}
      <ul>
        {data.errors.map((error) => (
          <li key={`${error.error} ${error.status}`} className={style.error}>
            <span className="ell">{error.error}</span>
            <i
              className={error.status === 'timeout' ? 'hatch' : style.notched}
              style={{ width: `${(error.attempts / most) * 100}%` }}
            />
            <span className="num">{whole(error.attempts)}</span>
            <span className="num c-3">{percent(error.attempts / Math.max(1, bad)).figure} %</span>
          </li>
        ))}
      </ul>
      <h3>
        <span className="lbl">Failed</span>
        <span>newest first</span>
      </h3>
      <Attempts attempts={data.failures} empty="None failed." />
      <h3>
        <span className="lbl">Slowest</span>
      </h3>
      <Attempts attempts={data.slowest} empty="None returned." />
    </div>
  )
}

function Attempts({ attempts, empty }: { attempts: readonly ProviderAttempt[]; empty: string }) {
  if (attempts.length === 0) return <p className={style.none}>{empty}</p>
  const now_ms = Date.now()
  return (
    <ul>
      {attempts.map((attempt) => (
        <li key={`${attempt.run_id} ${attempt.query_id} ${attempt.replica} ${attempt.attempt}`}>
          <Link
            to="/rlm/runs/$id"
            params={{ id: attempt.run_id }}
            search={{ sel: attempt.query_id }}
            className={style.attempt}
          >
            <Glyph
              name={
                attempt.status === 'returned'
                  ? 'ok'
                  : attempt.status === 'timeout'
                    ? 'slow'
                    : 'fail'
              }
              label={attempt.status}
            />
            <code className="ell">{attempt.query_id}</code>
            <span className="ell c-2">
              {attempt.run_name ?? attempt.run_id} · {attempt.error ?? attempt.status}
            </span>
            <span className="num">
              <Duration ms={attempt.duration_ms} />
            </span>
            <span className="num c-3">{when(attempt.ended_at_ms, now_ms)}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}
