import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { payloadQuestion, subQueryQuestion } from '../live/queries'
import type { AttemptRow, SubQueryWhole, Text } from '../live/shapes.gen'
import { Glyph, type GlyphName } from '../parts/Glyph'
import { Loading } from '../parts/Loading'
import { type Currency, otherThan } from '../parts/money'
import { Pill } from '../parts/Pill'
import { usePreferences } from '../parts/preferences'
import { Duration, MoneyIn, Tokens } from '../parts/Quantity'
import { Segmented } from '../parts/Segmented'
import { Trouble } from '../parts/Trouble'
import type { SubQuerySubmit } from '../trace/events.gen'
import { Judgements } from './Judgements'
import style from './SubQueryDetail.module.css'
import { subQueryAt } from './subQueryAt'
import { Reader } from './text/Reader'
import { PARENT_GUESSED } from './tree/guessed'

interface Props {
  run: string
  query: string
  /** Grows when there may be news. */
  version?: number
  isLive?: boolean
  /** The moment of a replay, in milliseconds of this run; null to show what is known now. */
  at_ms?: number | null
}

const GLYPHS: Record<AttemptRow['status'], GlyphName> = {
  submitted: 'queued',
  running: 'run',
  returned: 'ok',
  failed: 'fail',
  timeout: 'slow',
  cancelled: 'idle',
}
const WORDS: Record<AttemptRow['status'], string> = {
  submitted: 'submitted',
  running: 'in flight',
  returned: 'returned',
  failed: 'failed',
  timeout: 'timed out',
  cancelled: 'cancelled',
}

/** One sub-query whole: what was asked, what came back, who tried, and what it cost. */
export function SubQueryDetail({ run, query, isLive = false, at_ms = null }: Props) {
  const { data, error, refetch } = useQuery({
    ...subQueryQuestion(run, query),
    refetchInterval: isLive ? 2000 : false,
  })
  if (error && !data)
    return (
      <Trouble
        title="The sub-query cannot be shown"
        detail={error.message}
        onRetry={() => refetch()}
      />
    )
  if (!data) return <Loading rows={5} />
  const shown = at_ms === null ? data : subQueryAt(data, at_ms)
  if (!shown) return <NotYet id={query} />
  return (
    <div className={style.detail}>
      <Top data={shown} />
      <Texts run={run} data={shown} isReplay={at_ms !== null} />
      <Attempts data={shown} />
      <UsageTable attempts={shown.attempts} />
      <Judgements data={shown} isReplay={at_ms !== null} />
    </div>
  )
}

/** Of what had not begun at the moment of a replay. */
export const NotYet = ({ id }: { id: string }) => (
  <div className={style.detail}>
    <code className="ell">{id}</code>
    <p className="c-3">Not begun yet at this moment.</p>
  </div>
)

function Top({ data }: { data: SubQueryWhole }) {
  const row = data.sub_query
  const isGuess = isParentGuess(data)
  const took =
    row.started_ms !== null && row.ended_ms !== null ? row.ended_ms - row.started_ms : null
  return (
    <div className={style.top}>
      <code className="ell" title={row.query_id}>
        {row.query_id}
      </code>
      <span className={style.status}>
        <Glyph name={GLYPHS[row.status]} />
        {WORDS[row.status]}
        {took !== null && (
          <>
            {' '}
            · <Duration ms={took} />
          </>
        )}
      </span>
      <span className="c-3 ell">
        {isGuess && <span title={PARENT_GUESSED}>≈ </span>}
        {[row.parent_id, row.role, row.depth === null ? null : `depth ${row.depth}`]
          .filter(Boolean)
          .join(' › ')}
      </span>
      <span className={style.spans}>
        {data.span_refs.slice(0, 3).map((span) => (
          <Pill key={span.id} title={span.path}>
            {placeOf(span.path, span.start_line, span.end_line)}
          </Pill>
        ))}
        {data.span_refs.length > 3 && <span className="c-3">+{data.span_refs.length - 3}</span>}
      </span>
      {row.error_type && (
        <p className={`c-fail ${style.error}`}>
          {row.error_type}: {row.error_message}
        </p>
      )}
      {row.inferred && (
        <p className={`c-3 ${style.error}`}>Times inferred: it was reported late.</p>
      )}
      {isGuess && <p className={`c-3 ${style.error}`}>≈ {PARENT_GUESSED}.</p>}
    </div>
  )
}

