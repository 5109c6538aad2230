import { Cloud, Monitor, Network, Server } from 'lucide-react'
import type { ProviderItem } from '../../live/shapes.gen'
import { Glyph } from '../../parts/Glyph'
import type { Column } from '../../parts/grid/columns'
import { type Cost, costOf } from '../../parts/money'
import { percent, whole } from '../../parts/numbers'
import { Duration, Money, Unknown } from '../../parts/Quantity'
import { SparkHistogram, SparkLine } from '../../parts/Spark'
import { ago, inFull } from '../../parts/times'
import { isFree } from '../../views/isFree'
import { onLogAxis } from '../../views/logBins'

/** Above these shares of the attempts, timeouts and failures are marked. */
const MANY_TIMEOUTS = 0.05
const MANY_FAILURES = 0.03

const VENUES: Record<string, typeof Cloud> = { local: Monitor, swarm: Network, datacenter: Server }

export function VenueMark({ venue }: { venue: string | undefined }) {
  const Icon = VENUES[venue ?? ''] ?? Cloud
  return <Icon size={12} strokeWidth={1.5} aria-label={venue ?? 'venue unknown'} />
}

/** The leaderboard's columns. An alarm has a shape, a colour and a threshold. */
export function boardColumns(now_ms: number): Column<ProviderItem>[] {
  return [...WHO, ...HOW_FAST, ...HOW_WELL, ...HOW_DEAR, ...howMuch(now_ms)]
}

const None = () => <span className="c-3">–</span>

function Ms({ ms }: { ms: number | null }) {
  return ms === null ? (
    <None />
  ) : (
    <span className="c-1">
      <Duration ms={ms} />
    </span>
  )
}

function Spark({ row }: { row: ProviderItem }) {
  const { bins, at } = onLogAxis(row.from_ms, row.counts)
  return (
    <SparkHistogram
      bins={bins}
      width={68}
      height={18}
      slowFrom={row.p95_ms === null ? undefined : at(row.p95_ms) + 1}
      label="latency"
    />
  )
}

function Alarm({
  count,
  of,
  from,
  glyph,
}: {
  count: number
  of: number
  from: number
  glyph: 'slow' | 'fail'
}) {
  if (count === 0) return <span className="c-3">0</span>
  const share = count / Math.max(1, of)
  const isMany = share >= from
  return (
    <span
      className={isMany ? `c-${glyph}` : 'c-1'}
      style={{ display: 'inline-flex', gap: 4, alignItems: 'center' }}
    >
      {isMany && <Glyph name={glyph} size={11} plain label={`over ${from * 100} percent`} />}
      {whole(count)} <span className={isMany ? '' : 'u'}>{percent(share).figure} %</span>
    </span>
  )
}

/** A price, in the currency that comes first; sats without their unit. */
function Price({ free, unknown = 0, ...price }: Cost & { free?: boolean; unknown?: number }) {
  if (price.msat === null && price.nanos === null) return free ? <span>free</span> : <Unknown />
  return (
    <span className="c-1">
      <Money {...price} unknown={unknown} bare />
    </span>
  )
}

/** What an answer cost, what came to nothing included. */
function perJob(row: ProviderItem): Cost {
  const { msat, nanos, apart } = costOf(row)
  const each = (sum: number | null) => (sum === null || !row.returned ? null : sum / row.returned)
  return {
    msat: each(msat),
    nanos: each(nanos),
    apart: { msat: each(apart?.msat ?? 0) ?? 0, nanos: each(apart?.nanos ?? 0) ?? 0 },
  }
}

const WHO: readonly Column<ProviderItem>[] = [
  {
    key: 'provider',
    title: 'Provider',
    width_px: 138,
    grows: true,
    sort: 'name',
    cell: (row) => (
      <>
        <span className="c-3">
          <VenueMark venue={row.venues[0]} />
        </span>
        <code className="ell c-1">{row.provider}</code>
      </>
    ),
  },
  {
    key: 'model',
    title: 'Model',
    width_px: 88,
    cell: (row) => (
      <span className="ell" title={row.models.join(', ')}>
        {row.models.join(', ') || '–'}
      </span>
    ),
  },
]

const HOW_FAST: readonly Column<ProviderItem>[] = [
  { key: 'latency', title: 'Latency', width_px: 80, cell: (row) => <Spark row={row} /> },
  {
    key: 'p50',
    title: 'p50',
    width_px: 64,
    align: 'right',
    sort: 'latency',
    cell: (row) => <Ms ms={row.p50_ms} />,
  },
  {
    key: 'p99',
    title: 'p99',
    width_px: 64,
    align: 'right',
    sort: 'p99',
    first: 'down',
    cell: (row) => <Ms ms={row.p99_ms} />,
  },
  {
    key: 'success',
    title: 'Success',
    width_px: 68,
    align: 'right',
    sort: 'success',
    first: 'down',
    cell: (row) =>
      row.success_rate === null ? (
        <None />
      ) : (
        <span className="c-1">
          {percent(row.success_rate).figure}
          <span className="u"> %</span>
        </span>
      ),
  },
]

const HOW_WELL: readonly Column<ProviderItem>[] = [
  {
    key: 'timeouts',
    title: 'Timeouts',
    width_px: 80,
    align: 'right',
    sort: 'timeouts',
    first: 'down',
    cell: (row) => (
      <Alarm count={row.timed_out} of={row.attempts} from={MANY_TIMEOUTS} glyph="slow" />
    ),
  },
  {
    key: 'failed',
    title: 'Fail',
    width_px: 86,
    align: 'right',
    sort: 'failed',
    first: 'down',
    cell: (row) => <Alarm count={row.failed} of={row.attempts} from={MANY_FAILURES} glyph="fail" />,
  },
]

const HOW_DEAR: readonly Column<ProviderItem>[] = [
  {
    key: 'per1k',
    title: 'Per 1k',
    width_px: 76,
    align: 'right',
    sort: 'cost',
    cell: (row) => (
      <Price msat={row.msat_per_1k_tokens} nanos={row.usd_nanos_per_1k_tokens} free={isFree(row)} />
    ),
  },
  {
    key: 'job',
    title: 'Job',
    width_px: 72,
    align: 'right',
    cell: (row) => <Price {...perJob(row)} unknown={row.unknown_cost} />,
  },
]

const howMuch = (now_ms: number): Column<ProviderItem>[] => [
  {
    key: 'attempts',
    title: 'Attempts',
    width_px: 80,
    align: 'right',
    sort: 'attempts',
    first: 'down',
    cell: (row) => <span className="c-1">{whole(row.attempts)}</span>,
  },
  {
    key: 'runs',
    title: 'Runs',
    width_px: 58,
    align: 'right',
    sort: 'runs',
    first: 'down',
    cell: (row) => whole(row.runs),
  },
  {
    key: 'trend',
    title: 'Trend',
    width_px: 72,
    cell: (row) =>
      row.hours.p50_ms.length > 1 ? (
        <SparkLine values={row.hours.p50_ms} label="median latency over time" />
      ) : (
        <None />
      ),
  },
  {
    key: 'seen',
    title: 'Seen',
    width_px: 56,
    align: 'right',
    sort: 'last_seen',
    first: 'down',
    cell: (row) => <time title={inFull(row.last_seen_ms)}>{ago(row.last_seen_ms, now_ms)}</time>,
  },
]
