import type { RunItem } from '../../live/shapes.gen'
import { whole } from '../../parts/numbers'
import { Duration, Tokens } from '../../parts/Quantity'
import { type Readout, Readouts } from '../../parts/Readouts'
import type { Picture } from '../../trace/picture'
import { RUNNING } from '../../trace/picture.gen'
import type { Totals } from '../../trace/totals'
import { callsOf } from '../../views/calls'
import { seqAt } from '../../views/moment'
import { RunCost } from '../../views/RunCost'
import type { Seen } from './useMoment'

interface Props {
  run: RunItem
  seen: Seen
  planned: number
}

/** A run in seven figures. */
export function RunReadouts({ run, seen, planned }: Props) {
  const { totals, picture } = seen
  return (
    <Readouts
      label="The run in figures"
      readouts={[
        elapsed(seen),
        asked(seen, planned),
        work(seen),
        {
          label: 'Cost',
          value: isUntold(totals, 'cost') ? <NothingYet /> : <RunCost run={seen.totals} />,
        },
        {
          label: 'Tokens',
          value: isUntold(totals, 'usage') ? (
            <NothingYet />
          ) : (
            <Tokens
              value={tokensOf(totals)}
              unknown={totals.unknown_usage}
              estimated={totals.estimated_usage}
            />
          ),
        },
        { label: 'Evidence', value: whole(spansOf(picture)), note: 'SpanRefs' },
        seen.isReplay ? event(seen) : cited(run, seen.isLive),
      ]}
    />
  )
}

/** Whether nothing came back that could have told: that is not the same as unknown. */
function isUntold(totals: Totals, what: 'cost' | 'usage'): boolean {
  const { cost_msat, cost_usd_nanos, unknown_cost, unknown_usage } = totals
  if (what === 'usage') return tokensOf(totals) === null && unknown_usage === 0
  return cost_msat === null && cost_usd_nanos === null && unknown_cost === 0
}

const NothingYet = () => (
  <span className="c-3" title="No attempt has come back that could tell">
    –
  </span>
)

/** Sub-queries; of a run that asked none, what it did itself. */
function asked({ totals, picture }: Seen, planned: number): Readout {
  const [own] = planned === 0 ? callsOf(picture) : []
  const [label, done, all] = own
    ? [own.name, own.all - own.open, own.all]
    : ['Sub-queries', doneOf(totals), planned]
  return { label, value: whole(done), note: `/ ${whole(all)}` }
}

/** Sub-queries that came to an end, whichever. */
export const doneOf = ({ returned, failed, timed_out, cancelled }: Totals): number =>
  returned + failed + timed_out + cancelled

function elapsed({ picture, now_us, isLive, isReplay }: Seen): Readout {
  const value = <Duration ms={now_us / 1000} />
  const ended = picture.run.ended_us === null ? 'Last heard of' : 'Took'
  if (!isReplay) return { label: isLive ? 'Elapsed' : ended, value }
  return { label: 'At', value, note: <>of {<Duration ms={(picture.run.last_us ?? 0) / 1000} />}</> }
}

function work({ picture, totals, isLive, isReplay }: Seen): Readout {
  if (isLive || isReplay) {
    return { label: 'In flight', value: whole(countOf(picture.attempts, RUNNING)) }
  }
  const notes = [
    several(totals.retries, 'retry', 'retries'),
    several(totals.hedges, 'hedge', 'hedges'),
  ]
  return {
    label: 'Attempts',
    value: whole(totals.attempts),
    note: notes.filter(Boolean).join(', '),
  }
}

const event = ({ picture, now_us }: Seen): Readout => ({
  label: 'Event',
  value: whole(seqAt(picture, now_us)),
  note: `/ ${whole(picture.seq)}`,
})

function cited(run: RunItem, isLive: boolean): Readout {
  if (!run.citations) {
    return { label: 'Cited', value: <span className="c-3">{isLive ? '–' : 'none'}</span> }
  }
  const held = run.citations - (run.citations_missing ?? 0)
  const how = run.citations_checked === null ? 'spans, not checked' : 'verified'
  return { label: 'Cited', value: whole(held), note: `/ ${whole(run.citations)} ${how}` }
}

function tokensOf({ input_tokens, output_tokens }: Totals): number | null {
  if (input_tokens === null && output_tokens === null) return null
  return (input_tokens ?? 0) + (output_tokens ?? 0)
}

function countOf({ rows, state }: { rows: number; state: Uint16Array }, wanted: number): number {
  let count = 0
  for (let row = 0; row < rows; row += 1) if (state[row] === wanted) count += 1
  return count
}

function spansOf({ attempts }: Picture): number {
  let sum = 0
  for (let row = 0; row < attempts.rows; row += 1) {
    if (attempts.span_refs[row] > 0) sum += attempts.span_refs[row]
  }
  return sum
}

const several = (n: number, one: string, many: string): string =>
  n ? `${whole(n)} ${n === 1 ? one : many}` : ''