/** The submission that was told last in time stands. */
function isParentGuess({ lines }: SubQueryWhole): boolean {
  const told = lines.filter(({ event }) => event?.type === 'SubQuerySubmit')
  const last = told.at(-1)?.event as SubQuerySubmit | undefined
  return last?.parent_inferred === true
}

export const placeOf = (path: string, from: number, to: number): string =>
  `${path.slice(path.lastIndexOf('/') + 1)}:${from}-${to}`

type Which = 'prompt' | 'answer'

interface TextsProps {
  run: string
  data: SubQueryWhole
  isReplay: boolean
}

function Texts({ run, data, isReplay }: TextsProps) {
  const [which, setWhich] = useState<Which>(data.result ? 'answer' : 'prompt')
  const [whole, setWhole] = useState<string | null>(null)
  const rest = useQuery({ ...payloadQuestion(run, whole ?? ''), enabled: whole !== null })
  const text = which === 'answer' ? data.result : promptOf(data.prompt)
  const options = [
    { value: 'prompt', label: 'Prompt' },
    { value: 'answer', label: 'Answer' },
  ] as const
  if (!text)
    return (
      <div className={style.none}>
        <Segmented label="Which text" value={which} options={options} onChange={setWhich} />
        <p className="c-3">
          {which === 'answer' ? noAnswer(data, isReplay) : 'No prompt was recorded.'}
        </p>
      </div>
    )
  const shown: Text =
    whole === text.sha256 && rest.data !== undefined
      ? { ...text, text: rest.data, state: 'whole' }
      : text
  return (
    <Reader
      key={which}
      text={shown}
      onWhole={text.sha256 ? () => setWhole(text.sha256) : undefined}
    >
      <Segmented label="Which text" value={which} options={options} onChange={setWhich} />
    </Reader>
  )
}

function noAnswer({ sub_query }: SubQueryWhole, isReplay: boolean): string {
  if (sub_query.ended_ms !== null) return 'No answer.'
  return isReplay ? 'Not answered yet at this moment.' : 'Not answered yet.'
}

/** A prompt made of messages, one under the other. */
function promptOf(texts: readonly Text[]): Text | null {
  if (texts.length < 2) return texts[0] ?? null
  const worst = texts.find((text) => text.state !== 'whole') ?? texts[0]
  return { ...worst, sha256: null, text: texts.map((text) => message(text.text)).join('\n\n') }
}

function message(text: string): string {
  try {
    const { role, content } = JSON.parse(text) as { role?: string; content?: unknown }
    return `**${role ?? 'message'}**\n\n${typeof content === 'string' ? content : JSON.stringify(content, null, 2)}`
  } catch {
    return text
  }
}

