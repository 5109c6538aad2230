import { Link } from '@tanstack/react-router'
import type { ExperimentItem, ProviderItem, RunItem } from '../../live/shapes.gen'
import { Command } from '../../parts/Command'
import { Frame } from '../../parts/Frame'
import { Glyph } from '../../parts/Glyph'
import { percent, steady, whole } from '../../parts/numbers'
import { Pending } from '../../parts/Pending'
import { Duration, Money } from '../../parts/Quantity'
import { SparkHistogram, SparkLine } from '../../parts/Spark'
import { Empty } from '../../parts/Trouble'
import { ago } from '../../parts/times'
import { withoutCodes } from '../../trace/terminal'
import { isFree } from '../../views/isFree'
import { onLogAxis } from '../../views/logBins'
import { RunCost } from '../../views/RunCost'
import { titleOf } from '../../views/runTitle'
import { StatusGlyph } from '../../views/StatusGlyph'
import style from './Strips.module.css'

const MOST = 5
/** Below this share of answers a provider is marked. */
export const POOR_SUCCESS = 0.95

export function ProviderStrip({
  providers,
  why,
}: {
  providers: readonly ProviderItem[] | undefined
  why: Error | null
}) {
  return (
    <Frame title="Providers" actions="last 24 h">
      {!providers ? (
        <Pending rows={4} why={why} />
      ) : providers.length === 0 ? (
        <Empty title="None has answered in the last day.">
          <Command text='$ rlmboard run "…" --provider ollama:llama3' />
        </Empty>
      ) : (
        <div>
          <div className={`${style.provider} ${style.head} lbl`}>
            <span>Name</span>
            <span>Latency</span>
            <span className={style.number}>p50</span>
            <span className={style.number}>OK %</span>
          </div>
          {providers.slice(0, MOST).map((provider) => (
            <Provider key={provider.provider} provider={provider} />
          ))}
        </div>
      )}
    </Frame>
  )
}

/** What a thousand tokens cost there. */
function PerThousand({ provider }: { provider: ProviderItem }) {
  const { msat_per_1k_tokens: msat, usd_nanos_per_1k_tokens: nanos } = provider
  if (msat === null && nanos === null)
    return isFree(provider) ? 'free' : <span className="unk">price unknown</span>
  return (
    <>
      <Money msat={msat} nanos={nanos} />
      /1k
    </>
  )
}

function Provider({ provider }: { provider: ProviderItem }) {
  const { bins, at } = onLogAxis(provider.from_ms, provider.counts)
  const isPoor = provider.success_rate !== null && provider.success_rate < POOR_SUCCESS
  return (
    <Link to="/rlm/providers" search={{ sel: provider.provider }} className={style.provider}>
      <span className="ell">
        <code>{provider.provider}</code>
        <small>
          {provider.venues.length > 0 && `${provider.venues.join(', ')} · `}
          <PerThousand provider={provider} />
        </small>
      </span>
      <SparkHistogram
        bins={bins}
        width={52}
        slowFrom={provider.p95_ms === null ? undefined : at(provider.p95_ms) + 1}
        label="latency"
      />
      <span className={style.number}>
        {provider.p50_ms === null ? '–' : <Duration ms={provider.p50_ms} />}
      </span>
      <span className={style.number}>
        {provider.success_rate === null ? (
          '–'
        ) : isPoor ? (
          <span className={style.poor}>
            <Glyph name="fail" size={10} label="below 95 percent" />
            {percent(provider.success_rate).figure}
          </span>
        ) : (
          percent(provider.success_rate).figure
        )}
      </span>
    </Link>
  )
}

export function ExperimentStrip({
  experiments,
  why,
  now_ms,
}: {
  experiments: readonly ExperimentItem[] | undefined
  why: Error | null
  now_ms: number
}) {
  return (
    <Frame title="Experiments" actions="latest first">
      {!experiments ? (
        <Pending rows={3} why={why} />
      ) : experiments.length === 0 ? (
        <Empty title="Runs that share a name are compared.">
          <Command text='$ rlmboard run "…" --experiment first' />
        </Empty>
      ) : (
        <div>
          {experiments.slice(0, 4).map((experiment) => (
            <Experiment key={experiment.slug} experiment={experiment} now_ms={now_ms} />
          ))}
        </div>
      )}
    </Frame>
  )
}

function Experiment({ experiment, now_ms }: { experiment: ExperimentItem; now_ms: number }) {
  const metric = experiment.metrics[0]
  return (
    <Link
      to="/rlm/experiments/$name"
      params={{ name: experiment.name }}
      className={style.experiment}
    >
      <span className="ell">
        <code>{experiment.name}</code>
        <small>
          {whole(experiment.runs)} {experiment.runs === 1 ? 'run' : 'runs'}
          {experiment.last_run_at_ms !== null && ` · ${ago(experiment.last_run_at_ms, now_ms)}`}
        </small>
      </span>
      <span>
        {metric && metric.trend.length > 1 && (
          <SparkLine
            values={metric.trend}
            width={64}
            dot="highest"
            label={`${metric.name} over time`}
          />
        )}
      </span>
      <span className={style.number}>
        {metric?.highest != null ? (
          <>
            {steady(metric.highest)}
            <small>{metric.name}</small>
          </>
        ) : (
          <span className="c-3">{whole(experiment.statuses.completed ?? 0)} done</span>
        )}
      </span>
    </Link>
  )
}

export function RecentRuns({
  runs,
  why,
  total,
  now_ms,
}: {
  runs: readonly RunItem[] | undefined
  why: Error | null
  total: number
  now_ms: number
}) {
  return (
    <Frame
      title="Recent runs"
      note="cost, begun"
      actions={
        <Link className="lnk" to="/rlm/runs">
          All {whole(total)}
        </Link>
      }
    >
      {!runs ? (
        <Pending rows={6} why={why} />
      ) : (
        <div className={style.recent}>
          {runs.map((run) => (
            <Link
              key={run.id}
              to="/rlm/runs/$id"
              params={{ id: run.id }}
              className={style.run}
              title={run.query}
            >
              <StatusGlyph status={run.status} presumed={run.presumed} />
              <span className="ell">
                <Called run={run} />
              </span>
              <span className={style.number}>
                <RunCost run={run} bare />
              </span>
              <span className={`${style.number} c-3`}>{ago(run.created_at_ms, now_ms)}</span>
            </Link>
          ))}
        </div>
      )}
    </Frame>
  )
}

/** Who gave a run neither name nor id knows it by what it asked, and by the end of its id. */
function Called({ run }: { run: RunItem }) {
  if (run.name || !run.query || !MADE_UP.test(run.id)) return <code>{titleOf(run)}</code>
  return (
    <>
      <code className="c-3">…{run.id.slice(-6)}</code> {firstLine(run.query)}
    </>
  )
}

/** An id that was not chosen: the time and chance in letters. */
const MADE_UP = /^[0-9a-z]{26}$/
const firstLine = (text: string): string =>
  withoutCodes(text.trim().split('\n', 1)[0].slice(0, 200))
