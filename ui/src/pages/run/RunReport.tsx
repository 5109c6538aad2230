import { useQuery } from '@tanstack/react-query'
import { Printer, X } from 'lucide-react'
import { useMemo } from 'react'
import type { Follower } from '../../live/follow'
import { citationsQuestion, outputQuestion } from '../../live/queries'
import type { Citation, RunWhole } from '../../live/shapes.gen'
import { Button } from '../../parts/Button'
import { Frame } from '../../parts/Frame'
import { Glyph } from '../../parts/Glyph'
import { Loading } from '../../parts/Loading'
import { exact, whole as said, significant } from '../../parts/numbers'
import { Facts, Stamp } from '../../parts/Pill'
import { usePreferences } from '../../parts/preferences'
import type { Picture } from '../../trace/picture'
import { CitedText } from '../../views/answer/CitedText'
import { citationsIn } from '../../views/answer/citations'
import { CITATION_GLYPHS, placeIn } from '../../views/answer/states'
import { Budget } from '../../views/Budget'
import { Latency } from '../../views/Latency'
import { titleOf } from '../../views/runTitle'
import { StatusGlyph } from '../../views/StatusGlyph'
import { FanoutTimeline } from '../../views/timeline/FanoutTimeline'
import { Collected } from './Collected'
import { budgetOf, factsOf, quorumOf } from './limits'
import { ReportFoot } from './ReportFoot'
import { RunReadouts } from './RunReadouts'
import style from './RunReport.module.css'
import { useChildRuns } from './useChildRuns'
import { type Seen, useMoment } from './useMoment'
import { useReplay } from './useReplay'
import { useRunSearch } from './useRunSearch'
import { Warnings } from './Warnings'

interface Props {
  whole: RunWhole
  follower: Follower
  version: number
}

/** A run on paper: what was asked, what came back and on what it rests, how it went, with what. */
export function RunReport({ whole, follower, version }: Props) {
  const { run } = whole
  const children = useChildRuns(whole, undefined)
  const replay = useReplay(follower, version, undefined)
  const seen = useMoment(run, follower, version, replay, children.bars)
  const planned = Math.max(seen.totals.sub_queries, run.selected ?? 0)
  if (follower.state === 'loading') return <Loading rows={10} />
  return (
    <article className={style.report} data-ready={follower.picture.seq > 0 || undefined}>
      <Head whole={whole} picture={seen.picture} />
      <RunReadouts run={run} seen={seen} planned={planned} />
      <Answer whole={whole} />
      <Figures whole={whole} seen={seen} planned={planned} />
      <div className={style.tables}>
        <Table
          title="Config"
          rows={Object.entries(run.config).map(([key, value]) => [key, plain(value)])}
        />
        <Table title="Metrics" rows={metricsOf(run.metrics)} />
      </div>
      <ReportFoot whole={whole} seq={follower.picture.seq} />
    </article>
  )
}

function Head({ whole, picture }: { whole: RunWhole; picture: Picture }) {
  const { run } = whole
  const [, change] = useRunSearch()
  return (
    <header className={style.head}>
      <div className={style.bar}>
        <Button onClick={() => print()}>
          <Printer aria-hidden="true" />
          Print
        </Button>
        <Button onClick={() => change({ view: undefined })}>
          <X aria-hidden="true" />
          Back to the page
        </Button>
      </div>
      <h1>{titleOf(run)}</h1>
      <div className={style.standing}>
        <Stamp>
          <StatusGlyph status={run.status} presumed={run.presumed} />
          {run.presumed ? `presumed ${run.status}` : run.status}
        </Stamp>
        <Facts facts={factsOf(run)} />
      </div>
      <p className={style.query} dir="auto">
        “{run.query}”
      </p>
      <Warnings whole={whole} picture={picture} />
    </header>
  )
}

function Answer({ whole }: { whole: RunWhole }) {
  const { run } = whole
  const output = useQuery({ ...outputQuestion(run.id), retry: false })
  const checked = useQuery({ ...citationsQuestion(run.id), staleTime: 60_000, retry: false })
  const text = output.data ?? run.output
  const citations = checked.data ?? []
  if (!text)
    return (
      <Frame title="Answer">
        <p className={style.none}>
          {output.isLoading
            ? 'Loading'
            : `None: ${run.error_message ?? run.end_reason ?? run.status}.`}
        </p>
      </Frame>
    )
  return (
    <Frame title="Answer" className={style.answer}>
      <div className={style.text} dir="auto">
        <CitedText
          parts={citationsIn(text, citations)}
          citations={citations}
          chosen={undefined}
          onPick={() => {}}
        />
      </div>
      {citations.length > 0 && <Citations citations={citations} />}
      {checked.error && whole.span_refs.length > 0 && (
        <p className={style.none}>
          {said(whole.span_refs.length)} citations, not checked: {checked.error.message}
        </p>
      )}
    </Frame>
  )
}

function Citations({ citations }: { citations: readonly Citation[] }) {
  return (
    <ol className={style.citations}>
      {citations.map((citation, n) => (
        <li key={citation.span.id}>
          <span className="num">{n + 1}</span>
          <span className={style.state}>
            <Glyph name={CITATION_GLYPHS[citation.state]} /> {citation.state}
          </span>
          <code>
            {citation.span.path}:{citation.span.start_line}-{citation.span.end_line}
            {placeIn(citation)}
            {citation.span.commit && ` @ ${citation.span.commit.slice(0, 7)}`}
          </code>
        </li>
      ))}
    </ol>
  )
}

function Figures({ whole, seen, planned }: { whole: RunWhole; seen: Seen; planned: number }) {
  const { config } = whole.run
  const [search] = useRunSearch()
  const inDollars = usePreferences((preferences) => preferences.currency) === 'dollars'
  const quorum = quorumOf(config, planned)
  const budget = useMemo(() => budgetOf(config), [config])
  const limits = useMemo(() => ({ planned, quorum, budget }), [planned, quorum, budget])
  return (
    <>
      <div className={style.timeline}>
        <FanoutTimeline
          source={seen.source}
          version={seen.picture.seq}
          grouping={search.lane ?? 'provider'}
          onGrouping={() => {}}
          selected={null}
          onSelect={() => {}}
          limits={limits}
          view={null}
          onView={() => {}}
          onEngine={() => {}}
        />
      </div>
      <div className={style.gauges}>
        <Budget
          totals={seen.totals}
          limit={budget}
          inDollars={inDollars}
          elapsed_ms={seen.now_us / 1000}
          progress={null}
        />
        <Collected seen={seen} planned={planned} threshold={quorum} />
        <Latency latencies={seen.latencies} />
      </div>
    </>
  )
}

interface TableProps {
  title: string
  rows: readonly (readonly [name: string, value: React.ReactNode])[]
}

function Table({ title, rows }: TableProps) {
  return (
    <Frame title={title}>
      {rows.length === 0 ? (
        <p className={style.none}>None.</p>
      ) : (
        <table className={style.table}>
          <tbody>
            {rows.map(([name, value]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Frame>
  )
}

function metricsOf(metrics: RunWhole['run']['metrics']): TableProps['rows'] {
  return Object.entries(metrics).map(([name, value]) => [
    name,
    value === null ? (
      <span key={name} className="unk">
        no number
      </span>
    ) : (
      <span key={name} className="num" title={exact(value)}>
        {significant(value, 6)}
      </span>
    ),
  ])
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}