function Attempts({ data }: { data: SubQueryWhole }) {
  const { attempts } = data
  const from = Math.min(
    ...attempts.map((attempt) => attempt.started_ms ?? Number.POSITIVE_INFINITY),
  )
  const to = Math.max(...attempts.map((attempt) => attempt.ended_ms ?? attempt.started_ms ?? 0))
  const span = Math.max(1, to - from)
  return (
    <section>
      <h3 className="lbl">Attempts</h3>
      <ul className={style.attempts}>
        {attempts.map((attempt) => (
          <li
            key={`${attempt.replica} ${attempt.attempt}`}
            title={attempt.error_message ?? attempt.reason ?? undefined}
          >
            <Glyph name={GLYPHS[attempt.status]} label={WORDS[attempt.status]} />
            <code className="ell">
              {attempt.provider ??
                (attempt.executed || attempt.ended_ms === null ? 'unknown' : 'nobody')}
            </code>
            <span className="c-3">{nameOf(attempt)}</span>
            <span className={style.track}>
              {attempt.started_ms !== null && (
                <i
                  className={
                    style[
                      attempt.hedge && attempt.status === 'cancelled' ? 'cancelled' : attempt.status
                    ]
                  }
                  style={{
                    left: `${((attempt.started_ms - from) / span) * 100}%`,
                    width: `${(((attempt.ended_ms ?? to) - attempt.started_ms) / span) * 100}%`,
                  }}
                />
              )}
            </span>
            <span className={style.number}>
              <Duration ms={attempt.duration_ms} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function nameOf(attempt: AttemptRow): string {
  const what = attempt.hedge
    ? 'hedge'
    : attempt.attempt > 0
      ? 'retry'
      : attempt.replica > 0
        ? `replica ${attempt.replica}`
        : 'first'
  return attempt.cache_hit ? `${what}, from cache` : what
}

const SOURCES: Record<string, string> = {
  provider: 'as the provider reported',
  price_table: 'from the price table',
  ledger: 'from the ledger',
  none: 'nobody knows',
}
const QUALITIES: Record<string, string> = {
  exact: 'exact',
  shared: 'shared among a batch',
  estimated: 'estimated',
  none: 'unknown',
}

function UsageTable({ attempts }: { attempts: readonly AttemptRow[] }) {
  const asked = attempts.filter((attempt) => attempt.executed)
  const first = usePreferences((preferences) => preferences.currency)
  if (asked.length === 0) return null
  const currencies = [first, otherThan(first)]
  return (
    <section>
      <h3 className="lbl">Usage and cost</h3>
      <div className={style.scroll} tabIndex={0} role="group" aria-label="Usage and cost">
        <table className={style.usage}>
          <thead>
            <tr>
              <th>Attempt</th>
              <th>In</th>
              <th>Cached</th>
              <th>Out</th>
              {currencies.map((currency) => (
                <th key={currency}>{currency === 'sats' ? 'Sats' : 'USD'}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {asked.map((attempt) => (
              <tr key={`${attempt.replica} ${attempt.attempt}`}>
                <td>{nameOf(attempt)}</td>
                {attempt.ended_ms === null ? (
                  <td colSpan={5} className="c-3">
                    nothing told yet
                  </td>
                ) : (
                  <Amounts attempt={attempt} currencies={currencies} />
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={style.source}>{sourceOf(asked.filter(({ ended_ms }) => ended_ms !== null))}</p>
    </section>
  )
}

interface AmountsProps {
  attempt: AttemptRow
  currencies: readonly Currency[]
}

function Amounts({ attempt, currencies }: AmountsProps) {
  return (
    <>
      <td>
        <Tokens value={attempt.input_tokens} />
      </td>
      <td>
        {attempt.cached_tokens === null ? (
          <span className="c-3">–</span>
        ) : (
          <Tokens value={attempt.cached_tokens} />
        )}
      </td>
      <td>
        <Tokens value={attempt.output_tokens} />
      </td>
      {currencies.map((currency) => (
        <td key={currency}>
          <MoneyIn
            currency={currency}
            cost={{ msat: attempt.cost_msat, nanos: attempt.cost_usd_nanos }}
            bare={currency === 'sats'}
          />
        </td>
      ))}
    </>
  )
}

function sourceOf(attempts: readonly AttemptRow[]): string {
  const last = attempts.findLast((attempt) => attempt.status === 'returned') ?? attempts.at(-1)
  if (!last) return ''
  const tokens = `Tokens ${QUALITIES[last.usage_quality ?? 'none'] ?? last.usage_quality}`
  return `${tokens}; price ${SOURCES[last.cost_source ?? 'none'] ?? last.cost_source}.${last.simulated ? ' Simulated.' : ''}`
}
