import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { useCallback } from 'react'
import { boardNow_ms } from '../../live/boardClock'
import { providerQuestion } from '../../live/queries'
import type {
  ErrorCount,
  ProviderAttempt,
  ProviderItem,
  ProviderWhole,
} from '../../live/shapes.gen'
import type { Ink, Size } from '../../parts/canvas'
import { Frame } from '../../parts/Frame'
import { Glyph } from '../../parts/Glyph'
import { Loading } from '../../parts/Loading'
import { percent, whole } from '../../parts/numbers'
import { Picture } from '../../parts/Picture'
import { Duration, Figure } from '../../parts/Quantity'
import { Trouble } from '../../parts/Trouble'
import { when } from '../../parts/times'
import { paintLatencyOverTime } from '../../views/latencyOverTime'
import { RunCost } from '../../views/RunCost'
import style from './OneProvider.module.css'
import type { ProvidersSearch } from './search'

interface Props {
  name: string
  since: string | undefined
  search: ProvidersSearch
  onClose: () => void
}

/** One provider: its latency over time, its errors, its slowest and its failures. */
export function OneProvider({ name, since, search, onClose }: Props) {
  const { model, venue } = search
  const asked = providerQuestion(name, { since, model, venue, limit: 12 })
  const { data, error, refetch } = useQuery({
    ...asked,
    // Of this provider until its next answer; of no other under this one's name.
    placeholderData: (before, last) =>
      last?.queryKey[1] === asked.queryKey[1] ? before : undefined,
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
  const share = row.attempts > 0 ? ` · ${percent(bad / row.attempts).figure} %` : ''
  return (
    <div className={style.whole}>
      <Figures row={row} />
      <Title name="Latency over time" note="p50 line · band to p99" />
      <Picture
        paint={paint}
        className={style.plot}
        label={`Latency over time: median ${row.p50_ms} ms, p99 ${row.p99_ms} ms`}
      />
      <Title
        name="Errors by class"
        note={`${whole(bad)} of ${whole(row.attempts)} attempts${share}`}
      />
      <Errors errors={data.errors} bad={bad} />
      <Title name="Failed" note="newest first" />
      <Attempts attempts={data.failures} empty="None failed." />
      <Title name="Slowest" />
      <Attempts attempts={data.slowest} empty="None returned." />
    </div>
  )
}

function Title({ name, note }: { name: string; note?: string }) {
  return (
    <h3>
      <span className="lbl">{name}</span>
      {note && <span>{note}</span>}
    </h3>
  )
}

function Figures({ row }: { row: ProviderItem }) {
  const { p50_ms, p99_ms, success_rate } = row
  const figures = [
    ['p50', <Duration key="p50" ms={p50_ms} />],
    ['p99', <Duration key="p99" ms={p99_ms} />],
    ['Success', success_rate === null ? '–' : <Figure key="ok" said={percent(success_rate)} />],
    ['Spend', <RunCost key="spend" run={row} />],
  ] as const
  return (
    <dl className={style.figures}>
      {figures.map(([name, figure]) => (
        <div key={name}>
          <dt className="lbl">{name}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  )
}

function Errors({ errors, bad }: { errors: readonly ErrorCount[]; bad: number }) {
  if (errors.length === 0) return <p className={style.none}>None in this time.</p>
  const most = Math.max(...errors.map((error) => error.attempts))
  return (
    <ul>
      {errors.map(({ error, status, attempts }) => (
        <li key={`${error} ${status}`} className={style.error}>
          <span className="ell">{error}</span>
          <i
            className={status === 'timeout' ? 'hatch' : style.notched}
            style={{ width: `${(attempts / most) * 100}%` }}
          />
          <span className="num">{whole(attempts)}</span>
          <span className="num c-3">{percent(attempts / Math.max(1, bad)).figure} %</span>
        </li>
      ))}
    </ul>
  )
}

function Attempts({ attempts, empty }: { attempts: readonly ProviderAttempt[]; empty: string }) {
  if (attempts.length === 0) return <p className={style.none}>{empty}</p>
  const now_ms = boardNow_ms()
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
