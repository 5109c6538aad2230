import { useQuery } from '@tanstack/react-query'
import { overviewQuestion } from '../../live/queries'
import type { RunItem } from '../../live/shapes.gen'
import { Glyph } from '../../parts/Glyph'
import { percent, whole } from '../../parts/numbers'
import { Count, Dollars, Figure, Sats, Tokens } from '../../parts/Quantity'
import { Readouts } from '../../parts/Readouts'

/** The last day in seven figures. */
export function Today({ live }: { live: readonly RunItem[]; now_ms: number }) {
  const { data } = useQuery({ ...overviewQuestion('24h', 'hour'), refetchInterval: 15_000 })
  const total = data?.total
  const flying = live.reduce((sum, run) => sum + run.running, 0)
  if (!total)
    return (
      <Readouts
        label="The last 24 hours"
        readouts={NAMES.map((label) => ({ label, value: <span className="c-3">–</span> }))}
      />
    )
  const { completed = 0, failed = 0, interrupted = 0, cancelled = 0 } = total.statuses
  const ended = completed + failed + interrupted + cancelled
  const held = total.citations - total.citations_missing
  return (
    <Readouts
      label="The last 24 hours"
      readouts={[
        {
          label: 'Live',
          value: whole(live.length),
          note: live.length
            ? `${live.length === 1 ? 'run' : 'runs'} · ${whole(flying)} in flight`
            : 'runs',
        },
        {
          label: 'Runs, 24 h',
          value: whole(total.runs),
          note:
            failed + interrupted > 0 ? (
              <>
                <Glyph name="fail" size={10} />{' '}
                <span className="c-fail">{failed + interrupted} failed</span>
              </>
            ) : (
              'none failed'
            ),
        },
        {
          label: 'Success',
          value: ended ? (
            <Figure said={percent(completed / ended)} />
          ) : (
            <span className="c-3">–</span>
          ),
        },
        {
          label: 'Spend',
          value: <Sats value={total.cost_msat} unknown={total.unknown_cost} />,
          ...(total.cost_usd_nanos
            ? {
                note: (
                  <>
                    · <Dollars value={total.cost_usd_nanos} />
                  </>
                ),
              }
            : {}),
        },
        { label: 'Sub-queries', value: <Count value={total.sub_queries} /> },
        { label: 'Tokens', value: <Tokens value={total.tokens} unknown={total.unknown_usage} /> },
        {
          label: 'Citations that hold',
          value: total.citations ? (
            <Figure said={percent(held / total.citations)} />
          ) : (
            <span className="c-3">–</span>
          ),
          ...(total.citations ? { note: `of ${whole(total.citations)}` } : {}),
        },
      ]}
    />
  )
}

const NAMES = [
  'Live',
  'Runs, 24 h',
  'Success',
  'Spend',
  'Sub-queries',
  'Tokens',
  'Citations that hold',
]
