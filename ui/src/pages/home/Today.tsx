import { useQuery } from '@tanstack/react-query'
import { overviewQuestion } from '../../live/queries'
import type { Bucket, RunItem } from '../../live/shapes.gen'
import { Glyph } from '../../parts/Glyph'
import { percent, whole } from '../../parts/numbers'
import { Count, Figure, Tokens } from '../../parts/Quantity'
import { type Readout, Readouts } from '../../parts/Readouts'
import { RunCost } from '../../views/RunCost'

/** The last day in seven figures. */
export function Today({ live }: { live: readonly RunItem[] }) {
  const { data } = useQuery({ ...overviewQuestion('24h', 'hour'), refetchInterval: 15_000 })
  return (
    <Readouts
      label="The last 24 hours"
      readouts={[liveNow(live), ...(data ? figuresOf(data.total) : NOTHING_YET)]}
    />
  )
}

const NONE = <span className="c-3">–</span>
const NOTHING_YET: Readout[] = [
  'Runs, 24 h',
  'Success',
  'Spend',
  'Sub-queries',
  'Tokens',
  'Citations that hold',
].map((label) => ({ label, value: NONE }))

function liveNow(live: readonly RunItem[]): Readout {
  const flying = live.reduce((sum, run) => sum + run.running, 0)
  const runs = live.length === 1 ? 'run' : 'runs'
  const note = live.length ? `${runs} · ${whole(flying)} in flight` : 'runs'
  return { label: 'Live', value: whole(live.length), note }
}

function figuresOf(total: Bucket): Readout[] {
  const { completed = 0, failed = 0, interrupted = 0, cancelled = 0 } = total.statuses
  const ended = completed + failed + interrupted + cancelled
  return [
    {
      label: 'Runs, 24 h',
      value: whole(total.runs),
      note: <Failed count={failed + interrupted} />,
    },
    { label: 'Success', value: shareOf(completed, ended) },
    { label: 'Spend', value: <RunCost run={total} /> },
    { label: 'Sub-queries', value: <Count value={total.sub_queries} /> },
    { label: 'Tokens', value: <Tokens value={total.tokens} unknown={total.unknown_usage} /> },
    {
      label: 'Citations that hold',
      value: shareOf(total.citations - total.citations_missing, total.citations),
      note: total.citations ? `of ${whole(total.citations)}` : '',
    },
  ]
}

const shareOf = (part: number, all: number) => (all ? <Figure said={percent(part / all)} /> : NONE)

function Failed({ count }: { count: number }) {
  if (count === 0) return 'none failed'
  return (
    <>
      <Glyph name="fail" size={10} /> <span className="c-fail">{whole(count)} failed</span>
    </>
  )
}
